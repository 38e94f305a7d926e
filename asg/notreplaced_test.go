package asg_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// protect protects one instance of group web from scale-in and returns its id.
func (f *fleet) protect() string {
	f.t.Helper()
	id := *f.read("web").Instances[0].InstanceId
	_, err := f.SetInstanceProtection(f.t.Context(), &autoscaling.SetInstanceProtectionInput{
		AutoScalingGroupName: new("web"), InstanceIds: []string{id}, ProtectedFromScaleIn: new(true),
	})
	require.NoError(f.t, err)
	return id
}

// TestProtectedAreLeft has a refresh succeed that does not replace all: no plain
// success.
func TestProtectedAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		id := f.protect()
		in := f.refresh()
		in.Preferences.ScaleInProtectedInstances = types.ScaleInProtectedInstancesIgnore
		s := asg.RefreshKey{Group: "web", ID: f.start(in).RefreshID}
		_, last, err := follow(t.Context(), f, []asg.RefreshKey{s})
		require.NoError(t, err)
		got := last[s.String()]
		require.NoError(t, got.Err)
		assert.Equal(t, []string{id}, got.NotReplaced)
		assert.Equal(t, successful, got.Status)

		refreshes, err := asg.Wait(t.Context(), f, []asg.RefreshKey{s})
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, []string{id}, failure(t, err).IDs)
		assert.Equal(t, "web", failure(t, err).ID)
		assert.Equal(t, successful, refreshes[0].Status)

		f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeAutoScalingGroups"}, 1, "AccessDenied", "no"))
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{s})
		require.ErrorContains(t, err, "AccessDenied")
		assert.NotErrorIs(t, err, asg.ErrNotReplaced)
		assert.Contains(t, failure(t, err).Hint, "not known", "it may be a plain success, and nobody can say so")
	})
}

// TestProtectedAreWaitedFor is AWS's default: an hour, and then the refresh fails;
// the watch notices before.
func TestProtectedAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.protect()
		s := asg.RefreshKey{Group: "web", ID: f.start(f.refresh()).RefreshID}
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{s}, stalling(20*time.Minute))
		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		assert.Contains(t, failure(t, err).Reason, "is protected")
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{s})
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
	})
}

// TestProtectedAreReplaced is said explicitly.
func TestProtectedAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.protect()
		in := f.refresh()
		in.Preferences.ScaleInProtectedInstances = types.ScaleInProtectedInstancesRefresh
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(in).RefreshID}})
		require.NoError(t, err)
		assert.Equal(t, []string{"2", "2"}, f.versions())
	})
}

// TestLastCheckpointLeavesTheRest has a refresh that is to stop half way.
func TestLastCheckpointLeavesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		in := f.refresh()
		in.Preferences.CheckpointPercentages = []int32{50}
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(in).RefreshID}})
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		require.Len(t, failure(t, err).IDs, 1)
		for _, i := range f.read("web").Instances {
			if *i.InstanceId == failure(t, err).IDs[0] {
				assert.Equal(t, "1", *i.LaunchTemplate.Version)
			}
		}
	})
}
