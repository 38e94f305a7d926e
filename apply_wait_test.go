package readyami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// A run ends when its last refresh has, at the next look: it does not sleep while
// nothing is awaited any more.
func TestARunEndsWithItsLastRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report, err := w.deliver(t.Context())
		require.NoError(t, err)
		last := report.Groups()[2]
		res, found := report.Result(report.Plan.RefreshID(2, 0))
		require.True(t, found)
		assert.Equal(t, plan.StateSucceeded, last.State)
		assert.Less(t, time.Since(res.Ended), time.Minute+time.Second, "the longest pause between two looks")
	})
}

// A run whose next look is further away than MaxWait ends, and says when to go on.
func TestARunEndsIfNothingIsDueForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		began := time.Now()
		seldom := func(o *readyami.Options) {
			o.MaxWait = 30 * time.Minute
			o.Refreshes = readyami.Schedule{Min: 2 * time.Hour, Max: 2 * time.Hour}
		}
		report, err := w.deliver(t.Context(), seldom)
		require.ErrorIs(t, err, readyami.ErrNotDue)
		assert.Equal(t, plan.OutcomeInProgress, report.Outcome)
		assert.Less(t, time.Since(began), 2*time.Hour)

		time.Sleep(2 * time.Hour)
		_, err = w.deliver(t.Context())
		require.NoError(t, err)
		w.requireDelivered()
	})
}
