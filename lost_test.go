package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// A group that has failed is told of also when the run ends while it still
// watches another.
func TestAGroupThatFailedIsNotLostWhenTheRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group("eu-west-1", "api", w.template("eu-west-1", "api"), "1")
		w.Targets = []readyami.Target{{Region: "eu-west-1", Groups: []string{"web", "api"}}}
		w.Rollout = readyami.RegionByRegion
		w.settle()
		ctx, stop := context.WithCancel(t.Context())
		cancelled := false
		report, err := w.deliver(ctx, onEvent(func(e readyami.Event) {
			r, ok := e.(readyami.RefreshEvent)
			switch {
			case !ok || r.Group != "web":
			case r.Status == asgtypes.InstanceRefreshStatusCancelled:
				stop()
			case r.Status == asgtypes.InstanceRefreshStatusInProgress && !cancelled:
				cancelled = true
				_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).CancelInstanceRefresh(t.Context(),
					&autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
				assert.NoError(t, err)
			}
		}))

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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		other := w.template("us-east-1", "other")
		changed := false
		w.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "CreateImage" && !changed {
				changed = true
				_, err := asg.Update(t.Context(), autoscaling.NewFromConfig(w.cloud.Config("us-east-1")), asg.UpdateInput{
					Group: "web", Template: &asg.TemplateSpec{ID: other, Version: "1"},
				})
				assert.NoError(t, err)
			}
			return next(ctx)
		})

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrOtherVersion)
		assert.ErrorContains(t, err, other)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, readyami.Failed, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, other, *w.describeGroup("us-east-1", "web").LaunchTemplate.LaunchTemplateId)

		_, err = w.deliver(t.Context())
		require.NoError(t, err, "the next run delivers to what the group launches now")
		w.requireDelivered()
	})
}

// A run that dies between a failed refresh and the way back leaves new instances
// in the group. The next run takes it back.
func TestTheWayBackIsMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := broken(t)
		w.Preferences.AutoRollback = new(false)
		crash, restart := awstest.CrashAtWrite(6, false) // an image, two copies, a version, a refresh
		w.cloud.Inject(crash)
		_, err := w.deliver(t.Context())
		require.Error(t, err)
		require.Equal(t, 1, len(w.cloud.Region("eu-west-1").Refreshes("web")), "the one back did not come through")
		restart()

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
		assert.NotEmpty(t, ami.Tag(w.named("us-east-1", "web-2")[0].Tags, ami.TagRejected))

		w.cloud.ForgetCalls()
		_, err = w.deliver(t.Context())
		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		assert.Empty(t, w.cloud.Writes(), "once is enough")
	})
}

// New instances of a run that was stopped are no part of what was before.
func TestARollbackIsProvenAlsoByTheRunThatComesToIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := broken(t)
		ctx, stop := context.WithTimeout(t.Context(), 40*time.Minute)
		defer stop()
		_, err := w.deliver(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
	})
}

// A last checkpoint below 100 leaves the rest of a group, in every run.
func TestALastCheckpointLeavesTheRestEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.SetDefault = true
		w.Preferences.MaxHealthyPercentage = new(int32(150))
		w.Preferences.CheckpointPercentages, w.Preferences.CheckpointDelay = []int32{50}, new(int32(60))

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, readyami.InPart, report.Targets[0].Groups[0].Outcome)
		assert.Len(t, report.Targets[0].Groups[0].NotReplaced, 1)
		assert.EqualValues(t, 1, w.defaultOf("eu-west-1"), "the version has not been proven everywhere")

		w.cloud.ForgetCalls()
		_, err = w.deliver(t.Context())
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
