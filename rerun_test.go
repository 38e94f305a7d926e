package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
)

func TestSecondRunWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first, err := w.deliver(t.Context())
		require.NoError(t, err)
		w.cloud.ForgetCalls()

		second, err := w.deliver(t.Context())

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

// stoppedAt runs the delivery until an event says stop, as a process does that
// is told to end, and forgets the calls that it made.
func (w *world) stoppedAt(stop func(readyami.Event) bool) *readyami.Report {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	report, err := w.deliver(ctx, onEvent(func(e readyami.Event) {
		if stop(e) {
			cancel()
		}
	}))
	require.ErrorIs(w.t, err, context.Canceled)
	require.Equal(w.t, readyami.Interrupted, report.Outcome)
	require.NotEmpty(w.t, report.Next)
	return report
}

func TestRunStoppedInMidCopyGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report := w.stoppedAt(func(e readyami.Event) bool {
			image, ok := e.(readyami.ImageEvent)
			return ok && image.Target.Region == "ap-southeast-2" && image.State == ec2types.ImageStatePending
		})
		assert.Equal(t, readyami.Interrupted, report.Targets[2].Image.Outcome)
		assert.NotEmpty(t, report.Targets[2].Image.ID, "the report names the copy that goes on")

		_, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
	})
}

func TestRunStoppedInMidRefreshGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report := w.stoppedAt(func(e readyami.Event) bool {
			r, ok := e.(readyami.RefreshEvent)
			return ok && r.Target.Region == "us-east-1" && r.Status == asgtypes.InstanceRefreshStatusInProgress
		})
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, readyami.Interrupted, report.Targets[1].Groups[0].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[2].Groups[0].Outcome)

		again, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, report.Targets[1].Groups[0].RefreshID, again.Targets[1].Groups[0].RefreshID)
		assert.Equal(t, 3, w.cloud.Count("StartInstanceRefresh"))
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
	})
}

func TestThrottledHalfOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, awstest.WithFault(awstest.Throttle(awstest.Match{}, 2)))
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		w.requireDelivered()
	})
}

func TestCredentialsThatExpireEndTheRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 5))

		_, err := w.deliver(t.Context())

		require.ErrorIs(t, err, readyami.ErrCredentialsExpired)
		assert.Equal(t, 5, w.cloud.Count("DescribeInstanceRefreshes"))
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
