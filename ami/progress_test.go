package ami_test

import (
	"context"
	"errors"
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

// copying has a copy with a big and a small volume under way.
func copying(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, string) {
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithTiming(steady)}, opts...)...)
	made, err := ami.Copy(t.Context(), client(cloud, here), ami.CopyInput{
		SourceImageID: cloud.Region(there).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{100}}),
		SourceRegion:  there, Name: "web 1",
	})
	require.NoError(t, err)
	return cloud, made.ImageID
}

func TestWaitThatEndsSaysHowFarTheSnapshotsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, id := copying(t)
		ctx, cancel := context.WithTimeout(t.Context(), 210*time.Second) // half of its time
		defer cancel()
		_, err := ami.Wait(ctx, client(cloud, here), []string{id})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "50%", e.Progress)
		assert.Equal(t, "pending", e.State)
		assert.Equal(t, 210*time.Second, e.Elapsed)
		assert.ErrorContains(t, err, "state pending after 3m30s, snapshots 50%")
		assert.Equal(t, 1, cloud.Count("DescribeSnapshots"), "for the error alone")
	})
}

// A copy's disks may be listed late; its snapshots have our tag from the start.
func TestProgressOfAnImageWhoseDisksAreNotListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, id := copying(t)
		cloud.Inject(func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if found, ok := out.(*ec2.DescribeImagesOutput); ok {
				for i := range found.Images {
					found.Images[i].BlockDeviceMappings = nil
				}
			}
			return out, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), 210*time.Second)
		defer cancel()
		_, err := ami.Wait(ctx, client(cloud, here), []string{id})
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "50%", e.Progress)
	})
}

func TestWatchTellsOfProgressWhenAsked(t *testing.T) {
	for asked, want := range map[bool]int{false: 2, true: 10} {
		synctest.Test(t, func(t *testing.T) {
			cloud, id := copying(t)
			var got []int
			for s, err := range ami.Watch(t.Context(), client(cloud, here), []string{id}, func(o *ami.Options) { o.Progress = asked }) {
				require.NoError(t, err)
				got = append(got, s.Progress)
			}
			assert.IsIncreasing(t, got[:len(got)-1])
			if asked {
				assert.Greater(t, len(got), want)
				assert.Greater(t, got[len(got)-2], 90)
			} else {
				assert.Len(t, got, want)
				assert.Zero(t, cloud.Count("DescribeSnapshots"))
			}
		})
	}
}

func TestProgressIsWeightedByTheSizes(t *testing.T) {
	api := &disks{reader: newReader(all(image(id(1), types.ImageStateFailed))), snapshots: []types.Snapshot{
		{SnapshotId: new("snap-00000000000000001"), VolumeSize: new(int32(30)), Progress: new("100%"), State: types.SnapshotStateCompleted},
		{SnapshotId: new("snap-00000000000000001"), VolumeSize: new(int32(10)), Progress: new("0%"), State: types.SnapshotStateError,
			StateMessage: new("Given key ID is not accessible")},
	}}
	_, err := ami.Wait(t.Context(), api, []string{id(1)})
	require.ErrorIs(t, err, ami.ErrFailed)
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, "75% (snap-00000000000000001 error Given key ID is not accessible)", e.Progress)
	assert.Contains(t, e.Hint, "KMS key", "what the image does not say, its snapshot does")
}

func TestProgressIsLeftOutWhereItIsRefused(t *testing.T) {
	api := &disks{reader: newReader(all(image(id(1), types.ImageStateFailed))), err: awsError("UnauthorizedOperation")}
	_, err := ami.Wait(t.Context(), api, []string{id(1)})
	require.ErrorIs(t, err, ami.ErrFailed)
	assert.NotContains(t, err.Error(), "snapshots")
}

// disks is a reader that can read snapshots too.
type disks struct {
	*reader
	snapshots []types.Snapshot
	err       error
}

func (d *disks) DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return &ec2.DescribeSnapshotsOutput{Snapshots: d.snapshots}, d.err
}
