package awstest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// runWithDisk launches an instance with a disk of 7 GiB that stays when it goes,
// and answers both.
func runWithDisk(t *testing.T, cloud *awstest.Cloud, tagged ...ec2types.TagSpecification) (instance, volume string) {
	t.Helper()
	region := cloud.Region(home)
	ran, err := ec2.NewFromConfig(cloud.Config(home)).RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: new(region.PublicImage("base")), MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro", TagSpecifications: tagged,
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(7)), VolumeType: "gp2", DeleteOnTermination: new(false)}},
		}})
	require.NoError(t, err)
	instance = *ran.Instances[0].InstanceId
	for _, v := range region.Volumes() {
		if len(v.Attachments) > 0 && *v.Attachments[0].InstanceId == instance && *v.Attachments[0].Device == "/dev/sdb" {
			volume = *v.VolumeId
		}
	}
	return instance, volume
}

func TestVolumesAreInUseAndThenAvailable(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	instance, id := runWithDisk(t, cloud, tags("volume", "team", "web")...)
	read := func(filters ...ec2types.Filter) []ec2types.Volume {
		t.Helper()
		out, err := client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: filters})
		require.NoError(t, err)
		return out.Volumes
	}
	assert.Len(t, read(), 2, "its root volume too")
	for name, value := range map[string]string{"attachment.instance-id": instance, "status": "in-use", "size": "7", "volume-id": id,
		"attachment.device": "/dev/sdb", "attachment.delete-on-termination": "false", "tag:team": "web", "availability-zone": home + "a"} {
		assert.Contains(t, idsOf(read(filter(name, value)...)), id, name)
	}
	assert.NotContains(t, idsOf(read(filter("attachment.delete-on-termination", "true")...)), id)
	one := read(filter("volume-id", id)...)[0]
	assert.Equal(t, ec2types.VolumeStateInUse, one.State)
	assert.Equal(t, int32(100), *one.Iops, "the least that a gp2 volume has")
	assert.Equal(t, "arn:aws:ec2:"+home+":"+awstest.DefaultAccount+":volume/"+id, *one.VolumeArn)

	_, err := client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: &id})
	requireCode(t, err, "VolumeInUse", "Volume "+id+" is currently attached to "+instance)
	_, err = client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	left := read()
	require.Equal(t, []string{id}, idsOf(left), "the root volume goes along")
	assert.Equal(t, ec2types.VolumeStateAvailable, left[0].State)
	assert.Empty(t, left[0].Attachments)
	assert.Empty(t, read(filter("attachment.instance-id", instance)...))

	require.Len(t, cloud.Leaks(), 1)
	_, err = client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: &id})
	require.NoError(t, err)
	cloud.NoLeaks(t)
	_, err = client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: &id})
	requireCode(t, err, "InvalidVolume.NotFound", id)
	_, err = client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}})
	requireCode(t, err, "InvalidVolume.NotFound", id)
	_, err = client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{"vol-x"}})
	requireCode(t, err, "InvalidVolumeID.Malformed", "vol-x")
}

// Who waits for volumes to come free or go reads them and nothing else, and sees
// them in use once when a group has ended the instance.
func TestVolumesComeFreeByBeingRead(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config(home))
	instance, id := runWithDisk(t, cloud)
	_, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	wait := ec2.NewVolumeAvailableWaiter(client, func(o *ec2.VolumeAvailableWaiterOptions) { o.MinDelay, o.MaxDelay = 1, 1 })
	assert.NoError(t, wait.Wait(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}}, 10*time.Second))

	group := cloud.Region(home).Group(awstest.GroupSeed{Name: "web", Size: 1})
	_, err = autoscaling.NewFromConfig(cloud.Config(home)).TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: &group.Instances[0], ShouldDecrementDesiredCapacity: new(false)})
	require.NoError(t, err)
	var seen []int
	for range 3 {
		out, err := client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: filter("attachment.instance-id", group.Instances[0])})
		require.NoError(t, err)
		seen = append(seen, len(out.Volumes))
	}
	assert.Equal(t, []int{1, 0, 0}, seen)
}

// The pages of a list go on where they were, also when an instance has gone in
// between and left a volume.
func TestVolumesKeepTheirOrder(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	first, disk := runWithDisk(t, cloud)
	cloud.Advance(time.Minute)
	runWithDisk(t, cloud)
	cloud.Advance(time.Minute)
	_, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{first}})
	require.NoError(t, err)
	assert.Equal(t, disk, *cloud.Region(home).Volumes()[0].VolumeId)
	var walked []string
	pages := ec2.NewDescribeVolumesPaginator(client, &ec2.DescribeVolumesInput{MaxResults: new(int32(1))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		walked = append(walked, idsOf(page.Volumes)...)
	}
	assert.Equal(t, idsOf(cloud.Region(home).Volumes()), walked)
	assert.Len(t, walked, 3)
}

func idsOf(volumes []ec2types.Volume) (ids []string) {
	for _, v := range volumes {
		ids = append(ids, *v.VolumeId)
	}
	return ids
}
