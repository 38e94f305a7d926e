package region_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/region"
)

// slowly has every call of AWS take a second.
var slowly = awstest.Timing{Call: time.Second, Image: 5 * time.Minute, ImageCopy: 7 * time.Minute}

// Every copy fails at once, and the handler, which calls AWS about each event,
// delays none of them and hears of all.
func TestHandlersOfCopyCallAWSWhileAllFails(t *testing.T) {
	for _, policy := range []region.FailurePolicy{region.FailurePolicyKeepGood, region.FailurePolicyAllOrNothing} {
		t.Run(string(policy), func(t *testing.T) {
			faulttest.Bubble(t, func(t *testing.T) {
				took := map[bool]time.Duration{}
				for _, heard := range []bool{false, true} {
					cloud, in := atHome(t, awstest.WithTiming(slowly))
					in.Targets, in.Policy = to(london, virginia, paris), policy
					cloud.FailImages(awstest.ImageMatch{Name: in.Name}, "Client.InternalError", "it failed")
					failed := map[region.Target]bool{}
					var last time.Duration // when the last target failed
					start := time.Now()
					results, err := region.Copy(t.Context(), fresh(cloud), in, func(o *region.Options) {
						if !heard {
							return
						}
						o.OnEvent = func(e region.Event) {
							api := ec2.NewFromConfig(cloud.Config(e.Target.Region))
							_, err := api.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
							assert.NoError(t, err)
							time.Sleep(time.Minute) // it posts to a chat that is down
							if e.Err != nil {
								failed[e.Target], last = true, max(last, e.Elapsed)
							}
						}
					})
					require.ErrorIs(t, err, ami.ErrFailed)
					took[heard] = time.Since(start)
					if heard {
						assert.Greater(t, took[true], took[false], "it returns when the handler has heard of all")
						// The handler makes calls of its own, which take their turn.
						assert.InDelta(t, took[false].Seconds(), last.Seconds(), 15, "no copy has waited for the handler")
						for _, r := range results {
							assert.True(t, failed[r.Target] || errors.Is(r.Err, region.ErrRemoved), "%s: %v", r.Target, r.Err)
						}
					}
				}
			})
		})
	}
}

// A configuration that is made by calls of AWS, for many targets at once, of
// which some are given up meanwhile.
func TestConfigsOfAPoolCallAWS(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(slowly))
		pool := region.NewClientPool(func(ctx context.Context, target region.Target) (aws.Config, error) {
			_, err := sts.NewFromConfig(cloud.Config("us-east-1")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			return cloud.Config(""), errors.Join(err, fmt.Errorf("no role for %s", target))
		})
		start := time.Now()
		done := make(chan error)
		for range 10 {
			go func() {
				_, err := pool.Clients(t.Context(), london)
				done <- err
			}()
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := pool.Clients(impatient, london)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Millisecond, time.Since(start), "nobody has to wait for another's call")
		for range 10 {
			assert.ErrorContains(t, <-done, "no role for eu-west-2")
		}
		_, err = pool.Preflight(t.Context(), []region.Target{london, paris})
		require.ErrorContains(t, err, "no role for us-east-1")
	})
}

// Images that are refused in all targets at once, in handlers too.
func TestHandlersOfConfigureCallAWSWhileAllFails(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		cloud, in := configured(t, awstest.WithTiming(slowly))
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CreateTags"}, 0, "UnauthorizedOperation", "not you"))
		heard := 0
		_, err := region.Configure(t.Context(), fresh(cloud), in, func(o *region.Options) {
			o.OnEvent = func(e region.Event) {
				heard++
				assert.Error(t, e.Err)
				images, err := ami.Find(t.Context(), ec2.NewFromConfig(cloud.Config(e.Target.Region)), ami.Query{Owners: []string{ami.Self}})
				assert.NoError(t, err)
				assert.Equal(t, types.ImageStateAvailable, images[0].State)
			}
		})
		require.Error(t, err)
		assert.Equal(t, len(in), heard)
	})
}
