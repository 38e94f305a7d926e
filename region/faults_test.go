package region_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

var errStopped = errors.New("somebody pressed the key")

// work is one function of the package in a world of its own. Each run has a pool
// of its own, as another process would.
type work struct {
	cloud *awstest.Cloud
	run   func(context.Context) error
	// good says that all is as after one call that nothing disturbed: nothing is
	// missing, twice, or left over.
	good func()
}

var brisk = awstest.Timing{Image: 20 * time.Second, ImageCopy: 20 * time.Second}

// configured is an image in each of three Regions, and what it is given.
func configured(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, []region.ConfigureInput) {
	cloud := awstest.Start(t, opts...)
	var all []region.ConfigureInput
	for _, target := range []region.Target{ireland, london, paris} {
		all = append(all, region.ConfigureInput{Target: target, ConfigureInput: ami.ConfigureInput{
			ImageID: cloud.Region(target.Region).OwnImage(awstest.ImageSeed{Name: "web 1"}),
			Tags:    map[string]string{"team": "web"},
			Share:   ami.Permissions{Accounts: []string{other}},
			Protect: ami.ProtectWithoutCooldown,
		}})
	}
	return cloud, all
}

var works = map[string]func(*testing.T, ...awstest.Option) work{
	"Preflight": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		return work{cloud, func(ctx context.Context) error {
			_, err := fresh(cloud).Preflight(ctx, []region.Target{ireland, london, {Account: other, Region: paris.Region}})
			return err
		}, func() { assert.Empty(t, cloud.Writes()) }}
	},
	"Copy":                 copies(func(*region.CopyInput) {}),
	"Copy, all or nothing": copies(func(in *region.CopyInput) { in.Policy = region.FailurePolicyAllOrNothing }),
	"Copy, with keys": copies(func(in *region.CopyInput) {
		for i := range in.Targets {
			if in.Targets[i].Target != ireland {
				in.Targets[i].Encrypted, in.Targets[i].UseRegionDefaultKey = true, true
			}
		}
	}),
	"RetryFailed": func(t *testing.T, opts ...awstest.Option) work {
		w, in := copied(t, opts, func(*region.CopyInput) {})
		w.cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "it failed")
		results, err := region.Copy(t.Context(), fresh(w.cloud), *in)
		require.ErrorIs(t, err, ami.ErrFailed)
		w.cloud.ForgetScripts()
		w.run = func(ctx context.Context) error {
			_, err := region.RetryFailed(ctx, fresh(w.cloud), *in, results)
			return err
		}
		return w
	},
	"Configure": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := configured(t, opts...)
		return work{cloud, func(ctx context.Context) error {
			_, err := region.Configure(ctx, fresh(cloud), in)
			return err
		}, func() {
			cloud.ForgetCalls()
			all, err := region.Configure(t.Context(), fresh(cloud), in)
			require.NoError(t, err)
			for _, r := range all {
				assert.Equal(t, []string{other}, r.Result.Permissions.Accounts)
				assert.Equal(t, "web", ami.Tag(r.Result.Image.Tags, "team"))
			}
			assert.Empty(t, cloud.Writes(), "all is there")
		}}
	},
	"Unconfigure": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := configured(t, opts...)
		_, err := region.Configure(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		return work{cloud, func(ctx context.Context) error {
			_, err := region.Unconfigure(ctx, fresh(cloud), in)
			return err
		}, func() {
			cloud.ForgetCalls()
			all, err := region.Unconfigure(t.Context(), fresh(cloud), in)
			require.NoError(t, err)
			for _, r := range all {
				assert.Empty(t, r.Result.Permissions)
				assert.Empty(t, r.Result.Image.Tags)
			}
			assert.Empty(t, cloud.Writes(), "all is gone")
		}}
	},
	"Lineage": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in, _ := family(t, opts...)
		cloud.ForgetCalls()
		return work{cloud, func(ctx context.Context) error {
			roots, err := region.Lineage(ctx, fresh(cloud), in)
			if err == nil {
				assert.Len(t, roots, 1)
			}
			return err
		}, func() { assert.Empty(t, cloud.Writes()) }}
	},
	"CheckShareable": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		to := []region.Destination{
			{Target: ireland, Encrypted: true, KMSKeyID: cloud.Region(ireland.Region).Key(awstest.KeySeed{})},
			{Target: paris, Encrypted: true, KMSKeyID: cloud.Region(paris.Region).Key(awstest.KeySeed{})},
		}
		return work{cloud, func(ctx context.Context) error { return region.CheckShareable(ctx, fresh(cloud), to) },
			func() { assert.Empty(t, cloud.Writes()) }}
	},
}

func copies(change func(*region.CopyInput)) func(*testing.T, ...awstest.Option) work {
	return func(t *testing.T, opts ...awstest.Option) work {
		w, _ := copied(t, opts, change)
		return w
	}
}

func copied(t *testing.T, opts []awstest.Option, change func(*region.CopyInput)) (work, *region.CopyInput) {
	cloud, in := atHome(t, opts...)
	in.Targets = to(london, ireland, paris)
	change(&in)
	return work{cloud, func(ctx context.Context) error {
		_, err := region.Copy(ctx, fresh(cloud), in)
		return err
	}, func() {
		time.Sleep(10 * time.Minute)
		for _, target := range []region.Target{london, paris} {
			all := cloud.Region(target.Region).Images()
			if assert.Len(t, all, 1, target) {
				assert.Equal(t, types.ImageStateAvailable, all[0].State)
			}
			assert.Len(t, cloud.Region(target.Region).Snapshots(), 1)
		}
		assert.Len(t, cloud.Region(ireland.Region).Images(), 1)
	}}, &in
}

func ran(t *testing.T, prepare func(*testing.T, ...awstest.Option) work) (calls, writes int) {
	synctest.Test(t, func(t *testing.T) {
		w := prepare(t, awstest.WithTiming(brisk))
		w.cloud.ForgetCalls()
		require.NoError(t, w.run(t.Context()))
		calls, writes = len(w.cloud.Calls()), len(w.cloud.Writes())
		w.good()
	})
	return calls, writes
}

func (w work) next(t *testing.T) {
	t.Helper()
	time.Sleep(time.Minute)
	require.NoError(t, w.run(t.Context()), "the next run")
}

// complete says that an error tells where it happened.
func complete(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*region.Error](err)
	require.True(t, ok, "%v", err)
	assert.NotEmpty(t, e.Op)
	assert.NotEmpty(t, e.Region, "%v", err)
}

// Every function through every fault: after each nothing is there twice, and
// nothing is left over that the next run does not finish or the error does not
// name.
func TestEveryFunctionThroughEveryFault(t *testing.T) {
	for name, prepare := range works {
		t.Run(name, func(t *testing.T) {
			calls, writes := ran(t, prepare)
			disturbed := func(name string, opts []awstest.Option, test func(t *testing.T, w work)) {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := prepare(t, append(opts, awstest.WithTiming(brisk))...)
						w.cloud.ForgetCalls()
						test(t, w)
					})
				})
			}
			late := awstest.Consistency{
				UnseenReads: 2, UnseenFor: 20 * time.Second, BareReads: 1, BareFor: 5 * time.Second,
				NameTaken: 20 * time.Second, EmptyPages: true,
			}
			disturbed("what is new shows late", []awstest.Option{awstest.WithConsistency(late)}, func(t *testing.T, w work) {
				require.NoError(t, w.run(t.Context()))
				w.good()
			})
			disturbed("throttled half of the time", nil, func(t *testing.T, w work) {
				w.cloud.Inject(awstest.Throttle(awstest.Match{}, 2))
				require.NoError(t, w.run(t.Context()))
				w.good()
			})
			for k := 1; k <= writes; k++ {
				disturbed(fmt.Sprint("the answer to write ", k, " lost once"), nil, func(t *testing.T, w work) {
					w.cloud.Inject(atWrite(k, awstest.LoseResponse(awstest.Match{})))
					require.NoError(t, w.run(t.Context()))
					w.good()
				})
				disturbed(fmt.Sprint("the answer to write ", k, " lost for good"), nil, func(t *testing.T, w work) {
					w.cloud.Inject(atWrite(k, awstest.LoseResponseForGood(awstest.Match{})))
					if err := w.run(t.Context()); err != nil {
						complete(t, err)
						w.next(t)
					}
					w.good()
				})
				for _, done := range []bool{false, true} {
					disturbed(fmt.Sprint("a crash at write ", k, ", done: ", done), nil, func(t *testing.T, w work) {
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
				disturbed(fmt.Sprint("credentials expired at call ", k), nil, func(t *testing.T, w work) {
					var over atomic.Bool
					expire := awstest.ExpireCredentials(awstest.Match{}, k)
					w.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
						if over.Load() {
							return next(ctx)
						}
						return expire(ctx, call, next)
					})
					err := w.run(t.Context())
					require.ErrorIs(t, err, region.ErrCredentialsExpired)
					complete(t, err)
					over.Store(true)
					w.next(t)
					w.good()
				})
				disturbed(fmt.Sprint("stopped at call ", k), nil, func(t *testing.T, w work) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var n atomic.Int64
					w.cloud.Inject(func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
						if n.Add(1) == int64(k) {
							cancel(errStopped)
							if ctx.Err() != nil {
								return nil, ctx.Err()
							}
						}
						return next(ctx)
					})
					if err := w.run(ctx); err != nil {
						require.ErrorIs(t, err, context.Canceled)
						require.ErrorIs(t, err, errStopped)
						complete(t, err)
						w.next(t)
					}
					w.good()
				})
			}
		})
	}
}

// atWrite puts a fault in front of the k-th write alone, from 1.
func atWrite(k int, f awstest.Fault) awstest.Fault {
	var n atomic.Int64
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Write && n.Add(1) == int64(k) {
			return f(ctx, call, next)
		}
		return next(ctx)
	}
}
