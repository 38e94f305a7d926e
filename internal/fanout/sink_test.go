package fanout_test

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/internal/fanout"
)

func TestSinkHandsOnOneAtATimeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int // no lock: one at a time
		s := fanout.NewSink(func(n int) {
			time.Sleep(time.Second)
			got = append(got, n)
		})
		start := time.Now()
		for n := range 5 {
			s.Put(n)
		}
		assert.Zero(t, time.Since(start), "Put does not wait for the function")
		s.Close()
		assert.Equal(t, 5*time.Second, time.Since(start), "Close does")
		assert.Equal(t, []int{0, 1, 2, 3, 4}, got)
	})
}

// Who puts is never held up, not even behind a function that puts itself.
func TestSinkHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		var s *fanout.Sink[int]
		s = fanout.NewSink(func(n int) {
			time.Sleep(time.Minute)
			if got = append(got, n); n < 10 {
				s.Put(n + 10)
			}
		})
		start := time.Now()
		var all sync.WaitGroup
		for n := range 10 {
			all.Go(func() { s.Put(n) })
		}
		all.Wait()
		assert.Zero(t, time.Since(start))
		time.Sleep(30 * time.Minute)
		s.Close()
		assert.Len(t, got, 20)
	})
}

func TestSinkToNobody(t *testing.T) {
	s := fanout.NewSink[int](nil)
	s.Put(1)
	s.Close()
}

func TestSinkWhoseFunctionEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fanout.NewSink(func(int) { runtime.Goexit() })
		s.Put(1)
		s.Put(2)
		s.Close()
	})
}
