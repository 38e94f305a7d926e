package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const day = 24 * time.Hour

func TestRecycleBin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithQuotas(awstest.Quotas{Images: 2}))
		region := cloud.Region(home)
		client, other := ec2.NewFromConfig(cloud.Config(home)), clientOf(cloud, stranger, home)
		ctx := t.Context()
		region.RecycleBin(
			awstest.RetentionRule{Images: true, Snapshots: true, For: day},
			awstest.RetentionRule{Images: true, For: 3 * day, Tags: map[string]string{"app": "web"}},
			awstest.RetentionRule{Images: true, For: 9 * day, Tags: map[string]string{"app": "db"}},
		)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden", Tags: map[string]string{"app": "web"}, SharedWith: []string{stranger}})
		snapshot := *region.Snapshots()[0].SnapshotId
		_, err := client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
		require.NoError(t, err)

		listed, err := client.ListImagesInRecycleBin(ctx, &ec2.ListImagesInRecycleBinInput{ImageIds: []string{id}})
		require.NoError(t, err)
		require.Len(t, listed.Images, 1)
		assert.Equal(t, "golden", *listed.Images[0].Name)
		assert.Equal(t, 3*day, listed.Images[0].RecycleBinExitTime.Sub(*listed.Images[0].RecycleBinEnterTime), "the longest rule that matches")
		in := func(resource string) int {
			out, err := client.DescribeTags(ctx, &ec2.DescribeTagsInput{
				Filters: append(filter("resource-id", resource), filter("key", "aws:recycle-bin:resource-in-bin")...)})
			require.NoError(t, err)
			return len(out.Tags)
		}
		assert.Equal(t, 1, in(id))
		assert.Equal(t, 1, in(snapshot))
		instance := region.PreparedInstance(awstest.InstanceSeed{})
		_, err = client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: new("second")})
		require.NoError(t, err)
		_, err = client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: new("third")})
		assert.ErrorContains(t, err, "ResourceLimitExceeded", "what is in the bin counts")

		_, err = client.RestoreImageFromRecycleBin(ctx, &ec2.RestoreImageFromRecycleBinInput{ImageId: &id})
		assert.ErrorContains(t, err, "InvalidSnapshot.NotFound", "its snapshot comes first")
		restored, err := client.RestoreSnapshotFromRecycleBin(ctx, &ec2.RestoreSnapshotFromRecycleBinInput{SnapshotId: &snapshot})
		require.NoError(t, err)
		assert.Equal(t, "completed", string(restored.State))
		_, err = client.RestoreImageFromRecycleBin(ctx, &ec2.RestoreImageFromRecycleBinInput{ImageId: &id})
		require.NoError(t, err)
		assert.Zero(t, in(id)+in(snapshot))
		assert.Equal(t, "available", string(readImage(t, client, id).State))
		assert.Equal(t, "golden", *readImage(t, other, id).Name, "it is shared as before")
		_, err = client.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: &snapshot})
		assert.ErrorContains(t, err, "InvalidSnapshot.InUse")

		// Deregistered once more, it stays as long again, and is gone then.
		time.Sleep(2 * day)
		_, err = client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id})
		require.NoError(t, err)
		time.Sleep(2 * day)
		_, err = client.ListImagesInRecycleBin(ctx, &ec2.ListImagesInRecycleBinInput{ImageIds: []string{id}})
		assert.NoError(t, err)
		time.Sleep(day)
		_, err = client.ListImagesInRecycleBin(ctx, &ec2.ListImagesInRecycleBinInput{ImageIds: []string{id}})
		assert.ErrorContains(t, err, "InvalidAMIID.NotFound")
		_, err = client.RestoreImageFromRecycleBin(ctx, &ec2.RestoreImageFromRecycleBinInput{ImageId: &id})
		assert.ErrorContains(t, err, "InvalidAMIID.NotFound")
	})
}

// A name is free while its image is in the bin; then the image cannot come back.
func TestRestoreWantsItsName(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	client := ec2.NewFromConfig(cloud.Config(home))
	region.RecycleBin(awstest.RetentionRule{Images: true, For: day})
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
	require.NoError(t, err)
	region.OwnImage(awstest.ImageSeed{Name: "golden"})
	_, err = client.RestoreImageFromRecycleBin(t.Context(), &ec2.RestoreImageFromRecycleBinInput{ImageId: &id})
	assert.ErrorContains(t, err, "InvalidAMIName.Duplicate")
}

// The bin makes nothing whole: what has failed comes back failed.
func TestRestoredFailureIsStillOne(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	client := ec2.NewFromConfig(cloud.Config(home))
	region.RecycleBin(awstest.RetentionRule{Images: true, For: day})
	cloud.FailImages(awstest.ImageMatch{Name: "bad"}, "Client.InternalError", "no")
	instance := region.PreparedInstance(awstest.InstanceSeed{})
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("bad")})
	require.NoError(t, err)
	assert.Equal(t, "failed", string(readImage(t, client, *made.ImageId).State))
	_, err = client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: made.ImageId})
	require.NoError(t, err)
	_, err = client.RestoreImageFromRecycleBin(t.Context(), &ec2.RestoreImageFromRecycleBinInput{ImageId: made.ImageId})
	require.NoError(t, err)
	again := readImage(t, client, *made.ImageId)
	assert.Equal(t, "failed", string(again.State))
	assert.Equal(t, "no", *again.StateReason.Message)
}
