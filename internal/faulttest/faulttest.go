// Package faulttest runs a function of this module through every fault of the
// fake: throttling, answers that show late, responses that are lost, credentials
// that expire, cancelling and crashes, at each of its calls. It is for tests.
package faulttest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/fault"
)

// World is a cloud and a call in it.
type World struct {
	Cloud *awstest.Cloud
	// Call is what is tested. Each time it is called it is as if by another
	// process: it takes nothing from the time before.
	Call func(ctx context.Context) error
	// Check fails the test where the world is not as after one call that nothing
	// disturbed: what was to be made is there, and once.
	Check func(t *testing.T)
	// Repeats: the call writes each time anew. False: when it has succeeded, the
	// same call writes nothing.
	Repeats bool
}

// New makes a world. It seeds what the call needs, for what it makes by calls
// may not show yet.
type New func(t *testing.T, opts ...awstest.Option) World

// Config is that of a Region of the default account, as package region makes it:
// the clients know their account.
func Config(cloud *awstest.Cloud, region string) aws.Config {
	cfg := cloud.Config(region)
	cfg.Credentials = fault.Own(cfg.Credentials, awstest.DefaultAccount)
	return cfg
}

// Run puts the call through the faults one by one, each in a world and a bubble
// of its own. It returns the operations of the call that nothing disturbed, and
// those of the same call made again.
func Run(t *testing.T, new New) (first, again []string) {
	calls, writes := 0, 0
	bubble(t, "none", func(t *testing.T) {
		w := new(t)
		w.Cloud.ForgetCalls()
		require.NoError(t, w.Call(t.Context()))
		calls, writes = len(w.Cloud.Calls()), len(w.Cloud.Writes())
		first = operations(w.Cloud)
		w.done(t)
		again = operations(w.Cloud)
	})
	require.NotZero(t, calls, "the call reaches AWS")

	for name, opt := range map[string]awstest.Option{
		"throttled half of the time": awstest.WithFault(awstest.Throttle(awstest.Match{}, 2)),
		"shows late by reads":        awstest.WithConsistency(awstest.Consistency{UnseenReads: 2, BareReads: 2}),
		"shows late by time":         awstest.WithConsistency(awstest.Consistency{UnseenFor: 20 * time.Second}),
		"empty pages":                awstest.WithConsistency(awstest.Consistency{EmptyPages: true}),
		"pages of one":               awstest.WithPageSize(1),
	} {
		bubble(t, name, func(t *testing.T) {
			w := new(t, opt)
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
	}
	for k := 1; k <= writes; k++ {
		bubble(t, fmt.Sprint("response lost once at write ", k), func(t *testing.T) {
			w := new(t)
			w.Cloud.Inject(At(k, true, awstest.LoseResponse(awstest.Match{Write: true})))
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
		bubble(t, fmt.Sprint("response lost for good at write ", k), func(t *testing.T) {
			w := new(t)
			w.Cloud.Inject(At(k, true, awstest.LoseResponseForGood(awstest.Match{Write: true})))
			require.Error(t, w.Call(t.Context()))
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
		for _, done := range []bool{false, true} {
			bubble(t, fmt.Sprintf("crash at write %d, done %v", k, done), func(t *testing.T) {
				w := new(t)
				crash, restart := awstest.CrashAtWrite(k, done)
				w.Cloud.Inject(crash)
				require.Error(t, w.Call(t.Context()))
				restart()
				require.NoError(t, w.Call(t.Context()))
				w.done(t)
			})
		}
	}
	for k := 1; k <= calls; k++ {
		bubble(t, fmt.Sprint("credentials expired from call ", k), func(t *testing.T) {
			w := new(t)
			w.Cloud.ForgetCalls()
			expired, renew := until(awstest.ExpireCredentials(awstest.Match{}, k))
			w.Cloud.Inject(expired)
			err := w.Call(t.Context())
			require.ErrorIs(t, err, fault.ErrCredentialsExpired)
			assert.ErrorContains(t, err, awstest.DefaultAccount)
			assert.Len(t, w.Cloud.Calls(), k, "it ends at once")
			renew()
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
		bubble(t, fmt.Sprint("cancelled at call ", k), func(t *testing.T) {
			w := new(t)
			w.Cloud.ForgetCalls()
			ctx, cancel := context.WithCancelCause(t.Context())
			enough := errors.New("enough")
			w.Cloud.Inject(At(k, false, func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				cancel(enough)
				return nil, ctx.Err()
			}))
			require.ErrorIs(t, w.Call(ctx), context.Canceled)
			assert.Len(t, w.Cloud.Calls(), k, "it ends at once")
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
		bubble(t, fmt.Sprint("denied at call ", k), func(t *testing.T) {
			w := new(t)
			w.Cloud.Inject(At(k, false, awstest.Refuse(awstest.Match{}, 0, "UnauthorizedOperation", "You are not authorized to perform this operation.")))
			err := w.Call(t.Context())
			require.Error(t, err)
			assert.Equal(t, "UnauthorizedOperation", fault.Code(err), "AWS's own code comes through")
			e, ok := errors.AsType[*fault.Error](err)
			require.True(t, ok, "%v", err)
			assert.NotEmpty(t, e.Op)
			assert.Equal(t, awstest.DefaultAccount, e.Account, "%v", err)
			assert.NotEmpty(t, e.Region)
			require.NoError(t, w.Call(t.Context()))
			w.done(t)
		})
	}
	return first, again
}

func operations(cloud *awstest.Cloud) (names []string) {
	for _, call := range cloud.Calls() {
		names = append(names, call.Operation)
	}
	return names
}

// done is the end of each: the world is right, and stays so without a write.
func (w World) done(t *testing.T) {
	t.Helper()
	w.Check(t)
	if w.Repeats {
		return
	}
	w.Cloud.ForgetCalls()
	require.NoError(t, w.Call(t.Context()), "again")
	assert.Empty(t, w.Cloud.Writes(), "nothing twice")
	w.Check(t)
}

func bubble(t *testing.T, name string, do func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
}

// At lets a fault see the k-th call alone, or the k-th write.
func At(k int, write bool, f awstest.Fault) awstest.Fault {
	var n atomic.Int64
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if (call.Write || !write) && n.Add(1) == int64(k) {
			return f(ctx, call, next)
		}
		return next(ctx)
	}
}

// until is a fault that can be ended.
func until(f awstest.Fault) (_ awstest.Fault, end func()) {
	var over atomic.Bool
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if over.Load() {
			return next(ctx)
		}
		return f(ctx, call, next)
	}, func() { over.Store(true) }
}
