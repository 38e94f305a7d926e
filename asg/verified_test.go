package asg_test

import (
	"context"
	"errors"
	"slices"
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

// verified is a refresh of group web that rests half way for an hour.
func (f *fleet) verified(verify func(context.Context, []string) error) asg.RefreshVerifiedInput {
	in := asg.RefreshVerifiedInput{RefreshInput: f.refresh(), Verify: verify, Budget: 10 * time.Minute}
	in.Preferences = &types.RefreshPreferences{
		MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(110)),
		CheckpointPercentages: []int32{50, 100}, CheckpointDelay: new(int32(3600)),
	}
	return in
}

// yes and no are verdicts that note what they were asked.
func yes(asked *[][]string) func(context.Context, []string) error {
	return func(_ context.Context, ids []string) error {
		*asked = append(*asked, slices.Clone(ids))
		return nil
	}
}

var errBroken = errors.New("the checkout page is broken")

func no(context.Context, []string) error { return errBroken }

func TestVerifiedPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		var asked [][]string
		in := f.verified(yes(&asked))
		in.Preferences.BakeTime = new(int32(3600))
		var lines []string
		done, err := asg.RefreshVerified(t.Context(), f, in, func(o *asg.Options) {
			o.OnStatus = func(s *asg.Status) { lines = append(lines, line(s)) }
		})
		require.NoError(t, err)
		assert.Equal(t, 2, done.Passed)
		assert.False(t, done.Adopted)
		assert.Equal(t, successful, done.Last.Status)
		assert.Equal(t, "1", done.Source.Template.Version)
		require.Len(t, asked, 2)
		assert.Len(t, asked[0], 1, "half of the group at the checkpoint")
		assert.Len(t, asked[1], 2, "all of it while it bakes")
		assert.Equal(t, []string{"2", "2"}, f.versions())
		assert.Equal(t, slices.Compact(slices.Clone(lines)), lines, "each status once")
	})
}

// TestVerifiedSeveralCheckpointsAtOnce is a small group, which comes to two with
// one instance.
func TestVerifiedSeveralCheckpointsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		var asked [][]string
		in := f.verified(yes(&asked))
		in.Preferences.CheckpointPercentages = []int32{10, 40, 100}
		done, err := asg.RefreshVerified(t.Context(), f, in)
		require.NoError(t, err)
		assert.Equal(t, 1, done.Passed)
	})
}

func TestVerifiedFails(t *testing.T) {
	for name, tt := range map[string]struct {
		verify func(context.Context, []string) error
		cause  error
		bake   bool
	}{
		"says no": {no, errBroken, false},
		"says no while it bakes": {func(_ context.Context, ids []string) error {
			if len(ids) == 2 {
				return errBroken
			}
			return nil
		}, errBroken, true},
		"is late": {func(ctx context.Context, _ []string) error {
			<-ctx.Done()
			return ctx.Err()
		}, context.DeadlineExceeded, false},
		"does not heed its context": {func(context.Context, []string) error {
			time.Sleep(3 * time.Hour)
			return nil
		}, context.DeadlineExceeded, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				in := f.verified(tt.verify)
				if tt.bake {
					in.Preferences.BakeTime = new(int32(3600))
				}
				began := time.Now()
				done, err := asg.RefreshVerified(t.Context(), f, in)
				require.ErrorIs(t, err, asg.ErrVerifyFailed)
				require.ErrorIs(t, err, asg.ErrRolledBack)
				require.ErrorIs(t, err, tt.cause)
				assert.NotEmpty(t, failure(t, err).IDs, "the instances that it looked at")
				assert.Less(t, time.Since(began), 100*time.Minute, "it is not waited for after the budget")
				assert.Equal(t, []string{"1", "1"}, f.versions())
				assert.Equal(t, []types.InstanceRefreshStatus{rolledBack}, f.statuses())
				assert.Equal(t, rolledBack, done.Last.Status)
				time.Sleep(3 * time.Hour) // a bubble waits for all that was begun in it
			})
		})
	}
}

func TestCheckVerify(t *testing.T) {
	f := start(t)
	hours := func(n int32) *int32 { return new(n * 3600) }
	for want, change := range map[string]func(*asg.RefreshVerifiedInput){
		"Group is missing":  func(in *asg.RefreshVerifiedInput) { in.Group = "" },
		"Verify is missing": func(in *asg.RefreshVerifiedInput) { in.Verify = nil },
		"Budget 0s":         func(in *asg.RefreshVerifiedInput) { in.Budget = 0 },
		"Budget -1s":        func(in *asg.RefreshVerifiedInput) { in.Budget = -time.Second },
		"have no checkpoint": func(in *asg.RefreshVerifiedInput) {
			in.Preferences.CheckpointPercentages, in.Preferences.CheckpointDelay = []int32{100}, nil
		},
		"Verify would never":   func(in *asg.RefreshVerifiedInput) { in.Preferences = nil },
		"CheckpointDelay 1h0m": func(in *asg.RefreshVerifiedInput) { in.Budget = time.Hour },
		"BakeTime 1h0m0s": func(in *asg.RefreshVerifiedInput) {
			in.Suspend, in.Budget, in.Preferences.BakeTime = true, time.Hour, hours(1)
		},
		"does not exceed Budget 2h0m0s, warm-up": func(in *asg.RefreshVerifiedInput) {
			in.Budget, in.Preferences.CheckpointDelay = 2*time.Hour, nil // AWS's default is one
		},
	} {
		in := f.verified(no)
		change(&in)
		err := asg.CheckVerify(in)
		assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
		_, err = asg.RefreshVerified(t.Context(), f, in)
		assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
	}
	in := f.verified(no)
	in.Budget, in.Suspend = 3*time.Hour, true
	assert.NoError(t, asg.CheckVerify(in), "AWS does not go on meanwhile")
	in = f.verified(no)
	in.Preferences.CheckpointPercentages, in.Preferences.CheckpointDelay, in.Preferences.BakeTime = nil, nil, hours(1)
	assert.NoError(t, asg.CheckVerify(in))
	assert.Empty(t, f.Calls())
}

// TestVerifiedSlowerThanTheDelay has a hook for which the delay is too short, with
// the warm-up and a poll: it is refused before anything is started.
func TestVerifiedSlowerThanTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		for name, change := range map[string]func(*asg.RefreshVerifiedInput){
			"a poll":                func(in *asg.RefreshVerifiedInput) { in.Preferences.CheckpointDelay = new(int32(601)) },
			"the refresh's warm-up": func(in *asg.RefreshVerifiedInput) { in.Preferences.InstanceWarmup = new(int32(3000)) },
			"a poll of a bake time": func(in *asg.RefreshVerifiedInput) { in.Preferences.BakeTime = new(int32(601)) },
		} {
			in := f.verified(no)
			change(&in)
			require.NoError(t, asg.CheckVerify(in), "only the group and the schedule tell")
			_, err := asg.RefreshVerified(t.Context(), f, in)
			require.ErrorIs(t, err, asg.ErrInvalidInput, name)
			assert.ErrorContains(t, err, "does not exceed Budget")
		}
		_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", DefaultInstanceWarmup: new(50 * time.Minute)})
		require.NoError(t, err)
		_, err = asg.RefreshVerified(t.Context(), f, f.verified(no))
		require.ErrorIs(t, err, asg.ErrInvalidInput, "the group's warm-up")
		assert.Zero(t, f.Count("StartInstanceRefresh"))
	})
}

// TestVerifiedAdoptsNoShorterDelay has the same refresh run already, with a delay
// that the hook is slower than.
func TestVerifiedAdoptsNoShorterDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		theirs := f.verified(no)
		theirs.Preferences.CheckpointDelay = new(int32(300))
		started := f.start(theirs.RefreshInput)
		called := 0
		done, err := asg.RefreshVerified(t.Context(), f, f.verified(func(context.Context, []string) error { called++; return nil }))
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Contains(t, failure(t, err).Hint, "CheckpointDelay 5m0s does not exceed")
		assert.Equal(t, []string{started.RefreshID}, failure(t, err).IDs)
		assert.True(t, done.Adopted)
		assert.Zero(t, called)
	})
}

// TestVerifiedDies has the process die in the hook: the next one adopts the
// refresh, which rests, and asks again.
func TestVerifiedDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		ctx, die := context.WithCancel(t.Context())
		asked := 0
		done, err := asg.RefreshVerified(ctx, f, f.verified(func(ctx context.Context, _ []string) error {
			asked++
			die()
			return ctx.Err()
		}))
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, asg.ErrVerifyFailed, "it said nothing")
		require.NotNil(t, done)
		assert.Equal(t, []types.InstanceRefreshStatus{inProgress}, f.statuses(), "nothing is rolled back")

		again, err := asg.RefreshVerified(t.Context(), f.restart(), f.verified(func(context.Context, []string) error { asked++; return nil }))
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, done.RefreshID, again.RefreshID)
		assert.Equal(t, 2, asked, "at least once")
		assert.Equal(t, []string{"2", "2"}, f.versions())
	})
}

// TestVerifiedDiesInTheRollback has the next process find a refresh to the same
// version on its way back: it follows that, and does not start another.
func TestVerifiedDiesInTheRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		ctx, die := context.WithCancel(t.Context())
		f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if call.Operation == "RollbackInstanceRefresh" {
				die()
			}
			return out, err
		})
		_, err := asg.RefreshVerified(ctx, f, f.verified(no))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, asg.ErrVerifyFailed)
		require.Equal(t, []types.InstanceRefreshStatus{rollingBack}, f.statuses())

		done, err := asg.RefreshVerified(t.Context(), f.restart(), f.verified(no))
		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.True(t, done.Adopted)
		assert.Equal(t, []string{"1", "1"}, f.versions())
		assert.Len(t, f.statuses(), 1)
	})
}

// TestVerifiedWhereNothingCanGoBack refuses groups on which the hook could not
// have the last word.
func TestVerifiedWhereNothingCanGoBack(t *testing.T) {
	group := func(change func(*types.AutoScalingGroup)) awstest.Fault {
		return alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) { change(&out.AutoScalingGroups[0]) })
	}
	attributes := policy(template("lt-1", "1"))
	attributes.LaunchTemplate.Overrides[0] = types.LaunchTemplateOverrides{InstanceRequirements: &types.InstanceRequirements{}}
	for kind, fault := range map[error]awstest.Fault{
		asg.ErrRollbackUnavailable: group(func(g *types.AutoScalingGroup) { g.LaunchTemplate.Version = new("$Latest") }),
		asg.ErrMixedInstances: group(func(g *types.AutoScalingGroup) {
			g.LaunchTemplate, g.MixedInstancesPolicy = nil, policy(template("lt-1", "1"))
		}),
		asg.ErrAttributeBased: group(func(g *types.AutoScalingGroup) { g.LaunchTemplate, g.MixedInstancesPolicy = nil, attributes }),
	} {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.group("web")
			f.Inject(fault)
			_, err := asg.RefreshVerified(t.Context(), f, f.verified(no))
			require.ErrorIs(t, err, kind)
			assert.Empty(t, f.Writes())
		})
	}
	f := start(t)
	in := f.verified(no)
	in.Group = "none"
	_, err := asg.RefreshVerified(t.Context(), f, in)
	require.ErrorIs(t, err, asg.ErrNotFound)
}

// TestVerifiedIsStoppedWhereItCannotGoBack has AWS refuse to roll back: the
// refresh does not go on to the rest of the group.
func TestVerifiedIsStoppedWhereItCannotGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.Inject(awstest.Refuse(awstest.Match{Operation: "RollbackInstanceRefresh"}, 0, "IrreversibleInstanceRefresh", "no"))
		_, err := asg.RefreshVerified(t.Context(), f, f.verified(no))
		require.ErrorIs(t, err, asg.ErrVerifyFailed)
		require.ErrorIs(t, err, asg.ErrRollbackUnavailable)
		assert.NotErrorIs(t, err, asg.ErrRolledBack)
		f.Advance(2 * time.Hour)
		assert.Equal(t, []types.InstanceRefreshStatus{cancelled}, f.statuses())
		assert.ElementsMatch(t, []string{"1", "2"}, f.versions())
	})
}

// TestVerifiedLeavesOthersAlone has somebody cancel the refresh and start another
// while the hook looks.
func TestVerifiedLeavesOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.addVersion("three")
		f.group("web")
		theirs := f.refresh()
		theirs.Version, theirs.OnConflict = 3, asg.ConflictCancel
		var other *asg.StartRefreshResult
		_, err := asg.RefreshVerified(t.Context(), f, f.verified(func(ctx context.Context, _ []string) error {
			other = f.start(theirs)
			return errBroken
		}))
		require.ErrorIs(t, err, asg.ErrVerifyFailed)
		require.ErrorIs(t, err, asg.ErrOtherRefresh)
		assert.NotErrorIs(t, err, asg.ErrRolledBack)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: other.RefreshID}})
		require.NoError(t, err, "theirs went on")
	})
}

// TestVerifiedEndsBadly passes on how the refresh itself ended.
func TestVerifiedEndsBadly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.NeverHealthy(awstest.ImageMatch{Name: "two"})
		f.group("web")
		called := 0
		verify := func(context.Context, []string) error { called++; return nil }
		_, err := asg.RefreshVerified(t.Context(), f, f.verified(verify), stalling(20*time.Minute))
		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		assert.Equal(t, []types.InstanceRefreshStatus{inProgress}, f.statuses(), "what becomes of it is the caller's")
		_, err = asg.RefreshVerified(t.Context(), f, f.verified(verify))
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		assert.Zero(t, called)
	})
}
