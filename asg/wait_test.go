package asg_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, group string) ([]types.InstanceRefresh, error) {
			if group == "db" {
				return []types.InstanceRefresh{refresh("r3", failed, 0)}, nil
			}
			if at < time.Minute {
				return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		got, err := asg.Wait(t.Context(), api, []asg.RefreshKey{{"db", "r3"}, {"none", "r9"}, {"web", "r1"}, {"db", "r3"}},
			func(o *asg.Options) { o.Poll.Grace = time.Minute })
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.ErrorContains(t, err, "asg.Wait")
		require.Len(t, got, 4)
		assert.Equal(t, failed, got[0].Status)
		assert.Empty(t, got[1].Status)
		assert.Equal(t, successful, got[2].Status)
		assert.Equal(t, got[0], got[3])

		got, err = asg.Wait(t.Context(), api, []asg.RefreshKey{{"web", "r1"}})
		require.NoError(t, err)
		assert.Equal(t, successful, got[0].Status)
	})
}

func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(time.Duration, string) ([]types.InstanceRefresh, error) {
			return []types.InstanceRefresh{refresh("r1", inProgress, 50)}, nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(12345*time.Millisecond, cancel)
		got, err := asg.Wait(ctx, api, one)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, inProgress, got[0].Status, "what was seen comes with the error")
		e, _ := errors.AsType[*asg.Error](err)
		assert.Equal(t, "asg.Wait web: state InProgress after 12.345s: context canceled [r1]", e.Error())
	})
}

// TestWaitCancelledInACall has ctx end while a read is under way.
func TestWaitCancelledInACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		got, err := asg.Wait(ctx, f, []asg.RefreshKey{{"web", "r1"}, {"web", "r2"}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		e := failure(t, err)
		assert.Equal(t, 3*time.Second, e.Elapsed)
		assert.Equal(t, "not visible", e.State)
		assert.Equal(t, home, e.Region)
		assert.Equal(t, []string{"web/r1", "web/r2"}, e.IDs)
		assert.Equal(t, make([]types.InstanceRefresh, 2), got)
	})
}

// TestWaitOnThrottledClient has the SDK's own retries used up now and then.
func TestWaitOnThrottledClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		f.Inject(awstest.Throttle(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		retried := 0
		for s, err := range asg.Watch(ctx, f, []asg.RefreshKey{{"web", started.RefreshID}}) {
			if err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.ErrorContains(t, err, "last error: ")
				assert.ErrorContains(t, err, "Throttling")
				break
			}
			require.Error(t, s.LastErr)
			assert.False(t, s.Done)
			retried++
		}
		assert.LessOrEqual(t, retried, 2, "a line for each kind of error, not for each error")
		assert.Positive(t, retried)
	})
}
