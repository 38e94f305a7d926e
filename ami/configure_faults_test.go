package ami_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

var errStopped = errors.New("somebody pressed the key")

// finishing is one image and what it is to be given, in a cloud of its own.
func finishing(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.ConfigureInput) {
	cloud := awstest.Start(t, opts...)
	return cloud, full(cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}}))
}

// The writes of one Configure: tags, protection, deprecation, two snapshots, image.
const finishWrites = 6

func TestConfigureAndBackThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := finishing(t, awstest.WithFault(awstest.Throttle(awstest.Match{}, 2)))
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		allOf(t, cloud, in.ImageID, in)
		_, err = ami.Unconfigure(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		untouched(t, cloud, in)
	})
}

// untouched says that nothing is left of what an input has given.
func untouched(t *testing.T, cloud *awstest.Cloud, in ami.ConfigureInput) {
	t.Helper()
	cloud.ForgetCalls()
	done, err := ami.Unconfigure(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.Empty(t, done.Written)
	assert.Empty(t, cloud.Writes())
	assert.Empty(t, done.Permissions)
	assert.Nil(t, done.Image.DeprecationTime)
	assert.Equal(t, "disabled", *done.Image.DeregistrationProtection)
	assert.Empty(t, done.Image.Tags)
	for _, s := range snapshots(t, cloud, here) {
		assert.Empty(t, s.Tags)
	}
}

// Wherever the process ends, the next run does what is missing and no more.
func TestConfigureCrashAtEveryWrite(t *testing.T) {
	for k := 1; k <= finishWrites; k++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprint(k, done), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					crash, restart := awstest.CrashAtWrite(k, done)
					cloud, in := finishing(t, awstest.WithFault(crash))
					_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
					require.Error(t, err)
					restart()
					cloud.ForgetCalls()
					_, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
					require.NoError(t, err)
					allOf(t, cloud, in.ImageID, in)
					left := finishWrites - k + 1
					if done {
						left--
					}
					assert.Len(t, cloud.Writes(), left)
				})
			})
		}
	}
}

func TestUnconfigureCrashAtEveryWrite(t *testing.T) {
	for k := 1; k <= finishWrites; k++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprint(k, done), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cloud, in := finishing(t)
					_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
					require.NoError(t, err)
					crash, restart := awstest.CrashAtWrite(k, done)
					cloud.Inject(crash)
					_, err = ami.Unconfigure(t.Context(), client(cloud, here), in)
					require.Error(t, err)
					restart()
					cloud.ForgetCalls()
					_, err = ami.Unconfigure(t.Context(), client(cloud, here), in)
					require.NoError(t, err)
					untouched(t, cloud, in)
				})
			})
		}
	}
}

func TestConfigureResponsesLost(t *testing.T) {
	for _, op := range []string{"CreateTags", "EnableImageDeregistrationProtection", "EnableImageDeprecation", "ModifySnapshotAttribute", "ModifyImageAttribute"} {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := finishing(t, awstest.WithFault(awstest.LoseResponse(awstest.Match{Operation: op})))
				_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
				require.NoError(t, err, "lost once: the SDK asks again")
				allOf(t, cloud, in.ImageID, in)

				cloud, in = finishing(t, awstest.WithFault(awstest.LoseResponseForGood(awstest.Match{Operation: op})))
				_, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
				require.Error(t, err, "lost for good")
				e, ok := errors.AsType[*ami.Error](err)
				require.True(t, ok)
				assert.Contains(t, e.State, "without ", "what may be missing is named")
				_, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
				require.NoError(t, err)
				allOf(t, cloud, in.ImageID, in)
			})
		})
	}
}

func TestConfigureExpiredCredentialsAtEveryCall(t *testing.T) {
	for k := 1; k <= 20; k++ {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := finishing(t)
				cloud.Inject(awstest.ExpireCredentials(awstest.Match{}, k))
				began := time.Now()
				_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
				if err == nil {
					return // it was done in fewer calls
				}
				require.ErrorIs(t, err, ami.ErrCredentialsExpired)
				assert.Less(t, time.Since(began), 10*time.Second, "at once")
			})
		})
	}
}

// cancelAt ends a context with a cause at the k-th call, from 1.
func cancelAt(k int, cancel context.CancelCauseFunc) awstest.Fault {
	n := 0
	return func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if n++; n == k {
			cancel(errStopped)
			if ctx.Err() != nil { // not one that outlives it
				return nil, ctx.Err()
			}
		}
		return next(ctx)
	}
}

func TestConfigureContextEndsAtEveryCall(t *testing.T) {
	for k := 1; k <= 20; k++ {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := finishing(t)
				ctx, cancel := context.WithCancelCause(t.Context())
				cloud.Inject(cancelAt(k, cancel))
				_, err := ami.Configure(ctx, client(cloud, here), nil, in)
				if ctx.Err() == nil {
					require.NoError(t, err)
					return // it was done in fewer calls
				}
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, errStopped)
				_, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
				require.NoError(t, err)
				allOf(t, cloud, in.ImageID, in)
			})
		})
	}
}

// What AWS does not show at once is waited for, and not written again; when it
// never shows, the error says what.
func TestConfigureWaitsUntilAWSShowsIt(t *testing.T) {
	for _, late := range []time.Duration{time.Minute, time.Hour} {
		t.Run(late.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := finishing(t)
				cloud.Inject(stalePermissions(time.Now().Add(late)))
				began := time.Now()
				_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
				assert.Equal(t, 1, cloud.Count("ModifyImageAttribute"))
				if late == time.Hour {
					require.ErrorIs(t, err, ami.ErrNotApplied)
					e, _ := errors.AsType[*ami.Error](err)
					assert.Equal(t, "without launch permissions", e.State)
					assert.InDelta(t, 5*time.Minute, time.Since(began), float64(20*time.Second))
					return
				}
				require.NoError(t, err)
				assert.InDelta(t, late, time.Since(began), float64(20*time.Second))
			})
		})
	}
}

// stalePermissions lets the launch permissions of images look empty until then.
func stalePermissions(until time.Time) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if attribute, ok := out.(*ec2.DescribeImageAttributeOutput); ok && err == nil && time.Now().Before(until) {
			attribute.LaunchPermissions = nil
		}
		return out, err
	}
}

func account(n int) string { return fmt.Sprintf("%012d", 100000000000+n) }

// A write may meet a part of AWS that does not know the image yet.
func TestConfigureOutlastsThatAWSDoesNotKnowTheImageYet(t *testing.T) {
	for _, op := range []string{"CreateTags", "ModifySnapshotAttribute", "ModifyImageAttribute"} {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := finishing(t)
				known := time.Now().Add(time.Minute)
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if call.Operation == op && time.Now().Before(known) {
						return nil, awsError("InvalidAMIID.NotFound")
					}
					return next(ctx)
				})
				_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
				require.NoError(t, err)
				allOf(t, cloud, in.ImageID, in)
			})
		})
	}
}
