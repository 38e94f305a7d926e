package ami_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// finished says that all of atOnce was done, by however many runs: nothing is
// left of the first image, and what the second was shared with is recorded.
func (g *grown) finished(own []string) {
	g.Helper()
	assert.Equal(g, types.ImageStateDeregistered, g.state(g.images[0]))
	for _, s := range snapshots(g.T, g.cloud, here) {
		assert.NotContains(g, own, *s.SnapshotId, "leaked")
	}
	img, ok := g.cloud.Region(here).Image(g.images[1])
	require.True(g, ok)
	assert.Equal(g, types.ImageStateDisabled, img.State)
	assert.Regexp(g, "^disabled 2", ami.Tag(img.Tags, ami.TagStage), "since when it is disabled")
	require.NotEmpty(g, g.records)
	for _, r := range g.records {
		assert.Equal(g, g.images[1], r.ImageID)
		assert.Equal(g, []string{consumer}, r.Permissions.Accounts, "none is of after the disabling")
		assert.Len(g, r.Snapshots, 2)
	}
	img, _ = g.cloud.Region(here).Image(g.images[2])
	assert.NotNil(g, img.DeprecationTime)
	for _, i := range g.images[3:] {
		img, _ := g.cloud.Region(here).Image(i)
		assert.Nil(g, img.DeprecationTime)
		assert.Equal(g, types.ImageStateAvailable, img.State)
	}
	g.cloud.ForgetCalls()
}

// The writes of one Apply: tag and deregister; disable and stamp; deprecate and
// stamp.
const applyWrites = 6

func TestApplyCrashAtEveryWrite(t *testing.T) {
	for k := 1; k <= applyWrites; k++ {
		for _, done := range []bool{false, true} {
			for _, again := range []string{"a new plan", "the same plan"} {
				t.Run(fmt.Sprint(k, " ", done, " ", again), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						g, rules := atOnce(t)
						own, plan := g.snapshotsOf(g.images[0]), g.plan(rules)
						crash, restart := awstest.CrashAtWrite(k, done)
						g.cloud.Inject(crash)
						_, err := g.apply(t.Context(), rules, plan)
						require.Error(t, err)
						restart()
						if again == "a new plan" {
							plan = g.plan(rules)
						}
						_, err = g.apply(t.Context(), rules, plan)
						require.NoError(t, err)
						g.finished(own)
						g.run(rules)
						assert.Empty(t, g.cloud.Writes(), "nothing twice")
					})
				})
			}
		}
	}
}

// A process that ends between the image and its snapshots leaves what nothing
// ties to the image but the tag.
func TestApplyCrashBetweenTheImageAndItsSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		own := g.snapshotsOf(g.images[0])
		// One by one: a snapshot of the caller is among them that is not ours.
		g.tag(own[0], ami.TagIntent, "")
		rules.Snapshots = func(types.Snapshot) bool { return true }
		crash, restart := awstest.CrashAtWrite(2, true)
		g.cloud.Inject(keepSnapshots("internal-error", nil))
		g.cloud.Inject(crash)
		_, err := g.apply(t.Context(), rules, g.plan(rules))
		require.Error(t, err)
		restart()
		assert.Equal(t, types.ImageStateDeregistered, g.state(g.images[0]))
		left := 0
		for _, s := range snapshots(t, g.cloud, here) {
			if ami.Tag(s.Tags, ami.TagRetired) == g.images[0] {
				left++
			}
		}
		assert.Equal(t, 2, left)
		g.run(rules)
		g.finished(own)
	})
}

// A snapshot that AWS does not show is not known to be ours, and AWS would not
// ask.
func TestApplyKeepsASnapshotThatItDidNotSee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		own := g.snapshotsOf(g.images[0])
		hidden := own[1]
		g.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if list, ok := out.(*ec2.DescribeSnapshotsOutput); ok && err == nil {
				list.Snapshots = slices.DeleteFunc(list.Snapshots, func(s types.Snapshot) bool { return *s.SnapshotId == hidden })
			}
			return out, err
		})
		done := g.run(rules)
		assert.Equal(t, types.ImageStateDeregistered, g.state(g.images[0]))
		assert.ElementsMatch(t, []ami.SnapshotResult{
			{SnapshotID: own[0], Deleted: true}, {SnapshotID: hidden, Kept: "not seen to be ours, or used by another image"},
		}, done[0].Snapshots)
		var left []string
		for _, s := range g.cloud.Region(here).Snapshots() {
			left = append(left, *s.SnapshotId)
		}
		assert.Contains(t, left, hidden)
		assert.NotContains(t, left, own[0])
	})
}

// The time of a deprecation must be to come, also for the last of many tries.
func TestApplyDeprecatesWhenAWSIsBusyForMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		until := time.Now().Add(4 * time.Minute)
		g.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "EnableImageDeprecation" && time.Now().Before(until) {
				return nil, awsError("RequestLimitExceeded")
			}
			return next(ctx)
		})
		g.run(rules)
		img, _ := g.cloud.Region(here).Image(g.images[2])
		assert.NotNil(t, img.DeprecationTime)
	})
}

func TestApplyThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		own := g.snapshotsOf(g.images[0])
		g.cloud.Inject(awstest.Throttle(awstest.Match{}, 2))
		g.run(rules)
		g.finished(own)
	})
}

func TestApplyResponsesLost(t *testing.T) {
	for _, op := range []string{"CreateTags", "DeregisterImage", "DisableImage", "EnableImageDeprecation"} {
		for name, lost := range map[string]func(awstest.Match) awstest.Fault{"once": awstest.LoseResponse, "for good": awstest.LoseResponseForGood} {
			t.Run(op+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, rules := atOnce(t)
					own, plan := g.snapshotsOf(g.images[0]), g.plan(rules)
					g.cloud.Inject(lost(awstest.Match{Operation: op}))
					_, err := g.apply(t.Context(), rules, plan)
					if name == "once" {
						require.NoError(t, err)
						g.finished(own)
						return
					}
					require.Error(t, err)
					g.run(rules)
					g.finished(own)
				})
			})
		}
	}
}

func TestApplyExpiredCredentialsAtEveryCall(t *testing.T) {
	for k := 1; ; k++ {
		ended := false
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, rules := atOnce(t)
				own, plan := g.snapshotsOf(g.images[0]), g.plan(rules)
				over := false
				expire := awstest.ExpireCredentials(awstest.Match{}, k)
				g.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if over {
						return next(ctx)
					}
					return expire(ctx, call, next)
				})
				began := time.Now()
				_, err := g.apply(t.Context(), rules, plan)
				if ended = err == nil; ended {
					return
				}
				require.ErrorIs(t, err, ami.ErrCredentialsExpired)
				assert.Less(t, time.Since(began), 10*time.Second)
				over = true
				g.run(rules)
				g.finished(own)
			})
		})
		if ended {
			return
		}
	}
}

func TestApplyContextEndsAtEveryCall(t *testing.T) {
	for k := 1; ; k++ {
		ended := false
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, rules := atOnce(t)
				own, plan := g.snapshotsOf(g.images[0]), g.plan(rules)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				g.cloud.Inject(cancelAt(k, cancel))
				_, err := g.apply(ctx, rules, plan)
				if ended = ctx.Err() == nil; ended {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, errStopped)
				g.run(rules)
				g.finished(own)
			})
		})
		if ended {
			return
		}
	}
}
