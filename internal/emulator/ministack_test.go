//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/emulator"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

func startMinistack(t *testing.T) world { return startOn(t, emulator.Ministack) }

// ministack starts instances on a dry run, and none of an image of a snapshot. The
// dry run of a delivery is refused there, and a refused delivery writes nothing.
func TestMinistackRefusesADelivery(t *testing.T) {
	w := startMinistack(t)
	regions := []string{home, "us-east-1", "ap-south-1"}
	delivery := plan.Delivery{Name: "storefront-2", Preferences: (*plan.Preferences)(asg.LaunchBeforeTerminate()), SetDefault: true}
	templates := map[string]string{}
	for _, r := range regions {
		templates[r] = w.refreshable(r, "storefront")
		image := w.registered(r, "storefront-2")
		_, err := ami.Wait(t.Context(), w.clients(r).EC2, []string{image})
		require.NoError(t, err)
		delivery.Targets = append(delivery.Targets, plan.Target{Region: r, ImageID: image, Groups: []string{"storefront"}})
	}

	_, err := readyami.New(region.OneAccount(w.Adapted(home))).Deliver(t.Context(), delivery)
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	for _, r := range regions {
		assert.Len(t, w.readVersions(r, templates[r]), 1)
		assert.Empty(t, w.readRefreshes(r, "storefront"))
	}
}

// refreshable is a group of two on version 1 of a template of the same name,
// whose id it returns.
func (w world) refreshable(region, name string) (template string) {
	w.t.Helper()
	c := w.clients(region)
	subnet, security := w.network(region)
	made, err := launchtemplate.Create(w.t.Context(), c.EC2, launchtemplate.CreateInput{
		Name: name,
		Data: &types.RequestLaunchTemplateData{
			ImageId:          new(w.registered(region, name+"-1")),
			InstanceType:     types.InstanceTypeT3Micro,
			SecurityGroupIds: []string{security},
			UserData:         new("IyEvYmluL3NoCg=="),
			MetadataOptions:  &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired},
			BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/sdf"),
				Ebs:        &types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(20)), VolumeType: types.VolumeTypeGp3},
			}},
		},
	})
	require.NoError(w.t, err)
	group, err := asg.Create(w.t.Context(), c.AutoScaling, asg.CreateInput{
		Name:     name,
		Template: &asg.TemplateSpec{ID: made.TemplateID, Version: "1"},
		MinSize:  1, MaxSize: 5, Desired: new(int32(2)),
		Subnets: []string{subnet},
	})
	require.NoError(w.t, err)
	read := w.readGroup(region, name)
	assert.Equal(w.t, group.ARN, aws.ToString(read.AutoScalingGroupARN))
	assert.Len(w.t, read.Instances, 2)
	return made.TemplateID
}

// registered makes an image of a new snapshot, with the SDK alone.
func (w world) registered(region, name string) string {
	w.t.Helper()
	image, err := w.ec2(region).RegisterImage(w.t.Context(), &ec2.RegisterImageInput{
		Name: &name, Architecture: types.ArchitectureValuesX8664, VirtualizationType: new("hvm"), RootDeviceName: new("/dev/xvda"),
		BlockDeviceMappings: []types.BlockDeviceMapping{{
			DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: new(w.snapshot(region))},
		}},
	})
	require.NoError(w.t, err)
	return aws.ToString(image.ImageId)
}

// readRefreshes are those of a group, as they stand.
func (w world) readRefreshes(region, group string) []astypes.InstanceRefresh {
	w.t.Helper()
	out, err := w.asg(region).DescribeInstanceRefreshes(w.t.Context(), &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: &group,
	})
	require.NoError(w.t, err)
	return out.InstanceRefreshes
}
