package ami_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// toBucket is an image and a bucket to store it in.
func toBucket(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.StoreToS3Input) {
	cloud := awstest.Start(t, opts...)
	cloud.Region(here).Bucket("images")
	image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}, Tags: map[string]string{"team": "web", ami.TagIntent: "of the stored image"}})
	return cloud, ami.StoreToS3Input{ImageID: image, Bucket: "images"}
}

// fromBucket is an object that was stored in another Region, here.
func fromBucket(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.RestoreFromS3Input) {
	cloud := awstest.Start(t, opts...)
	region := cloud.Region("us-gov-west-1")
	region.Bucket("images")
	image := region.OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}, Tags: map[string]string{"team": "web", ami.TagIntent: "of the stored image"}})
	_, err := client(cloud, "us-gov-west-1").CreateStoreImageTask(t.Context(), &ec2.CreateStoreImageTaskInput{ImageId: &image, Bucket: new("images")})
	require.NoError(t, err)
	cloud.Advance(time.Hour)
	cloud.Region(here).Bucket("images")
	region.CopyStoredImage("images", image+".bin", cloud.Region(here), "images")
	return cloud, ami.RestoreFromS3Input{Bucket: "images", ObjectKey: image + ".bin", Name: "web 1"}
}

func storeTasks(t *testing.T, cloud *awstest.Cloud) (out []types.StoreImageTaskResult) {
	t.Helper()
	for p := ec2.NewDescribeStoreImageTasksPaginator(client(cloud, here), nil); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		out = append(out, page.StoreImageTaskResults...)
	}
	return out
}

func TestImageCrossesPartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := toBucket(t, awstest.WithTiming(awstest.Timing{StoreImage: time.Minute, RestoreImage: time.Minute}))
		in.ObjectTags = map[string]string{"app": "web"}
		stored, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.False(t, stored.Adopted)
		assert.Equal(t, in.ImageID+".bin", stored.ObjectKey)

		again, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, ami.StoreTaskInProgress, again.State)

		var seen []string
		for s, err := range ami.WatchStoreToS3(t.Context(), client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{in.ImageID}, Bucket: in.Bucket}) {
			require.NoError(t, err)
			if len(seen) == 0 || s.Done {
				seen = append(seen, fmt.Sprint(s.State, " ", s.Progress, " ", s.Elapsed))
			}
		}
		assert.Equal(t, []string{"InProgress 0 0s", "Completed 100 1m0s"}, seen)
		again, err = ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, ami.StoreTaskCompleted, again.State)
		assert.Len(t, cloud.Writes(), 1)
		objects := cloud.Region(here).StoredImages("images")
		require.Len(t, objects, 1)
		assert.Equal(t, map[string]string{"app": "web"}, objects[0].Tags)

		const gov = "us-gov-west-1"
		cloud.Region(gov).Bucket("images")
		cloud.Region(here).CopyStoredImage("images", stored.ObjectKey, cloud.Region(gov), "images")
		restore := ami.RestoreFromS3Input{Bucket: "images", ObjectKey: stored.ObjectKey, Name: "web 1", Tags: map[string]string{"stage": "gov"}}
		made, err := ami.RestoreFromS3(t.Context(), client(cloud, gov), restore)
		require.NoError(t, err)
		images, err := ami.Wait(t.Context(), client(cloud, gov), []string{made.ImageID})
		require.NoError(t, err)
		for key, value := range map[string]string{
			"team": "web", "stage": "gov", ami.TagRestored + made.Intent[:16]: made.Intent, ami.TagSource: "images/" + stored.ObjectKey,
		} {
			assert.Equal(t, value, ami.Tag(images[0].Tags, key), key)
		}
		assert.Equal(t, made.Intent, ami.Tag(snapshots(t, cloud, gov)[0].Tags, ami.TagRestored+made.Intent[:16]))
		same, err := ami.RestoreFromS3(t.Context(), client(cloud, gov), restore)
		require.NoError(t, err)
		assert.True(t, same.Adopted)
		assert.Equal(t, made.ImageID, same.ImageID)
		other := restore
		other.Revision = "2"
		_, err = ami.RestoreFromS3(t.Context(), client(cloud, gov), other)
		require.ErrorIs(t, err, ami.ErrNameTaken)
	})
}

func TestRestoreFromS3IsRecognisedWhicheverTagWins(t *testing.T) {
	for name, win := range map[string]bool{"that of the call": false, "the stored one": true} {
		t.Run(name, func(t *testing.T) {
			cloud, in := fromBucket(t, awstest.WithUnconfirmed(awstest.Unconfirmed{StoredTagsWin: win}))
			made, err := ami.RestoreFromS3(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			want := made.Intent
			if win {
				want = "of the stored image"
			}
			assert.Equal(t, want, ami.Tag(held(t, cloud, here)[0].Tags, ami.TagIntent))
			again, err := ami.RestoreFromS3(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.True(t, again.Adopted)
			assert.Len(t, held(t, cloud, here), 1)
		})
	}
}

func TestStoreToS3AgainWhenTheObjectIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := toBucket(t)
		region := cloud.Region(here)
		var asked []string
		in.ObjectExists = func(_ context.Context, bucket, key string) (bool, error) {
			asked = append(asked, bucket+"/"+key)
			return len(region.StoredImages(bucket)) > 0, nil
		}
		_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		again, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		time.Sleep(32 * 24 * time.Hour) // AWS does not list the task any more
		again, err = ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, ami.StoreTask{ImageID: in.ImageID, Bucket: "images", ObjectKey: in.ImageID + ".bin", State: ami.StoreTaskCompleted, Progress: 100}, again.StoreTask)
		assert.Len(t, cloud.Writes(), 1)

		region.DeleteStoredImage("images", in.ImageID+".bin")
		fresh, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.False(t, fresh.Adopted)
		assert.Contains(t, asked, "images/"+in.ImageID+".bin")
		in.ObjectExists = func(context.Context, string, string) (bool, error) { return false, errors.New("no access") }
		_, err = ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.ErrorContains(t, err, "no access")
	})
}

func TestStoreToS3AfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := toBucket(t)
		cloud.Region(here).FailStoreImages("The snapshot is not accessible.")
		_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		tasks, err := ami.WaitStoreToS3(t.Context(), client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{in.ImageID}, Bucket: in.Bucket})
		require.ErrorIs(t, err, ami.ErrFailed)
		require.ErrorContains(t, err, "The snapshot is not accessible.")
		assert.Equal(t, ami.StoreTaskFailed, tasks[0].State)
		time.Sleep(time.Second)
		again, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.False(t, again.Adopted)
		tasks, err = ami.WaitStoreToS3(t.Context(), client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{in.ImageID}, Bucket: in.Bucket})
		require.NoError(t, err, "the newest task counts")
		assert.Equal(t, 100, tasks[0].Progress)
	})
}

// An object that is there counts, whatever became of a later task.
func TestStoreToS3AfterAFailureWhereTheObjectIsThere(t *testing.T) {
	cloud, in := toBucket(t)
	cloud.Region(here).FailStoreImages("The snapshot is not accessible.")
	_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	in.ObjectExists = func(context.Context, string, string) (bool, error) { return true, nil }
	stored, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.True(t, stored.Adopted)
	assert.Equal(t, ami.StoreTaskCompleted, stored.State)
	assert.Empty(t, stored.Reason)
	assert.Len(t, cloud.Writes(), 1)
}

func TestStoreToS3Refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := toBucket(t)
		in.Bucket = "nobodys"
		began := time.Now()
		_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.Error(t, err)
		assert.ErrorContains(t, err, "InvalidParameter")
		assert.ErrorContains(t, err, in.ImageID)
		assert.Equal(t, 1, cloud.Count("CreateStoreImageTask"))
		assert.Equal(t, 30*time.Second, time.Since(began), "it is read back for a while")
		in.ImageID = id(1)
		_, err = ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNotFound)
		assert.Equal(t, 30*time.Second, time.Since(began), "at once")
		_, err = ami.WaitStoreToS3(t.Context(), client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{id(1)}, Bucket: "images"})
		require.ErrorIs(t, err, ami.ErrNotFound, "there is no such task")
		_, err = ami.WaitStoreToS3(within(t, 10*time.Second), client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{id(1), id(2)}, Bucket: "images"})
		require.ErrorIs(t, err, errStopped)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, []string{id(1), id(2)}, e.IDs)
	})
}

func TestStoreAndRestoreInput(t *testing.T) {
	cloud := awstest.Start(t)
	for want, in := range map[string]ami.StoreToS3Input{
		`invalid ImageID "x"`:     {ImageID: "x", Bucket: "images"},
		`invalid Bucket "IMAGES"`: {ImageID: id(1), Bucket: "IMAGES"},
		`invalid key "aws:x"`:     {ImageID: id(1), Bucket: "images", ObjectTags: map[string]string{"aws:x": ""}},
	} {
		_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		assert.ErrorContains(t, err, want)
	}
	for want, in := range map[string]ami.RestoreFromS3Input{
		`invalid Bucket ""`:     {ObjectKey: "x.bin", Name: "web 1"},
		"ObjectKey is required": {Bucket: "images", Name: "web 1"},
		"Name":                  {Bucket: "images", ObjectKey: "x.bin"},
		ami.TagIntent:           {Bucket: "images", ObjectKey: "x.bin", Name: "web 1", Tags: map[string]string{ami.TagIntent: "x"}},
	} {
		_, err := ami.RestoreFromS3(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		assert.ErrorContains(t, err, want)
	}
	for _, in := range []ami.WatchStoreToS3Input{{ImageIDs: []string{id(1)}}, {ImageIDs: []string{"x"}, Bucket: "images"}} {
		_, err := ami.WaitStoreToS3(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
	}
	assert.Empty(t, cloud.Calls())
}

func TestAncestryOverRegions(t *testing.T) {
	cloud := awstest.Start(t)
	base := cloud.Region(there).PublicImage("base")
	instance := cloud.Region(there).PreparedInstance(awstest.InstanceSeed{ImageID: base})
	baked, err := ami.Create(t.Context(), client(cloud, there), web(instance))
	require.NoError(t, err)
	copied, err := ami.Copy(t.Context(), client(cloud, here), ami.CopyInput{SourceImageID: baked.ImageID, SourceRegion: there, Name: "web 1"})
	require.NoError(t, err)
	_, err = ami.Deregister(t.Context(), client(cloud, there), baked.ImageID)
	require.NoError(t, err)

	chain, err := ami.Ancestry(t.Context(), client(cloud, here), copied.ImageID)
	require.NoError(t, err)
	require.Len(t, chain, 3)
	for i, want := range []ami.Ancestor{
		{ImageID: copied.ImageID, Region: here, SourceImageID: baked.ImageID, SourceRegion: there},
		{ImageID: baked.ImageID, Region: there, SourceImageID: base, SourceRegion: there},
		{ImageID: base, Region: there, OwnerAlias: "amazon"},
	} {
		assert.False(t, chain[i].CreatedAt.IsZero())
		want.CreatedAt = chain[i].CreatedAt
		assert.Equal(t, want, chain[i])
	}
	_, err = ami.Ancestry(t.Context(), client(cloud, here), id(9))
	require.ErrorIs(t, err, ami.ErrNotFound)
	_, err = ami.Ancestry(t.Context(), client(cloud, here), "x")
	require.ErrorIs(t, err, ami.ErrInvalidInput)
}
