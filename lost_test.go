package readyami_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
)

// A group that has failed is told of also when the run ends while it still
// watches another.
func TestAGroupThatFailedIsNotLostWhenTheRunEnds(t *testing.T) {
	play(t, "cancelled-while-another-runs", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshCancelled)
		require.ErrorIs(t, err, context.Canceled)
		web, api := report.Targets[0].Groups[0], report.Targets[0].Groups[1]
		assert.Equal(t, readyami.Failed, web.Outcome)
		assert.NotEmpty(t, web.Error)
		assert.Equal(t, readyami.Interrupted, api.Outcome)
		assert.Len(t, report.Next, 2)
	})
}

// Nobody's change is undone: what a group launches is looked at again before its
// refresh, since making images can take hours.
func TestAGroupThatIsChangedMeanwhileIsNotRefreshed(t *testing.T) {
	play(t, "changed-meanwhile", func(t *testing.T, w *world) {
		other := w.templateID("us-east-1", "other")

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrOtherVersion)
		assert.ErrorContains(t, err, other)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, readyami.Failed, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, other, *w.describeGroup("us-east-1", "web").LaunchTemplate.LaunchTemplateId)

		_, err = w.act()
		require.NoError(t, err, "the next run delivers to what the group launches now")
		w.requireDelivered()
	})
}

// A run that dies between a failed refresh and the way back leaves new instances
// in the group. The next run takes it back.
func TestTheWayBackIsMadeUpFor(t *testing.T) {
	play(t, "died-before-the-way-back", func(t *testing.T, w *world) {
		_, err := w.act()
		require.Error(t, err)
		require.Equal(t, 1, len(w.cloud.Region("eu-west-1").Refreshes("web")), "the one back did not come through")

		report, err := w.act()

		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
		assert.NotEmpty(t, ami.Tag(w.named("us-east-1", "web-2")[0].Tags, ami.TagRejected))

		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		assert.Empty(t, w.cloud.Writes(), "once is enough")
	})
}

// New instances of a run that was stopped are no part of what was before.
func TestARollbackIsProvenAlsoByTheRunThatComesToIt(t *testing.T) {
	play(t, "stopped-while-it-fails", func(t *testing.T, w *world) {
		_, err := w.act()
		require.ErrorIs(t, err, context.DeadlineExceeded)

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
	})
}

// A last checkpoint below 100 leaves the rest of a group, in every run.
func TestALastCheckpointLeavesTheRestEachTime(t *testing.T) {
	play(t, "last-checkpoint", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, readyami.InPart, report.Targets[0].Groups[0].Outcome)
		assert.Len(t, report.Targets[0].Groups[0].NotReplaced, 1)
		assert.EqualValues(t, 1, w.defaultOf("eu-west-1"), "the version has not been proven everywhere")

		_, err = w.act()
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Empty(t, w.cloud.Writes())
	})
}

func (w *world) defaultOf(in string) int64 {
	w.t.Helper()
	out, err := ec2.NewFromConfig(w.cloud.Config(in)).DescribeLaunchTemplates(w.t.Context(), &ec2.DescribeLaunchTemplatesInput{
		LaunchTemplateNames: []string{"web"},
	})
	require.NoError(w.t, err)
	return *out.LaunchTemplates[0].DefaultVersionNumber
}
