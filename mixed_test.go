package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

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
	w.Targets = []readyami.Target{{Region: "eu-west-1", Groups: []string{"mix"}}}
	w.settle()
}

func numbered(template string) *asgtypes.LaunchTemplateSpecification {
	return &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")}
}

func TestDeliverToAMixedInstancesPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
		base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
		w.mixed(base,
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.micro")},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(own)},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.small"), ImageId: &old})
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		g := w.describeGroup("eu-west-1", "mix")
		image := report.Targets[0].Image.ID
		want := *was
		want.LaunchTemplate.LaunchTemplateSpecification.Version = new("2")
		want.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.Version = new("2")
		want.LaunchTemplate.Overrides[2].ImageId = &image
		assert.Equal(t, &want, g.MixedInstancesPolicy, "everything else is as it was")
		assert.Len(t, g.Instances, 4)
		for _, i := range g.Instances {
			assert.Equal(t, image, w.imageOf("eu-west-1", *i.InstanceId))
		}
		assert.Len(t, report.Targets[0].Templates, 2)
		assert.Len(t, w.versions("eu-west-1", base), 2)
		assert.Len(t, w.versions("eu-west-1", own), 2)
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"))

		w.cloud.ForgetCalls()
		report, err = w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
	})
}

func TestAMixedInstancesPolicyIsRolledBackWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := broken(t)
		old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
		base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
		w.mixed(base,
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.micro")},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(own)})
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		g := w.describeGroup("eu-west-1", "mix")
		assert.Equal(t, was, g.MixedInstancesPolicy)
		for _, i := range g.Instances {
			assert.Equal(t, old, w.imageOf("eu-west-1", *i.InstanceId))
		}

		w.cloud.ForgetCalls()
		_, err = w.deliver(t.Context())
		require.ErrorIs(t, err, readyami.ErrFailedBefore)
		assert.Empty(t, w.cloud.Writes())
	})
}

// A group that would launch the old and the new image side by side for ever is
// refused, before anything is written.
func TestAMixedInstancesPolicyIsDeliveredWholeOrNotAtAll(t *testing.T) {
	tests := []struct {
		name string
		make func(w *world, old, other string) asgtypes.LaunchTemplateOverrides
		kind error
	}{
		{"a template with another image", func(w *world, old, other string) asgtypes.LaunchTemplateOverrides {
			return asgtypes.LaunchTemplateOverrides{
				InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(w.withImage("eu-west-1", "mix-large", other)),
			}
		}, readyami.ErrUnsupportedGroup},
		{"another image", func(w *world, old, other string) asgtypes.LaunchTemplateOverrides {
			return asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), ImageId: &other}
		}, readyami.ErrUnsupportedGroup},
		{"attributes", func(w *world, old, other string) asgtypes.LaunchTemplateOverrides {
			return asgtypes.LaunchTemplateOverrides{InstanceRequirements: &asgtypes.InstanceRequirements{
				VCpuCount: &asgtypes.VCpuCountRequest{Min: new(int32(1))}, MemoryMiB: &asgtypes.MemoryMiBRequest{Min: new(int32(512))},
			}}
		}, asg.ErrAttributeBased},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				r := w.cloud.Region("eu-west-1")
				old, other := r.OwnImage(awstest.ImageSeed{Name: "mix-1"}), r.OwnImage(awstest.ImageSeed{Name: "mix-other"})
				w.mixed(w.withImage("eu-west-1", "mix-base", old), tt.make(w, old, other))

				_, err := w.deliver(t.Context())

				require.ErrorIs(t, err, tt.kind)
				assert.ErrorContains(t, err, "mix")
				if tt.kind == readyami.ErrUnsupportedGroup {
					assert.ErrorContains(t, err, other, "what would be left is named")
				}
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

// A refresh that an earlier run has left running may end while the next run is
// still looking at what the group launches: it finds its own new versions then.
func TestAMixedInstancesRefreshThatEndsBetweenTwoLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
		base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
		w.mixed(base,
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.micro")},
			asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: numbered(own)})
		w.stoppedAt(func(e readyami.Event) bool {
			r, ok := e.(readyami.RefreshEvent)
			return ok && r.Status == asgtypes.InstanceRefreshStatusInProgress
		})
		waited := false
		w.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "DescribeLaunchTemplateVersions" && !waited {
				waited = true
				w.cloud.Advance(2 * time.Hour)
			}
			return next(ctx)
		})

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		require.True(t, waited)
		assert.Equal(t, readyami.Unchanged, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Len(t, w.versions("eu-west-1", base), 2)
		assert.Len(t, w.versions("eu-west-1", own), 2)
		for _, i := range w.describeGroup("eu-west-1", "mix").Instances {
			assert.Equal(t, report.Targets[0].Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
		}
	})
}
