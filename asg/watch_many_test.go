package asg_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

// many are refreshes of as many groups.
func many(n int) []asg.RefreshKey {
	keys := make([]asg.RefreshKey, n)
	for i := range keys {
		keys[i] = asg.RefreshKey{Group: fmt.Sprintf("group-%04d", i), ID: fmt.Sprintf("refresh-%04d", i)}
	}
	return keys
}

// underWay is a cloud in which they all go on for five minutes.
func underWay(keys []asg.RefreshKey) *script {
	ids := make(map[string]string, len(keys))
	for _, s := range keys {
		ids[s.Group] = s.ID
	}
	return &script{show: func(at time.Duration, group string) ([]types.InstanceRefresh, error) {
		if at >= 5*time.Minute {
			return []types.InstanceRefresh{refresh(ids[group], successful, 100)}, nil
		}
		return []types.InstanceRefresh{refresh(ids[group], inProgress, int32(at/(2*time.Minute))*25)}, nil
	}}
}

// TestWatchThousand watches a thousand refreshes in the caller's goroutine, one
// call for each group a tick.
func TestWatchThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := many(1000)
		api := underWay(keys)
		before := runtime.NumGoroutine()
		most, done := before, 0
		ticks := map[time.Duration]int{}
		for s, err := range asg.Watch(t.Context(), api, keys) {
			require.NoError(t, err)
			most = max(most, runtime.NumGoroutine())
			if s.Done {
				require.NoError(t, s.Err)
				done++
			}
		}
		for _, at := range api.at {
			ticks[at]++
		}
		assert.Equal(t, before, most, "none is started")
		assert.Equal(t, 1000, done)
		for at, n := range ticks {
			assert.Equal(t, 1000, n, at)
		}
	})
}

// BenchmarkWatch is what a watch costs for each group and tick, and the memory
// that it holds for each group while it goes on.
func BenchmarkWatch(b *testing.B) {
	keys := many(1000)
	api := &quiet{refresh: refresh("", inProgress, 50)}
	held := uint64(0)
	ticks := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		before := heap()
		b.StartTimer()
		// The loop sees the first status of every group; then nothing changes any
		// more, so that the watch is left after the last of them.
		n := 0
		for s, err := range asg.Watch(b.Context(), api, keys) {
			if err != nil || s.Done {
				b.Fatal(s, err)
			}
			if n++; n == len(keys) {
				b.StopTimer()
				held += heap() - before
				b.StartTimer()
				break
			}
		}
		ticks++
	}
	b.ReportMetric(float64(held)/float64(ticks*len(keys)), "held-B/group")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(ticks*len(keys)), "ns/group")
}

// heap is the memory in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
