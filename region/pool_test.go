package region_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

var ireland = region.Target{Region: "eu-west-1"}

func TestPoolMakesClientsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		pool := region.NewClientPool(func(ctx context.Context, _ region.Target) (aws.Config, error) {
			asked.Add(1)
			time.Sleep(time.Second) // a role is being assumed
			return aws.Config{Region: "overwritten"}, nil
		})
		got := make([]*region.ClientSet, 8)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], _ = pool.Clients(t.Context(), ireland) })
		}
		wg.Wait()
		assert.EqualValues(t, 1, asked.Load())
		for _, c := range got {
			assert.Same(t, got[0], c)
		}
		assert.Equal(t, ireland, got[0].Target)
		assert.Equal(t, "eu-west-1", got[0].EC2.Options().Region)
		assert.Equal(t, "eu-west-1", got[0].AutoScaling.Options().Region)
		assert.Equal(t, "eu-west-1", got[0].Config.Region)
	})
}

func TestPoolKeepsNoError(t *testing.T) {
	refused := errors.New("no such role")
	var asked int
	pool := region.NewClientPool(func(context.Context, region.Target) (aws.Config, error) {
		if asked++; asked == 1 {
			return aws.Config{}, refused
		}
		return aws.Config{}, nil
	})
	_, err := pool.Clients(t.Context(), ireland)
	require.ErrorIs(t, err, refused)
	e, ok := errors.AsType[*region.Error](err)
	require.True(t, ok)
	assert.Equal(t, "eu-west-1", e.Region)
	_, err = pool.Clients(t.Context(), ireland)
	require.NoError(t, err)
}

func TestPoolOutlivesTheContextOfTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := region.NewClientPool(func(ctx context.Context, _ region.Target) (aws.Config, error) {
			select {
			case <-ctx.Done():
				return aws.Config{}, ctx.Err()
			case <-time.After(2 * time.Second):
				return aws.Config{}, nil
			}
		})
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var first, second error
		var wg sync.WaitGroup
		wg.Go(func() { _, first = pool.Clients(short, ireland) })
		synctest.Wait()
		wg.Go(func() { _, second = pool.Clients(t.Context(), ireland) })
		wg.Wait()
		require.ErrorIs(t, first, context.DeadlineExceeded)
		require.NoError(t, second)
	})
}

func TestPoolWaiterHasItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := region.NewClientPool(func(context.Context, region.Target) (aws.Config, error) {
			time.Sleep(time.Minute)
			return aws.Config{}, nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = pool.Clients(t.Context(), ireland) })
		synctest.Wait()
		start := time.Now()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := pool.Clients(short, ireland)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		wg.Wait()
	})
}

func TestPoolRefusesWhatIsNoTarget(t *testing.T) {
	pool := region.NewClientPool(region.OneAccount(aws.Config{}))
	for _, target := range []region.Target{{}, {Region: "Ireland"}, {Region: "eu-west-1", Account: "me"}} {
		_, err := pool.Clients(t.Context(), target)
		require.ErrorIs(t, err, region.ErrInvalidInput, target.String())
	}
}

func TestPoolPacesCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
		took := func(target region.Target, calls int) time.Duration {
			c, err := pool.Clients(t.Context(), target)
			require.NoError(t, err)
			start := time.Now()
			for range calls {
				_, err := c.EC2.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
				require.NoError(t, err)
			}
			return time.Since(start)
		}
		assert.Zero(t, took(ireland, 100), "the burst")
		assert.InDelta(t, time.Second, took(ireland, 20), float64(50*time.Millisecond), "then 20 a second")
		assert.Zero(t, took(region.Target{Region: "eu-west-2"}, 100), "each target has buckets of its own")

		free, err := region.NewClientPool(region.OneAccount(cloud.Config("")), func(o *region.ClientPoolOptions) { o.Unpaced = true }).Clients(t.Context(), ireland)
		require.NoError(t, err)
		start := time.Now()
		for range 200 {
			_, err := free.EC2.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
			require.NoError(t, err)
		}
		assert.Zero(t, time.Since(start))
	})
}

func TestPoolHasOneSetForATargetFoundOut(t *testing.T) {
	cloud := awstest.Start(t)
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	before, err := pool.Clients(t.Context(), ireland)
	require.NoError(t, err)
	full, err := pool.Preflight(t.Context(), []region.Target{ireland})
	require.NoError(t, err)
	after, err := pool.Clients(t.Context(), full[0])
	require.NoError(t, err)
	assert.Same(t, before.EC2, after.EC2)
	assert.Equal(t, full[0], after.Target)
}

func TestPoolNeverUsesTheAdaptiveRetryer(t *testing.T) {
	pool := region.NewClientPool(region.OneAccount(aws.Config{RetryMode: aws.RetryModeAdaptive}))
	c, err := pool.Clients(t.Context(), ireland)
	require.NoError(t, err)
	assert.Equal(t, aws.RetryModeStandard, c.EC2.Options().RetryMode)
}
