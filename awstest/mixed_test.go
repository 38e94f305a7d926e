package awstest_test

import (
	"fmt"
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

// mixed is a fleet whose group "web" is replaced by one with a mixed instances
// policy over the same template.
func mixed(t *testing.T, size int32, timing awstest.Timing, overrides ...astypes.LaunchTemplateOverrides) *fleet {
	t.Helper()
	cloud := awstest.Start(t, awstest.WithTiming(timing))
	f := &fleet{t: t, cloud: cloud, region: cloud.Region(home)}
	f.as = autoscaling.NewFromConfig(cloud.Config(home))
	f.ec2 = ec2.NewFromConfig(cloud.Config(home))
	if overrides == nil {
		overrides = []astypes.LaunchTemplateOverrides{}
	}
	f.group = f.region.Group(awstest.GroupSeed{Name: "web", Size: size, MaxSize: 2 * size, Overrides: overrides})
	return f
}

func named(instanceType, weight string) astypes.LaunchTemplateOverrides {
	out := astypes.LaunchTemplateOverrides{InstanceType: new(instanceType)}
	if weight != "" {
		out.WeightedCapacity = new(weight)
	}
	return out
}

// policy is the group's policy with changes.
func (f *fleet) policy(change func(*astypes.MixedInstancesPolicy)) *astypes.MixedInstancesPolicy {
	p := f.describe().MixedInstancesPolicy
	p.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName = nil // AWS answers both and takes one
	for _, o := range p.LaunchTemplate.Overrides {
		if o.LaunchTemplateSpecification != nil {
			o.LaunchTemplateSpecification.LaunchTemplateName = nil
		}
	}
	change(p)
	return p
}

func (f *fleet) scale(n int32) {
	f.t.Helper()
	_, err := f.as.SetDesiredCapacity(f.t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(n)})
	require.NoError(f.t, err)
}

func (f *fleet) update(in autoscaling.UpdateAutoScalingGroupInput) error {
	in.AutoScalingGroupName = new("web")
	_, err := f.as.UpdateAutoScalingGroup(f.t.Context(), &in)
	return err
}

// image is the image of an instance, as EC2 knows it.
func (f *fleet) image(id string) string {
	for _, i := range f.region.Instances() {
		if *i.InstanceId == id {
			return *i.ImageId
		}
	}
	return ""
}

func TestMixedPolicyIsDescribedWithItsDefaults(t *testing.T) {
	f := mixed(t, 1, awstest.Instant)
	g := f.describe()
	assert.Nil(t, g.LaunchTemplate)
	assert.Nil(t, g.LaunchConfigurationName)
	require.NotNil(t, g.MixedInstancesPolicy)
	assert.Equal(t, &astypes.InstancesDistribution{
		OnDemandAllocationStrategy: new("prioritized"), OnDemandBaseCapacity: new(int32(0)), OnDemandPercentageAboveBaseCapacity: new(int32(100)),
		SpotAllocationStrategy: new("lowest-price"), SpotInstancePools: new(int32(2)),
	}, g.MixedInstancesPolicy.InstancesDistribution)
	assert.Equal(t, &astypes.LaunchTemplate{
		LaunchTemplateSpecification: &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: new(f.group.TemplateID), LaunchTemplateName: new("web"), Version: new("1"),
		},
		Overrides: []astypes.LaunchTemplateOverrides{},
	}, g.MixedInstancesPolicy.LaunchTemplate)
	assert.Equal(t, "t3.micro", *g.Instances[0].InstanceType)
	assert.Nil(t, g.Instances[0].WeightedCapacity)
	assert.Nil(t, g.Instances[0].ImageId)
}

func TestEachOverrideLaunchesWithItsOwn(t *testing.T) {
	f := mixed(t, 1, awstest.Instant)
	base := f.image(f.group.Instances[0])
	arm := f.region.OwnImage(awstest.ImageSeed{Name: "arm", Architecture: ec2types.ArchitectureValuesArm64})
	other := f.region.OwnImage(awstest.ImageSeed{Name: "other"})
	armTemplate := f.region.Template(awstest.TemplateSeed{Name: "arm", ImageID: arm, InstanceType: "t4g.micro"})
	second := f.version("second").LaunchTemplate
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
		MaxSize: new(int32(10)),
		MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = []astypes.LaunchTemplateOverrides{
				{InstanceType: new("m7g.large"), LaunchTemplateSpecification: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("arm"), Version: new("$Latest")}},
				{InstanceType: new("c5.large"), LaunchTemplateSpecification: second},
				{InstanceType: new("m5.large"), ImageId: new(other)},
				{InstanceType: new("r5.large")},
			}
		}),
	}))
	for i, want := range []struct{ instanceType, template, version, image string }{
		{"m7g.large", armTemplate, "1", arm},
		{"c5.large", f.group.TemplateID, "2", f.region.PublicImage("second")},
		{"m5.large", f.group.TemplateID, "1", other},
		{"r5.large", f.group.TemplateID, "1", base},
	} {
		f.scale(int32(i) + 2)
		all := f.describe().Instances
		require.Len(t, all, i+2, "one override after the other runs out of capacity")
		m := all[len(all)-1]
		assert.Equal(t, want.instanceType, *m.InstanceType)
		assert.Equal(t, want.template, *m.LaunchTemplate.LaunchTemplateId)
		assert.Equal(t, want.version, *m.LaunchTemplate.Version, "the number, whatever the policy says")
		assert.Equal(t, want.image, f.image(*m.InstanceId))
		if want.image == other {
			assert.Equal(t, other, *m.ImageId)
		} else {
			assert.Nil(t, m.ImageId, "only an override of the image shows it")
		}
		f.region.LackCapacity([]string{"m7g.large", "c5.large", "m5.large", "r5.large"}[:i+1]...)
	}
	f.scale(6)
	last := f.region.Activities("web")[0]
	assert.Equal(t, astypes.ScalingActivityStatusCodeFailed, last.StatusCode)
	assert.Contains(t, *last.StatusMessage, "We currently do not have sufficient r5.large capacity in the Availability Zone you requested")
	out, err := f.as.DescribeAutoScalingInstances(t.Context(), &autoscaling.DescribeAutoScalingInstancesInput{})
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(out.AutoScalingInstances, func(d astypes.AutoScalingInstanceDetails) bool {
		return d.ImageId != nil && *d.ImageId == other
	}))
}

func TestABrokenOverrideDoesNotFallThrough(t *testing.T) {
	f := mixed(t, 1, awstest.Instant, named("t3.micro", ""), named("m5.large", ""))
	id := f.image(f.group.Instances[0])
	own := f.region.OwnImage(awstest.ImageSeed{Name: "own"})
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
		p.LaunchTemplate.Overrides[0].ImageId = &own
	})}))
	_, err := f.ec2.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &own})
	require.NoError(t, err)
	f.scale(2)
	assert.Len(t, f.describe().Instances, 1)
	assert.Contains(t, *f.region.Activities("web")[0].StatusMessage, own)
	assert.Equal(t, id, f.image(f.group.Instances[0]))
}

func TestWeightsMakeUpTheCapacity(t *testing.T) {
	f := mixed(t, 4, awstest.Instant, named("m5.xlarge", "3"), named("m5.large", "1"))
	g := f.describe()
	require.Len(t, g.Instances, 2, "3 + 3 units fill 4")
	assert.Equal(t, "3", *g.Instances[0].WeightedCapacity)
	assert.Equal(t, awstest.Capacity{Desired: 4, Live: 6, InService: 6, Ready: 6}, f.region.Capacity("web"))
	f.scale(7)
	assert.Len(t, f.describe().Instances, 3)
	f.region.LackCapacity("m5.xlarge")
	f.scale(8)
	assert.Len(t, f.describe().Instances, 3, "9 units fill 8")
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MinSize: new(int32(1)), DesiredCapacity: new(int32(4))}))
	assert.Len(t, f.describe().Instances, 2, "9 - 3 is enough for 4, and no more can go")
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{DesiredCapacity: new(int32(8))}))
	all := f.describe().Instances
	require.Len(t, all, 4, "3 + 3 + 1 + 1")
	assert.Equal(t, "1", *all[3].WeightedCapacity)
	assert.Equal(t, 8, f.region.Capacity("web").Live)
}

func TestOnDemandAndSpotHaveTheirShares(t *testing.T) {
	f := mixed(t, 10, awstest.Instant, named("m5.large", ""), named("c5.large", ""), named("r5.large", ""))
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
		MaxSize: new(int32(40)), DesiredCapacity: new(int32(30)),
		MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = &astypes.InstancesDistribution{OnDemandBaseCapacity: new(int32(10)), OnDemandPercentageAboveBaseCapacity: new(int32(25))}
		}),
	}))
	require.Len(t, f.describe().Instances, 30)
	count := map[string]int{}
	for _, i := range f.region.Instances() {
		count[string(i.InstanceLifecycle)+" "+string(i.InstanceType)]++
	}
	assert.Equal(t, map[string]int{" m5.large": 15, "spot m5.large": 8, "spot c5.large": 7}, count,
		"ten, and a quarter of twenty; two Spot pools by default")
}

// A group asks for its Spot Instances once, and such cannot be stopped.
func TestSpotInstancesOfAGroupCannotBeStopped(t *testing.T) {
	f := mixed(t, 2, awstest.Instant, named("m5.large", ""), named("c5.large", ""))
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
		MaxSize: new(int32(10)), DesiredCapacity: new(int32(4)),
		MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = &astypes.InstancesDistribution{OnDemandBaseCapacity: new(int32(2)), OnDemandPercentageAboveBaseCapacity: new(int32(0))}
		}),
	}))
	require.Len(t, f.describe().Instances, 4)
	var spot, all []string
	for _, i := range f.region.Instances() {
		all = append(all, *i.InstanceId)
		if i.InstanceLifecycle == ec2types.InstanceLifecycleTypeSpot {
			spot = append(spot, *i.InstanceId)
		}
	}
	require.Len(t, spot, 2)
	for _, ids := range [][]string{spot[:1], all} {
		_, err := f.ec2.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		requireCode(t, err, "UnsupportedOperation", spot[0])
	}
	for _, i := range f.region.Instances() {
		assert.Equal(t, ec2types.InstanceStateNameRunning, i.State.Name, "none of a refused call is stopped")
	}
}

func TestRequirementsFindAType(t *testing.T) {
	need := func(change func(*astypes.InstanceRequirements)) astypes.LaunchTemplateOverrides {
		r := &astypes.InstanceRequirements{
			VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(2))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(4096)), Max: new(int32(8192))},
		}
		change(r)
		return astypes.LaunchTemplateOverrides{InstanceRequirements: r}
	}
	for name, test := range map[string]struct {
		change func(*astypes.InstanceRequirements)
		want   string
	}{
		"smallest":  {func(*astypes.InstanceRequirements) {}, "c5.large"},
		"burstable": {func(r *astypes.InstanceRequirements) { r.BurstablePerformance = "included" }, "t3.medium"},
		"allowed":   {func(r *astypes.InstanceRequirements) { r.AllowedInstanceTypes = []string{"m5.*"} }, "m5.large"},
		"excluded":  {func(r *astypes.InstanceRequirements) { r.ExcludedInstanceTypes = []string{"c5.*"} }, "c6a.large"},
		"maker":     {func(r *astypes.InstanceRequirements) { r.CpuManufacturers = []astypes.CpuManufacturer{"amd"} }, "c6a.large"},
		"older": {func(r *astypes.InstanceRequirements) {
			r.InstanceGenerations = []astypes.InstanceGeneration{"previous"}
		}, "m4.large"},
		"larger": {func(r *astypes.InstanceRequirements) { r.VCpuCount.Min = new(int32(4)) }, "c4.xlarge"},
	} {
		t.Run(name, func(t *testing.T) {
			f := mixed(t, 1, awstest.Instant, need(test.change))
			assert.Equal(t, test.want, *f.describe().Instances[0].InstanceType)
			assert.Equal(t, "lowest-price", *f.describe().MixedInstancesPolicy.InstancesDistribution.OnDemandAllocationStrategy)
		})
	}
}

func TestMixedPolicyErrors(t *testing.T) {
	f := mixed(t, 1, awstest.Instant, named("m5.large", ""))
	many := func(n int, one func(int) astypes.LaunchTemplateOverrides) (out []astypes.LaunchTemplateOverrides) {
		for i := range n {
			out = append(out, one(i))
		}
		return out
	}
	enough := &astypes.InstanceRequirements{VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(1))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(1))}}
	for name, test := range map[string]struct {
		change func(*astypes.MixedInstancesPolicy)
		text   string
	}{
		"no template": {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate = nil }, "LaunchTemplateSpecification"},
		"some weights": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = []astypes.LaunchTemplateOverrides{named("m5.large", "1"), named("c5.large", "")}
		}, "for all of them"},
		"no weight":         {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].WeightedCapacity = new("0") }, "between 1 and 999"},
		"heavy":             {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].WeightedCapacity = new("1000") }, "between 1 and 999"},
		"word for a weight": {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].WeightedCapacity = new("two") }, "between 1 and 999"},
		"41 types": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = many(41, func(i int) astypes.LaunchTemplateOverrides { return named(fmt.Sprintf("x%d.large", i+1), "") })
		}, "at most 40 instance types"},
		"5 requirements": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = many(5, func(int) astypes.LaunchTemplateOverrides {
				return astypes.LaunchTemplateOverrides{InstanceRequirements: enough}
			})
		}, "at most 4 sets"},
		"21 templates": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = many(20, func(i int) astypes.LaunchTemplateOverrides {
				o := named(fmt.Sprintf("x%d.large", i+1), "")
				o.LaunchTemplateSpecification = &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID)}
				return o
			})
		}, "at most 20 launch templates"},
		"type and requirements": {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].InstanceRequirements = enough }, "InstanceType and InstanceRequirements"},
		"nothing fits": {func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = nil
			p.LaunchTemplate.Overrides = []astypes.LaunchTemplateOverrides{{InstanceRequirements: &astypes.InstanceRequirements{
				VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(1000))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(1))},
			}}}
		}, "You must use a valid fully-formed launch template. No instance types satisfy"},
		"malformed image": {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].ImageId = new("golden") }, "golden"},
		"unknown image": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides[0].ImageId = new("ami-00000000000000000")
		}, "You must use a valid fully-formed launch template. The image id '[ami-00000000000000000]' does not exist"},
		"another architecture": {func(p *astypes.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].InstanceType = new("m7g.large") }, "architecture"},
		"template of an override": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides[0].LaunchTemplateSpecification = &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID), Version: new("9")}
		}, "Could not find the specified version 9"},
		"id and name": {func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName = new("web")
		}, "either launchTemplateId or LaunchTemplateName"},
		"strategy": {func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = &astypes.InstancesDistribution{OnDemandAllocationStrategy: new("best")}
		}, "best"},
		"pools of another strategy": {func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = &astypes.InstancesDistribution{SpotAllocationStrategy: new("capacity-optimized"), SpotInstancePools: new(int32(2))}
		}, "SpotInstancePools"},
		"percentage": {func(p *astypes.MixedInstancesPolicy) {
			p.InstancesDistribution = &astypes.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: new(int32(101))}
		}, "between 0 and 100"},
	} {
		t.Run(name, func(t *testing.T) {
			before := f.describe()
			policy := f.policy(func(p *astypes.MixedInstancesPolicy) {})
			test.change(policy)
			err := f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: policy})
			assert.Equal(t, "ValidationError", codeOf(err), "%v", err)
			assert.ErrorContains(t, err, test.text)
			_, err = f.as.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: new("other"), MinSize: new(int32(0)), MaxSize: new(int32(0)),
				VPCZoneIdentifier: new(f.region.Network().Subnets[0]), MixedInstancesPolicy: policy,
			})
			assert.ErrorContains(t, err, test.text)
			_, err = f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
				AutoScalingGroupName: new("web"), DesiredConfiguration: &astypes.DesiredConfiguration{MixedInstancesPolicy: policy},
			})
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, before, f.describe(), "nothing has changed")
		})
	}
	err := f.update(autoscaling.UpdateAutoScalingGroupInput{
		MixedInstancesPolicy: f.policy(func(*astypes.MixedInstancesPolicy) {}),
		LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID)},
	})
	assert.ErrorContains(t, err, "Valid requests must contain either LaunchTemplate")
}

func TestUpdateReplacesTheWholePolicy(t *testing.T) {
	f := mixed(t, 1, awstest.Instant, named("m5.large", "2"), named("c5.large", "1"))
	base := &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID), Version: new("$Default")}
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: &astypes.MixedInstancesPolicy{
		LaunchTemplate:        &astypes.LaunchTemplate{LaunchTemplateSpecification: base},
		InstancesDistribution: &astypes.InstancesDistribution{SpotAllocationStrategy: new("price-capacity-optimized")},
	}}))
	p := f.describe().MixedInstancesPolicy
	assert.Empty(t, p.LaunchTemplate.Overrides)
	assert.Equal(t, "$Default", *p.LaunchTemplate.LaunchTemplateSpecification.Version)
	assert.Nil(t, p.InstancesDistribution.SpotInstancePools)
	assert.Equal(t, "m5.large", *f.describe().Instances[0].InstanceType, "what runs stays as it is")

	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: base}))
	assert.Nil(t, f.describe().MixedInstancesPolicy)
	assert.Equal(t, "$Default", *f.describe().LaunchTemplate.Version)
}

func TestRefreshToAPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := mixed(t, 4, wholeSeconds, named("t3.micro", ""), named("m5.large", ""))
		to := f.version("v2").LaunchTemplate
		before := f.describe().MixedInstancesPolicy
		desired := f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.LaunchTemplateSpecification = to
			p.InstancesDistribution = nil
		})
		f.start(&astypes.DesiredConfiguration{MixedInstancesPolicy: desired}, nil)
		assert.Equal(t, desired, f.read().DesiredConfiguration.MixedInstancesPolicy, "as it was sent")
		err := f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: desired})
		assert.ErrorContains(t, err, "An active instance refresh with a desired configuration exists.")
		r := f.run(func(awstest.Capacity, astypes.InstanceRefresh) {
			if f.read().EndTime == nil {
				assert.Equal(t, before, f.describe().MixedInstancesPolicy)
			}
		})
		require.Equal(t, astypes.InstanceRefreshStatusSuccessful, r.Status)
		after := f.describe()
		assert.Equal(t, *to.Version, *after.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version)
		assert.Equal(t, "prioritized", *after.MixedInstancesPolicy.InstancesDistribution.OnDemandAllocationStrategy)
		for _, m := range after.Instances {
			assert.Equal(t, *to.Version, *m.LaunchTemplate.Version)
		}

		f.start(&astypes.DesiredConfiguration{MixedInstancesPolicy: desired}, &astypes.RefreshPreferences{SkipMatching: new(true)})
		f.run(anyway)
		assert.Equal(t, after.Instances, f.describe().Instances, "they match")

		f.start(&astypes.DesiredConfiguration{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides = p.LaunchTemplate.Overrides[1:]
		})}, &astypes.RefreshPreferences{SkipMatching: new(true)})
		f.run(anyway)
		for _, m := range f.describe().Instances {
			assert.Equal(t, "m5.large", *m.InstanceType, "the other type is no longer allowed")
		}
	})
}

func TestRefreshOfAWeightedGroupComesToItsEnd(t *testing.T) {
	for name, prefs := range map[string]*astypes.RefreshPreferences{
		"defaults": nil, "launch first": percentages(100, 110), "one at a time": percentages(100, 100), "half": percentages(50, 100),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := mixed(t, 10, wholeSeconds, named("m5.xlarge", "4"))
				old := f.describe().Instances
				require.Len(t, old, 3)
				f.start(&astypes.DesiredConfiguration{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
					p.LaunchTemplate.LaunchTemplateSpecification = f.version("v2").LaunchTemplate
				})}, prefs)
				f.read()
				time.Sleep(6 * time.Second)
				assert.LessOrEqual(t, *f.read().InstancesToUpdate, int32(3), "instances, not units")
				r := f.run(func(c awstest.Capacity, _ astypes.InstanceRefresh) {
					assert.LessOrEqual(t, c.Live, 16)
					if prefs != nil && *prefs.MinHealthyPercentage == 100 {
						assert.GreaterOrEqual(t, c.Ready, 10)
					}
				})
				require.Equal(t, astypes.InstanceRefreshStatusSuccessful, r.Status, "%v", r.StatusReason)
				assert.Equal(t, int32(100), *r.PercentageComplete)
				now := f.describe().Instances
				assert.Len(t, now, 3)
				for _, m := range now {
					assert.Equal(t, "2", *m.LaunchTemplate.Version)
					assert.False(t, slices.ContainsFunc(old, func(o astypes.Instance) bool { return *o.InstanceId == *m.InstanceId }))
				}
			})
		})
	}
}

func TestRollbackOfAPolicyNeedsNumbersEverywhere(t *testing.T) {
	f := mixed(t, 1, awstest.Instant, named("m5.large", ""))
	f.region.Template(awstest.TemplateSeed{Name: "other"})
	desired := &astypes.DesiredConfiguration{MixedInstancesPolicy: f.policy(func(*astypes.MixedInstancesPolicy) {})}
	start := func() error {
		_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("web"), DesiredConfiguration: desired, Preferences: &astypes.RefreshPreferences{AutoRollback: new(true)},
		})
		return err
	}
	require.NoError(t, start())
	f.describe()
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MixedInstancesPolicy: f.policy(func(p *astypes.MixedInstancesPolicy) {
		p.LaunchTemplate.Overrides[0].LaunchTemplateSpecification = &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("other"), Version: new("$Latest")}
	})}))
	assert.ErrorContains(t, start(), "not a number")
}
