//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/emulator"
	"github.com/readyami/readyami/internal/fault"
)

// Where ministack is known to differ from AWS, in what the tests use of it:
// refreshes, and the groups, templates and images that these need.
var ministackDifferences = []difference{
	{"StartInstanceRefresh is over at once", func(p probe) bool {
		return p.refresh("at-once").Status == astypes.InstanceRefreshStatusPending
	}},
	{"StartInstanceRefresh takes a second one beside the first", func(p probe) bool {
		p.refresh("beside")
		return fault.Is(p.startRefresh("beside", "1", nil), "InstanceRefreshInProgress")
	}},
	{"StartInstanceRefresh replaces no instance", func(p probe) bool {
		template := p.refreshable(home, "kept")
		_, err := p.version(template, "1", nil)
		require.NoError(p.t, err)
		before := p.readGroup(home, "kept").Instances
		require.NoError(p.t, p.startRefresh("kept", "2", nil))
		return aws.ToString(before[0].InstanceId) != aws.ToString(p.readGroup(home, "kept").Instances[0].InstanceId)
	}},
	{"StartInstanceRefresh gives the group no desired configuration when it has succeeded", func(p probe) bool {
		template := p.refreshable(home, "same")
		_, err := p.version(template, "1", nil)
		require.NoError(p.t, err)
		require.NoError(p.t, p.startRefresh("same", "2", nil))
		return aws.ToString(p.readGroup(home, "same").LaunchTemplate.Version) == "2"
	}},
	{"StartInstanceRefresh takes a version that does not exist", func(p probe) bool {
		p.refreshable(home, "no-version")
		return p.startRefresh("no-version", "7", nil) != nil
	}},
	{"StartInstanceRefresh takes percentages that AWS refuses", func(p probe) bool {
		p.refreshable(home, "beyond")
		return p.startRefresh("beyond", "1", &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(170))}) != nil
	}},
	{"DescribeInstanceRefreshes leaves out the desired configuration", func(p probe) bool {
		return p.refresh("desired").DesiredConfiguration != nil
	}},
	{"DescribeInstanceRefreshes leaves out the preferences", func(p probe) bool {
		return p.refresh("preferred").Preferences != nil
	}},
	{"DescribeInstanceRefreshes has one page only", func(p probe) bool {
		p.refresh("paged")
		require.NoError(p.t, p.startRefresh("paged", "1", nil))
		out, err := p.asg.DescribeInstanceRefreshes(p.t.Context(), &autoscaling.DescribeInstanceRefreshesInput{
			AutoScalingGroupName: new("paged"), MaxRecords: new(int32(1)),
		})
		require.NoError(p.t, err)
		return out.NextToken != nil
	}},
	{"RollbackInstanceRefresh is not there", func(p probe) bool {
		p.refreshable(home, "rolled-back")
		_, err := p.asg.RollbackInstanceRefresh(p.t.Context(), &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("rolled-back")})
		return fault.Is(err, "ActiveInstanceRefreshNotFound")
	}},

	{"RegisterImage drops EnaSupport", func(p probe) bool {
		made, err := p.ec2.RegisterImage(p.t.Context(), &ec2.RegisterImageInput{
			Name: new("ena"), Architecture: types.ArchitectureValuesX8664, VirtualizationType: new("hvm"), RootDeviceName: new("/dev/xvda"), EnaSupport: new(true),
			BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: new(p.snapshot(home))}}},
		})
		require.NoError(p.t, err)
		out, err := p.ec2.DescribeImages(p.t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}})
		require.NoError(p.t, err)
		return aws.ToBool(out.Images[0].EnaSupport)
	}},
	{"CreateAutoScalingGroup names a template by its id", func(p probe) bool {
		p.refreshable(home, "named")
		return aws.ToString(p.readGroup(home, "named").LaunchTemplate.LaunchTemplateName) == "named"
	}},
	{"CreateAutoScalingGroup takes a launch template that does not exist", func(p probe) bool {
		_, err := p.asg.CreateAutoScalingGroup(p.t.Context(), &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new("baseless"), MinSize: new(int32(0)), MaxSize: new(int32(1)), AvailabilityZones: []string{home + "a"},
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: new("lt-0123456789abcdef0"), Version: new("1")},
		})
		return err != nil
	}},
	{"CreateAutoScalingGroup drops a mixed instances policy", func(p probe) bool {
		_, err := p.asg.CreateAutoScalingGroup(p.t.Context(), &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new("mixed"), MinSize: new(int32(0)), MaxSize: new(int32(1)), AvailabilityZones: []string{home + "a"},
			MixedInstancesPolicy: &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{
				LaunchTemplateSpecification: &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(p.template(home, "mixed")), Version: new("1")},
			}},
		})
		require.NoError(p.t, err)
		return p.readGroup(home, "mixed").MixedInstancesPolicy != nil
	}},
	{"UpdateAutoScalingGroup keeps the template version", func(p probe) bool {
		template := p.refreshable(home, "updated")
		_, err := p.version(template, "1", nil)
		require.NoError(p.t, err)
		_, err = p.asg.UpdateAutoScalingGroup(p.t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("updated"),
			LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("2")},
		})
		require.NoError(p.t, err)
		return aws.ToString(p.readGroup(home, "updated").LaunchTemplate.Version) == "2"
	}},
	{"DescribeAutoScalingGroups has one page only", func(p probe) bool {
		p.refreshable(home, "page-1")
		p.refreshable(home, "page-2")
		out, err := p.asg.DescribeAutoScalingGroups(p.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: new(int32(1))})
		require.NoError(p.t, err)
		return out.NextToken != nil
	}},
	{"An instance of a group is none of EC2", func(p probe) bool {
		p.refreshable(home, "unreal")
		_, err := p.ec2.DescribeInstances(p.t.Context(), &ec2.DescribeInstancesInput{
			InstanceIds: []string{aws.ToString(p.readGroup(home, "unreal").Instances[0].InstanceId)},
		})
		return err == nil
	}},
	{"DescribeScalingActivities has none", func(p probe) bool {
		p.refreshable(home, "active")
		out, err := p.asg.DescribeScalingActivities(p.t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: new("active")})
		require.NoError(p.t, err)
		return len(out.Activities) > 0
	}},
	{"SuspendProcesses is not there", func(p probe) bool {
		p.refreshable(home, "suspended")
		_, err := p.asg.SuspendProcesses(p.t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("suspended")})
		return err == nil
	}},

	{"CreateLaunchTemplateVersion takes a SourceVersion that does not exist", func(p probe) bool {
		_, err := p.version(p.template(home, "sourceless"), "7", nil)
		return err != nil
	}},
	{"CreateLaunchTemplateVersion forgets the client token", func(p probe) bool {
		id := p.template(home, "once")
		for range 2 {
			_, err := p.version(id, "1", func(in *ec2.CreateLaunchTemplateVersionInput) { in.ClientToken = new("once") })
			require.NoError(p.t, err)
		}
		return len(p.readVersions(home, id)) == 2
	}},
	{"DescribeLaunchTemplateVersions answers nothing for an unknown version", func(p probe) bool {
		_, err := p.ec2.DescribeLaunchTemplateVersions(p.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId: new(p.template(home, "one")), Versions: []string{"7"},
		})
		return err != nil
	}},
	{"DescribeLaunchTemplateVersions has another code for an unknown template", func(p probe) bool {
		_, err := p.ec2.DescribeLaunchTemplateVersions(p.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new("lt-0123456789abcdef0")})
		return fault.Is(err, "InvalidLaunchTemplateId.NotFound")
	}},
	{"DeleteLaunchTemplateVersions is not there", func(p probe) bool {
		id := p.template(home, "pruned")
		_, err := p.version(id, "1", nil)
		require.NoError(p.t, err)
		_, err = p.ec2.DeleteLaunchTemplateVersions(p.t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"2"}})
		return err == nil
	}},

	{"DescribeImages answers nothing for an unknown id", func(p probe) bool {
		_, err := p.ec2.DescribeImages(p.t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{"ami-0fedcba9876543210"}})
		return err != nil
	}},
	{"CreateImage is not there", func(p probe) bool {
		_, err := p.ec2.CreateImage(p.t.Context(), &ec2.CreateImageInput{InstanceId: new("i-0123456789abcdef0"), Name: new("of nothing")})
		return fault.Is(err, "InvalidInstanceID.NotFound")
	}},
	{"CopyImage is not there", func(p probe) bool {
		source := p.registered("us-east-1", "source")
		_, err := p.ec2.CopyImage(p.t.Context(), &ec2.CopyImageInput{SourceImageId: &source, SourceRegion: new("us-east-1"), Name: new("copy")})
		return err == nil
	}},
	{"ModifySnapshotAttribute knows users only by their old name", func(p probe) bool {
		id := p.snapshot(home)
		_, err := p.ec2.ModifySnapshotAttribute(p.t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
			CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: []types.CreateVolumePermission{{UserId: new(consumer)}}},
		})
		require.NoError(p.t, err)
		return len(p.readers(home, id)) == 1
	}},
	{"RunInstances launches on a dry run", func(p probe) bool {
		_, err := p.ec2.RunInstances(p.t.Context(), &ec2.RunInstancesInput{
			ImageId: new(p.registered(home, "dry")), MinCount: new(int32(1)), MaxCount: new(int32(1)), DryRun: new(true),
		})
		return fault.Is(err, "DryRunOperation")
	}},
}

func TestMinistackDifferencesStillStand(t *testing.T) {
	stillDiffers(t, emulator.Ministack, ministackDifferences)
}

// refresh starts a refresh of a new group and reads it.
func (p probe) refresh(group string) astypes.InstanceRefresh {
	p.t.Helper()
	p.refreshable(home, group)
	require.NoError(p.t, p.startRefresh(group, "1", nil))
	return p.readRefreshes(home, group)[0]
}

// startRefresh refreshes a group to a version of its template.
func (p probe) startRefresh(group, version string, preferences *astypes.RefreshPreferences) error {
	p.t.Helper()
	if preferences == nil {
		preferences = &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(50))}
	}
	_, err := p.asg.StartInstanceRefresh(p.t.Context(), &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: &group,
		Preferences:          preferences,
		DesiredConfiguration: &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: p.readGroup(home, group).LaunchTemplate.LaunchTemplateId, Version: &version,
		}},
	})
	return err
}
