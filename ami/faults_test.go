package ami_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// work is one function of the package in a world of its own. The same call
// again, as by another process, goes on where the one before it ended.
type work struct {
	cloud *awstest.Cloud
	run   func(context.Context) error
	// good says that all is as after one call that nothing disturbed: nothing is
	// missing, twice, or left over.
	good func()
	// many says that an error may be about no image in particular.
	many bool
}

// next is the next run, a minute later.
func (w work) next(t *testing.T) {
	t.Helper()
	time.Sleep(time.Minute)
	require.NoError(t, w.run(t.Context()), "the next run")
}

// brisk has every wait wait, and not for long.
var brisk = awstest.Timing{
	Image: 20 * time.Second, ImageCopy: 20 * time.Second, Register: 10 * time.Second, Snapshot: 5 * time.Second,
	InstanceStop: 5 * time.Second, InstanceStart: 5 * time.Second, UsageReport: 10 * time.Second,
	FastRestoreChange: 5 * time.Second, FastRestorePerTiB: time.Hour, StoreImage: 10 * time.Second, RestoreImage: 20 * time.Second,
}

// ran is what an undisturbed run of a work costs.
func ran(t *testing.T, prepare func(*testing.T, ...awstest.Option) work) (calls, writes int) {
	synctest.Test(t, func(t *testing.T) {
		w := prepare(t, awstest.WithTiming(brisk))
		w.cloud.ForgetCalls()
		require.NoError(t, w.run(t.Context()))
		calls, writes = len(w.cloud.Calls()), len(w.cloud.Writes())
		w.good()
		w.cloud.ForgetCalls()
	})
	return calls, writes
}

// disturbed runs a work in a bubble, behind a fault that counts from its first
// call on and can be ended.
func disturbed(t *testing.T, name string, prepare func(*testing.T, ...awstest.Option) work, opts []awstest.Option, test func(t *testing.T, w work)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := prepare(t, append(opts, awstest.WithTiming(brisk))...)
			w.cloud.ForgetCalls()
			test(t, w)
		})
	})
}

// ending is a fault that can be ended.
func ending(f awstest.Fault) (fault awstest.Fault, end func()) {
	var over atomic.Bool
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if over.Load() {
			return next(ctx)
		}
		return f(ctx, call, next)
	}, func() { over.Store(true) }
}

// atWrite puts a fault in front of the k-th write alone, from 1; what the SDK
// sends again counts.
func atWrite(k int, f awstest.Fault) awstest.Fault {
	var n atomic.Int64
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Write && n.Add(1) == int64(k) {
			return f(ctx, call, next)
		}
		return next(ctx)
	}
}

// Every function through every fault: after each nothing is there twice, and
// nothing is left over that the next run does not finish or the error does not
// name.
func TestEveryFunctionThroughEveryFault(t *testing.T) {
	for name, prepare := range works {
		t.Run(name, func(t *testing.T) {
			calls, writes := ran(t, prepare)
			late := awstest.Consistency{
				UnseenReads: 2, UnseenFor: 20 * time.Second, BareReads: 1, BareFor: 5 * time.Second,
				NameTaken: 20 * time.Second, EmptyPages: true,
			}
			disturbed(t, "what is new shows late", prepare, []awstest.Option{awstest.WithConsistency(late)}, func(t *testing.T, w work) {
				require.NoError(t, w.run(t.Context()))
				w.good()
			})
			disturbed(t, "throttled half of the time", prepare, nil, func(t *testing.T, w work) {
				throttle, end := ending(awstest.Throttle(awstest.Match{}, 2))
				w.cloud.Inject(throttle)
				require.NoError(t, w.run(t.Context()))
				end()
				w.good()
			})
			disturbed(t, "throttled beyond what the SDK outlasts", prepare, nil, func(t *testing.T, w work) {
				busy := time.Now().Add(time.Minute)
				w.cloud.Inject(func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if time.Now().Before(busy) {
						return nil, awsError("RequestLimitExceeded")
					}
					return next(ctx)
				})
				require.NoError(t, w.run(t.Context()))
				w.good()
			})
			for k := 1; k <= writes; k++ {
				disturbed(t, fmt.Sprint("the answer to write ", k, " lost once"), prepare, nil, func(t *testing.T, w work) {
					w.cloud.Inject(atWrite(k, awstest.LoseResponse(awstest.Match{})))
					require.NoError(t, w.run(t.Context()))
					w.good()
				})
				disturbed(t, fmt.Sprint("the answer to write ", k, " lost for good"), prepare, nil, func(t *testing.T, w work) {
					w.cloud.Inject(atWrite(k, awstest.LoseResponseForGood(awstest.Match{})))
					if err := w.run(t.Context()); err != nil {
						w.complete(t, err)
						w.next(t)
					}
					w.good()
				})
				for _, done := range []bool{false, true} {
					disturbed(t, fmt.Sprint("a crash at write ", k, ", done: ", done), prepare, nil, func(t *testing.T, w work) {
						crash, restart := awstest.CrashAtWrite(k, done)
						w.cloud.Inject(crash)
						require.Error(t, w.run(t.Context()))
						restart()
						w.next(t)
						w.good()
					})
				}
			}
			for k := 1; k <= calls; k++ {
				disturbed(t, fmt.Sprint("credentials expired at call ", k), prepare, nil, func(t *testing.T, w work) {
					expire, fresh := ending(awstest.ExpireCredentials(awstest.Match{}, k))
					w.cloud.Inject(expire)
					err := w.run(t.Context())
					require.ErrorIs(t, err, ami.ErrCredentialsExpired)
					w.complete(t, err)
					assert.LessOrEqual(t, len(w.cloud.Calls()), k+2, "at once")
					fresh()
					w.next(t)
					w.good()
				})
				disturbed(t, fmt.Sprint("stopped at call ", k), prepare, nil, func(t *testing.T, w work) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					w.cloud.Inject(cancelAt(k, cancel))
					err := w.run(ctx)
					if err != nil { // the last call may be one that nobody needs
						require.ErrorIs(t, err, context.Canceled)
						require.ErrorIs(t, err, errStopped)
						w.complete(t, err)
						w.next(t)
					}
					w.good()
				})
			}
		})
	}
}

// complete says that an error tells where and in what it happened.
func (w work) complete(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok, "%v", err)
	assert.Contains(t, e.Op, "ami.")
	assert.Equal(t, here, e.Region)
	assert.Equal(t, awstest.DefaultAccount, e.Account)
	assert.True(t, e.ID != "" || len(e.IDs) > 0 || w.many, "%v", err)
}
