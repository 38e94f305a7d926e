package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// TestVolumeOfItsOwnIsMadeAttachedImagedAndDetached goes the whole way of a data
// disk that an instance did not begin with.
func TestVolumeOfItsOwnIsMadeAttachedImagedAndDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		timing := awstest.Realistic
		timing.Jitter, timing.Call = 0, 0
		cloud := awstest.Start(t, awstest.WithTiming(timing))
		client := ec2.NewFromConfig(cloud.Config(home))
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		read := func(id string) ec2types.Volume {
			t.Helper()
			out, err := client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}})
			require.NoError(t, err)
			return out.Volumes[0]
		}

		made, err := client.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: new(int32(9)), VolumeType: "gp3",
			TagSpecifications: tags("volume", "of", "data")})
		require.NoError(t, err)
		assert.Equal(t, &ec2.CreateVolumeOutput{AvailabilityZone: new(home + "a"), AvailabilityZoneId: new("euw1-az1"), CreateTime: new(time.Now()),
			Encrypted: new(false), Iops: new(int32(3000)), MultiAttachEnabled: new(false), Size: new(int32(9)), SnapshotId: new(""), State: "creating",
			Tags: tags("", "of", "data")[0].Tags, Throughput: new(int32(125)), VolumeId: made.VolumeId, VolumeType: "gp3",
			ResultMetadata: made.ResultMetadata}, made)
		attach := &ec2.AttachVolumeInput{VolumeId: made.VolumeId, InstanceId: &instance, Device: new("/dev/sdf")}
		_, err = client.AttachVolume(ctx, attach)
		requireWords(t, err, "IncorrectState", *made.VolumeId+" is not 'available'.")
		time.Sleep(3 * time.Second)
		v := read(*made.VolumeId)
		assert.Equal(t, ec2types.VolumeStateAvailable, v.State)
		assert.Equal(t, []ec2types.VolumeAttachment{}, v.Attachments)

		attached, err := client.AttachVolume(ctx, attach)
		require.NoError(t, err)
		assert.Equal(t, ec2types.VolumeAttachmentStateAttaching, attached.State)
		assert.False(t, *attached.DeleteOnTermination)
		assert.Equal(t, ec2types.VolumeAttachmentStateAttaching, read(*made.VolumeId).Attachments[0].State)
		time.Sleep(3 * time.Second)
		v = read(*made.VolumeId)
		assert.Equal(t, ec2types.VolumeStateInUse, v.State)
		assert.Equal(t, ec2types.VolumeAttachmentStateAttached, v.Attachments[0].State)
		assert.Equal(t, "/dev/sdf", *v.Attachments[0].Device)
		assert.True(t, v.CreateTime.Before(*v.Attachments[0].AttachTime))

		image, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden")})
		require.NoError(t, err)
		assert.Len(t, readImage(t, client, *image.ImageId).BlockDeviceMappings, 2, "an image has the disks that were attached later")

		detached, err := client.DetachVolume(ctx, &ec2.DetachVolumeInput{VolumeId: made.VolumeId})
		require.NoError(t, err)
		assert.Equal(t, ec2types.VolumeAttachmentStateDetaching, detached.State)
		assert.Equal(t, ec2types.VolumeStateInUse, read(*made.VolumeId).State)
		time.Sleep(3 * time.Second)
		assert.Equal(t, ec2types.VolumeStateAvailable, read(*made.VolumeId).State)
		assert.Len(t, readInstance(t, client, instance).BlockDeviceMappings, 1)
		_, err = client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: made.VolumeId})
		require.NoError(t, err)
	})
}

func TestVolumesRefuseInAWSsWords(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	instance := region.PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{4}})
	root := *readInstance(t, client, instance).BlockDeviceMappings[0].Ebs.VolumeId
	create := func(in ec2.CreateVolumeInput) error { _, err := client.CreateVolume(ctx, &in); return err }
	volume := func(zone string) string {
		t.Helper()
		out, err := client.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: new(home + zone), Size: new(int32(1))})
		require.NoError(t, err)
		return *out.VolumeId
	}
	near, far := volume("a"), volume("b")
	attach := func(volume, instance, device string) error {
		_, err := client.AttachVolume(ctx, &ec2.AttachVolumeInput{VolumeId: &volume, InstanceId: &instance, Device: &device})
		return err
	}
	detach := func(in ec2.DetachVolumeInput) error { _, err := client.DetachVolume(ctx, &in); return err }
	size := new(int32(1))
	for name, test := range map[string]struct {
		err           error
		code, message string
	}{
		"no zone":          {create(ec2.CreateVolumeInput{Size: size}), "MissingParameter", "The request must contain the parameter zone"},
		"two zones":        {create(ec2.CreateVolumeInput{Size: size, AvailabilityZone: new(home + "a"), AvailabilityZoneId: new("euw1-az1")}), "InvalidParameterCombination", "AvailabilityZone and AvailabilityZoneId can't be used together. Specify only one of these parameters."},
		"unknown zone":     {create(ec2.CreateVolumeInput{Size: size, AvailabilityZone: new("not-a-zone")}), "InvalidZone.NotFound", "The zone 'not-a-zone' does not exist."},
		"no size":          {create(ec2.CreateVolumeInput{AvailabilityZone: new(home + "a")}), "MissingParameter", "The request must contain the parameter size/snapshot"},
		"size zero":        {create(ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: new(int32(0)), VolumeType: "gp3"}), "InvalidParameterValue", "The volume size is invalid for gp3 volumes: 0 GiB. gp3 volumes must be at least 1 GiB in size. Please specify a volume size above the minimum limit."},
		"size negative":    {create(ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: new(int32(-1))}), "InvalidParameterValue", "Value (-1) for parameter size is invalid. Value must be a positive integer."},
		"unknown type":     {create(ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: size, VolumeType: "bad"}), "UnknownVolumeType", "Unsupported volume type 'bad' for volume creation. "},
		"other zone":       {attach(far, instance, "/dev/sdf"), "InvalidVolume.ZoneMismatch", "The volume '" + far + "' is not in the same availability zone as instance '" + instance + "'"},
		"device in use":    {attach(near, instance, "/dev/sdb"), "InvalidParameterValue", "Invalid value '/dev/sdb' for unixDevice. Attachment point /dev/sdb is already in use"},
		"no device's name": {attach(near, instance, "/dev/sdk1"), "InvalidParameterValue", "Value (/dev/sdk1) for parameter device is invalid. /dev/sdk1 is not a valid EBS device name."},
		"attached":         {attach(root, instance, "/dev/sdf"), "VolumeInUse", root + " is already attached to an instance"},
		"not attached":     {detach(ec2.DetachVolumeInput{VolumeId: &near}), "IncorrectState", "Volume '" + near + "' is in the 'available' state."},
		"root":             {detach(ec2.DetachVolumeInput{VolumeId: &root}), "OperationNotPermitted", "Unable to detach root volume '/dev/xvda' from instance '" + instance + "'"},
	} {
		t.Run(name, func(t *testing.T) { requireWords(t, test.err, test.code, test.message) })
	}
	_, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	requireWords(t, attach(near, instance, "/dev/sdf"), "IncorrectState", "Instance '"+instance+"' is not 'running'.")
}

// TestVolumeOfASnapshotIsLikeIt: size, encryption and key come from it, and a
// repeated token makes no second one.
func TestVolumeOfASnapshotIsLikeIt(t *testing.T) {
	ctx := t.Context()
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true, RootGiB: 12})
	snapshot := cloud.Region(home).Snapshots()[0]
	in := &ec2.CreateVolumeInput{AvailabilityZone: new(home + "c"), SnapshotId: snapshot.SnapshotId, ClientToken: new("once")}
	first, err := client.CreateVolume(ctx, in)
	require.NoError(t, err)
	assert.Equal(t, int32(12), *first.Size)
	assert.True(t, *first.Encrypted)
	assert.Equal(t, snapshot.KmsKeyId, first.KmsKeyId)
	again, err := client.CreateVolume(ctx, in)
	require.NoError(t, err)
	assert.Equal(t, first.VolumeId, again.VolumeId)
	assert.Len(t, cloud.Leaks(), 1)
	_, err = client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: first.VolumeId})
	require.NoError(t, err)
	assert.Empty(t, cloud.Leaks())
	_, err = client.CreateVolume(ctx, in)
	requireCode(t, err, "IdempotentParameterMismatch", "deleted")
}
