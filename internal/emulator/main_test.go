//go:build emulator

package emulator_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/readyami/readyami/internal/emulator"
)

// Without a server every test would fail with the same sentence: it is said
// once.
func TestMain(m *testing.M) {
	if _, err := emulator.FromEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
