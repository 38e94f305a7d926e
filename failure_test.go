package readyami_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestImageThatFailsIsNamedWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.FailImages(awstest.ImageMatch{Region: "eu-west-1", Name: "web-2"}, "Client.InternalError", "Client error on launch")

		report, err := w.deliver(t.Context())

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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.FailImages(awstest.ImageMatch{Name: "web-2"}, "Server.InternalError", "")
		first, err := w.deliver(t.Context())
		require.Error(t, err)
		w.cloud.ForgetScripts()

		second, err := w.deliver(t.Context())

		require.NoError(t, err)
		assert.NotEqual(t, first.Source.ID, second.Source.ID)
		w.requireDelivered()
		w.requireNoStraySnapshots("eu-west-1")
	})
}

func TestOneCopyThatFailsKeepsTheOthersAndStopsTheRollout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.FailImages(awstest.ImageMatch{Region: "us-east-1"}, "Server.InternalError", "Copy image failed with an internal error")

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, ami.ErrFailed)
		assert.Equal(t, readyami.Delivered, report.Targets[2].Image.Outcome)
		assert.Equal(t, readyami.Failed, report.Targets[1].Image.Outcome)
		assert.Contains(t, report.Targets[1].Image.Error, "Copy image failed with an internal error")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
		require.NotEmpty(t, report.Next)

		w.cloud.ForgetScripts()
		w.cloud.ForgetCalls()
		_, err = w.deliver(t.Context())
		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("CopyImage"), "only the failed one is copied again")
	})
}

func TestRefreshOfSomebodyElseIsNotTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.Inject(w.refreshBefore("StartInstanceRefresh"))

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		w.requireOneRefresh("eu-west-1")
	})
}

func TestAGroupThatCannotStartStopsWhatWouldStartAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, name := range []string{"web-b", "web-c"} {
			w.group("eu-west-1", name, w.templateOf("eu-west-1").id(), "1")
		}
		w.settle()
		w.Targets[0].Groups = []string{"web", "web-b", "web-c"}
		w.Rollout = readyami.RegionByRegion
		w.cloud.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstanceRefresh"}, 2, "LimitExceeded", "You have already reached a limit"))

		report, err := w.deliver(t.Context())

		require.Error(t, err)
		groups := report.Targets[0].Groups
		assert.Equal(t, readyami.Delivered, groups[0].Outcome, "what was started is watched to its end")
		assert.Equal(t, readyami.Failed, groups[1].Outcome)
		assert.Equal(t, readyami.NotStarted, groups[2].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[1].Groups[0].Outcome)
	})
}

func TestAFailedRefreshIsExplainedByItsLaunches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		disabled := false

		report, err := w.deliver(t.Context(), onEvent(func(e readyami.Event) {
			if r, ok := e.(readyami.RefreshEvent); ok && !disabled {
				disabled = true // somebody takes the image away once the refresh runs
				_, err := ec2.NewFromConfig(w.cloud.Config("eu-west-1")).DisableImage(t.Context(),
					&ec2.DisableImageInput{ImageId: w.named(r.Target.Region, "web-2")[0].ImageId})
				require.NoError(t, err)
			}
		}))

		require.ErrorIs(t, err, asg.ErrRolledBack)
		require.NotEmpty(t, report.Targets[0].Groups[0].Activities)
		assert.Contains(t, report.Targets[0].Groups[0].Activities[0], "Launching EC2 instance failed")
	})
}
