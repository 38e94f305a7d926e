package readyami_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

// A protected instance that is left is no failure, since the preferences say to
// leave it, and no plain success either.
func TestAGroupWithInstancesThatAreLeftIsDeliveredInPart(t *testing.T) {
	play(t, "protected-instance", func(t *testing.T, w *world) {
		held := w.protected()

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.ErrorContains(t, err, held)
		g := groupIn(t, report, "eu-west-1", "web")
		assert.Equal(t, plan.StatePartial, g.State)
		assert.Equal(t, []string{held}, g.Result.NotReplaced)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "ap-southeast-2", "web").State, "the delivery goes on")
		assert.Equal(t, plan.OutcomePartial, report.Outcome)

		report, err = w.act()
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, plan.StatePartial, groupIn(t, report, "eu-west-1", "web").State)
		assert.Empty(t, w.cloud.Writes(), "again it would be left")

		report, err = w.act()
		require.NoError(t, err)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web").State)
		w.requireDelivered()
	})
}
