package readyami_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

func TestSecondRunWritesNothing(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		first, err := w.act()
		require.NoError(t, err)

		second, err := w.act()

		require.NoError(t, err)
		w.requireAtRest(second)
		for _, name := range threeRegions {
			assert.Equal(t, imageIn(t, first, name).Image.ID, imageIn(t, second, name).Image.ID)
			assert.False(t, imageIn(t, first, name).Image.Adopted)
			assert.True(t, imageIn(t, second, name).Image.Adopted)
			assert.Equal(t, groupIn(t, first, name, "web"), groupIn(t, second, name, "web"))
		}
	})
}

// requireAtRest checks a run that found all done.
func (w *world) requireAtRest(report *plan.Report) {
	w.t.Helper()
	require.Empty(w.t, w.cloud.Writes())
	require.Equal(w.t, plan.OutcomeDelivered, report.Outcome)
	require.Empty(w.t, report.Wrote)
}

// requireNoRunner checks that no mark of a runner is left.
func (w *world) requireNoRunner() {
	w.t.Helper()
	for _, image := range w.named("eu-west-1", "web-2") {
		for _, tag := range image.Tags {
			require.NotContains(w.t, *tag.Key, ":runner:")
		}
	}
}

// stopped plays an act in which the process is told to end.
func (w *world) stopped() *plan.Report {
	w.t.Helper()
	report, err := w.act()
	require.ErrorIs(w.t, err, context.Canceled)
	require.Equal(w.t, plan.OutcomeInProgress, report.Outcome)
	e := mustError(w.t, err, report.Plan.Release)
	require.NotEmpty(w.t, e.Hint)
	return report
}

// mustError finds the error about an id.
func mustError(t *testing.T, err error, id string) *readyami.Error {
	t.Helper()
	var found *readyami.Error
	var walk func(error)
	walk = func(err error) {
		if e, ok := err.(*readyami.Error); ok && e.ID == id && found == nil {
			found = e
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if inner := e.Unwrap(); inner != nil {
				walk(inner)
			}
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		}
	}
	walk(err)
	require.NotNil(t, found, "no error about %s in: %v", id, err)
	return found
}

func TestRunStoppedInMidCopyGoesOn(t *testing.T) {
	play(t, "stopped-in-mid-copy", func(t *testing.T, w *world) {
		report := w.stopped()
		copied := imageIn(t, report, "ap-southeast-2")
		assert.Equal(t, plan.StateRunning, copied.State)
		assert.NotEmpty(t, copied.Image.ID, "the report names the copy that goes on")

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
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web").State)
		was := groupIn(t, report, "us-east-1", "web")
		assert.Equal(t, plan.StateRunning, was.State)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "ap-southeast-2", "web").State)

		again, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, was.Result.RefreshID, groupIn(t, again, "us-east-1", "web").Result.RefreshID)
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

// writes are those of an operation that have been recorded, of all acts.
func (r *recorder) writes(operation string) (out []write) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.acts {
		for _, writes := range a.Writes {
			for _, w := range writes {
				if w.Operation == operation {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// tagged are the tags of the source image with a key that contains a part.
func (w *world) tagged(part string) map[string]string {
	out := map[string]string{}
	for _, i := range w.named("eu-west-1", "web-2") {
		for _, tag := range i.Tags {
			if strings.Contains(*tag.Key, part) {
				out[*tag.Key] = *tag.Value
			}
		}
	}
	return out
}
