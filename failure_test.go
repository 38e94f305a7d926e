package readyami_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

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

func TestBadImageIsCaughtInTheFirstGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
		start := time.Now()

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Greater(t, time.Since(start), time.Hour, "AWS tries for an hour")
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, "Failed", report.Targets[0].Groups[0].Status)
		assert.NotEmpty(t, report.Targets[0].Groups[0].Reason)
		assert.Equal(t, readyami.NotStarted, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[2].Groups[0].Outcome)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Equal(t, "1", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "the group's own template has not changed")
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"))
	})
}

func TestAfterAFailedRefreshTheRerunSaysSoAndRollsOnlyWhenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
		first, err := w.deliver(t.Context())
		require.Error(t, err)
		w.cloud.ForgetCalls()

		second, err := w.deliver(t.Context())

		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		assert.ErrorContains(t, err, first.Targets[0].Groups[0].RefreshID)
		assert.Empty(t, w.cloud.Writes())
		assert.Equal(t, "Failed", second.Targets[0].Groups[0].Status)
		assert.Equal(t, readyami.NotStarted, second.Targets[1].Groups[0].Outcome)

		w.Retry = true
		_, err = w.deliver(t.Context())
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Len(t, w.cloud.Region("eu-west-1").Refreshes("web"), 2)
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
