package region_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// allOrNothing has the copies of atHome go to five Regions, and images and
// snapshots of others in each.
func allOrNothing(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, region.CopyInput) {
	cloud, in := atHome(t, opts...)
	in.Targets = to(london, ireland, virginia, paris, region.Target{Region: "ap-south-1"}, region.Target{Region: "sa-east-1"})
	in.Policy = region.FailurePolicyAllOrNothing
	for _, d := range in.Targets {
		if d.Target != ireland {
			cloud.Region(d.Region).OwnImage(awstest.ImageSeed{Name: "of somebody", DataGiB: []int32{20}})
		}
	}
	return cloud, in
}

// onlyOthers says that nothing is left of the copies, and all of the rest.
func onlyOthers(t *testing.T, cloud *awstest.Cloud, in region.CopyInput) {
	t.Helper()
	for _, d := range in.Targets {
		images, snapshots := cloud.Region(d.Region).Images(), cloud.Region(d.Region).Snapshots()
		require.Len(t, images, 1, d.Region)
		assert.Len(t, snapshots, len(images[0].BlockDeviceMappings), d.Region)
		assert.Equal(t, types.ImageStateAvailable, images[0].State)
	}
}

func TestAllOrNothingRemovesTheOthersWhenOneFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region, Name: in.Name}, "Client.InternalError", "it failed")
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrFailed)
		onlyOthers(t, cloud, in)
		for i, r := range results {
			switch i {
			case 1:
				require.NoError(t, r.Err, "the source is not ours to remove")
				assert.False(t, r.Removed)
			case 3:
				require.ErrorIs(t, r.Err, ami.ErrFailed)
				require.NotErrorIs(t, r.Err, region.ErrRemoved)
				assert.True(t, r.Removed)
			default:
				require.ErrorIs(t, r.Err, region.ErrRemoved)
				assert.True(t, r.Removed)
				assert.NotEmpty(t, r.ImageID)
			}
		}

		cloud.ForgetScripts()
		again, err := region.RetryFailed(t.Context(), fresh(cloud), in, results)
		require.NoError(t, err)
		for i, r := range again {
			assert.Equal(t, types.ImageStateAvailable, r.Image.State, i)
		}
	})
}

func TestAllOrNothingLeavesWhatStoodBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		targets := in.Targets
		in.Targets = to(london)
		before, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		in.Targets = targets
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "it failed")
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrFailed)
		require.NoError(t, results[0].Err)
		assert.True(t, results[0].Adopted)
		img, ok := cloud.Region(london.Region).Image(before[0].ImageID)
		assert.True(t, ok)
		assert.Equal(t, types.ImageStateAvailable, img.State)
	})
}

func TestAllOrNothingWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		why := errors.New("the budget of the copies")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, why)
		defer cancel()
		results, err := region.Copy(ctx, fresh(cloud), in)
		require.ErrorIs(t, err, why)
		onlyOthers(t, cloud, in)
		for i, r := range results {
			assert.Equal(t, i != 1, r.Removed)
		}
	})
}

// What a lost answer has made is of this call too.
func TestAllOrNothingFindsWhatALostAnswerHasMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CopyImage", Region: paris.Region}))
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorContains(t, err, "lost for good")
		onlyOthers(t, cloud, in)
		assert.True(t, results[3].Removed)
		assert.NotEmpty(t, results[3].ImageID)
	})
}

// A copy may have failed by the time that it is looked for, and lost its name.
func TestAllOrNothingFindsWhatALostAnswerHasMadeAndFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CopyImage", Region: paris.Region}))
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if list, ok := out.(*ec2.DescribeImagesOutput); ok && err == nil && call.Region == paris.Region {
				for i := range list.Images {
					if img := &list.Images[i]; aws.ToString(img.Name) == in.Name {
						img.Name, img.State = nil, types.ImageStateFailed
					}
				}
			}
			return out, err
		})
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorContains(t, err, "lost for good")
		onlyOthers(t, cloud, in)
		assert.True(t, results[3].Removed)
	})
}

// Where nobody can tell whether a copy was made, nobody is told that there is
// none.
func TestAllOrNothingNamesWhatItCouldNotLookFor(t *testing.T) {
	for name, code := range map[string]string{"refused": "UnauthorizedOperation", "out of time": "RequestLimitExceeded"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := allOrNothing(t)
				cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CopyImage", Region: paris.Region}))
				var copied atomic.Bool
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if call.Region == paris.Region && call.Operation == "DescribeImages" && copied.Load() {
						return nil, apiError(code)
					}
					if call.Region == paris.Region && call.Operation == "CopyImage" {
						copied.Store(true)
					}
					return next(ctx)
				})
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.ErrorContains(t, err, "lost for good")
				require.ErrorContains(t, results[3].Err, code)
				require.ErrorContains(t, results[3].Err, in.Name+": ")
				require.ErrorContains(t, results[3].Err, "a copy may stand under this name")
				assert.False(t, results[3].Removed)
				assert.Len(t, cloud.Region(paris.Region).Images(), 2)
				assert.Len(t, cloud.Region(london.Region).Images(), 1, "one that nobody knows of stops no other")
			})
		})
	}
}

func TestAllOrNothingOutlastsThrottlingAsItRemoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region, Name: in.Name}, "Client.InternalError", "it failed")
		until := time.Now().Add(12 * time.Minute)
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "DeregisterImage" && time.Now().Before(until) {
				return nil, apiError("RequestLimitExceeded")
			}
			return next(ctx)
		})
		_, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrFailed)
		onlyOthers(t, cloud, in)
	})
}

func TestAllOrNothingNamesWhatItCouldNotRemove(t *testing.T) {
	for name, code := range map[string]string{"refused": "UnauthorizedOperation", "out of time": "RequestLimitExceeded"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := allOrNothing(t)
				cloud.FailImages(awstest.ImageMatch{Region: paris.Region, Name: in.Name}, "Client.InternalError", "it failed")
				cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DeregisterImage", Region: london.Region}, 0, code, "not now"))
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.ErrorContains(t, err, code)
				assert.False(t, results[0].Removed)
				require.NotErrorIs(t, results[0].Err, region.ErrRemoved)
				require.ErrorContains(t, results[0].Err, results[0].ImageID)
				assert.True(t, results[2].Removed, "one that cannot be removed stops no other")
				_, ok := cloud.Region(london.Region).Image(results[0].ImageID)
				assert.True(t, ok)
			})
		})
	}
}

// A target without clients has made nothing, and there is nothing to remove.
func TestAllOrNothingOfATargetThatCannotBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		ok := accounts(cloud)
		pool := region.NewClientPool(func(ctx context.Context, target region.Target) (aws.Config, error) {
			if target == paris {
				return aws.Config{}, errors.New("no such role")
			}
			return ok(ctx, target)
		})
		results, err := region.Copy(t.Context(), pool, in)
		require.ErrorContains(t, err, "no such role")
		assert.False(t, results[3].Removed)
		onlyOthers(t, cloud, in)
	})
}

// There is no use in waiting for the others once one has failed.
func TestAllOrNothingStopsAtTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := allOrNothing(t)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CopyImage", Region: paris.Region}, 0, "UnauthorizedOperation", "no"))
		start := time.Now()
		_, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.Less(t, time.Since(start), 2*time.Minute, "a copy takes seven")
		onlyOthers(t, cloud, in)
	})
}
