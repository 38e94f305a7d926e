package awstest_test

import (
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

// Whatever is done to an instance that was well: by the next read there is another
// in its place, and no time has passed.
func TestInstantGroupIsWholeByTheNextRead(t *testing.T) {
	for name, lose := range map[string]func(*fleet, string) error{
		"terminated": func(f *fleet, id string) error {
			_, err := f.ec2.TerminateInstances(f.t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
			return err
		},
		"stopped": func(f *fleet, id string) error {
			_, err := f.ec2.StopInstances(f.t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{id}})
			return err
		},
		"unhealthy": func(f *fleet, id string) error {
			_, err := f.as.SetInstanceHealth(f.t.Context(), &autoscaling.SetInstanceHealthInput{InstanceId: &id, HealthStatus: new("Unhealthy")})
			return err
		},
		"terminated by the group": func(f *fleet, id string) error {
			_, err := f.as.TerminateInstanceInAutoScalingGroup(f.t.Context(), &autoscaling.TerminateInstanceInAutoScalingGroupInput{
				InstanceId: &id, ShouldDecrementDesiredCapacity: new(false)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, timing := range []awstest.Timing{awstest.Instant, awstest.SeenOnce} {
				synctest.Test(t, func(t *testing.T) {
					f := newFleet(t, 2, timing)
					for range 3 { // what has replaced one may be lost as well
						lost := *f.describe().Instances[0].InstanceId
						require.NoError(t, lose(f, lost))
						for range 4 { // under SeenOnce each state is seen once
							f.describe()
						}
						assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 2}, f.region.Capacity("web"))
						for _, i := range f.describe().Instances {
							assert.NotEqual(t, lost, *i.InstanceId)
						}
					}
				})
			}
		})
	}
}

// All of a group at once, also where a maintenance policy lets few be replaced at a
// time.
func TestInstantGroupReplacesAllThatIsUnhealthy(t *testing.T) {
	f := newFleet(t, 5, awstest.Instant)
	before := map[string]bool{}
	for _, i := range f.describe().Instances {
		before[*i.InstanceId] = true
		_, err := f.as.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{InstanceId: i.InstanceId, HealthStatus: new("Unhealthy")})
		require.NoError(t, err)
	}
	assert.Equal(t, awstest.Capacity{Desired: 5, Live: 5, InService: 5, Ready: 5}, f.region.Capacity("web"))
	for _, i := range f.describe().Instances {
		assert.False(t, before[*i.InstanceId])
	}
}

// One that was well and then fails its health checks is replaced at once, as is one
// that somebody gives up before its first health check.
func TestOnlyAFailedLaunchPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.cloud.Behave(awstest.ImageMatch{Name: "ages"}, awstest.Behavior{FailsAfter: time.Hour})
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: f.version("ages").LaunchTemplate}))
		replaced := func(how string) {
			t.Helper()
			all := f.describe().Instances
			require.Len(t, all, 2, how)
			assert.Equal(t, astypes.LifecycleStateTerminating, all[0].LifecycleState, how)
			assert.Equal(t, astypes.LifecycleStatePending, all[1].LifecycleState, how)
		}
		unhealthy := func(n int) {
			_, err := f.as.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{
				InstanceId: f.describe().Instances[n].InstanceId, HealthStatus: new("Unhealthy"), ShouldRespectGracePeriod: new(false)})
			require.NoError(t, err)
		}
		unhealthy(0)
		replaced("it was well")
		time.Sleep(30 * time.Second) // the old one is gone, the new one has not passed a check
		unhealthy(0)
		replaced("its launch has not failed")
		time.Sleep(45 * time.Second) // in service and well
		time.Sleep(time.Hour)
		replaced("it has aged")
	})
}

// What never comes to be healthy is launched again after a pause, or there would be
// no end to it.
func TestInstantGroupOfABadImagePausesBetweenLaunches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, awstest.Instant)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: f.version("bad").LaunchTemplate}))
		_, err := f.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*f.describe().Instances[0].InstanceId}})
		require.NoError(t, err)
		launches := func() (n int) {
			for _, a := range f.region.Activities("web") {
				if a.StartTime.After(time.Now().Add(-time.Hour)) && (*a.Description)[:9] == "Launching" {
					n++
				}
			}
			return n
		}
		begun := launches()
		time.Sleep(10 * time.Minute)
		assert.Equal(t, 10, launches()-begun, "one a minute")
		assert.Zero(t, f.region.Capacity("web").Ready)
	})
}

func TestInstantWarmPoolIsWholeByTheNextRead(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{PoolState: "Running"}))
	require.Equal(t, map[string]int{"Warmed:Running v1": 2}, f.warm())
	_, err := f.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*f.pool().Instances[0].InstanceId}})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"Warmed:Running v1": 2}, f.warm())
}
