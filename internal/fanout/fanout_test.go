package fanout_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/internal/fanout"
)

func TestMapKeepsTheOrderOfTheInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		out := fanout.Map([]int{3, 1, 2}, 3, func(n int) int {
			time.Sleep(time.Duration(n) * time.Second)
			return n * n
		})
		assert.Equal(t, []int{9, 1, 4}, out)
		assert.Equal(t, 3*time.Second, time.Since(start), "all at once")
	})
}

func TestEachIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		start := time.Now()
		fanout.Each(10, 4, func(int) {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Second)
			now.Add(-1)
		})
		assert.EqualValues(t, 4, most.Load())
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestALimitBelowOneIsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		fanout.Each(3, 0, func(int) { time.Sleep(time.Second) })
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}
