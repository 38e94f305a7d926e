package faulttest

import (
	"testing"
	"testing/synctest"
	"time"
)

// Bubble runs a test in a bubble whose clock must not stand still. A goroutine
// that waits for a mutex does that, while the one that holds it sleeps in a call
// of AWS: the test would end only when all tests time out.
func Bubble(t *testing.T, do func(*testing.T)) {
	t.Helper()
	// Made outside the bubble, so that it follows the other clock.
	watchdog := time.AfterFunc(time.Minute, func() {
		panic(t.Name() + ": the clock of the bubble stands still: a lock is held over a call")
	})
	defer watchdog.Stop()
	synctest.Test(t, do)
}
