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

func readImage(t *testing.T, client *ec2.Client, id string) ec2types.Image {
	t.Helper()
	out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}, IncludeDisabled: new(true)})
	require.NoError(t, err)
	require.Len(t, out.Images, 1)
	return out.Images[0]
}

func readSnapshots(t *testing.T, client *ec2.Client, image ec2types.Image) []ec2types.Snapshot {
	t.Helper()
	var ids []string
	for _, m := range image.BlockDeviceMappings {
		ids = append(ids, *m.Ebs.SnapshotId)
	}
	out, err := client.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: ids})
	require.NoError(t, err)
	return out.Snapshots
}

func TestCreateImageTakesEveryVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		base := region.PublicImage("base")
		instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: base, RootGiB: 12, DataGiB: []int32{20, 30}, Encrypted: true})

		out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{
			InstanceId:  &instance,
			Name:        new("golden (1) [a] ./-'@_"),
			Description: new("ready to use"),
			TagSpecifications: append(tags(ec2types.ResourceTypeImage, "app", "web"),
				tags(ec2types.ResourceTypeSnapshot, "of", "golden")...),
			BlockDeviceMappings: []ec2types.BlockDeviceMapping{
				{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{DeleteOnTermination: new(false)}},
				{DeviceName: new("/dev/sdc"), NoDevice: new("")},
				{DeviceName: new("/dev/sdd"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(5))}},
				{DeviceName: new("/dev/sde"), VirtualName: new("ephemeral0")},
			},
		})
		require.NoError(t, err)
		image := readImage(t, client, *out.ImageId)

		assert.Equal(t, ec2types.Image{
			Architecture:             "x86_64",
			BootMode:                 "uefi-preferred",
			CreationDate:             new("2000-01-01T00:00:00.000Z"),
			Description:              new("ready to use"),
			DeregistrationProtection: new("disabled"),
			EnaSupport:               new(true),
			Hypervisor:               "xen",
			ImageId:                  out.ImageId,
			ImageLocation:            new(awstest.DefaultAccount + "/golden (1) [a] ./-'@_"),
			ImageType:                "machine",
			Name:                     new("golden (1) [a] ./-'@_"),
			OwnerId:                  new(awstest.DefaultAccount),
			PlatformDetails:          new("Linux/UNIX"),
			Public:                   new(false),
			RootDeviceName:           new("/dev/xvda"),
			RootDeviceType:           "ebs",
			SourceImageId:            &base,
			SourceImageRegion:        new(home),
			SourceInstanceId:         &instance,
			SriovNetSupport:          new("simple"),
			State:                    "available",
			Tags:                     []ec2types.Tag{{Key: new("app"), Value: new("web")}},
			UsageOperation:           new("RunInstances"),
			VirtualizationType:       "hvm",
			BlockDeviceMappings: []ec2types.BlockDeviceMapping{
				{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{
					SnapshotId: image.BlockDeviceMappings[0].Ebs.SnapshotId, VolumeSize: new(int32(12)), VolumeType: "gp3",
					Iops: new(int32(3000)), Throughput: new(int32(125)), Encrypted: new(true), DeleteOnTermination: new(true),
				}},
				{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{
					SnapshotId: image.BlockDeviceMappings[1].Ebs.SnapshotId, VolumeSize: new(int32(20)), VolumeType: "gp3",
					Iops: new(int32(3000)), Throughput: new(int32(125)),
					Encrypted: new(true), DeleteOnTermination: new(false),
				}},
				{DeviceName: new("/dev/sdd"), Ebs: &ec2types.EbsBlockDevice{
					VolumeSize: new(int32(5)), VolumeType: "gp2", Encrypted: new(false), DeleteOnTermination: new(true),
				}},
				{DeviceName: new("/dev/sde"), VirtualName: new("ephemeral0")},
			},
		}, image)

		image.BlockDeviceMappings = image.BlockDeviceMappings[:2]
		for i, s := range readSnapshots(t, client, image) {
			assert.Equal(t, "Created by CreateImage("+instance+") for "+*out.ImageId, *s.Description)
			assert.Equal(t, []int32{12, 20}[i], *s.VolumeSize)
			assert.True(t, *s.Encrypted)
			assert.Regexp(t, "^arn:aws:kms:eu-west-1:123456789012:key/", *s.KmsKeyId)
			assert.Equal(t, ec2types.SnapshotStateCompleted, s.State)
			assert.Equal(t, []ec2types.Tag{{Key: new("of"), Value: new("golden")}}, s.Tags)
			assert.Regexp(t, "^vol-[0-9a-f]{17}$", *s.VolumeId)
		}
	})
}

func TestCreateImageReboots(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	running := region.PreparedInstance(awstest.InstanceSeed{})
	stopped := region.PreparedInstance(awstest.InstanceSeed{Stopped: true})
	for name, c := range map[string]struct {
		instance        string
		noReboot        *bool
		reboots         int
		crashConsistent bool
	}{
		"by default":      {running, nil, 1, false},
		"not when told":   {running, new(true), 0, true},
		"not a stopped":   {stopped, nil, 0, false},
		"stopped is calm": {stopped, new(true), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := region.Reboots(c.instance)
			out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &c.instance, Name: &name, NoReboot: c.noReboot})
			require.NoError(t, err)
			assert.Equal(t, c.reboots, region.Reboots(c.instance)-before)
			assert.Equal(t, c.crashConsistent, region.CrashConsistent(*out.ImageId))
		})
	}
}

func TestImageStatesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timing := awstest.Timing{Image: 5 * time.Minute}
		cloud := awstest.Start(t, awstest.WithTiming(timing))
		client := ec2.NewFromConfig(cloud.Config(home))
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden")})
		require.NoError(t, err)

		image := readImage(t, client, *out.ImageId)
		assert.Equal(t, ec2types.ImageStatePending, image.State)
		time.Sleep(2 * time.Minute)
		snapshot := readSnapshots(t, client, image)[0]
		assert.Equal(t, ec2types.SnapshotStatePending, snapshot.State)
		assert.Equal(t, "40%", *snapshot.Progress)
		assert.Nil(t, snapshot.CompletionTime)
		time.Sleep(3*time.Minute - 1)
		assert.Equal(t, ec2types.ImageStatePending, readImage(t, client, *out.ImageId).State)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, ec2types.ImageStateAvailable, readImage(t, client, *out.ImageId).State)
		snapshot = readSnapshots(t, client, image)[0]
		assert.Equal(t, ec2types.SnapshotStateCompleted, snapshot.State)
		assert.Equal(t, "100%", *snapshot.Progress)
		assert.Equal(t, 5*time.Minute, snapshot.CompletionTime.Sub(*snapshot.StartTime))
	})
}

func TestImageStatesSeenOnce(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config(home))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	for _, name := range []string{"seen as an image", "seen as a snapshot"} {
		out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
		require.NoError(t, err)
		image, _ := cloud.Region(home).Image(*out.ImageId)
		assert.Equal(t, ec2types.ImageStatePending, image.State, "inspection shows nothing to anybody")
		if name == "seen as an image" {
			assert.Equal(t, ec2types.ImageStatePending, readImage(t, client, *out.ImageId).State)
		} else {
			assert.Equal(t, ec2types.SnapshotStatePending, readSnapshots(t, client, image)[0].State)
		}
		assert.Equal(t, ec2types.ImageStateAvailable, readImage(t, client, *out.ImageId).State)
		assert.Equal(t, ec2types.SnapshotStateCompleted, readSnapshots(t, client, image)[0].State)
	}
}

func TestImageFailsWithItsReasonAndKeepsItsName(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	cloud.FailImages(awstest.ImageMatch{Region: home, Name: "bad-*"}, "Client.InvalidSnapshot.NotFound", "The snapshot has gone")
	create := func(name string) (*ec2.CreateImageOutput, error) {
		return client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
	}

	good, err := create("good-1")
	require.NoError(t, err)
	bad, err := create("bad-1")
	require.NoError(t, err)

	assert.Equal(t, ec2types.ImageStateAvailable, readImage(t, client, *good.ImageId).State)
	image := readImage(t, client, *bad.ImageId)
	assert.Equal(t, ec2types.ImageStateFailed, image.State)
	assert.Equal(t, ec2types.StateReason{Code: new("Client.InvalidSnapshot.NotFound"), Message: new("The snapshot has gone")}, *image.StateReason)
	assert.Equal(t, ec2types.SnapshotStateError, readSnapshots(t, client, image)[0].State)
	_, err = create("bad-1")
	requireCode(t, err, "InvalidAMIName.Duplicate", *bad.ImageId)
	_, err = client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: bad.ImageId})
	require.NoError(t, err)
	cloud.ForgetScripts()
	again, err := create("bad-1")
	require.NoError(t, err)
	assert.Equal(t, ec2types.ImageStateAvailable, readImage(t, client, *again.ImageId).State)
}

func TestImageOfStateIsConfigurable(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce), awstest.WithUnconfirmed(awstest.Unconfirmed{
		CreateImageState: "IncorrectInstanceState",
		CopySourceState:  "InvalidRequest",
		DisabledByID:     "InvalidAMIID.Unavailable",
		WrongImageState:  "OperationNotPermitted",
	}))
	client := ec2.NewFromConfig(cloud.Config(home))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	own := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "own"})
	_, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	_, err = client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("image")})
	require.NoError(t, err, "stopping was shown once")

	_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	_, err = client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("late")})
	requireCode(t, err, "IncorrectInstanceState", "")
	_, err = client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &own})
	require.NoError(t, err)
	_, err = client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &own})
	requireCode(t, err, "OperationNotPermitted", "")
	_, err = client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{own}})
	requireCode(t, err, "InvalidAMIID.Unavailable", own)
	_, err = client.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &own, SourceRegion: new(home)})
	requireCode(t, err, "InvalidRequest", "")
}
