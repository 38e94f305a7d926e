package readyami_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
)

// A protected instance that is left is no failure, since the preferences say to
// leave it, and no plain success either.
func TestAGroupWithInstancesThatAreLeftIsDeliveredInPart(t *testing.T) {
	play(t, "protected-instance", func(t *testing.T, w *world) {
		held := w.protected()

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.ErrorContains(t, err, held)
		g := report.Targets[0].Groups[0]
		assert.Equal(t, readyami.InPart, g.Outcome)
		assert.Equal(t, []string{held}, g.NotReplaced)
		assert.Equal(t, readyami.Delivered, report.Targets[2].Groups[0].Outcome, "the delivery goes on")
		assert.Equal(t, readyami.Failed, report.Outcome)
		require.Len(t, report.Next, 1)
		assert.Contains(t, report.Next[0], held)

		report, err = w.act()
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, readyami.InPart, report.Targets[0].Groups[0].Outcome)
		assert.Empty(t, w.cloud.Writes(), "again it would be left")

		report, err = w.act()
		require.NoError(t, err)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		w.requireDelivered()
	})
}
