package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const (
	storeTime = 20 * time.Minute // by when a store image task has ended
	gov       = "us-gov-west-1"
)

func storeTasks(t *testing.T, client *ec2.Client, in ec2.DescribeStoreImageTasksInput) []ec2types.StoreImageTaskResult {
	t.Helper()
	out, err := client.DescribeStoreImageTasks(t.Context(), &in)
	require.NoError(t, err)
	return out.StoreImageTaskResults
}

func TestImageIsStoredAndRestoredInAnotherPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{StoreImage: 10 * time.Minute, RestoreImage: 8 * time.Minute}))
		region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
		region.Bucket("images")
		image := region.OwnImage(awstest.ImageSeed{Name: "golden", Description: "at home", Encrypted: true, DataGiB: []int32{20}, Tags: map[string]string{"app": "web"}, SharedWith: []string{stranger}})
		began := cloud.Now()
		out, err := client.CreateStoreImageTask(t.Context(), &ec2.CreateStoreImageTaskInput{ImageId: &image, Bucket: new("images"),
			S3ObjectTags: []ec2types.S3ObjectTag{{Key: new("team"), Value: new("web")}}})
		require.NoError(t, err)
		assert.Equal(t, image+".bin", *out.ObjectKey)
		time.Sleep(10*time.Minute - 1)
		task := storeTasks(t, client, ec2.DescribeStoreImageTasksInput{ImageIds: []string{image}})[0]
		assert.Equal(t, []any{image, "images", image + ".bin", "InProgress", int32(99)},
			[]any{*task.AmiId, *task.Bucket, *task.S3objectKey, *task.StoreTaskState, *task.ProgressPercentage})
		assert.Equal(t, began, *task.TaskStartTime)
		assert.Nil(t, task.StoreTaskFailureReason)
		assert.Empty(t, region.StoredImages("images"), "not before the task has completed")
		time.Sleep(time.Nanosecond)
		task = storeTasks(t, client, ec2.DescribeStoreImageTasksInput{})[0]
		assert.Equal(t, []any{"Completed", int32(100)}, []any{*task.StoreTaskState, *task.ProgressPercentage})
		assert.Equal(t, []awstest.StoredImage{{Key: image + ".bin", ImageID: image, Name: "golden", Tags: map[string]string{"team": "web"}}}, region.StoredImages("images"))

		west := cloud.Region(gov)
		west.Bucket("images") // names are of a partition
		region.CopyStoredImage("images", image+".bin", west, "images")
		there := ec2.NewFromConfig(cloud.Config(gov))
		made, err := there.CreateRestoreImageTask(t.Context(), &ec2.CreateRestoreImageTaskInput{Bucket: new("images"), ObjectKey: new(image + ".bin"), TagSpecifications: tags("image", "stage", "two")})
		require.NoError(t, err)
		assert.Equal(t, ec2types.ImageStatePending, readImage(t, there, *made.ImageId).State)
		time.Sleep(8 * time.Minute)
		got := readImage(t, there, *made.ImageId)
		assert.Equal(t, ec2types.ImageStateAvailable, got.State)
		assert.NotEqual(t, image, *got.ImageId)
		assert.Equal(t, []string{"golden", "at home"}, []string{*got.Name, *got.Description})
		assert.Nil(t, got.SourceImageId, "of another partition")
		assert.ElementsMatch(t, []ec2types.Tag{{Key: new("app"), Value: new("web")}, {Key: new("stage"), Value: new("two")}}, got.Tags)
		require.Len(t, got.BlockDeviceMappings, 2)
		assert.False(t, *got.BlockDeviceMappings[1].Ebs.Encrypted, "what is stored is decrypted")
		disks := readSnapshots(t, there, got)
		assert.Equal(t, ec2types.SnapshotStateCompleted, disks[0].State)
		assert.ElementsMatch(t, []int32{8, 20}, []int32{*disks[0].VolumeSize, *disks[1].VolumeSize})
		assert.Len(t, ancestry(t, there, *made.ImageId), 1)
		permissions, err := there.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: made.ImageId, Attribute: "launchPermission"})
		require.NoError(t, err)
		assert.Empty(t, permissions.LaunchPermissions)

		time.Sleep(31 * 24 * time.Hour)
		assert.Empty(t, storeTasks(t, client, ec2.DescribeStoreImageTasksInput{}))
	})
}

func TestRestoredImageRecordsItsSourceWithinThePartition(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{StoredTagsWin: true}))
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	region.Bucket("images")
	image := region.OwnImage(awstest.ImageSeed{Name: "golden", Tags: map[string]string{"app": "web"}})
	_, err := client.CreateStoreImageTask(t.Context(), &ec2.CreateStoreImageTaskInput{ImageId: &image, Bucket: new("images")})
	require.NoError(t, err)
	_, err = client.EnableEbsEncryptionByDefault(t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
	require.NoError(t, err)
	made, err := client.CreateRestoreImageTask(t.Context(), &ec2.CreateRestoreImageTaskInput{Bucket: new("images"), ObjectKey: new(image + ".bin"), Name: new("again"),
		TagSpecifications: tags("image", "app", "other")})
	require.NoError(t, err)
	got := readImage(t, client, *made.ImageId)
	assert.Equal(t, []string{image, home}, []string{*got.SourceImageId, *got.SourceImageRegion})
	assert.True(t, *got.BlockDeviceMappings[0].Ebs.Encrypted, "as the account asks for")
	assert.Equal(t, []ec2types.Tag{{Key: new("app"), Value: new("web")}}, got.Tags, "which of two tags counts is not confirmed")
	entries := ancestry(t, client, *made.ImageId)
	require.Len(t, entries, 2)
	assert.Equal(t, image, *entries[1].ImageId)
}

func TestStoreImageTaskFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{StoreImage: 10 * time.Minute}))
		region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
		region.Bucket("images")
		store := func(image string) {
			_, err := client.CreateStoreImageTask(t.Context(), &ec2.CreateStoreImageTaskInput{ImageId: &image, Bucket: new("images")})
			require.NoError(t, err)
		}
		gone, golden := region.OwnImage(awstest.ImageSeed{Name: "gone"}), region.OwnImage(awstest.ImageSeed{Name: "golden"})
		store(gone)
		region.FailStoreImages("Access denied")
		store(golden)
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &gone, DeleteAssociatedSnapshots: new(true)})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		failed := storeTasks(t, client, ec2.DescribeStoreImageTasksInput{Filters: filter("task-state", "Failed")})
		require.Len(t, failed, 2)
		assert.Equal(t, []string{golden, "Access denied"}, []string{*failed[0].AmiId, *failed[0].StoreTaskFailureReason}, "newest first")
		assert.Contains(t, *failed[1].StoreTaskFailureReason, "does not exist")
		assert.Empty(t, region.StoredImages("images"))
		store(golden)
		time.Sleep(10 * time.Minute)
		assert.Len(t, region.StoredImages("images"), 1)
		region.DeleteStoredImage("images", golden+".bin")
		store(golden)
	})
}

func TestStoreAndRestoreRefuse(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce), awstest.WithQuotas(awstest.AWSQuotas))
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	region.Bucket("images")
	cloud.Region(away).Bucket("elsewhere")
	cloud.Account(stranger).Region(home).Bucket("theirs")
	cloud.Account(stranger).Region(home).Bucket("open", awstest.DefaultAccount)
	golden := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	public := cloud.Account(stranger).Region(home).OwnImage(awstest.ImageSeed{Name: "public", Public: true})
	store := func(image, bucket string) error {
		_, err := client.CreateStoreImageTask(t.Context(), &ec2.CreateStoreImageTaskInput{ImageId: &image, Bucket: &bucket})
		return err
	}
	requireCode(t, store(unknownAMI, "images"), "InvalidAMIID.NotFound", "")
	requireCode(t, store(golden, "none"), "InvalidParameter", "none")
	requireCode(t, store(golden, "elsewhere"), "InvalidParameter", "not local")
	requireCode(t, store(golden, "theirs"), "InvalidParameter", "access")
	requireCode(t, store(public, "images"), "InvalidRequest", "directly")
	requireCode(t, store(region.OwnImage(awstest.ImageSeed{Name: "huge", RootGiB: 5001}), "images"), "InvalidRequest", "5000")
	require.NoError(t, store(region.ForeignImage(stranger, "shared", true), "open"))
	require.NoError(t, store(golden, "images"))
	requireCode(t, store(golden, "images"), "InvalidRequest", "already being stored")
	storeTasks(t, client, ec2.DescribeStoreImageTasksInput{})
	requireCode(t, store(golden, "images"), "InvalidRequest", "already stored")

	require.NoError(t, store(region.OwnImage(awstest.ImageSeed{Name: "large", RootGiB: 1200}), "images"))
	requireCode(t, store(region.OwnImage(awstest.ImageSeed{Name: "small"}), "images"), "ResourceLimitExceeded", "1200")

	restore := func(bucket, key, name string) error {
		_, err := client.CreateRestoreImageTask(t.Context(), &ec2.CreateRestoreImageTaskInput{Bucket: &bucket, ObjectKey: &key, Name: &name})
		return err
	}
	requireCode(t, restore("none", golden+".bin", "again"), "InvalidParameter", "none")
	requireCode(t, restore("images", "other.bin", "again"), "InvalidParameter", "other.bin")
	requireCode(t, restore("images", golden+".bin", "golden"), "InvalidAMIName.Duplicate", golden)
	requireCode(t, restore("images", golden+".bin", "x"), "InvalidAMIName.Malformed", "")
	storeTasks(t, client, ec2.DescribeStoreImageTasksInput{})
	large := region.StoredImages("images")
	for n, o := range large {
		if o.Name == "large" {
			require.NoError(t, restore("images", o.Key, fmt.Sprint("again ", n)))
		}
	}
	requireCode(t, restore("images", golden+".bin", "again"), "ResourceLimitExceeded", "600")

	_, err := client.DescribeStoreImageTasks(t.Context(), &ec2.DescribeStoreImageTasksInput{ImageIds: []string{golden}, MaxResults: new(int32(5))})
	requireCode(t, err, "InvalidParameterCombination", "maxResults")
	_, err = client.DescribeStoreImageTasks(t.Context(), &ec2.DescribeStoreImageTasksInput{ImageIds: make([]string, 21)})
	requireCode(t, err, "InvalidParameterValue", "20")
}
