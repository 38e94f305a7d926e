package ami_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

func TestWaitKeepsTheOrderAndJoinsFailures(t *testing.T) {
	api := newReader(all(
		image(id(3), types.ImageStateFailed), image(id(2), available),
		image(id(1), types.ImageStateDisabled), image(id(0), available),
	))

	images, err := ami.Wait(t.Context(), api, []string{id(3), id(0), id(1), id(2), id(3)})

	require.Len(t, images, 5)
	for i, want := range []int{3, 0, 1, 2, 3} {
		assert.Equal(t, id(want), *images[i].ImageId)
	}
	require.ErrorIs(t, err, ami.ErrFailed)
	require.ErrorIs(t, err, ami.ErrDisabled)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	assert.Len(t, joined.Unwrap(), 2, "one for each image, however often it is asked for")
}

func TestWaitForNothing(t *testing.T) {
	api := newReader(all())
	images, err := ami.Wait(t.Context(), api, nil)
	require.NoError(t, err)
	assert.Empty(t, images)
	assert.Empty(t, api.asked)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the budget of the copies")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 7*time.Second, why)
		defer cancel()
		start := time.Now()
		api := newReader(func(n int, _ *ec2.DescribeImagesInput) ([]types.Image, error) {
			if n == 4 {
				return nil, awsError("RequestLimitExceeded")
			}
			return []types.Image{image(id(0), available), image(id(1), pending)}, nil
		})

		images, err := ami.Wait(ctx, api, ids(3), func(o *ami.Options) { o.Region = "eu-west-1" })

		assert.Equal(t, 7*time.Second, time.Since(start))
		assert.Equal(t, available, images[0].State)
		assert.Equal(t, pending, images[1].State)
		assert.Equal(t, id(2), *images[2].ImageId, "never seen, and named all the same")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, why)
		last, ok := errors.AsType[smithy.APIError](err)
		require.True(t, ok, "the last error of AWS is in the chain")
		assert.Equal(t, "RequestLimitExceeded", last.ErrorCode())
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "eu-west-1", e.Region)
		assert.Equal(t, []string{id(1), id(2)}, e.IDs)
		assert.Equal(t, "pending "+id(1)+", not visible "+id(2), e.State)
		assert.Equal(t, 7*time.Second, e.Elapsed)
	})
}

func TestWaitHintsAtTheCause(t *testing.T) {
	for name, tc := range map[string]struct{ code, message, hint string }{
		"key by code":   {"Client.InvalidKMSKey.InvalidState", "The KMS key provided is in an incorrect state", "the KMS key must"},
		"key by text":   {"Client.InternalError", "Given key ID is not accessible. You must have DescribeKey permissions", "the KMS key must"},
		"silent key":    {"Client.InternalError", "Copy image failed with an internal error", "often a KMS key"},
		"instance":      {"Client.InstanceTerminated", "Instance was terminated", "the instance was terminated"},
		"snapshot":      {"Client.InvalidSnapshot.NotFound", "The snapshot does not exist", "a snapshot of the image was deleted"},
		"AWS":           {"Server.InternalError", "Internal error", "an error inside AWS"},
		"nothing known": {"Client.Unheard", "of", ""},
	} {
		t.Run(name, func(t *testing.T) {
			img := image(id(0), types.ImageStateFailed)
			img.StateReason = &types.StateReason{Code: &tc.code, Message: &tc.message}

			_, err := ami.Wait(t.Context(), newReader(all(img)), ids(1))

			e, ok := errors.AsType[*ami.Error](err)
			require.True(t, ok)
			assert.Equal(t, tc.code+": "+tc.message, e.Reason, "the raw text stays")
			if tc.hint == "" {
				assert.Empty(t, e.Hint)
			} else {
				assert.Contains(t, e.Hint, tc.hint)
			}
		})
	}
}

// A thousand images in one Region: five reads a tick, whatever they do, and no
// goroutine.
func TestWaitForAThousandImagesIsFiveReadsATick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{ImageCopy: 30 * time.Minute}))
		in := ami.CopyInput{SourceImageID: cloud.Region(there).OwnImage(awstest.ImageSeed{Name: "web"}), SourceRegion: there}
		api := client(cloud, here)
		var all []string
		for i := range 1000 {
			out, err := api.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: &in.SourceImageID, SourceRegion: new(there), Name: new("web " + id(i))})
			require.NoError(t, err)
			all = append(all, *out.ImageId)
		}
		cloud.ForgetCalls()
		before := runtime.NumGoroutine()
		ticks, most := map[time.Time]int{}, 0
		for s, err := range ami.Watch(t.Context(), api, all) {
			require.NoError(t, err)
			most = max(most, runtime.NumGoroutine()-before)
			require.NoError(t, s.Err)
		}
		for _, call := range cloud.Calls() {
			require.Equal(t, "DescribeImages", call.Operation)
			ticks[call.At]++
		}
		assert.Greater(t, len(ticks), 100)
		for at, reads := range ticks {
			assert.Equal(t, 5, reads, at)
		}
		assert.Zero(t, most)
	})
}

// A copy of an hour is waited for with nothing set; with a limit of half an hour
// of the caller's the error says how far it was then, and the copy goes on.
func TestWaitHasNoLimitButTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := abroad(t, awstest.WithTiming(awstest.Timing{ImageCopy: 55 * time.Minute}))
		made, err := ami.Copy(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		start := time.Now()
		_, err = ami.Wait(within(t, 30*time.Minute), client(cloud, here), []string{made.ImageID})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 30*time.Minute, time.Since(start).Round(time.Second))
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, made.ImageID, e.ID)
		assert.Equal(t, "pending", e.State)
		assert.Equal(t, 30*time.Minute, e.Elapsed.Round(time.Second))
		assert.Equal(t, "54%", e.Progress)

		images, err := ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
		require.NoError(t, err)
		assert.Equal(t, available, images[0].State)
		assert.InDelta(t, 55*time.Minute, time.Since(start), float64(20*time.Second))
	})
}
