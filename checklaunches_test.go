package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// An image that a group cannot launch is known before any template of any place has
// a version with it: one that nothing can launch does not become $Latest.
func TestAnImageThatAGroupCannotLaunchGetsNoVersion(t *testing.T) {
	for name, tt := range map[string]struct {
		image  awstest.ImageSeed
		data   ec2types.RequestLaunchTemplateData
		types  []string // of a mixed instances policy; empty: none
		reason string
	}{
		"of the other architecture": {
			image: awstest.ImageSeed{Architecture: "arm64"}, data: ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}, reason: "arm64",
		},
		"for a type that is not the first": {
			data: ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}, types: []string{"t3.micro", "m7g.large"}, reason: "m7g.large",
		},
		"larger than the disk": {
			image: awstest.ImageSeed{RootGiB: 30},
			data: ec2types.RequestLaunchTemplateData{
				InstanceType: "t3.micro",
				BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{{
					DeviceName: new("/dev/xvda"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(10))},
				}},
			},
			reason: "30 GiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				home := threeRegions[0]
				r := w.cloud.Region(home)
				tt.data.ImageId = new(r.OwnImage(awstest.ImageSeed{Name: "odd-1"}))
				id := r.Template(awstest.TemplateSeed{Name: "odd", Data: &tt.data})
				w.group(home, "odd", id, "1")
				w.settle()
				if tt.types != nil {
					// AWS itself refuses a policy with a type that cannot launch the image of
					// today; that of a day on which both could is one.
					w.inject(groupIs("odd", tt.types))
				}
				tt.image.Name = "odd-2"
				w.Source = plan.Source{Image: &plan.ImageSource{Region: home, ImageID: r.OwnImage(tt.image)}}
				w.Targets = []plan.Target{{Region: home, Groups: []string{"web", "odd"}}}
				w.cloud.ForgetCalls()

				report, err := w.deliver(t.Context())
				require.ErrorIs(t, err, asg.ErrLaunchRefused)
				require.ErrorContains(t, err, tt.reason)
				assert.Zero(t, w.cloud.Count("CreateLaunchTemplateVersion"), "of no group, also none that could launch it")
				assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
				assert.Equal(t, plan.OutcomeStopped, report.Outcome)
				assert.Equal(t, "asg.LaunchRefused", report.Error.Code)
			})
		})
	}
}

// groupIs shows a group with a mixed instances policy of these types over its own
// template.
func groupIs(name string, types []string) awstest.Fault {
	return func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if groups, ok := out.(*autoscaling.DescribeAutoScalingGroupsOutput); ok && err == nil {
			for i := range groups.AutoScalingGroups {
				g := &groups.AutoScalingGroups[i]
				if *g.AutoScalingGroupName != name {
					continue
				}
				p := &asgtypes.MixedInstancesPolicy{LaunchTemplate: &asgtypes.LaunchTemplate{LaunchTemplateSpecification: g.LaunchTemplate}}
				for _, t := range types {
					p.LaunchTemplate.Overrides = append(p.LaunchTemplate.Overrides, asgtypes.LaunchTemplateOverrides{InstanceType: &t})
				}
				g.LaunchTemplate, g.MixedInstancesPolicy = nil, p
			}
		}
		return out, err
	}
}
