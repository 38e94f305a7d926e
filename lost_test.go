package readyami_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

// A group that has failed is told of also when the run ends while it still
// watches another.
func TestAGroupThatFailedIsNotLostWhenTheRunEnds(t *testing.T) {
	play(t, "cancelled-while-another-runs", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRefreshCancelled)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, plan.StateCancelled, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.StateRunning, groupIn(t, report, "eu-west-1", "api").State)
		assert.Equal(t, "Cancelled", mustError(t, err, "web").State)
		assert.NotEmpty(t, mustError(t, err, report.Plan.Release).Hint, "how to go on")
	})
}

// Nobody's change is undone: what a group launches is looked at again before its
// refresh, since making images can take hours.
func TestAGroupThatIsChangedMeanwhileIsNotRefreshed(t *testing.T) {
	play(t, "changed-meanwhile", func(t *testing.T, w *world) {
		other := w.templateID("us-east-1", "other")

		report, err := w.act()

		require.ErrorIs(t, err, readyami.ErrStale)
		require.ErrorIs(t, err, asg.ErrOtherVersion)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.StateStale, groupIn(t, report, "us-east-1", "web").State)
		assert.Equal(t, other, *w.describeGroup("us-east-1", "web").LaunchTemplate.LaunchTemplateId)
		assert.Empty(t, w.cloud.Region("us-east-1").Refreshes("web"))

		_, err = w.act()
		require.NoError(t, err, "the next run plans anew, with what the group launches now")
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
		require.Empty(t, w.tagged(":decision"))

		report, err := w.act()

		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		assert.Equal(t, plan.StateSucceeded, restored(t, report, "eu-west-1", "web").State)
		w.requireAsBefore("eu-west-1")
		w.requireRejected()

		w.cloud.ForgetCalls()
		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrRejected)
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
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		w.requireAsBefore("eu-west-1")
	})
}

// A last checkpoint below 100 leaves the rest of a group, in every run.
func TestALastCheckpointLeavesTheRestEachTime(t *testing.T) {
	play(t, "last-checkpoint", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		g := groupIn(t, report, "eu-west-1", "web")
		assert.Equal(t, plan.StatePartial, g.State)
		assert.Len(t, g.Result.NotReplaced, 1)
		assert.EqualValues(t, 1, w.defaultOf("eu-west-1"), "the version has not been proven everywhere")
		assert.Equal(t, plan.StatePartial, stepIn(t, report, plan.StepSetDefault, "eu-west-1").State)

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
