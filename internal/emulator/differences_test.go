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
)

// Where moto is known to differ from AWS.
var differences = []difference{
	{"RunInstances launches an image that does not exist", func(p probe) bool {
		_, err := p.ec2.RunInstances(p.t.Context(), &ec2.RunInstancesInput{
			ImageId: new(baseImage), InstanceType: types.InstanceTypeT2Micro, MinCount: new(int32(1)), MaxCount: new(int32(1)),
		})
		return err != nil
	}},
	{"DescribeRegions takes a name that no Region has", func(p probe) bool {
		_, err := p.ec2.DescribeRegions(p.t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{"mars-1"}})
		return err != nil
	}},

	{"CreateImage fails on tags for snapshots", func(p probe) bool {
		_, err := p.createImage("tagged", func(in *ec2.CreateImageInput) {
			in.TagSpecifications = []types.TagSpecification{{
				ResourceType: types.ResourceTypeSnapshot, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
			}}
		})
		return err == nil
	}},
	{"CreateImage takes a name twice", func(p probe) bool {
		p.image("twice")
		_, err := p.createImage("twice", nil)
		return err != nil
	}},
	{"CreateImage takes a name that is too short", func(p probe) bool {
		_, err := p.createImage("x", nil)
		return err != nil
	}},
	{"CreateImage drops block device mappings", func(p probe) bool {
		id, err := p.createImage("mapped", func(in *ec2.CreateImageInput) {
			in.BlockDeviceMappings = []types.BlockDeviceMapping{{
				DeviceName: new("/dev/sdf"), Ebs: &types.EbsBlockDevice{VolumeSize: new(int32(33))},
			}}
		})
		require.NoError(p.t, err)
		return len(p.readImage(home, id).BlockDeviceMappings) == 2
	}},
	{"CreateImage is done at once", func(p probe) bool {
		return p.readImage(home, p.image("soon")).State == types.ImageStatePending
	}},
	{"DescribeImages does not name the source of an image", func(p probe) bool {
		image := p.readImage(home, p.image("sourced"))
		return aws.ToString(image.SourceInstanceId) != "" && aws.ToString(image.SourceImageId) != ""
	}},
	{"DescribeImages calls the root device standard", func(p probe) bool {
		return p.readImage(home, p.image("rooted")).RootDeviceType == types.DeviceTypeEbs
	}},
	{"DescribeImages fails on the filter source-image-id", func(p probe) bool {
		return p.imagesBy("source-image-id", baseImage) == nil
	}},
	{"DescribeImages fails on the filter block-device-mapping.snapshot-id", func(p probe) bool {
		return p.imagesBy("block-device-mapping.snapshot-id", "snap-0123456789abcdef0") == nil
	}},
	{"DescribeImages has one page only", func(p probe) bool {
		for _, name := range []string{"page 1", "page 2", "page 3", "page 4", "page 5", "page 6"} {
			p.image(name)
		}
		out, err := p.ec2.DescribeImages(p.t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: new(int32(5))})
		require.NoError(p.t, err)
		return out.NextToken != nil
	}},
	{"DescribeImages leaves out an unknown id among known ones", func(p probe) bool {
		_, err := p.ec2.DescribeImages(p.t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{p.image("known"), "ami-0fedcba9876543210"}})
		return err != nil
	}},
	{"CopyImage drops the tags", func(p probe) bool {
		id := p.copyImage(p.world.image("us-east-1", "source"), "tagged", func(in *ec2.CopyImageInput) {
			in.TagSpecifications = []types.TagSpecification{{
				ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
			}}
		})
		return tagsOf(p.readImage(home, id).Tags)["k"] == "v"
	}},
	{"CopyImage drops the encryption", func(p probe) bool {
		id := p.copyImage(p.world.image("us-east-1", "source"), "encrypted", func(in *ec2.CopyImageInput) { in.Encrypted = new(true) })
		return aws.ToBool(p.readImage(home, id).BlockDeviceMappings[0].Ebs.Encrypted)
	}},
	{"CopyImage forgets the client token", func(p probe) bool {
		source := p.world.image("us-east-1", "source")
		token := func(in *ec2.CopyImageInput) { in.ClientToken = new("once") }
		first := p.copyImage(source, "once", token)
		return p.copyImage(source, "once", token) == first
	}},
	{"RegisterImage drops the tags", func(p probe) bool {
		id := p.register(func(in *ec2.RegisterImageInput) {
			in.TagSpecifications = []types.TagSpecification{{
				ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
			}}
		})
		return tagsOf(p.readImage(home, id).Tags)["k"] == "v"
	}},
	{"RegisterImage forgets the architecture", func(p probe) bool {
		id := p.register(func(in *ec2.RegisterImageInput) { in.Architecture = types.ArchitectureValuesArm64 })
		return p.readImage(home, id).Architecture == types.ArchitectureValuesArm64
	}},
	{"RegisterImage makes a snapshot of its own", func(p probe) bool {
		var given string
		id := p.register(func(in *ec2.RegisterImageInput) { given = *in.BlockDeviceMappings[0].Ebs.SnapshotId })
		return p.snapshotsOf(home, id)[0] == given
	}},
	{"ModifySnapshotAttribute knows users and groups only by their old names", func(p probe) bool {
		id := p.snapshot(home)
		_, err := p.ec2.ModifySnapshotAttribute(p.t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
			CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: []types.CreateVolumePermission{{UserId: new(consumer)}}},
		})
		require.NoError(p.t, err)
		return len(p.readers(home, id)) == 1
	}},
	{"EnableImageDeprecation is not there", func(p probe) bool {
		_, err := p.ec2.EnableImageDeprecation(p.t.Context(), &ec2.EnableImageDeprecationInput{
			ImageId: new(p.image("old")), DeprecateAt: new(time.Now().Add(48 * time.Hour)),
		})
		return err == nil
	}},
	{"EnableImageDeregistrationProtection is not there", func(p probe) bool {
		_, err := p.ec2.EnableImageDeregistrationProtection(p.t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: new(p.image("old"))})
		return err == nil
	}},
	{"GetImageBlockPublicAccessState is not there", func(p probe) bool {
		_, err := p.ec2.GetImageBlockPublicAccessState(p.t.Context(), &ec2.GetImageBlockPublicAccessStateInput{})
		return err == nil
	}},
	{"DescribeImageReferences is not there", func(p probe) bool {
		_, err := p.ec2.DescribeImageReferences(p.t.Context(), &ec2.DescribeImageReferencesInput{
			ImageIds: []string{p.image("old")}, IncludeAllResourceTypes: new(true),
		})
		return err == nil
	}},
	{"DeregisterImage keeps the snapshots that it was to delete", func(p probe) bool {
		out, err := p.ec2.DeregisterImage(p.t.Context(), &ec2.DeregisterImageInput{
			ImageId: new(p.image("gone")), DeleteAssociatedSnapshots: new(true),
		})
		require.NoError(p.t, err)
		return len(out.DeleteSnapshotResults) == 1
	}},

	{"CreateLaunchTemplate forgets the client token", func(p probe) bool {
		in := &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: new("once"), ClientToken: new("once"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: new(baseImage)},
		}
		_, err := p.ec2.CreateLaunchTemplate(p.t.Context(), in)
		require.NoError(p.t, err)
		_, err = p.ec2.CreateLaunchTemplate(p.t.Context(), in)
		return err == nil
	}},
	{"CreateLaunchTemplateVersion ignores SourceVersion", func(p probe) bool {
		out, err := p.version(p.template(home, "merged"), "1", nil)
		require.NoError(p.t, err)
		return aws.ToString(out.LaunchTemplateVersion.LaunchTemplateData.KeyName) == "my-key"
	}},
	{"CreateLaunchTemplateVersion takes a SourceVersion that does not exist", func(p probe) bool {
		_, err := p.version(p.template(home, "sourceless"), "7", nil)
		return err != nil
	}},
	{"CreateLaunchTemplateVersion forgets the client token", func(p probe) bool {
		id := p.template(home, "once")
		token := func(in *ec2.CreateLaunchTemplateVersionInput) { in.ClientToken = new("once") }
		for range 2 {
			_, err := p.version(id, "1", token)
			require.NoError(p.t, err)
		}
		return len(p.readVersions(home, id)) == 2
	}},
	{"DeleteLaunchTemplateVersions is not there", func(p probe) bool {
		id := p.template(home, "pruned")
		_, err := p.version(id, "1", nil)
		require.NoError(p.t, err)
		_, err = p.ec2.DeleteLaunchTemplateVersions(p.t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"2"}})
		return err == nil
	}},
	{"DescribeLaunchTemplateVersions has one page only", func(p probe) bool {
		id := p.template(home, "paged")
		_, err := p.version(id, "1", nil)
		require.NoError(p.t, err)
		out, err := p.ec2.DescribeLaunchTemplateVersions(p.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, MaxResults: new(int32(1)),
		})
		require.NoError(p.t, err)
		return out.NextToken != nil
	}},
	{"DescribeLaunchTemplates answers nothing for an unknown id", func(p probe) bool {
		_, err := p.ec2.DescribeLaunchTemplates(p.t.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{"lt-0123456789abcdef0"}})
		return err != nil
	}},

	{"CreateLaunchConfiguration takes a name twice", func(p probe) bool {
		p.configuration(home, "twice", baseImage)
		_, err := p.asg.CreateLaunchConfiguration(p.t.Context(), &autoscaling.CreateLaunchConfigurationInput{
			LaunchConfigurationName: new("twice"), ImageId: new(baseImage), InstanceType: new("t2.micro"),
		})
		return err != nil
	}},
	{"CreateAutoScalingGroup takes a name twice", func(p probe) bool {
		p.group("twice", "one")
		return p.createGroup("twice", "one") != nil
	}},
	{"CreateAutoScalingGroup fails without a code on an unknown launch configuration", func(p probe) bool {
		return isValidationError(p.createGroup("baseless", "nobody"))
	}},
	{"UpdateAutoScalingGroup keeps the launch configuration beside a launch template", func(p probe) bool {
		p.group("migrated", "old")
		_, err := p.asg.UpdateAutoScalingGroup(p.t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("migrated"),
			LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(p.template(home, "new")), Version: new("1")},
		})
		require.NoError(p.t, err)
		return p.readGroup(home, "migrated").LaunchConfigurationName == nil
	}},
	{"A group cannot launch a later version with user data", func(p probe) bool {
		id := p.template(home, "with data")
		_, err := p.version(id, "1", func(in *ec2.CreateLaunchTemplateVersionInput) {
			in.LaunchTemplateData.UserData = new("IyEvYmluL3NoCg==")
		})
		require.NoError(p.t, err)
		subnet, _ := p.network(home)
		_, err = p.asg.CreateAutoScalingGroup(p.t.Context(), &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new("with data"), MinSize: new(int32(1)), MaxSize: new(int32(1)), VPCZoneIdentifier: &subnet,
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &id, Version: new("2")},
		})
		return err == nil
	}},
	{"DescribeScalingActivities has none", func(p probe) bool {
		p.group("active", "one")
		out, err := p.asg.DescribeScalingActivities(p.t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: new("active")})
		require.NoError(p.t, err)
		return len(out.Activities) > 0
	}},
	{"StartInstanceRefresh is not there", func(p probe) bool {
		p.group("refreshed", "one")
		_, err := p.asg.StartInstanceRefresh(p.t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("refreshed")})
		return err == nil
	}},
	{"DescribeInstanceRefreshes is not there", func(p probe) bool {
		p.group("refreshed", "one")
		_, err := p.asg.DescribeInstanceRefreshes(p.t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("refreshed")})
		return err == nil
	}},
}

func TestDifferencesStillStand(t *testing.T) { stillDiffers(t, emulator.Moto, differences) }
