package readyami_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
)

// mixedScenarios are about groups with a mixed instances policy.
var mixedScenarios = []scenario{
	{name: "mixed", begin: func(t *testing.T) *world {
		w := newWorld(t)
		old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
		base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
		w.mixed(base,
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.micro")},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(own)},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.small"), ImageId: &old})
		return w
	}},
	{name: "mixed-rolled-back", begin: func(t *testing.T) *world { return twoTemplates(broken(t)) }, acts: []act{
		{name: "first", says: asg.ErrRolledBack},
		{name: "again", says: readyami.ErrRejected},
	}},
	{name: "mixed-refreshed-between-two-looks", begin: func(t *testing.T) *world { return twoTemplates(newWorld(t)) }, acts: []act{
		stoppedInMidRefresh("eu-west-1", "mix"),
		{name: "again", change: func(w *world) {
			w.once(calls("DescribeLaunchTemplateVersions"), func() { w.cloud.Advance(2 * time.Hour) })
		}},
	}},
}

// twoTemplates gives eu-west-1 the group "mix" of the templates "mix-base" and
// "mix-large", as the only group of the delivery.
func twoTemplates(w *world) *world {
	old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
	base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
	w.mixed(base,
		asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.micro")},
		asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(own)})
	return w
}

// withImage makes a template whose version 1 launches an image.
func (w *world) withImage(in, name, image string) string {
	w.t.Helper()
	made, err := launchtemplate.Create(w.t.Context(), ec2.NewFromConfig(w.cloud.Config(in)), launchtemplate.CreateInput{
		Name: name, Data: &types.RequestLaunchTemplateData{ImageId: &image, InstanceType: types.InstanceTypeT3Micro},
	})
	require.NoError(w.t, err)
	return made.TemplateID
}

// mixed gives eu-west-1 a group "mix" with a mixed instances policy: a base
// template, and what is given, as overrides.
func (w *world) mixed(base string, overrides ...asgtypes.LaunchTemplateOverrides) {
	w.t.Helper()
	r := w.cloud.Region("eu-west-1")
	_, err := autoscaling.NewFromConfig(r.Config()).CreateAutoScalingGroup(w.t.Context(), &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: new("mix"),
		MixedInstancesPolicy: &asgtypes.MixedInstancesPolicy{
			LaunchTemplate: &asgtypes.LaunchTemplate{LaunchTemplateSpecification: numbered(base), Overrides: overrides},
			InstancesDistribution: &asgtypes.InstancesDistribution{
				OnDemandBaseCapacity: new(int32(1)), OnDemandPercentageAboveBaseCapacity: new(int32(50)),
			},
		},
		MinSize: new(int32(1)), MaxSize: new(int32(8)), DesiredCapacity: new(int32(4)),
		VPCZoneIdentifier: &r.Network().Subnets[0],
	})
	require.NoError(w.t, err)
	w.Targets = []plan.Target{{Region: "eu-west-1", Groups: []string{"mix"}}}
	w.settle()
}

func numbered(template string) *asgtypes.LaunchTemplateSpecification {
	return &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")}
}

// mixRefusals are groups that would launch the old and the new image side by side
// for ever: they are refused before anything is written.
var mixRefusals = []refusal{
	{"a template with another image", mixedWith(func(w *world, other string) asgtypes.LaunchTemplateOverrides {
		return asgtypes.LaunchTemplateOverrides{
			InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(w.withImage("eu-west-1", "mix-large", other)),
		}
	}), readyami.ErrUnsupportedGroup, "mix"},
	{"another image", mixedWith(func(w *world, other string) asgtypes.LaunchTemplateOverrides {
		return asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), ImageId: &other}
	}), readyami.ErrUnsupportedGroup, "mix"},
	{"attributes", mixedWith(func(w *world, other string) asgtypes.LaunchTemplateOverrides {
		return asgtypes.LaunchTemplateOverrides{InstanceRequirements: &asgtypes.InstanceRequirements{
			VCpuCount: &asgtypes.VCpuCountRequest{Min: new(int32(1))}, MemoryMiB: &asgtypes.MemoryMiBRequest{Min: new(int32(512))},
		}}
	}), asg.ErrAttributeBased, "mix"},
}

// mixedWith gives eu-west-1 the group "mix", with an override that may launch the
// image "mix-other".
func mixedWith(override func(w *world, other string) asgtypes.LaunchTemplateOverrides) func(*world) {
	return func(w *world) {
		r := w.cloud.Region("eu-west-1")
		old, other := r.OwnImage(awstest.ImageSeed{Name: "mix-1"}), r.OwnImage(awstest.ImageSeed{Name: "mix-other"})
		w.mixed(w.withImage("eu-west-1", "mix-base", old), override(w, other))
	}
}
