package region_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

func TestRetryFailedTouchesOnlyWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Targets = to(london, ireland, virginia, paris, region.Target{Region: "ap-south-1"})
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "Copy image failed with an internal error")
		first, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrFailed)
		cloud.ForgetScripts()
		cloud.ForgetCalls()

		again, err := region.RetryFailed(t.Context(), fresh(cloud), in, first)

		require.NoError(t, err)
		require.Len(t, again, 5)
		for i, r := range again {
			assert.Equal(t, in.Targets[i].Target, r.Target)
			assert.Equal(t, types.ImageStateAvailable, r.Image.State)
			assert.Equal(t, i == 3, r.ImageID != first[i].ImageID)
		}
		assert.Equal(t, 1, cloud.Count("CopyImage"))
		for _, call := range cloud.Calls() {
			if call.Operation != "DescribeRegions" && call.Service == "EC2" {
				assert.Contains(t, []string{paris.Region, ireland.Region}, call.Region, call.Operation)
			}
		}

		cloud.ForgetCalls()
		last, err := region.RetryFailed(t.Context(), fresh(cloud), in, again)
		require.NoError(t, err)
		assert.Equal(t, again, last)
		assert.Empty(t, cloud.Calls(), "nothing had failed")
	})
}

func TestRetryFailedTakesWhatIsNotNamedForFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Targets = to(london)
		first, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		cloud.ForgetCalls()
		in.Targets = to(paris, london)
		again, err := region.RetryFailed(t.Context(), fresh(cloud), in, first)
		require.NoError(t, err)
		assert.Equal(t, first[0], again[1])
		assert.Equal(t, paris, again[0].Target)
		assert.NotEmpty(t, again[0].ImageID)
		assert.Equal(t, 1, cloud.Count("CopyImage"))
	})
}

func TestRetryFailedThatIsRefusedLeavesTheResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "it failed")
		first, err := region.Copy(t.Context(), fresh(cloud), in)
		require.Error(t, err)
		cloud.ForgetCalls()
		in.Name = "no"
		again, err := region.RetryFailed(t.Context(), fresh(cloud), in, first)
		require.ErrorIs(t, err, region.ErrInvalidInput)
		assert.Equal(t, first, again)
		assert.Empty(t, cloud.Calls())

		in.Name = "other"
		cloud.Region(paris.Region).OwnImage(awstest.ImageSeed{Name: "other"})
		again, err = region.RetryFailed(t.Context(), fresh(cloud), in, first)
		require.ErrorIs(t, err, ami.ErrNameTaken)
		assert.Equal(t, first, again)
		assert.Empty(t, cloud.Writes())
	})
}

// What is left of a failed copy is named as long as its target has no image.
func TestCopyNamesTheSnapshotsLeftOfAFailedOne(t *testing.T) {
	for name, spoil := range map[string]func(*awstest.Cloud){
		"the next one fails": func(*awstest.Cloud) {},
		"AWS takes no more": func(cloud *awstest.Cloud) {
			cloud.ForgetScripts()
			cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CopyImage"}, 1, "ResourceLimitExceeded", "too many"))
			cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CopyImage"}, 1, "UnauthorizedOperation", "no"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				in.Targets = to(paris)
				cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "it failed")
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.ErrorIs(t, err, ami.ErrFailed)
				const left = "snap-0123456789abcdef0"
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					out, err := next(ctx)
					if o, ok := out.(*ec2.DeregisterImageOutput); ok && err == nil {
						o.DeleteSnapshotResults = []types.DeleteSnapshotReturnCode{{SnapshotId: new(left), ReturnCode: "internal-error"}}
					}
					return out, err
				})
				spoil(cloud)
				results, err = region.RetryFailed(t.Context(), fresh(cloud), in, results)
				require.Error(t, err)
				e, ok := errors.AsType[*region.Error](results[0].Err)
				require.True(t, ok)
				assert.Contains(t, e.IDs, left)
			})
		})
	}
}
