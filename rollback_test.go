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
)

// requireAsBefore checks the world: the group launches version 1, and so did
// its instances.
func (w *world) requireAsBefore(in string) {
	w.t.Helper()
	g := w.describeGroup(in, "web")
	require.Equal(w.t, "1", *g.LaunchTemplate.Version)
	inService := 0
	for _, i := range g.Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService {
			inService++
			require.Equal(w.t, "1", *i.LaunchTemplate.Version)
		}
	}
	require.Equal(w.t, int(*g.DesiredCapacity), inService)
}

func TestBadImageIsCaughtInTheFirstGroupAndRolledBack(t *testing.T) {
	play(t, "bad-image", func(t *testing.T, w *world) {
		start := time.Now()

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Greater(t, time.Since(start), time.Hour, "AWS tries for an hour")
		w.requireAsBefore("eu-west-1")
		g := report.Targets[0].Groups[0]
		assert.Equal(t, readyami.RolledBack, g.Outcome)
		assert.Equal(t, "RollbackSuccessful", g.Status)
		assert.NotEmpty(t, g.Reason)
		assert.Equal(t, readyami.Failed, report.Outcome)
		require.Len(t, report.Next, 1)
		assert.Contains(t, report.Next[0], "runs version 1")
		assert.Equal(t, readyami.NotStarted, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[2].Groups[0].Outcome)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"), "a group's template changes by its refresh alone")
		for _, name := range threeRegions {
			assert.Equal(t, "web-2", ami.Tag(w.named(name, "web-2")[0].Tags, ami.TagRejected), "%s: a copy is as bad as its source", name)
		}
	})
}

func TestAnImageThatWasRolledBackIsNotRolledOutAgainUnlessTold(t *testing.T) {
	play(t, "bad-image", func(t *testing.T, w *world) {
		first, err := w.act()
		require.ErrorIs(t, err, asg.ErrRolledBack)

		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.ErrorContains(t, err, first.Targets[0].Groups[0].RefreshID)
		assert.Empty(t, w.cloud.Writes())

		_, err = w.act() // groups that it was never tried in
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Empty(t, w.cloud.Writes()[1:], "a version of the template, and no refresh")

		_, err = w.act() // told to
		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestKeepLeavesAFailedGroupAsItIs(t *testing.T) {
	play(t, "bad-image-kept", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, "1", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "the group's own template has not changed")
		assert.Zero(t, w.cloud.Count("CreateTags"), "nothing was rolled back")

		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		assert.Empty(t, w.cloud.Writes())

		_, err = w.act()
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Len(t, w.cloud.Region("eu-west-1").Refreshes("web"), 2)
	})
}

// Where the caller's preferences keep AWS from rolling back, the delivery goes
// back by a refresh of its own.
func TestWithoutAutoRollbackTheDeliveryReturnsByItself(t *testing.T) {
	play(t, "bad-image-taken-back", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
		assert.Equal(t, 2, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestARefreshThatSomebodyCancelsIsNotRolledBack(t *testing.T) {
	play(t, "cancelled-by-somebody", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshCancelled)
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		assert.Zero(t, w.cloud.Count("CreateTags"), "the image is not to blame")
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
	})
}

// AWS rolls back by itself when the program is gone; the next run finds out,
// and makes up for the tag.
func TestRollbackGoesOnWithoutTheProgram(t *testing.T) {
	play(t, "stopped-and-rolled-back-by-aws", func(t *testing.T, w *world) {
		w.stopped()
		time.Sleep(3 * time.Hour)
		w.requireAsBefore("eu-west-1")

		_, err := w.act()

		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.NotEmpty(t, ami.Tag(w.named("us-east-1", "web-2")[0].Tags, ami.TagRejected))
	})
}
