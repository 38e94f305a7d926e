//go:build emulator

package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/emulator"
	"github.com/readyami/readyami/internal/poll"
	"github.com/readyami/readyami/region"
)

const home = "eu-west-1"

// baseImage is what instances run before there is an image of ours. The
// emulator has no images at its start and launches any id.
const baseImage = "ami-0123456789abcdef0"

// quick is a schedule for a server that finishes everything at once.
var quick = poll.Schedule{Min: 10 * time.Millisecond, Max: 100 * time.Millisecond, Grace: 5 * time.Second}

// world is an emulator, emptied, as one test sees it. It seeds and reads with
// clients that nothing adapts: what they read is what stands on the server.
type world struct {
	emulator.Server
	t *testing.T
}

// start is moto, where the test does not name another.
func start(t *testing.T) world { return startOn(t, emulator.Moto) }

func startOn(t *testing.T, e emulator.Emulator) world {
	t.Helper()
	server, err := e.Server(t.Context())
	require.NoError(t, err)
	require.NoError(t, server.Reset(t.Context()))
	return world{server, t}
}

func (w world) ec2(region string) *ec2.Client { return ec2.NewFromConfig(w.Config(region)) }

func (w world) asg(region string) *autoscaling.Client {
	return autoscaling.NewFromConfig(w.Config(region))
}

// pool gives the library's clients, with the adapters in front.
func (w world) pool() *region.ClientPool {
	return region.NewClientPool(region.OneAccount(w.Adapted(home)))
}

// clients are the library's for one Region.
func (w world) clients(name string) *region.ClientSet {
	w.t.Helper()
	c, err := w.pool().Clients(w.t.Context(), region.Target{Region: name})
	require.NoError(w.t, err)
	return c
}

// instance runs a prepared instance and returns its id.
func (w world) instance(region string) string {
	w.t.Helper()
	out, err := w.ec2(region).RunInstances(w.t.Context(), &ec2.RunInstancesInput{
		ImageId:      new(baseImage),
		InstanceType: types.InstanceTypeT2Micro,
		MinCount:     new(int32(1)),
		MaxCount:     new(int32(1)),
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.Instances, 1)
	return aws.ToString(out.Instances[0].InstanceId)
}

// image makes an image that is not of the library and returns its id.
func (w world) image(region, name string) string {
	w.t.Helper()
	out, err := w.ec2(region).CreateImage(w.t.Context(), &ec2.CreateImageInput{
		InstanceId: new(w.instance(region)),
		Name:       &name,
	})
	require.NoError(w.t, err)
	return aws.ToString(out.ImageId)
}

// template makes a launch template that is not of the library and returns its id.
func (w world) template(region, name string) string {
	w.t.Helper()
	out, err := w.ec2(region).CreateLaunchTemplate(w.t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &name,
		LaunchTemplateData: &types.RequestLaunchTemplateData{
			ImageId:      new(baseImage),
			InstanceType: types.InstanceTypeT2Micro,
			KeyName:      new("my-key"),
		},
	})
	require.NoError(w.t, err)
	return aws.ToString(out.LaunchTemplate.LaunchTemplateId)
}

// configuration makes a launch configuration and returns its name.
func (w world) configuration(region, name, image string) string {
	w.t.Helper()
	_, err := w.asg(region).CreateLaunchConfiguration(w.t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: &name,
		ImageId:                 &image,
		InstanceType:            new("t2.micro"),
	})
	require.NoError(w.t, err)
	return name
}

// network returns a subnet and a security group of the default VPC.
func (w world) network(region string) (subnet, securityGroup string) {
	w.t.Helper()
	subnets, err := w.ec2(region).DescribeSubnets(w.t.Context(), &ec2.DescribeSubnetsInput{})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, subnets.Subnets)
	groups, err := w.ec2(region).DescribeSecurityGroups(w.t.Context(), &ec2.DescribeSecurityGroupsInput{})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, groups.SecurityGroups)
	return aws.ToString(subnets.Subnets[0].SubnetId), aws.ToString(groups.SecurityGroups[0].GroupId)
}

// readImage is one image, as it stands.
func (w world) readImage(region, id string) types.Image {
	w.t.Helper()
	out, err := w.ec2(region).DescribeImages(w.t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(w.t, err)
	require.Len(w.t, out.Images, 1)
	return out.Images[0]
}

// snapshotsOf are those of an image.
func (w world) snapshotsOf(region, image string) (ids []string) {
	w.t.Helper()
	for _, m := range w.readImage(region, image).BlockDeviceMappings {
		if m.Ebs != nil {
			ids = append(ids, aws.ToString(m.Ebs.SnapshotId))
		}
	}
	return ids
}

// readSnapshot is one snapshot, as it stands.
func (w world) readSnapshot(region, id string) types.Snapshot {
	w.t.Helper()
	out, err := w.ec2(region).DescribeSnapshots(w.t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{id}})
	require.NoError(w.t, err)
	require.Len(w.t, out.Snapshots, 1)
	return out.Snapshots[0]
}

// images is how many the account has in a Region.
func (w world) images(region string) int {
	w.t.Helper()
	out, err := w.ec2(region).DescribeImages(w.t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(w.t, err)
	return len(out.Images)
}

// readVersions are the versions of a template, the oldest first.
func (w world) readVersions(region, template string) []types.LaunchTemplateVersion {
	w.t.Helper()
	out, err := w.ec2(region).DescribeLaunchTemplateVersions(w.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &template,
	})
	require.NoError(w.t, err)
	return out.LaunchTemplateVersions
}

// readGroup is one group, as it stands.
func (w world) readGroup(region, name string) astypes.AutoScalingGroup {
	w.t.Helper()
	out, err := w.asg(region).DescribeAutoScalingGroups(w.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: []string{name},
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0]
}

// imagesOf are those that the instances of a group run.
func (w world) imagesOf(region string, group astypes.AutoScalingGroup) []string {
	w.t.Helper()
	var ids []string
	for _, i := range group.Instances {
		ids = append(ids, aws.ToString(i.InstanceId))
	}
	out, err := w.ec2(region).DescribeInstances(w.t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids})
	require.NoError(w.t, err)
	var images []string
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			images = append(images, aws.ToString(i.ImageId))
		}
	}
	return images
}

func tagsOf(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
