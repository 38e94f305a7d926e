package readyami_test

import (
	"testing"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

// requireAsBefore checks the world: the group launches version 1, and so did
// its instances.
func (w *world) requireAsBefore(in string) {
	w.t.Helper()
	w.requireGroupAsBefore(in, "web")
}

func (w *world) requireGroupAsBefore(in, name string) {
	w.t.Helper()
	g := w.describeGroup(in, name)
	require.Equal(w.t, "1", *g.LaunchTemplate.Version, name)
	inService := 0
	for _, i := range g.Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService {
			inService++
			require.Equal(w.t, "1", *i.LaunchTemplate.Version, name)
		}
	}
	require.Equal(w.t, int(*g.DesiredCapacity), inService, name)
}

// requireRejected checks that the decision is on the source image, and that the image
// of every Region is marked as rejected.
func (w *world) requireRejected() {
	w.t.Helper()
	require.Len(w.t, w.tagged(":decision"), 1)
	for _, name := range threeRegions {
		images := w.named(name, "web-2")
		require.Len(w.t, images, 1, name)
		require.Equal(w.t, "web-2", ami.Tag(images[0].Tags, ami.TagRejected), "%s: a copy is as bad as its source", name)
	}
}

func TestBadImageIsCaughtInTheFirstGroupAndRolledBack(t *testing.T) {
	play(t, "bad-image", func(t *testing.T, w *world) {
		start := time.Now()

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Greater(t, time.Since(start), time.Hour, "AWS tries for an hour")
		w.requireAsBefore("eu-west-1")
		g := groupIn(t, report, "eu-west-1", "web")
		assert.Equal(t, plan.StateFailed, g.State)
		assert.Equal(t, "RollbackSuccessful", g.Result.Status)
		assert.NotEmpty(t, g.Result.Reason)
		assert.Equal(t, plan.StateSucceeded, restored(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		assert.Contains(t, mustError(t, err, "web-2").Hint, "Retry", "how to go on")
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "us-east-1", "web").State)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "ap-southeast-2", "web").State)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"), "a group's template changes by its refresh alone")
		w.requireRejected()
	})
}

func TestAnImageThatWasRolledBackIsNotRolledOutAgainUnlessTold(t *testing.T) {
	play(t, "bad-image", func(t *testing.T, w *world) {
		first, err := w.act()
		require.ErrorIs(t, err, asg.ErrRolledBack)

		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.ErrorContains(t, err, groupIn(t, first, "eu-west-1", "web").Result.RefreshID)
		assert.Empty(t, w.cloud.Writes())

		_, err = w.act() // groups that it was never tried in
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Empty(t, w.cloud.Writes(), "a release that is rejected writes only what its undo has due")

		_, err = w.act() // told to
		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestKeepLeavesAFailedGroupAsItIs(t *testing.T) {
	play(t, "bad-image-kept", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Equal(t, plan.StateFailed, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		assert.Equal(t, "1", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "the group's own template has not changed")
		assert.Empty(t, w.tagged(":decision"), "nothing was rolled back")
		assert.Empty(t, w.tagged(ami.TagRejected))

		_, err = w.act()
		require.ErrorIs(t, err, asg.ErrRefreshFailed, "a failed refresh stays the result of its group")
		assert.Empty(t, w.cloud.Writes())

		_, err = w.act()
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Len(t, w.cloud.Region("eu-west-1").Refreshes("web"), 2)
	})
}

// Where the caller's preferences keep AWS from rolling back, the delivery goes
// back by itself: by a refresh of its own, unless the group has replaced what was
// unhealthy already.
func TestWithoutAutoRollbackTheDeliveryReturnsByItself(t *testing.T) {
	play(t, "bad-image-taken-back", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		assert.Equal(t, plan.StateSucceeded, restored(t, report, "eu-west-1", "web").State)
		w.requireAsBefore("eu-west-1")
		w.requireRejected()
	})
}

func TestARefreshThatSomebodyCancelsIsNotRolledBack(t *testing.T) {
	play(t, "cancelled-by-somebody", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshCancelled)
		assert.Equal(t, plan.StateCancelled, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		assert.Empty(t, w.tagged(":decision"), "the image is not to blame")
		assert.Empty(t, w.tagged(ami.TagRejected))
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
	})
}

// AWS rolls back by itself when the program is gone; the next run finds out,
// and makes up for the decision and the tags.
func TestRollbackGoesOnWithoutTheProgram(t *testing.T) {
	play(t, "stopped-and-rolled-back-by-aws", func(t *testing.T, w *world) {
		w.stopped()
		time.Sleep(3 * time.Hour)
		w.requireAsBefore("eu-west-1")

		_, err := w.act()

		require.ErrorIs(t, err, readyami.ErrRejected)
		w.requireRejected()
	})
}
