package region_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// snapshotLimit refuses a copy as AWS does while so many snapshots are being
// copied into a Region that its own would be too many. One alone always goes.
func snapshotLimit(cloud *awstest.Cloud, limit int) awstest.Fault {
	var one sync.Mutex // between the count and the copy
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Operation != "CopyImage" {
			return next(ctx)
		}
		one.Lock()
		defer one.Unlock()
		running, volumes := 0, 0
		for _, img := range cloud.Region(call.Region).Images() {
			if img.State == types.ImageStatePending {
				running += len(img.BlockDeviceMappings)
			}
		}
		for _, img := range cloud.Region(ireland.Region).Images() {
			volumes = max(volumes, len(img.BlockDeviceMappings))
		}
		if running > 0 && running+volumes > limit {
			return nil, &smithy.GenericAPIError{Code: "ResourceLimitExceeded", Message: fmt.Sprintf(
				"Too many snapshot copies in progress. The limit is %d for this destination region.", limit)}
		}
		return next(ctx)
	}
}

// burst copies images of that many volumes into London at once, with one pool,
// and returns how long each took and the events.
func burst(t *testing.T, images, volumes, ours, aws int) (cloud *awstest.Cloud, took []time.Duration, events []region.Event) {
	t.Helper()
	cloud, in := atHome(t)
	pool := region.NewClientPool(accounts(cloud), func(o *region.ClientPoolOptions) { o.SnapshotCopies = ours })
	in.Targets = to(london)
	var all []region.CopyInput
	for i := range images {
		in.Name = fmt.Sprint("db ", i)
		in.SourceImageID = cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: in.Name, DataGiB: make20(volumes - 1)})
		all = append(all, in)
	}
	cloud.Inject(snapshotLimit(cloud, aws))
	took = make([]time.Duration, images)
	start := time.Now()
	var each sync.WaitGroup
	var telling sync.Mutex
	for i, in := range all {
		each.Go(func() {
			results, err := region.Copy(t.Context(), pool, in, func(o *region.Options) {
				o.OnEvent = func(e region.Event) {
					telling.Lock()
					defer telling.Unlock()
					events = append(events, e)
				}
			})
			if assert.NoError(t, err) {
				assert.Equal(t, types.ImageStateAvailable, results[0].Image.State)
			}
			took[i] = time.Since(start)
		})
	}
	each.Wait()
	return cloud, took, events
}

func make20(n int) (sizes []int32) {
	for range n {
		sizes = append(sizes, 20)
	}
	return sizes
}

// rounds counts how many copies ended in each round of seven minutes.
func rounds(took []time.Duration) map[int]int {
	ended := map[int]int{}
	for _, d := range took {
		ended[int((d+time.Minute)/(7*time.Minute))]++
	}
	return ended
}

func queued(events []region.Event) (n int, refused error) {
	for _, e := range events {
		if e.State == region.Queued {
			n++
			if e.Err != nil {
				refused = e.Err
			}
		}
	}
	return n, refused
}

func TestQueueCountsVolumes(t *testing.T) {
	for name, c := range map[string]struct {
		volumes, limit int
		rounds         map[int]int
	}{
		"one volume each, four at a time":              {1, 4, map[int]int{1: 4}},
		"two volumes each, two at a time":              {2, 4, map[int]int{1: 2, 2: 2}},
		"more volumes than the limit, one by one":      {8, 5, map[int]int{1: 1, 2: 1, 3: 1, 4: 1}},
		"the default of the pool, ten at a time and 2": {2, 0, map[int]int{1: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := c.limit
				if limit == 0 {
					limit = 20
				}
				cloud, took, events := burst(t, 4, c.volumes, c.limit, limit)
				assert.Equal(t, c.rounds, rounds(took))
				assert.Equal(t, 4, cloud.Count("CopyImage"), "AWS has refused none")
				n, refused := queued(events)
				assert.Equal(t, 4-c.rounds[1], n, "what waited was shown as such")
				assert.NoError(t, refused)
			})
		})
	}
}

// Somebody else copies too, or AWS allows less than the pool thinks.
func TestQueueGoesOnTryingWhereAWSAllowsFewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, took, events := burst(t, 3, 8, 100, 5)
		assert.Equal(t, map[int]int{1: 1, 2: 1, 3: 1}, rounds(took))
		assert.Greater(t, cloud.Count("CopyImage"), 3)
		n, refused := queued(events)
		assert.Equal(t, 2, n, "once for each that had to wait")
		require.ErrorContains(t, refused, "Too many snapshot copies in progress")
		assert.Len(t, cloud.Region(london.Region).Images(), 3)
	})
}

func TestQueueEndsWithItsContext(t *testing.T) {
	for name, refused := range map[string]bool{"held back by the pool": false, "refused by AWS": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				limit := 1
				if refused {
					limit = 100
					cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CopyImage", Region: london.Region}, 0, "ResourceLimitExceeded", "Too many"))
				}
				pool := region.NewClientPool(accounts(cloud), func(o *region.ClientPoolOptions) { o.SnapshotCopies = limit })
				in.Targets = to(london)
				if !refused {
					first := in
					first.Name = "in the way"
					var other sync.WaitGroup
					defer other.Wait()
					other.Go(func() {
						_, err := region.Copy(t.Context(), pool, first)
						assert.NoError(t, err)
					})
					time.Sleep(time.Minute)
				}
				why := errors.New("the budget of the copies")
				ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Minute, why)
				defer cancel()
				results, err := region.Copy(ctx, pool, in)
				require.ErrorIs(t, err, why)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				e, ok := errors.AsType[*region.Error](results[0].Err)
				require.True(t, ok)
				assert.Equal(t, string(region.Queued), e.State)
				assert.Equal(t, london.Region, e.Region)
				assert.Equal(t, in.Name, e.ID)
				assert.Equal(t, 2*time.Minute, e.Elapsed.Round(time.Second))
				if refused {
					api, ok := errors.AsType[smithy.APIError](err)
					require.True(t, ok, "why AWS did not take it")
					assert.Equal(t, "ResourceLimitExceeded", api.ErrorCode())
				}
				assert.Empty(t, results[0].ImageID)
			})
		})
	}
}

// A copy that failed gives its turn to the next.
func TestQueueGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		pool := region.NewClientPool(accounts(cloud), func(o *region.ClientPoolOptions) { o.SnapshotCopies = 1 })
		in.Targets = to(london)
		cloud.FailImages(awstest.ImageMatch{Region: london.Region, Name: in.Name}, "Client.InternalError", "it failed")
		_, err := region.Copy(t.Context(), pool, in)
		require.ErrorIs(t, err, ami.ErrFailed)
		in.Name = "web 2"
		_, err = region.Copy(t.Context(), pool, in)
		require.NoError(t, err)
	})
}
