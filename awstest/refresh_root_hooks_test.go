package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// The hooks of a termination come before a root volume is replaced, those of a
// launch after it.
func TestRootVolumesWaitForHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 1)
		f.hook("drain", "TERMINATING", nil)
		f.hook("bootstrap", "LAUNCHING", nil)
		old, next := f.group.ImageID, f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		id := f.group.Instances[0]
		require.NoError(t, f.startRoots(f.toImage(next), nil))
		time.Sleep(time.Minute)
		require.Equal(t, map[astypes.LifecycleState]int{"ReplacingRootVolume:Wait": 1}, f.states())
		assert.Equal(t, old, f.image(id))
		assert.Equal(t, astypes.ScalingActivityStatusCodeMidLifecycleAction, f.region.Activities("web")[0].StatusCode)

		require.NoError(t, f.complete("drain", "CONTINUE", id))
		require.Equal(t, map[astypes.LifecycleState]int{"ReplacingRootVolume:Proceed": 1}, f.states())
		time.Sleep(5 * time.Minute)
		require.Equal(t, map[astypes.LifecycleState]int{"Pending:Wait": 1}, f.states())
		assert.Equal(t, next, f.image(id))
		require.NoError(t, f.complete("bootstrap", "CONTINUE", id))
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Equal(t, f.group.Instances, []string{*f.describe().Instances[0].InstanceId})

		f.toward(id, f.region.OwnImage(awstest.ImageSeed{Name: "third"}))
		require.NoError(t, f.complete("drain", "ABANDON", id), "it is replaced all the same")
		time.Sleep(5 * time.Minute)
		require.NoError(t, f.complete("bootstrap", "ABANDON", id))
		assert.Equal(t, map[astypes.LifecycleState]int{"Terminating:Wait": 1}, f.states(), "and then not let in")
	})
}

func (f *fleet) toward(id, image string) {
	f.t.Helper()
	require.NoError(f.t, f.startRoots(f.toImage(image), nil))
	time.Sleep(time.Minute)
	require.Equal(f.t, map[astypes.LifecycleState]int{"ReplacingRootVolume:Wait": 1}, f.states(), id)
}

// A rollback in the middle of it leaves no instance with the volume that was
// under way, and a cancel waits for that.
func TestRootVolumeInTheMiddleOfARollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 2)
		old, next := f.group.ImageID, f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		midway := func() {
			require.NoError(t, f.startRoots(f.toImage(next), nil))
			for f.states()["ReplacingRootVolume"] == 0 {
				time.Sleep(time.Second)
			}
			time.Sleep(time.Second)
		}
		midway()
		rollBack(&tracer{fleet: f})
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, f.run(anyway).Status)
		for _, i := range f.describe().Instances {
			assert.Equal(t, old, f.image(*i.InstanceId))
			assert.Contains(t, f.group.Instances, *i.InstanceId)
		}
		for _, a := range f.region.Activities("web") {
			assert.NotNil(t, a.EndTime, *a.Description)
		}

		midway()
		_, err := f.as.CancelInstanceRefresh(t.Context(), &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		assert.Equal(t, astypes.InstanceRefreshStatusCancelled, f.run(func(_ awstest.Capacity, r astypes.InstanceRefresh) {
			if r.EndTime != nil {
				assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states(), "what was under way has come to its end")
			}
		}).Status)
	})
}
