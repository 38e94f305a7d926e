package readyami_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
)

func TestSecondRunWritesNothing(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		first, err := w.act()
		require.NoError(t, err)

		second, err := w.act()

		require.NoError(t, err)
		assert.Empty(t, w.cloud.Writes())
		assert.Equal(t, readyami.Unchanged, second.Outcome)
		assert.Equal(t, first.Source.ID, second.Source.ID)
		for i := range second.Targets {
			assert.Equal(t, first.Targets[i].Image.ID, second.Targets[i].Image.ID)
			assert.Equal(t, readyami.Unchanged, second.Targets[i].Groups[0].Outcome)
		}
	})
}

// stopped plays an act in which the process is told to end.
func (w *world) stopped() *readyami.Report {
	w.t.Helper()
	report, err := w.act()
	require.ErrorIs(w.t, err, context.Canceled)
	require.Equal(w.t, readyami.Interrupted, report.Outcome)
	require.NotEmpty(w.t, report.Next)
	return report
}

func TestRunStoppedInMidCopyGoesOn(t *testing.T) {
	play(t, "stopped-in-mid-copy", func(t *testing.T, w *world) {
		report := w.stopped()
		assert.Equal(t, readyami.Interrupted, report.Targets[2].Image.Outcome)
		assert.NotEmpty(t, report.Targets[2].Image.ID, "the report names the copy that goes on")

		_, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
	})
}

func TestRunStoppedInMidRefreshGoesOn(t *testing.T) {
	play(t, "stopped-in-mid-refresh", func(t *testing.T, w *world) {
		report := w.stopped()
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, readyami.Interrupted, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[2].Groups[0].Outcome)

		again, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, report.Targets[1].Groups[0].RefreshID, again.Targets[1].Groups[0].RefreshID)
		assert.Equal(t, 3, w.cloud.Count("StartInstanceRefresh"))
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
	})
}

func TestThrottledHalfOfTheTime(t *testing.T) {
	play(t, "throttled", func(t *testing.T, w *world) {
		_, err := w.act()
		require.NoError(t, err)
		w.requireDelivered()
	})
}

func TestCredentialsThatExpireEndTheRunAtOnce(t *testing.T) {
	play(t, "credentials-expire", func(t *testing.T, w *world) {
		_, err := w.act()

		require.ErrorIs(t, err, readyami.ErrCredentialsExpired)
		assert.Equal(t, 4, w.cloud.Count("DescribeInstanceRefreshes"))
	})
}

func (w *world) requireOneRefresh(in string) {
	w.t.Helper()
	require.Len(w.t, w.cloud.Region(in).Refreshes("web"), 1, in)
}

// requireNoStraySnapshots fails on a snapshot that backs no image.
func (w *world) requireNoStraySnapshots(in string) {
	w.t.Helper()
	used := map[string]bool{}
	for _, i := range w.cloud.Region(in).Images() {
		for _, m := range i.BlockDeviceMappings {
			if m.Ebs != nil && m.Ebs.SnapshotId != nil {
				used[*m.Ebs.SnapshotId] = true
			}
		}
	}
	for _, s := range w.cloud.Region(in).Snapshots() {
		require.True(w.t, used[*s.SnapshotId], "snapshot %s in %s backs no image", *s.SnapshotId, in)
	}
}
