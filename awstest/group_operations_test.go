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

func TestDesiredCapacityIsSet(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	set := func(group string, n int32) error {
		_, err := f.as.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new(group), DesiredCapacity: new(n)})
		return err
	}
	require.NoError(t, set("web", 4))
	assert.Len(t, f.describe().Instances, 4)
	assert.Contains(t, *f.region.Activities("web")[0].Cause,
		"a user request explicitly set group desired capacity changing the desired capacity from 2 to 4.")
	assert.ErrorContains(t, set("web", 5), "New SetDesiredCapacity value 5 is above max value 4")
	assert.ErrorContains(t, set("web", 1), "below min value 2")
	assert.Equal(t, "ValidationError", codeOf(set("other", 1)))
	assert.Len(t, f.describe().Instances, 4)
}

func TestInstanceIsTerminatedInItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		end := func(id string, shrink bool) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
			return f.as.TerminateInstanceInAutoScalingGroup(t.Context(), &autoscaling.TerminateInstanceInAutoScalingGroupInput{
				InstanceId: new(id), ShouldDecrementDesiredCapacity: new(shrink),
			})
		}
		_, err := end(f.group.Instances[0], true)
		assert.ErrorContains(t, err, "minSize")
		out, err := end(f.group.Instances[0], false)
		require.NoError(t, err)
		assert.Contains(t, *out.Activity.Cause, "in response to a user request.")
		_, err = end(f.group.Instances[0], false)
		assert.Equal(t, "ScalingActivityInProgress", codeOf(err))
		time.Sleep(time.Second)
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 1, Ready: 1}, f.region.Capacity("web"), "replaced at once")
		time.Sleep(time.Minute)
		_, err = end(f.group.Instances[0], false)
		assert.Equal(t, "ValidationError", codeOf(err))

		_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), MinSize: new(int32(1))})
		require.NoError(t, err)
		out, err = end(f.group.Instances[1], true)
		require.NoError(t, err)
		assert.Contains(t, *out.Activity.Cause, "in response to a user request, shrinking the capacity from 2 to 1.")
		time.Sleep(time.Minute)
		assert.Equal(t, awstest.Capacity{Desired: 1, Live: 1, InService: 1, Ready: 1}, f.region.Capacity("web"))
	})
}

func TestProtectionIsLiftedInTheMiddleOfARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		protect := func(id string, yes bool) error {
			_, err := f.as.SetInstanceProtection(t.Context(), &autoscaling.SetInstanceProtectionInput{
				AutoScalingGroupName: new("web"), InstanceIds: []string{id}, ProtectedFromScaleIn: new(yes),
			})
			return err
		}
		require.NoError(t, protect(f.group.Instances[0], true))
		assert.True(t, *f.describe().Instances[0].ProtectedFromScaleIn)
		assert.Equal(t, "ValidationError", codeOf(protect("i-0", true)))
		f.start(f.version("next"), nil)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, int32(50), *f.read().PercentageComplete)
		assert.Contains(t, *f.read().StatusReason, f.group.Instances[0]+" is protected. Remove instance scale-in protection to continue.")
		require.NoError(t, protect(f.group.Instances[0], false))
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
	})
}

func TestHealthIsSetByTheUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		set := func(status string, respect *bool) error {
			_, err := f.as.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{
				InstanceId: new(f.group.Instances[0]), HealthStatus: new(status), ShouldRespectGracePeriod: respect,
			})
			return err
		}
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), HealthCheckGracePeriod: new(int32(60))})
		require.NoError(t, err)
		assert.Equal(t, "ValidationError", codeOf(set("Sick", nil)))
		require.NoError(t, set("Healthy", nil))
		require.NoError(t, set("Unhealthy", nil))
		assert.Equal(t, 1, f.region.Capacity("web").Ready, "still in its grace period")
		require.NoError(t, set("Unhealthy", new(false)))
		assert.Equal(t, 0, f.region.Capacity("web").Ready)
		time.Sleep(3 * time.Minute)
		assert.Equal(t, 1, f.region.Capacity("web").Ready)
	})
}

// As long as nothing takes an unhealthy instance out, the user may say that it is
// well after all.
func TestHealthIsTakenBackByTheUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		set := func(status string) {
			_, err := f.as.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{
				InstanceId: new(f.group.Instances[0]), HealthStatus: new(status),
			})
			require.NoError(t, err)
		}
		health := func() string { return *f.describe().Instances[0].HealthStatus }
		f.suspend("ReplaceUnhealthy")
		set("Unhealthy")
		time.Sleep(time.Hour)
		assert.Equal(t, "Unhealthy", health())
		set("Healthy")
		assert.Equal(t, "Healthy", health())
		f.resume("ReplaceUnhealthy")
		time.Sleep(time.Hour)
		assert.Equal(t, 2, f.region.Capacity("web").Ready)
		assert.Equal(t, f.group.Instances[0], *f.describe().Instances[0].InstanceId)

		f.suspend("ReplaceUnhealthy")
		_, err := f.ec2.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: f.group.Instances[:1]})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		set("Healthy")
		assert.Equal(t, "Unhealthy", health(), "one that does not run is not well")
	})
}

func TestInstancesOfAllGroupsAreListed(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	other := f.region.Group(awstest.GroupSeed{Name: "other"})
	var got []string
	pages := autoscaling.NewDescribeAutoScalingInstancesPaginator(f.as, &autoscaling.DescribeAutoScalingInstancesInput{MaxRecords: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, i := range page.AutoScalingInstances {
			got = append(got, *i.AutoScalingGroupName+" "+*i.InstanceId+" "+*i.LifecycleState)
		}
	}
	assert.Equal(t, []string{"web " + f.group.Instances[0] + " InService", "web " + f.group.Instances[1] + " InService", "other " + other.Instances[0] + " InService"}, got)
	out, err := f.as.DescribeAutoScalingInstances(t.Context(), &autoscaling.DescribeAutoScalingInstancesInput{InstanceIds: []string{other.Instances[0], "i-0"}})
	require.NoError(t, err)
	assert.Len(t, out.AutoScalingInstances, 1)
	assert.Equal(t, "1", *out.AutoScalingInstances[0].LaunchTemplate.Version)
}

func TestGroupIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		remove := func(force bool) error {
			_, err := f.as.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(force)})
			return err
		}
		assert.Equal(t, "ResourceInUse", codeOf(remove(false)))
		require.NoError(t, remove(true))
		assert.Equal(t, "Delete in progress", *f.describe().Status)
		_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
		assert.ErrorContains(t, err, "pending delete")
		time.Sleep(time.Minute)
		assert.Empty(t, f.region.Groups())
		for _, i := range f.region.Instances() {
			assert.Equal(t, "terminated", string(i.State.Name))
		}
		assert.Equal(t, "ValidationError", codeOf(remove(true)))
	})
}

func TestLaunchConfigurationInUseStays(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	_, err := f.as.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(f.region.PublicImage("base")), InstanceType: new("t3.micro"),
	})
	require.NoError(t, err)
	remove := func() error {
		_, err := f.as.DeleteLaunchConfiguration(t.Context(), &autoscaling.DeleteLaunchConfigurationInput{LaunchConfigurationName: new("old")})
		return err
	}
	update := func(in autoscaling.UpdateAutoScalingGroupInput) {
		in.AutoScalingGroupName = new("web")
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &in)
		require.NoError(t, err)
	}
	update(autoscaling.UpdateAutoScalingGroupInput{LaunchConfigurationName: new("old")})
	assert.Equal(t, "ResourceInUse", codeOf(remove()))
	update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web")}})
	require.NoError(t, remove())
	assert.Equal(t, "ValidationError", codeOf(remove()))
}
