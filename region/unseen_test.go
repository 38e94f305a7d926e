package region_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// AWS has taken the copy and given its id, and does not show it for far longer
// than usual.
func TestCopyThatIsNotSeenKeepsItsID(t *testing.T) {
	for _, policy := range []region.FailurePolicy{region.FailurePolicyKeepGood, region.FailurePolicyAllOrNothing} {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: 2 * time.Hour}))
				in.Targets, in.Policy = to(london), policy
				time.Sleep(3 * time.Hour) // the source is seen
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.ErrorIs(t, err, ami.ErrNotVisible)
				require.NotErrorIs(t, err, ami.ErrNameTaken, "the name is that of our own copy")
				images := cloud.Region(london.Region).Images()
				require.Len(t, images, 1)
				assert.Equal(t, *images[0].ImageId, results[0].ImageID)
				require.ErrorContains(t, results[0].Err, results[0].ImageID)
				assert.False(t, results[0].Removed, "nobody saw it go")
				assert.Equal(t, 1, cloud.Count("CopyImage"))

				time.Sleep(2 * time.Hour)
				again, err := region.Copy(t.Context(), fresh(cloud), in)
				require.NoError(t, err)
				assert.True(t, again[0].Adopted)
				assert.Equal(t, results[0].ImageID, again[0].ImageID)
				assert.Equal(t, 1, cloud.Count("CopyImage"))
			})
		})
	}
}

// A copy that has been taken a moment ago and is not shown yet is not removed
// because AWS says that it does not know it.
func TestAllOrNothingRemovesWhatAWSDoesNotShowYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: time.Minute}))
		in.Targets, in.Policy = to(london, virginia), region.FailurePolicyAllOrNothing
		time.Sleep(time.Hour)
		refuse := awstest.Refuse(awstest.Match{Operation: "CopyImage", Region: virginia.Region}, 0, "UnauthorizedOperation", "no")
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "CopyImage" && call.Region == virginia.Region {
				time.Sleep(5 * time.Second) // the other copy has begun
			}
			return refuse(ctx, call, next)
		})
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorContains(t, err, "UnauthorizedOperation")
		time.Sleep(time.Hour)
		assert.True(t, results[0].Removed, "%v", results[0].Err)
		assert.Empty(t, cloud.Region(london.Region).Images())
		assert.Empty(t, cloud.Region(london.Region).Snapshots())
	})
}
