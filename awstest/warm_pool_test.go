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

func (f *fleet) putPool(in autoscaling.PutWarmPoolInput) error {
	in.AutoScalingGroupName = new("web")
	_, err := f.as.PutWarmPool(f.t.Context(), &in)
	return err
}

func (f *fleet) pool() *autoscaling.DescribeWarmPoolOutput {
	f.t.Helper()
	out, err := f.as.DescribeWarmPool(f.t.Context(), &autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: new("web")})
	require.NoError(f.t, err)
	return out
}

// warm counts the instances of the warm pool by state and template version.
func (f *fleet) warm() map[string]int {
	out := map[string]int{}
	for _, i := range f.pool().Instances {
		out[string(i.LifecycleState)+" v"+*i.LaunchTemplate.Version]++
	}
	return out
}

func TestWarmPoolIsKeptAtItsSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds) // at most 4
		assert.Nil(t, f.pool().WarmPoolConfiguration)
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{}))
		time.Sleep(10 * time.Second)
		assert.Equal(t, map[string]int{"Warmed:Pending v1": 2}, f.warm())
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 2}, f.warm())
		group := f.describe()
		assert.Len(t, group.Instances, 2, "they are none of the group's")
		assert.Equal(t, int32(2), *group.WarmPoolSize)
		assert.Equal(t, &astypes.WarmPoolConfiguration{MinSize: new(int32(0)), PoolState: "Stopped"}, group.WarmPoolConfiguration)

		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{MaxGroupPreparedCapacity: new(int32(3))}))
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 1}, f.warm())
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{MinSize: new(int32(3)), PoolState: "Running", MaxGroupPreparedCapacity: new(int32(-1))}))
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 1, "Warmed:Running v1": 2}, f.warm())
		assert.Nil(t, f.pool().WarmPoolConfiguration.MaxGroupPreparedCapacity)
	})
}

// A change of the template leaves the pool as it is, and a group that grows
// takes what is there.
func TestWarmPoolReplacesWhatNeverStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds) // at most 4
		f.cloud.Behave(awstest.ImageMatch{}, awstest.Behavior{NeverStarts: true})
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{}))
		time.Sleep(10 * time.Minute)
		f.cloud.ForgetScripts()
		time.Sleep(20 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 2}, f.warm())
	})
}

func TestWarmPoolServesWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{InstanceReusePolicy: &astypes.InstanceReusePolicy{ReuseOnScaleIn: new(true)}}))
		time.Sleep(5 * time.Minute)
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("web"), LaunchTemplate: f.version("next").LaunchTemplate,
		})
		require.NoError(t, err)
		warm := *f.pool().Instances[0].InstanceId
		f.sizes(1, -1, 3)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, "[v1:3]", f.versions())
		assert.Equal(t, warm, *f.describe().Instances[2].InstanceId)
		assert.Equal(t, "Launching a new EC2 instance from warm pool: "+warm, *f.region.Activities("web")[0].Description)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 1}, f.warm(), "together they are as many as they may be")

		f.sizes(-1, -1, 2)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 2}, f.warm(), "what is not needed comes back")
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 2, Warm: 2}, f.region.Capacity("web"))
		all, err := f.as.DescribeAutoScalingInstances(t.Context(), &autoscaling.DescribeAutoScalingInstancesInput{})
		require.NoError(t, err)
		assert.Len(t, all.AutoScalingInstances, 4)
	})
}

func TestWarmPoolIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		drop := func(force bool) error {
			_, err := f.as.DeleteWarmPool(t.Context(), &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: new("web"), ForceDelete: new(force)})
			return err
		}
		assert.Equal(t, "ValidationError", codeOf(drop(false)), "there is none")
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{PoolState: "Hibernated"}))
		time.Sleep(5 * time.Minute)
		assert.Equal(t, map[string]int{"Warmed:Hibernated v1": 1}, f.warm())
		assert.Equal(t, "ResourceInUse", codeOf(drop(false)))
		require.NoError(t, drop(true))
		assert.Equal(t, astypes.WarmPoolStatusPendingDelete, f.pool().WarmPoolConfiguration.Status)
		assert.Equal(t, map[string]int{"Warmed:Terminating v1": 1}, f.warm())
		assert.Equal(t, "ValidationError", codeOf(f.putPool(autoscaling.PutWarmPoolInput{})))
		time.Sleep(5 * time.Minute)
		assert.Nil(t, f.pool().WarmPoolConfiguration)
		assert.Nil(t, f.describe().WarmPoolConfiguration)
	})
}

func TestWarmPoolRefuses(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	for name, in := range map[string]autoscaling.PutWarmPoolInput{
		"state": {PoolState: "Asleep"}, "minimum": {MinSize: new(int32(-1))}, "maximum": {MaxGroupPreparedCapacity: new(int32(-2))},
	} {
		assert.Equal(t, "ValidationError", codeOf(f.putPool(in)), name)
	}
	f.start(nil, nil)
	assert.Equal(t, "InstanceRefreshInProgress", codeOf(f.putPool(autoscaling.PutWarmPoolInput{})))
}

// What AWS allows no warm pool for is refused while there is one, with a code that
// nobody has confirmed.
func TestSourceBesideAWarmPoolIsRefused(t *testing.T) {
	for _, code := range []string{"ValidationError", "ResourceInUse"} {
		cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{SourceBesideWarmPool: code}))
		f := &fleet{t: t, cloud: cloud, region: cloud.Region(home)}
		f.as, f.ec2 = autoscaling.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Config(home))
		f.group = f.region.Group(awstest.GroupSeed{Name: "web", Size: 1})
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{}))
		aliased := f.region.Template(awstest.TemplateSeed{Name: "aliased", ImageID: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"})
		of := func(template string, spot int32, weight string) *astypes.MixedInstancesPolicy {
			return &astypes.MixedInstancesPolicy{
				LaunchTemplate: &astypes.LaunchTemplate{
					LaunchTemplateSpecification: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")},
					Overrides:                   []astypes.LaunchTemplateOverrides{named("t3.small", weight)},
				},
				InstancesDistribution: &astypes.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: new(100 - spot)},
			}
		}
		for name, p := range map[string]*astypes.MixedInstancesPolicy{
			"spot": of(f.group.TemplateID, 50, ""), "weights": of(f.group.TemplateID, 0, "2"), "parameter": of(aliased, 0, ""),
		} {
			assert.Equal(t, code, codeOf(f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: p})), name)
			_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
				AutoScalingGroupName: new("web"), DesiredConfiguration: &astypes.DesiredConfiguration{MixedInstancesPolicy: p},
			})
			assert.Equal(t, code, codeOf(err), name)
		}
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: of(f.group.TemplateID, 0, "")}))
		_, err := f.as.DeleteWarmPool(t.Context(), &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
		require.NoError(t, err)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: of(f.group.TemplateID, 50, "")}))
		assert.Equal(t, "ValidationError", codeOf(f.putPool(autoscaling.PutWarmPoolInput{})))
	}
}

// A launch hook is waited for on the way into the pool and on the way out of it,
// that of a termination when an instance returns or is ended there.
func TestWarmPoolWaitsForHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds) // at most 2
		f.hook("install", "LAUNCHING", nil)
		f.hook("drain", "TERMINATING", nil)
		f.sizes(0, 2, 1)
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{InstanceReusePolicy: &astypes.InstanceReusePolicy{ReuseOnScaleIn: new(true)}}))
		time.Sleep(10 * time.Minute)
		require.Equal(t, map[string]int{"Warmed:Pending:Wait v1": 1}, f.warm())
		id := *f.pool().Instances[0].InstanceId
		require.Len(t, f.region.LifecycleActions("web"), 1)
		require.NoError(t, f.complete("install", "ABANDON", id))
		require.Equal(t, map[string]int{"Warmed:Terminating:Wait v1": 1}, f.warm())
		require.NoError(t, f.complete("drain", "CONTINUE", id))
		time.Sleep(10 * time.Minute)
		require.Equal(t, map[string]int{"Warmed:Pending:Wait v1": 1}, f.warm(), "another one is prepared")
		id = *f.pool().Instances[0].InstanceId
		require.NoError(t, f.complete("install", "CONTINUE", id))
		time.Sleep(10 * time.Minute)
		require.Equal(t, map[string]int{"Warmed:Stopped v1": 1}, f.warm())

		f.scale(2)
		time.Sleep(10 * time.Minute)
		require.Equal(t, map[astypes.LifecycleState]int{"InService": 1, "Pending:Wait": 1}, f.states())
		require.NoError(t, f.complete("install", "CONTINUE", id))
		require.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states())

		f.scale(1)
		require.Equal(t, map[string]int{"Warmed:Pending:Wait v1": 1}, f.warm())
		id = *f.pool().Instances[0].InstanceId
		require.NoError(t, f.complete("drain", "CONTINUE", id))
		time.Sleep(10 * time.Minute)
		require.Equal(t, map[string]int{"Warmed:Stopped v1": 1}, f.warm())

		_, err := f.as.DeleteWarmPool(t.Context(), &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"Warmed:Terminating:Wait v1": 1}, f.warm())
		time.Sleep(2 * time.Hour)
		assert.Nil(t, f.pool().WarmPoolConfiguration, "the hook has timed out")
	})
}
