package pace_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/internal/pace"
)

func TestEC2HasABucketForEachAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := awstest.Start(t).Config("eu-west-1")
		cfg.APIOptions = append(cfg.APIOptions, pace.New().Install)
		client := ec2.NewFromConfig(cfg)
		start := time.Now()
		for range 100 {
			_, err := client.DescribeRegions(t.Context(), nil)
			require.NoError(t, err)
		}
		assert.Zero(t, time.Since(start), "the burst")
		for range 20 {
			_, err := client.DescribeRegions(t.Context(), nil)
			require.NoError(t, err)
		}
		assert.InDelta(t, 20/(20*0.98), time.Since(start).Seconds(), 0.001, "then the refill, less a share for clocks that differ")
		before := time.Now()
		_, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
		require.NoError(t, err)
		assert.Zero(t, time.Since(before), "another API has a bucket of its own")
	})
}

func TestAutoScalingHasOneBucketForAllItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := awstest.Start(t).Config("eu-west-1")
		cfg.APIOptions = append(cfg.APIOptions, pace.New().Install)
		client := autoscaling.NewFromConfig(cfg)
		start := time.Now()
		for range 10 {
			_, err := client.DescribeAutoScalingGroups(t.Context(), nil)
			require.NoError(t, err)
			_, err = client.DescribeLaunchConfigurations(t.Context(), nil)
			require.NoError(t, err)
		}
		assert.Zero(t, time.Since(start), "the burst")
		_, err := client.DescribeAutoScalingGroups(t.Context(), nil)
		require.NoError(t, err)
		assert.InDelta(t, 1/9.8, time.Since(start).Seconds(), 0.001)
	})
}

func TestTheTurnOfACallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		cfg := cloud.Config("eu-west-1")
		cfg.APIOptions = append(cfg.APIOptions, pace.New().Install)
		client := ec2.NewFromConfig(cfg)
		for range 100 {
			_, err := client.DescribeRegions(t.Context(), nil)
			require.NoError(t, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := client.DescribeRegions(ctx, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 10*time.Millisecond, time.Since(start))
		assert.Equal(t, 100, cloud.Count("DescribeRegions"), "it was never sent")
	})
}

// Calls that wait for their turn, and calls that AWS is slow to refuse, hold up
// no call of another API, and nobody waits for a lock that is held over a call.
func TestCallsThatWaitHoldUpNoOther(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Call: time.Minute}),
			awstest.WithFault(awstest.Refuse(awstest.Match{Operation: "CreateTags"}, 0, "UnauthorizedOperation", "not you")))
		cfg := cloud.Config("eu-west-1")
		cfg.APIOptions = append(cfg.APIOptions, pace.New().Install)
		client := ec2.NewFromConfig(cfg)
		start := time.Now()
		var all sync.WaitGroup
		for range 150 { // a hundred at once, and ten a second
			all.Go(func() {
				_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{"ami-0123456789abcdef0"}, Tags: []types.Tag{{Key: new("a"), Value: new("b")}}})
				assert.ErrorContains(t, err, "UnauthorizedOperation")
			})
		}
		time.Sleep(time.Second)
		for range 50 {
			all.Go(func() {
				began := time.Now()
				_, err := client.DescribeRegions(t.Context(), nil)
				assert.NoError(t, err)
				assert.Equal(t, time.Minute, time.Since(began))
			})
		}
		all.Wait()
		assert.InDelta(t, 60+50/9.8, time.Since(start).Seconds(), 1, "their turns and one call, not one call after another")
	})
}
