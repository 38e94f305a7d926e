package awstest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// states counts the group's instances by their lifecycle state.
func (f *fleet) states() map[astypes.LifecycleState]int {
	out := map[astypes.LifecycleState]int{}
	for _, i := range f.describe().Instances {
		out[i.LifecycleState]++
	}
	return out
}

func (f *fleet) enterStandby(shrink bool, ids ...string) error {
	_, err := f.as.EnterStandby(f.t.Context(), &autoscaling.EnterStandbyInput{
		AutoScalingGroupName: new("web"), InstanceIds: ids, ShouldDecrementDesiredCapacity: new(shrink),
	})
	return err
}

func (f *fleet) exitStandby(ids ...string) error {
	_, err := f.as.ExitStandby(f.t.Context(), &autoscaling.ExitStandbyInput{AutoScalingGroupName: new("web"), InstanceIds: ids})
	return err
}

// sizes sets what is not negative.
func (f *fleet) sizes(least, most, desired int32) {
	f.t.Helper()
	in := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web")}
	for _, s := range []struct {
		field **int32
		n     int32
	}{{&in.MinSize, least}, {&in.MaxSize, most}, {&in.DesiredCapacity, desired}} {
		if s.n >= 0 {
			*s.field = new(s.n)
		}
	}
	_, err := f.as.UpdateAutoScalingGroup(f.t.Context(), in)
	require.NoError(f.t, err)
}

func TestStandbyLowersTheCapacityOrIsFilledUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, wholeSeconds)
		ids := f.group.Instances
		assert.ErrorContains(t, f.enterStandby(true, ids[0]), "min-size=3", "below the minimum")
		f.sizes(1, -1, -1)
		require.NoError(t, f.enterStandby(true, ids[0]))
		require.NoError(t, f.enterStandby(false, ids[1]))
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2, "Standby": 2}, f.states())
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 2, Standby: 2}, f.region.Capacity("web"))
		assert.Equal(t, "Moving EC2 instance to Standby: "+ids[0], *f.region.Activities("web")[2].Description)
		assert.Contains(t, *f.region.Activities("web")[2].Cause, "was moved to standby in response to a user request, shrinking the capacity from 3 to 2.")

		require.NoError(t, f.exitStandby(ids[0], ids[1]))
		time.Sleep(time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 4}, f.states())
		assert.Equal(t, int32(4), *f.describe().DesiredCapacity)
		assert.Contains(t, *f.region.Activities("web")[0].Cause, "was moved out of standby in response to a user request, increasing the capacity from 2 to 4.")
	})
}

func TestStandbyRefuses(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	id := f.group.Instances[0]
	assert.ErrorContains(t, f.exitStandby(id), "is not in Standby")
	assert.ErrorContains(t, f.enterStandby(false, "i-00000000000000000"), "not part of")
	assert.Equal(t, "ValidationError", codeOf(f.enterStandby(false, make([]string, 21)...)))
	require.NoError(t, f.enterStandby(false, id))
	assert.Equal(t, 1, f.states()["EnteringStandby"])
	assert.Equal(t, 1, f.states()["Standby"])
	f.sizes(1, 1, -1)
	assert.ErrorContains(t, f.exitStandby(id), "max-size=1")
}

func TestNobodyLooksAtAnInstanceInStandby(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		id := f.group.Instances[0]
		require.NoError(t, f.enterStandby(false, id))
		time.Sleep(5 * time.Minute)
		_, err := f.ec2.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{id}})
		require.NoError(t, err)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, 1, f.states()["Standby"])
		require.NoError(t, f.exitStandby(id))
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states(), "another stands in its place")
		for _, i := range f.describe().Instances {
			assert.NotEqual(t, id, *i.InstanceId)
		}
	})
}

func TestHealthChecksGoOnAfterStandby(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		first := *f.describe().Instances[0].InstanceId
		f.cloud.Behave(awstest.ImageMatch{}, awstest.Behavior{Boot: 10 * time.Minute, NeverHealthy: true})
		f.sizes(0, 4, 2)
		time.Sleep(3 * time.Minute)
		broken := func() (ids []string) {
			for _, i := range f.describe().Instances {
				if *i.InstanceId != first {
					ids = append(ids, *i.InstanceId)
				}
			}
			return ids
		}
		id := broken()[0]
		require.NoError(t, f.enterStandby(true, id))
		time.Sleep(30 * time.Minute) // its first health check is due meanwhile
		require.NoError(t, f.exitStandby(id))
		time.Sleep(30 * time.Minute)
		assert.NotContains(t, broken(), id)
	})
}

func (f *fleet) suspend(names ...string) {
	f.t.Helper()
	_, err := f.as.SuspendProcesses(f.t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("web"), ScalingProcesses: names})
	require.NoError(f.t, err)
}

func (f *fleet) resume(names ...string) {
	f.t.Helper()
	_, err := f.as.ResumeProcesses(f.t.Context(), &autoscaling.ResumeProcessesInput{AutoScalingGroupName: new("web"), ScalingProcesses: names})
	require.NoError(f.t, err)
}

func TestProcessesAreSuspendedByNameOrAll(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	f.suspend("Launch", "AZRebalance", "Launch")
	got := f.describe().SuspendedProcesses
	require.Len(t, got, 2)
	assert.Equal(t, "Launch", *got[0].ProcessName)
	assert.True(t, strings.HasPrefix(*got[0].SuspensionReason, "User suspended at "), *got[0].SuspensionReason)
	f.resume("Launch")
	assert.Len(t, f.describe().SuspendedProcesses, 1)
	f.suspend()
	assert.Len(t, f.describe().SuspendedProcesses, 9)
	f.resume()
	assert.Empty(t, f.describe().SuspendedProcesses)
	_, err := f.as.SuspendProcesses(t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("web"), ScalingProcesses: []string{"Sleep"}})
	assert.Equal(t, "ValidationError", codeOf(err))
}

func TestSuspendedProcessesAreNotCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		terminate := func(id string) {
			_, err := f.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
			require.NoError(t, err)
			time.Sleep(10 * time.Minute)
		}
		f.suspend("Launch")
		f.sizes(1, -1, 3)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states())
		f.resume("Launch")
		time.Sleep(10 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 3}, f.states())

		f.suspend("Terminate")
		f.sizes(-1, -1, 2)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 3}, f.states())
		f.resume("Terminate")
		time.Sleep(10 * time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states())

		f.suspend("HealthCheck")
		gone := *f.describe().Instances[0].InstanceId
		terminate(gone)
		assert.Equal(t, gone, *f.describe().Instances[0].InstanceId, "nobody has noticed")
		assert.Equal(t, "Healthy", *f.describe().Instances[0].HealthStatus)
		f.suspend("ReplaceUnhealthy")
		f.resume("HealthCheck")
		time.Sleep(10 * time.Minute)
		assert.Equal(t, "Unhealthy", *f.describe().Instances[0].HealthStatus, "noticed, and kept")
		f.resume("ReplaceUnhealthy")
		time.Sleep(10 * time.Minute)
		assert.NotEqual(t, gone, *f.describe().Instances[0].InstanceId)
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 2}, f.region.Capacity("web"))
	})
}
