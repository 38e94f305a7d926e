package awstest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// rooted is a group whose one override names the image.
func rooted(t *testing.T, size int32) *fleet {
	cloud := awstest.Start(t, awstest.WithTiming(wholeSeconds))
	f := &fleet{t: t, cloud: cloud, region: cloud.Region(home)}
	f.as = autoscaling.NewFromConfig(cloud.Config(home))
	f.ec2 = ec2.NewFromConfig(cloud.Config(home))
	f.group = f.region.Group(awstest.GroupSeed{Name: "web", Size: size, MaxSize: 2 * size, Overrides: []astypes.LaunchTemplateOverrides{
		{InstanceType: new("t3.micro"), ImageId: new(f.region.OwnImage(awstest.ImageSeed{Name: "old"}))},
	}})
	return f
}

// toImage goes to another image in every override.
func (f *fleet) toImage(id string) *astypes.DesiredConfiguration {
	return &astypes.DesiredConfiguration{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
		for n := range p.LaunchTemplate.Overrides {
			p.LaunchTemplate.Overrides[n].ImageId = &id
		}
	})}
}

func (f *fleet) startRoots(desired *astypes.DesiredConfiguration, prefs *astypes.RefreshPreferences) error {
	out, err := f.as.StartInstanceRefresh(f.t.Context(), &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: new("web"), Strategy: astypes.RefreshStrategyReplaceRootVolume, DesiredConfiguration: desired, Preferences: prefs,
	})
	if err == nil {
		f.refresh = *out.InstanceRefreshId
	}
	return err
}

// roots are the volumes of the group's instances, as EC2 has them.
func (f *fleet) roots() (ids []string) {
	for _, i := range f.region.Instances() {
		for _, v := range i.BlockDeviceMappings {
			ids = append(ids, *v.Ebs.VolumeId)
		}
	}
	return ids
}

func TestRootVolumesAreReplacedInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 3)
		volumes := f.roots()
		next := f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		require.NoError(t, f.startRoots(f.toImage(next), percentages(100, 150)))
		states := map[astypes.LifecycleState]bool{}
		least, most := 3, 0
		end := f.run(func(c awstest.Capacity, r astypes.InstanceRefresh) {
			least, most = min(least, c.Ready), max(most, c.Live)
			for s := range f.states() {
				states[s] = true
			}
		})
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		assert.Equal(t, astypes.RefreshStrategyReplaceRootVolume, end.Strategy)
		assert.Equal(t, []int{2, 3}, []int{least, most}, "one at a time, and none is launched")
		assert.True(t, states["ReplacingRootVolume"], states)
		var ids []string
		for _, i := range f.describe().Instances {
			ids = append(ids, *i.InstanceId)
			assert.Equal(t, next, *i.ImageId)
			assert.Equal(t, next, f.image(*i.InstanceId))
		}
		assert.Equal(t, f.group.Instances, ids, "the same instances")
		for _, v := range f.roots() {
			assert.NotContains(t, volumes, v)
		}
		assert.Contains(t, *f.region.Activities("web")[0].Description, "Replacing the root volume of EC2 instance: ")

		require.NoError(t, f.startRoots(f.toImage(next), &astypes.RefreshPreferences{SkipMatching: new(true)}))
		end = f.run(anyway)
		assert.Zero(t, end.EndTime.Sub(*end.StartTime), "all have the image already")
	})
}

// An instance that is not well with its new root volume is replaced, and a
// rollback brings the old image back in place.
func TestRootVolumesRollBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 2)
		old := f.group.ImageID
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		bad := f.region.OwnImage(awstest.ImageSeed{Name: "bad"})
		require.NoError(t, f.startRoots(f.toImage(bad), &astypes.RefreshPreferences{AutoRollback: new(true)}))
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, end.Status)
		instances := f.describe().Instances
		require.Len(t, instances, 2)
		for _, i := range instances {
			assert.Equal(t, old, f.image(*i.InstanceId))
		}

		good := f.region.OwnImage(awstest.ImageSeed{Name: "good"})
		require.NoError(t, f.startRoots(f.toImage(good), &astypes.RefreshPreferences{BakeTime: new(int32(600))}))
		for f.read().Status != astypes.InstanceRefreshStatusBaking {
			time.Sleep(time.Second)
		}
		rollBack(&tracer{fleet: f})
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, f.run(anyway).Status)
		for n, i := range f.describe().Instances {
			assert.Equal(t, *instances[n].InstanceId, *i.InstanceId, "there and back in place")
			assert.Equal(t, old, f.image(*i.InstanceId))
		}
	})
}

func TestRootVolumesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 1)
		next := f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		noImage := f.toImage(next)
		noImage.MixedInstancesPolicy.LaunchTemplate.Overrides[0].ImageId = nil
		for name, desired := range map[string]*astypes.DesiredConfiguration{
			"no desired configuration": nil,
			"no policy":                {LaunchTemplate: noImage.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification},
			"no image":                 noImage,
			"two volumes":              f.toImage(f.region.OwnImage(awstest.ImageSeed{Name: "two", DataGiB: []int32{5}})),
		} {
			assert.Equal(t, "ValidationError", codeOf(f.startRoots(desired, nil)), name)
		}
		f.region.Group(awstest.GroupSeed{Name: "plain"})
		_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("plain"), Strategy: astypes.RefreshStrategyReplaceRootVolume, DesiredConfiguration: f.toImage(next),
		})
		assert.Equal(t, "ValidationError", codeOf(err), "a group without a policy")
		_, err = f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web"), Strategy: "Quick"})
		assert.Equal(t, "ValidationError", codeOf(err))
		require.NoError(t, f.startRoots(f.toImage(next), nil))
	})
}

// An instance whose new image never starts is replaced, which does not help.
func TestRootVolumeThatNeverStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 1)
		dead := f.region.OwnImage(awstest.ImageSeed{Name: "dead"})
		f.region.Behave(dead, awstest.Behavior{NeverStarts: true})
		require.NoError(t, f.startRoots(f.toImage(dead), nil))
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, end.Status)
		assert.Contains(t, *end.StatusReason, "Internal error on launch")
		failed := f.region.Activities("web")
		assert.Contains(t, *failed[len(failed)-2].StatusMessage, "Replacing the root volume failed.")
	})
}

// An instance whose root volume was replaced is of the template version that it
// was launched from, whatever the policy has come to, and of the new weight.
func TestRootVolumeLeavesTheTemplateOfItsInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 2)
		next := f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		_, err := f.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &f.group.TemplateID, SourceVersion: new("1"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{UserData: new("bmV3")},
		})
		require.NoError(t, err)
		desired := f.toImage(next)
		desired.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version = new("2")
		require.NoError(t, f.startRoots(desired, nil))
		require.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		group := f.describe()
		assert.Equal(t, "2", *group.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version)
		for _, i := range group.Instances {
			assert.Equal(t, "1", *i.LaunchTemplate.Version, "its user data is what it was launched with")
			assert.Equal(t, next, *i.ImageId)
		}

		f.start(nil, &astypes.RefreshPreferences{SkipMatching: new(true)})
		require.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		for _, i := range f.describe().Instances {
			assert.Equal(t, "2", *i.LaunchTemplate.Version, "no longer skipped: it did not match")
			assert.NotContains(t, f.group.Instances, *i.InstanceId)
		}
	})
}

// What was launched meanwhile is of the version that the refresh went to: its root
// volume alone would not bring it back.
func TestRootVolumesRollBackWhatWasLaunched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 2) // at most 4
		old, next := f.group.ImageID, f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		_, err := f.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &f.group.TemplateID, SourceVersion: new("1"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{UserData: new("bmV3")},
		})
		require.NoError(t, err)
		desired := f.toImage(next)
		desired.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version = new("2")
		require.NoError(t, f.startRoots(desired, &astypes.RefreshPreferences{BakeTime: new(int32(3600))}))
		time.Sleep(10 * time.Second)
		f.scale(3)
		for f.read().Status != astypes.InstanceRefreshStatusBaking {
			time.Sleep(time.Second)
		}
		require.Equal(t, "[v1:2 v2:1]", f.versions())
		rollBack(&tracer{fleet: f})
		require.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, f.run(anyway).Status)
		assert.Equal(t, "[v1:3]", f.versions())
		kept := 0
		for _, i := range f.describe().Instances {
			assert.Equal(t, old, f.image(*i.InstanceId))
			if slices.Contains(f.group.Instances, *i.InstanceId) {
				kept++
			}
		}
		assert.Equal(t, 2, kept)
	})
}

func TestRootVolumesAreNotReplacedThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := rooted(t, 1)
		next := f.region.OwnImage(awstest.ImageSeed{Name: "next"})
		refused := func(desired *astypes.DesiredConfiguration, what string) {
			t.Helper()
			err := f.startRoots(desired, nil)
			assert.Equal(t, "ValidationError", codeOf(err))
			assert.ErrorContains(t, err, what)
		}
		latest := f.toImage(next)
		latest.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version = new("$Latest")
		refused(latest, "$Latest")
		other := f.toImage(next)
		other.MixedInstancesPolicy.LaunchTemplate.Overrides[0].InstanceType = new("t3.large")
		refused(other, "t3.micro")
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: latest.MixedInstancesPolicy}))
		refused(f.toImage(next), "$Latest")
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.LaunchTemplateSpecification.Version = new("1")
		})}))
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{}))
		refused(f.toImage(next), "warm pool")
	})
}

// AWS accepts these, and the refresh comes to nothing.
func TestAttributeBasedGroupsFailToRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := mixed(t, 1, wholeSeconds, astypes.LaunchTemplateOverrides{InstanceRequirements: &astypes.InstanceRequirements{
			VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(1))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(512))},
		}})
		for name, start := range map[string]func(){
			"desired configuration": func() {
				f.start(&astypes.DesiredConfiguration{MixedInstancesPolicy: f.policy(func(*astypes.MixedInstancesPolicy) {})}, nil)
			},
			"skip matching": func() { f.start(nil, &astypes.RefreshPreferences{SkipMatching: new(true)}) },
		} {
			start()
			end := f.run(anyway)
			assert.Equal(t, astypes.InstanceRefreshStatusFailed, end.Status, name)
			assert.Contains(t, *end.StatusReason, "by attributes")
		}
		f.start(nil, nil)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
	})
}
