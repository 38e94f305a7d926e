package readyami_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

func TestImageThatFailsIsNamedWithItsReason(t *testing.T) {
	play(t, "image-fails", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, ami.ErrFailed)
		source := imageIn(t, report, "eu-west-1")
		e, ok := errors.AsType[*readyami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "eu-west-1", e.Region)
		assert.Equal(t, source.Image.ID, e.ID)
		assert.Equal(t, "failed", e.State)
		assert.Contains(t, e.Reason, "Client.InternalError")
		assert.Empty(t, e.Hint, "nothing is known of it")
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		assert.Equal(t, plan.StateFailed, source.State)
		assert.Equal(t, "failed", source.Image.State)
		assert.Equal(t, plan.StateWaiting, imageIn(t, report, "us-east-1").State)
		var made []string
		for _, c := range w.cloud.Writes() {
			if c.Operation != "CreateTags" && c.Operation != "DeleteTags" { // the runner's mark
				made = append(made, c.Operation)
			}
		}
		assert.Equal(t, []string{"CreateImage"}, made, "the image, and nothing after it")
	})
}

func TestFailedImageIsReplacedByTheNextRun(t *testing.T) {
	play(t, "image-fails", func(t *testing.T, w *world) {
		first, err := w.act()
		require.Error(t, err)

		second, err := w.act()

		require.NoError(t, err)
		assert.NotEqual(t, imageIn(t, first, "eu-west-1").Image.ID, imageIn(t, second, "eu-west-1").Image.ID)
		w.requireDelivered()
		w.requireNoStraySnapshots("eu-west-1")
	})
}

// A target rolls as soon as its own image is there and its wave may go: the first
// one does not wait for the copy that fails, and the one after it is not begun.
func TestOneCopyThatFailsKeepsTheOthersAndStopsTheRollout(t *testing.T) {
	play(t, "copy-fails", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, ami.ErrFailed)
		assert.Equal(t, plan.StateSucceeded, imageIn(t, report, "ap-southeast-2").State)
		failed := imageIn(t, report, "us-east-1")
		assert.Equal(t, plan.StateFailed, failed.State)
		assert.Contains(t, failed.Image.Reason, "Copy image failed with an internal error")
		assert.Contains(t, failed.Image.Hint, "KMS key")
		assert.ErrorContains(t, err, "KMS key", "the error has the hint")
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "us-east-1", "web").State)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "ap-southeast-2", "web").State)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))

		_, err = w.act()
		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("CopyImage"), "only the failed one is copied again")
		assert.Equal(t, 2, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestRefreshOfSomebodyElseIsNotTouched(t *testing.T) {
	play(t, "conflict-left-alone", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrOtherRefresh)
		assert.Equal(t, plan.StateStale, groupIn(t, report, "eu-west-1", "web").State)
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		w.requireOneRefresh("eu-west-1")
	})
}

// Nor is one that was begun before the release had made a version, although it is to
// what the group launches.
func TestRefreshOfSomebodyElseToTheSameVersionIsNotTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.deliverImages()
		w.Preferences.InstanceWarmup = new(int32(600)) // so that it still runs
		_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("web"), Preferences: (*asgtypes.RefreshPreferences)(w.Preferences),
			DesiredConfiguration: &asgtypes.DesiredConfiguration{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{
				LaunchTemplateId: new(w.templateOf("eu-west-1").id()), Version: new("1"),
			}},
		})
		require.NoError(t, err)
		time.Sleep(10 * time.Second)

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, plan.StateStale, groupIn(t, report, "eu-west-1", "web").State)
		w.requireOneRefresh("eu-west-1")
	})
}

// What cannot start stops what would start after it. The groups of a wave begin side
// by side, so that those of the same wave have started.
func TestAGroupThatCannotStartStopsWhatWouldStartAfterIt(t *testing.T) {
	play(t, "group-cannot-start", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorContains(t, err, "LimitExceeded")
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web").State, "what was started is watched to its end")
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "web-c").State)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "eu-west-1", "web-b").State)
		assert.NotNil(t, stepNamed(t, report, "web-b").Error)
		assert.Equal(t, plan.StateWaiting, groupIn(t, report, "us-east-1", "web").State)
		assert.Equal(t, 1, len(w.cloud.Region("eu-west-1").Refreshes("web")))
		assert.Empty(t, w.cloud.Region("us-east-1").Refreshes("web"))
	})
}

// stepNamed is the result of the refresh of a group in the first place.
func stepNamed(t *testing.T, r *plan.Report, group string) plan.Result {
	t.Helper()
	return resultOf(t, r, func(s plan.Step, at plan.Place) bool {
		return s.Kind == plan.StepRefresh && at.Groups[s.Group].Name == group
	})
}

func TestAFailedRefreshIsExplainedByItsLaunches(t *testing.T) {
	play(t, "image-disabled-meanwhile", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		g := groupIn(t, report, "eu-west-1", "web")
		require.NotEmpty(t, g.Result.Activities)
		assert.Contains(t, g.Result.Activities[0], "Launching EC2 instance failed")
	})
}
