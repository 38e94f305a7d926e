package readyami_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
)

func TestImageThatFailsIsNamedWithItsReason(t *testing.T) {
	play(t, "image-fails", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, ami.ErrFailed)
		e, ok := errors.AsType[*readyami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "eu-west-1", e.Region)
		assert.Equal(t, report.Source.ID, e.ID)
		assert.Equal(t, "failed", e.State)
		assert.Contains(t, e.Reason, "Client.InternalError")
		assert.Equal(t, readyami.Failed, report.Outcome)
		assert.Equal(t, "failed", report.Source.State)
		assert.Equal(t, readyami.NotStarted, report.Targets[1].Image.Outcome)
		assert.Len(t, w.cloud.Writes(), 1, "the image, and nothing after it")
	})
}

func TestFailedImageIsReplacedByTheNextRun(t *testing.T) {
	play(t, "image-fails", func(t *testing.T, w *world) {
		first, err := w.act()
		require.Error(t, err)

		second, err := w.act()

		require.NoError(t, err)
		assert.NotEqual(t, first.Source.ID, second.Source.ID)
		w.requireDelivered()
		w.requireNoStraySnapshots("eu-west-1")
	})
}

func TestOneCopyThatFailsKeepsTheOthersAndStopsTheRollout(t *testing.T) {
	play(t, "copy-fails", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, ami.ErrFailed)
		assert.Equal(t, readyami.Delivered, report.Targets[2].Image.Outcome)
		assert.Equal(t, readyami.Failed, report.Targets[1].Image.Outcome)
		assert.Contains(t, report.Targets[1].Image.Error, "Copy image failed with an internal error")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
		require.NotEmpty(t, report.Next)

		_, err = w.act()
		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("CopyImage"), "only the failed one is copied again")
	})
}

func TestRefreshOfSomebodyElseIsNotTouched(t *testing.T) {
	play(t, "conflict-left-alone", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		w.requireOneRefresh("eu-west-1")
	})
}

func TestAGroupThatCannotStartStopsWhatWouldStartAfterIt(t *testing.T) {
	play(t, "group-cannot-start", func(t *testing.T, w *world) {
		report, err := w.act()

		require.Error(t, err)
		groups := report.Targets[0].Groups
		assert.Equal(t, readyami.Delivered, groups[0].Outcome, "what was started is watched to its end")
		assert.Equal(t, readyami.Failed, groups[1].Outcome)
		assert.Equal(t, readyami.NotStarted, groups[2].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[1].Groups[0].Outcome)
	})
}

func TestAFailedRefreshIsExplainedByItsLaunches(t *testing.T) {
	play(t, "image-disabled-meanwhile", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		require.NotEmpty(t, report.Targets[0].Groups[0].Activities)
		assert.Contains(t, report.Targets[0].Groups[0].Activities[0], "Launching EC2 instance failed")
	})
}
