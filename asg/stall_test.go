package asg_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

// stalling sets how long a watch lets a refresh stand still.
func stalling(d time.Duration) func(*asg.Options) { return func(o *asg.Options) { o.Stall = d } }

// TestStall says when a refresh counts as stalled, to the second: what moves
// begins the time anew, what AWS was asked to wait for comes on top.
func TestStall(t *testing.T) {
	with := func(r types.InstanceRefresh, p types.RefreshPreferences) []types.InstanceRefresh {
		r.Preferences = &p
		return []types.InstanceRefresh{r}
	}
	checkpoints := types.RefreshPreferences{CheckpointPercentages: []int32{50, 100}, CheckpointDelay: new(int32(1800))}
	for name, tt := range map[string]struct {
		show func(at time.Duration) []types.InstanceRefresh
		at   time.Duration // 0: it never stalls, and succeeds after a day
	}{
		"Pending for ever": {func(time.Duration) []types.InstanceRefresh {
			return []types.InstanceRefresh{refresh("r1", pending, -1)}
		}, 10 * time.Minute},
		"InProgress for ever, with a reason that counts": {func(at time.Duration) []types.InstanceRefresh {
			r := refresh("r1", inProgress, 0)
			r.StatusReason = new(at.String())
			return []types.InstanceRefresh{r}
		}, 10 * time.Minute},
		"stops half way": {func(at time.Duration) []types.InstanceRefresh {
			return []types.InstanceRefresh{refresh("r1", inProgress, min(50, 10*int32(at/(8*time.Minute))))}
		}, 50 * time.Minute},
		"percentage still, but fewer to update": {func(at time.Duration) []types.InstanceRefresh {
			r := refresh("r1", inProgress, 0)
			r.InstancesToUpdate = new(int32(1000 - at/(5*time.Minute)))
			return []types.InstanceRefresh{r}
		}, 0},
		"the warm pool moves": {func(at time.Duration) []types.InstanceRefresh {
			r := refresh("r1", inProgress, 50)
			r.ProgressDetails = &types.InstanceRefreshProgressDetails{WarmPoolProgress: &types.InstanceRefreshWarmPoolProgress{
				InstancesToUpdate: new(int32(1000 - at/(5*time.Minute))),
			}}
			return []types.InstanceRefresh{r}
		}, 0},
		"rests at a checkpoint": {func(at time.Duration) []types.InstanceRefresh {
			return with(refresh("r1", inProgress, 50), checkpoints)
		}, 40 * time.Minute},
		"bakes": {func(at time.Duration) []types.InstanceRefresh {
			return with(refresh("r1", baking, 100), types.RefreshPreferences{BakeTime: new(int32(7200))})
		}, 130 * time.Minute},
		"falls while it is rolled back": {func(at time.Duration) []types.InstanceRefresh {
			return []types.InstanceRefresh{refresh("r1", rollingBack, max(0, 100-int32(at/(5*time.Minute))))}
		}, 510 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
					if at >= 24*time.Hour {
						return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
					}
					return tt.show(at), nil
				}}
				every := func(o *asg.Options) { o.Poll.Min, o.Poll.Max = 5*time.Second, 5*time.Second }
				_, last, err := follow(t.Context(), api, one, stalling(10*time.Minute), every)
				require.NoError(t, err, "the watch itself ended well")
				got := last["web/r1"]
				assert.True(t, got.Done)
				if tt.at == 0 {
					require.NoError(t, got.Err)
					return
				}
				require.ErrorIs(t, got.Err, asg.ErrRefreshStalled)
				assert.Equal(t, tt.at, got.Elapsed)
				assert.Equal(t, string(got.Status), failure(t, got.Err).State)
			})
		})
	}
}

// TestStallIsOff has AWS's own limit hold alone, and another group go on.
func TestStallIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, group string) ([]types.InstanceRefresh, error) {
			if at < 24*time.Hour && (group == "web" || at < time.Hour) {
				return []types.InstanceRefresh{refresh("r1", inProgress, int32(at/time.Minute)%100)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		_, last, err := follow(t.Context(), api, []asg.RefreshKey{{"web", "r1"}, {"db", "r1"}})
		require.NoError(t, err)
		assert.NoError(t, last["web/r1"].Err)
		assert.NoError(t, last["db/r1"].Err)
	})
}

// TestStalledRefreshIsRolledBack is what a caller does about one: it is active
// still.
func TestStalledRefreshIsRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		before := f.read("web")
		f.removeAfterStart("2")
		s, err := asg.Wait(t.Context(), f, []asg.RefreshKey{f.stuck}, stalling(20*time.Minute))
		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		e := failure(t, err)
		assert.Equal(t, "the image is gone, or is not shared with this account", e.Hint)
		assert.Equal(t, inProgress, s[0].Status)

		_, err = asg.Rollback(t.Context(), f, asg.RollbackInput{Group: "web", RefreshID: f.stuck.ID, Before: &before})
		require.NoError(t, err)
		assert.Equal(t, []string{"1", "1"}, f.versions())
	})
}
