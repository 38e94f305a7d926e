package asg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// task is one call of a function of this package, which a process makes and,
// after any fault, another process makes again.
type task struct {
	begin func(f *fleet)
	do    func(ctx context.Context, f *fleet, client *autoscaling.Client) error
	ends  error // that it ends with where nothing goes wrong; nil: none
	// after is what must be so in the end, whatever went wrong on the way.
	after func(t *testing.T, f *fleet)
}

// tasks are the functions about refreshes.
var tasks = map[string]task{
	"StartRefresh": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.StartRefresh(ctx, c, f.refresh())
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Len(t, f.statuses(), 1, "started once") },
	},
	"StartRefresh that replaces": {
		begin: func(f *fleet) { f.start(f.other(asg.ConflictAdoptSame)); time.Sleep(10 * time.Second) },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			in := f.refresh()
			in.OnConflict = asg.ConflictCancel
			_, err := asg.StartRefresh(ctx, c, in)
			return err
		},
		after: func(t *testing.T, f *fleet) {
			assert.Equal(t, cancelled, f.statuses()[1])
			assert.Len(t, f.statuses(), 2)
		},
	},
	"StartRefresh that waits": {
		begin: func(f *fleet) { f.start(f.other(asg.ConflictAdoptSame)) },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			in := f.refresh()
			in.OnConflict = asg.ConflictWait
			_, err := asg.StartRefresh(ctx, c, in)
			return err
		},
		after: func(t *testing.T, f *fleet) {
			assert.Equal(t, successful, f.statuses()[1])
			assert.Len(t, f.statuses(), 2)
		},
	},
	"Wait": {
		begin: func(f *fleet) { f.stuck = asg.RefreshKey{Group: "web", ID: f.start(f.refresh()).RefreshID} },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.Wait(ctx, c, []asg.RefreshKey{f.stuck})
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Equal(t, []string{"2", "2"}, f.versions()) },
	},
	"Watch": {
		begin: func(f *fleet) { f.stuck = asg.RefreshKey{Group: "web", ID: f.start(f.refresh()).RefreshID} },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			var last *asg.Status
			for s, err := range asg.Watch(ctx, c, []asg.RefreshKey{f.stuck}) {
				if err != nil {
					return err
				}
				last = s
			}
			if last == nil || !last.Done {
				return errors.New("the watch has ended before the refresh")
			}
			return last.Err
		},
		after: func(t *testing.T, f *fleet) {
			assert.Equal(t, []types.InstanceRefreshStatus{successful}, f.statuses())
			assert.Empty(t, f.Writes())
		},
	},
	"Refreshes": {
		begin: func(f *fleet) {
			_, err := asg.Wait(f.t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(f.other(asg.ConflictAdoptSame)).RefreshID}})
			require.NoError(f.t, err)
			f.start(f.refresh())
		},
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			n := 0
			for _, err := range asg.Refreshes(ctx, c, "web") {
				if err != nil {
					return err
				}
				n++
			}
			if n != 2 {
				return fmt.Errorf("%d refreshes of 2", n)
			}
			return nil
		},
		after: func(t *testing.T, f *fleet) { assert.Empty(t, f.Writes()) },
	},
	"FailedActivities": {
		begin: func(f *fleet) { f.removeAfterStart("2"); time.Sleep(5 * time.Minute) },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			failed, err := asg.FailedActivities(ctx, c, "web", time.Time{})
			if err == nil && len(failed) == 0 {
				return errors.New("no failure")
			}
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Empty(t, f.Writes()) },
	},
	"WatchLaunches": {
		begin: func(f *fleet) { f.start(f.refresh()) },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			seen := map[string]bool{}
			for s, err := range asg.WatchLaunches(ctx, c, []string{"web"}) {
				switch {
				case err != nil:
					return err
				case seen[s.InstanceID]:
					return errors.New("seen twice: " + s.InstanceID)
				}
				if seen[s.InstanceID] = true; len(seen) == 2 {
					return nil
				}
			}
			return errors.New("the watch has ended")
		},
		after: func(t *testing.T, f *fleet) { assert.Empty(t, f.Writes()) },
	},
	"Cancel": {
		begin: func(f *fleet) { f.stuck = asg.RefreshKey{Group: "web", ID: f.half().RefreshID} },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.Cancel(ctx, c, asg.CancelInput{Group: "web", RefreshID: f.stuck.ID})
			return err
		},
		after: func(t *testing.T, f *fleet) {
			assert.Equal(t, []types.InstanceRefreshStatus{cancelled}, f.statuses())
			assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version)
		},
	},
	"Rollback": {
		begin: func(f *fleet) { f.stuck = asg.RefreshKey{Group: "web", ID: f.half().RefreshID} },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.Rollback(ctx, c, asg.RollbackInput{Group: "web", RefreshID: f.stuck.ID})
			return err
		},
		after: back1,
	},
	"StartRollback": {
		begin: func(f *fleet) { f.stuck = asg.RefreshKey{Group: "web", ID: f.half().RefreshID} },
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.StartRollback(ctx, c, asg.RollbackInput{Group: "web", RefreshID: f.stuck.ID})
			return err
		},
		after: func(t *testing.T, f *fleet) {
			_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{f.stuck})
			require.ErrorIs(t, err, asg.ErrRolledBack, "it had begun")
			assert.Len(t, f.statuses(), 1)
			back1(t, f)
		},
	},
	"RevertTo": {
		begin: func(f *fleet) {
			f.before = asg.SourceOf(f.read("web"))
			_, err := asg.Wait(f.t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(f.refresh()).RefreshID}})
			require.NoError(f.t, err)
		},
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.RevertTo(ctx, c, asg.RevertToInput{Group: "web", To: f.before})
			return err
		},
		after: back1,
	},
	"RefreshVerified that passes": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.RefreshVerified(ctx, c, f.verified(func(context.Context, []string) error { return nil }))
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Equal(t, []string{"2", "2"}, f.versions()) },
	},
	"RefreshVerified that fails": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.RefreshVerified(ctx, c, f.verified(no))
			return err
		},
		ends:  asg.ErrRolledBack,
		after: back1,
	},
	"Preflight": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.Preflight(ctx, c, f.ec2, f.refresh())
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Empty(t, f.Writes()) },
	},
	"MeasureWarmup": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			w, err := asg.MeasureWarmup(ctx, c, f.ec2, asg.MeasureWarmupInput{Group: "web"})
			if err == nil && w.Of(f.image("1")) == nil {
				return errors.New("nothing was measured")
			}
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.Empty(t, f.Writes()) },
	},
	"ApplyWarmup": {
		do: func(ctx context.Context, f *fleet, c *autoscaling.Client) error {
			_, err := asg.ApplyWarmup(ctx, c, "web", asg.WarmupSettings{DefaultInstanceWarmup: asg.WarmupSetting{Value: time.Minute}})
			return err
		},
		after: func(t *testing.T, f *fleet) { assert.EqualValues(t, 60, *f.read("web").DefaultInstanceWarmup) },
	},
}

// back1 is a group that runs the first version, and nothing else.
func back1(t *testing.T, f *fleet) {
	assert.Equal(t, []string{"1", "1"}, f.versions())
	assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version)
}

// each runs every task in a bubble of its own.
func each(t *testing.T, run func(t *testing.T, k task, f *fleet), opts ...awstest.Option) {
	for name, k := range tasks {
		t.Run(name, func(t *testing.T) { inBubble(t, k, run, opts...) })
	}
}

func inBubble(t *testing.T, k task, run func(t *testing.T, k task, f *fleet), opts ...awstest.Option) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, opts...)
		f.settled("web")
		if k.begin != nil {
			k.begin(f)
		}
		f.ForgetCalls()
		run(t, k, f)
	})
}

// writes is how many writes a task makes where nothing goes wrong.
func writes(t *testing.T, k task) (n int) {
	inBubble(t, k, func(t *testing.T, k task, f *fleet) {
		require.ErrorIs(t, k.do(t.Context(), f, f.restart()), k.ends)
		n = len(f.Writes())
		k.after(t, f)
	})
	return n
}

// steps are the calls that a task makes where nothing goes wrong, by number from
// 1: of the many that do the same as the one before it, the first.
func steps(t *testing.T, k task) (at []int) {
	inBubble(t, k, func(t *testing.T, k task, f *fleet) {
		require.ErrorIs(t, k.do(t.Context(), f, f.restart()), k.ends)
		before := ""
		for i, c := range f.Calls() {
			if c.Operation != before {
				at = append(at, i+1)
			}
			before = c.Operation
		}
	})
	return at
}

// again is what another process meets, when the fault is over.
func again(t *testing.T, k task, f *fleet) {
	t.Helper()
	require.ErrorIs(t, k.do(t.Context(), f, f.restart()), k.ends)
	k.after(t, f)
}

// TestThrottledHalfOfTheTime changes nothing but how long it takes.
func TestThrottledHalfOfTheTime(t *testing.T) {
	each(t, func(t *testing.T, k task, f *fleet) {
		f.Inject(awstest.Throttle(awstest.Match{}, 2))
		require.ErrorIs(t, k.do(t.Context(), f, f.restart()), k.ends)
		k.after(t, f)
	})
}

// TestLateAnswers has every second read of Auto Scaling answer what the one
// before it did, and lists come in pages of one, with empty ones between.
func TestLateAnswers(t *testing.T) {
	each(t, func(t *testing.T, k task, f *fleet) {
		over := late(f)
		require.ErrorIs(t, k.do(t.Context(), f, f.restart()), k.ends)
		over()
		k.after(t, f)
	}, awstest.WithConsistency(awstest.Consistency{EmptyPages: true}), awstest.WithPageSize(1))
}

// late makes reads of groups and refreshes late, until over is called.
func late(f *fleet) (over func()) {
	var mu sync.Mutex
	before, n, done := map[string]any{}, map[string]int{}, false
	f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		mu.Lock()
		defer mu.Unlock()
		if err != nil || done || call.Operation != "DescribeInstanceRefreshes" && call.Operation != "DescribeAutoScalingGroups" {
			return out, err
		}
		key := fmt.Sprint(call.Operation, said(call.Input))
		n[key]++
		if old := before[key]; old != nil && n[key]%2 == 0 {
			before[key] = out
			return old, nil
		}
		before[key] = out
		return out, nil
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done = true
	}
}

// said is an input as text.
func said(in any) string {
	b, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestLostResponses loses the response of each write, once and for good: nothing
// is done twice.
func TestLostResponses(t *testing.T) {
	for name, k := range tasks {
		for n := range writes(t, k) {
			for _, forGood := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/write %d/for good %v", name, n+1, forGood), func(t *testing.T) {
					inBubble(t, k, func(t *testing.T, k task, f *fleet) {
						lose := awstest.LoseResponse(awstest.Match{Write: true})
						if forGood {
							lose = awstest.LoseResponseForGood(awstest.Match{Write: true})
						}
						f.Inject(fromWrite(n+1, lose))
						err := k.do(t.Context(), f, f.restart())
						if !forGood {
							require.ErrorIs(t, err, k.ends)
							k.after(t, f)
							return
						}
						require.Error(t, err)
						again(t, k, f)
					})
				})
			}
		}
	}
}

// fromWrite lets a fault see nothing before the n-th write.
func fromWrite(n int, f awstest.Fault) awstest.Fault {
	var writes atomic.Int64
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Write && writes.Add(1) < int64(n) || writes.Load() < int64(n) {
			return next(ctx)
		}
		return f(ctx, call, next)
	}
}

// TestCrashes ends the process at each write, done or not.
func TestCrashes(t *testing.T) {
	for name, k := range tasks {
		for n := range writes(t, k) {
			for _, done := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/write %d/done %v", name, n+1, done), func(t *testing.T) {
					inBubble(t, k, func(t *testing.T, k task, f *fleet) {
						crash, restart := awstest.CrashAtWrite(n+1, done)
						f.Inject(crash)
						ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
						defer cancel()
						require.Error(t, k.do(ctx, f, f.restart()))
						restart()
						again(t, k, f)
					})
				})
			}
		}
	}
}

// TestExpiredCredentials has them expire at each call: it ends at once, and says
// why.
func TestExpiredCredentials(t *testing.T) {
	for name, k := range tasks {
		for _, n := range steps(t, k) {
			t.Run(fmt.Sprintf("%s/call %d", name, n), func(t *testing.T) {
				inBubble(t, k, func(t *testing.T, k task, f *fleet) {
					var over atomic.Bool
					expire := awstest.ExpireCredentials(awstest.Match{}, n)
					f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
						if over.Load() {
							return next(ctx)
						}
						return expire(ctx, call, next)
					})
					err := k.do(t.Context(), f, f.restart())
					require.ErrorIs(t, err, asg.ErrCredentialsExpired)
					assert.NotErrorIs(t, err, asg.ErrNotFound)
					over.Store(true)
					again(t, k, f)
				})
			})
		}
	}
}

// TestCancelledAtEachStep has ctx end in each call.
func TestCancelledAtEachStep(t *testing.T) {
	for name, k := range tasks {
		for _, n := range steps(t, k) {
			t.Run(fmt.Sprintf("%s/call %d", name, n), func(t *testing.T) {
				inBubble(t, k, func(t *testing.T, k task, f *fleet) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var calls atomic.Int64
					f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
						if calls.Add(1) == int64(n) {
							cancel()
							return nil, ctx.Err()
						}
						return next(ctx)
					})
					require.ErrorIs(t, k.do(ctx, f, f.restart()), context.Canceled)
					again(t, k, f)
				})
			})
		}
	}
}
