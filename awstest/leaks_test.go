package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// leaked lists the leaks as "kind id".
func leaked(cloud *awstest.Cloud, keep ...func(awstest.Leak) bool) (out []string) {
	for _, l := range cloud.Leaks(keep...) {
		out = append(out, l.Kind+" "+l.ID)
	}
	return out
}

func TestLeaks(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	client := clientOf(cloud, awstest.DefaultAccount, home)
	group := region.Group(awstest.GroupSeed{Name: "web", Size: 2})
	instance := region.PreparedInstance(awstest.InstanceSeed{})
	region.OwnImage(awstest.ImageSeed{Name: "seeded"})
	assert.Empty(t, cloud.Leaks(), "seeds are none")

	made, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: new("web-2"),
		TagSpecifications: tags("image", "team", "web")})
	require.NoError(t, err)
	image := *made.ImageId
	assert.Equal(t, []string{"image " + image}, leaked(cloud))
	assert.Empty(t, leaked(cloud, awstest.Tagged("team")), "the owner knows it by its tag")
	assert.Empty(t, cloud.Leaks(func(l awstest.Leak) bool { return l.Name == "web-2" }))

	version := func() string {
		_, err := client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &group.TemplateID,
			SourceVersion: new("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &image}})
		require.NoError(t, err)
		return "launch template version " + group.TemplateID
	}
	versionID := version()
	assert.Empty(t, leaked(cloud), "the latest version names the image")
	version()
	assert.Equal(t, []string{versionID + ":2"}, leaked(cloud), "made twice")
	groups := autoscaling.NewFromConfig(cloud.Config(home))
	_, err = groups.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"),
		LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &group.TemplateID, Version: new("2")}})
	require.NoError(t, err)
	assert.Empty(t, leaked(cloud), "a group names it")

	_, err = client.CreateLaunchTemplate(ctx, templateInput("alone"))
	require.NoError(t, err)
	ran, err := client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
	require.NoError(t, err)
	runs := *ran.Instances[0].InstanceId
	template := region.Templates()[1]
	assert.Equal(t, []string{"instance " + runs, "launch template " + *template.LaunchTemplateId}, leaked(cloud))
	_, err = client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{runs}})
	require.NoError(t, err)
	_, err = client.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: template.LaunchTemplateId})
	require.NoError(t, err)
	assert.Empty(t, leaked(cloud))

	snapshot, err := client.CopySnapshot(ctx, &ec2.CopySnapshotInput{SourceRegion: new(home), SourceSnapshotId: region.Snapshots()[0].SnapshotId,
		TagSpecifications: tags("snapshot", "team", "web")})
	require.NoError(t, err)
	assert.Equal(t, []string{"snapshot " + *snapshot.SnapshotId}, leaked(cloud))
	assert.Empty(t, leaked(cloud, awstest.Tagged("team")))
}

// What is of no use to anybody no owner can keep.
func TestLeaksThatNobodyKeeps(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	everything := func(awstest.Leak) bool { return true }
	cloud.FailImages(awstest.ImageMatch{Name: "bad"}, "Client.InternalError", "no")
	client := clientOf(cloud, stranger, away)
	instance := cloud.Account(stranger).Region(away).PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{1}})
	bad, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: new("bad")})
	require.NoError(t, err)
	assert.Equal(t, []string{"image " + *bad.ImageId}, leaked(cloud, everything))
	_, err = client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: bad.ImageId})
	require.NoError(t, err)
	leaks := cloud.Leaks(everything)
	require.Len(t, leaks, 2)
	assert.Equal(t, "snapshot", leaks[0].Kind)
	assert.Equal(t, stranger, leaks[0].Account)
	assert.Equal(t, away, leaks[0].Region)
	assert.Equal(t, "it was made for "+*bad.ImageId+", which is gone", leaks[0].Why)
}

// log is a test that has failed, for what it would say.
type log struct{ strings.Builder }

func (*log) Helper()        {}
func (*log) Cleanup(func()) {}
func (*log) Failed() bool   { return true }
func (l *log) Errorf(format string, args ...any) {
	l.Logf(format, args...)
}

func TestNoLeaksFailsATest(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.NoLeaks(t)
	_, err := clientOf(cloud, awstest.DefaultAccount, home).CreateLaunchTemplate(t.Context(), templateInput("alone"))
	require.NoError(t, err)
	var l log
	cloud.NoLeaks(&l)
	id := *cloud.Region(home).Templates()[0].LaunchTemplateId
	assert.Equal(t, "awstest: left over: 123456789012 eu-west-1 launch template "+id+
		` "alone": no group names it, and no instance was launched from it`+"\n", l.String())
}

func (l *log) Logf(format string, args ...any) { fmt.Fprintf(l, format+"\n", args...) }

// A disk that is not deleted with its instance is the leak that costs most and
// is seen least.
func TestVolumesLeftBehindLeak(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	client := ec2.NewFromConfig(cloud.Config(home))
	ran, err := client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: new(region.PublicImage("base")), MinCount: new(int32(1)), MaxCount: new(int32(1)),
		InstanceType: "t3.micro", TagSpecifications: tags("volume", "team", "web"),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(7)), DeleteOnTermination: new(false)}},
			{DeviceName: new("/dev/sdc"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(8))}},
		}})
	require.NoError(t, err)
	id := *ran.Instances[0].InstanceId
	assert.Equal(t, []string{"instance " + id}, leaked(cloud))
	var volume string
	for _, m := range region.Instances()[0].BlockDeviceMappings {
		if *m.DeviceName == "/dev/sdb" {
			volume = *m.Ebs.VolumeId
		}
	}
	_, err = client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	require.NoError(t, err)
	cloud.Advance(2 * time.Hour) // the instance is not shown any more, the volume is there
	assert.Equal(t, []string{"volume " + volume}, leaked(cloud))
	assert.Contains(t, cloud.Leaks()[0].Why, id)
	assert.Empty(t, leaked(cloud, awstest.Tagged("team")))
	shown, err := client.DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: filter("resource-id", volume)})
	require.NoError(t, err)
	assert.Len(t, shown.Tags, 1)
	made, err := client.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: &volume})
	require.NoError(t, err)
	assert.Equal(t, int32(7), *made.VolumeSize, "it still has its data")
}

func TestLaunchConfigurationsLeak(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	groups := autoscaling.NewFromConfig(cloud.Config(home))
	_, err := groups.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(region.PublicImage("base")), InstanceType: new("t3.micro")})
	require.NoError(t, err)
	require.Len(t, cloud.Leaks(), 1)
	assert.Equal(t, "old", cloud.Leaks()[0].Name)
	assert.Equal(t, "no group names it", cloud.Leaks()[0].Why)
	_, err = groups.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: new("web"),
		LaunchConfigurationName: new("old"), MinSize: new(int32(0)), MaxSize: new(int32(1)), VPCZoneIdentifier: &region.Network().Subnets[0]})
	require.NoError(t, err)
	assert.Empty(t, cloud.Leaks(), "and a group is none")
}
