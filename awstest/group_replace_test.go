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

// ail makes all instances of the group unhealthy at once.
func (f *fleet) ail() {
	f.t.Helper()
	for _, id := range f.group.Instances {
		_, err := f.as.SetInstanceHealth(f.t.Context(), &autoscaling.SetInstanceHealthInput{InstanceId: new(id), HealthStatus: new("Unhealthy")})
		require.NoError(f.t, err)
	}
}

// least is the smallest and the largest number in service while the group
// replaces all that it was seeded with.
func (f *fleet) extremes() (least, most int) {
	f.t.Helper()
	least = len(f.group.Instances)
	for range 7200 {
		c := f.region.Capacity("web")
		least, most = min(least, c.InService), max(most, c.Live)
		time.Sleep(time.Second)
	}
	old := map[string]bool{}
	for _, id := range f.group.Instances {
		old[id] = true
	}
	for _, m := range f.describe().Instances {
		assert.False(f.t, old[*m.InstanceId], "all have been replaced")
		assert.Equal(f.t, "Healthy", *m.HealthStatus)
	}
	assert.Len(f.t, f.describe().Instances, len(f.group.Instances))
	return least, most
}

func TestUnhealthyInstancesAreReplacedATenthAtATime(t *testing.T) {
	for size, want := range map[int32]int{1: 0, 5: 4, 20: 18} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, size, wholeSeconds)
			f.ail()
			least, most := f.extremes()
			assert.Equal(t, want, least, "of %d", size)
			assert.Equal(t, int(size), most)
			assert.Contains(t, *f.region.Activities("web")[0].Cause, "an instance was launched in response to an unhealthy instance needing to be replaced.")
		})
	}
}

func TestMaintenancePolicyReplacesUnhealthyInstancesLaunchFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 10, wholeSeconds)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{InstanceMaintenancePolicy: &astypes.InstanceMaintenancePolicy{
			MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(120)),
		}}))
		f.ail()
		least, most := f.extremes()
		assert.Equal(t, 10, least)
		assert.Equal(t, 12, most)
	})
}

func TestMaintenancePolicyOfATooSmallGroupLaunchesOneFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{InstanceMaintenancePolicy: &astypes.InstanceMaintenancePolicy{
			MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(110)),
		}}))
		f.ail()
		least, most := f.extremes()
		assert.Equal(t, 1, least)
		assert.Equal(t, 2, most)
	})
}

func TestInstancesLiveNoLongerThanTheGroupAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MaxInstanceLifetime: new(int32(86400))}))
		time.Sleep(24*time.Hour - time.Minute)
		for _, m := range f.describe().Instances {
			assert.Contains(t, f.group.Instances, *m.InstanceId)
		}
		least, _ := f.extremes()
		assert.Equal(t, 3, least, "one at a time")
		first := f.describe().Instances[0].InstanceId
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MaxInstanceLifetime: new(int32(0))}))
		time.Sleep(72 * time.Hour)
		assert.Equal(t, first, f.describe().Instances[0].InstanceId)
	})
}

func TestScaleInTakesTheUnhealthyFirst(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	api := f.region.Group(awstest.GroupSeed{Name: "api", Size: 3, Subnets: f.region.Network().Subnets[:1]})
	_, err := f.as.SuspendProcesses(t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("api"), ScalingProcesses: []string{"ReplaceUnhealthy"}})
	require.NoError(t, err)
	_, err = f.as.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{InstanceId: new(api.Instances[2]), HealthStatus: new("Unhealthy")})
	require.NoError(t, err)
	_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("api"), MinSize: new(int32(1)), DesiredCapacity: new(int32(2)),
	})
	require.NoError(t, err)
	var states []astypes.LifecycleState
	for _, m := range f.region.Groups()[1].Instances {
		states = append(states, m.LifecycleState)
	}
	assert.Equal(t, []astypes.LifecycleState{"InService", "InService", "Terminating"}, states)
}
