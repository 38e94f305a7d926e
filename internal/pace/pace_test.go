package pace_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
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
