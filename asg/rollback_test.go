package asg_test

import (
	"context"
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

const (
	rollingBack = types.InstanceRefreshStatusRollbackInProgress
	rolledBack  = types.InstanceRefreshStatusRollbackSuccessful
)

func (f *fleet) rollback(s *asg.StartRefreshResult) asg.RollbackInput {
	return asg.RollbackInput{Group: "web", RefreshID: s.RefreshID}
}

// half starts a refresh of group web, one instance at a time, and waits until
// half of it has been replaced.
func (f *fleet) half() *asg.StartRefreshResult {
	f.t.Helper()
	in := f.refresh()
	in.Preferences = &types.RefreshPreferences{
		MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(110)),
		CheckpointPercentages: []int32{50, 100}, CheckpointDelay: new(int32(3600)),
	}
	started := f.start(in)
	for s, err := range asg.Watch(f.t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}}) {
		require.NoError(f.t, err)
		if s.Checkpoint == 50 {
			break
		}
	}
	f.ForgetCalls()
	return started
}

// versions that the instances in service of group web run, oldest first.
func (f *fleet) versions() (out []string) {
	f.t.Helper()
	for _, i := range f.read("web").Instances {
		if i.LifecycleState == types.LifecycleStateInService {
			out = append(out, *i.LaunchTemplate.Version)
		}
	}
	return out
}

func TestRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		before := f.read("web")
		started := f.half()
		require.ElementsMatch(t, []string{"1", "2"}, f.versions())

		done, err := asg.Rollback(t.Context(), f, f.rollback(started))
		require.NoError(t, err)
		assert.False(t, done.Adopted)
		assert.Equal(t, rolledBack, done.Refresh.Status)
		assert.Equal(t, &asg.TemplateSpec{ID: f.templateID, Name: "web", Version: "1"}, done.Source.Template)
		assert.Equal(t, []string{"1", "1"}, f.versions())
		after := f.read("web")
		assert.Equal(t, before.LaunchTemplate, after.LaunchTemplate)
		assert.Equal(t, before.DesiredCapacity, after.DesiredCapacity)
		assert.Zero(t, f.Count("UpdateAutoScalingGroup"), "the group itself is never written to")

		f.ForgetCalls()
		done, err = asg.Rollback(t.Context(), f.restart(), f.rollback(started))
		require.NoError(t, err, "once more is done")
		assert.True(t, done.Adopted)
		assert.Empty(t, f.Writes())
	})
}

// TestRollbackWhileBaking has everything replaced already.
func TestRollbackWhileBaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		in := f.refresh()
		in.Preferences.BakeTime = new(int32(3600))
		started := f.start(in)
		time.Sleep(5 * time.Minute)
		require.Equal(t, []types.InstanceRefreshStatus{baking}, f.statuses())
		require.Equal(t, []string{"2", "2"}, f.versions())
		_, err := asg.Rollback(t.Context(), f, f.rollback(started))
		require.NoError(t, err)
		assert.Equal(t, []string{"1", "1"}, f.versions())
	})
}

func TestRollbackAfterLostResponse(t *testing.T) {
	for name, fault := range map[string]func(awstest.Match) awstest.Fault{"once": awstest.LoseResponse, "for good": awstest.LoseResponseForGood} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				started := f.half()
				f.Inject(fault(awstest.Match{Operation: "RollbackInstanceRefresh"}))
				done, err := asg.Rollback(t.Context(), f, f.rollback(started))
				if name == "for good" {
					require.Error(t, err)
					done, err = asg.Rollback(t.Context(), f.restart(), f.rollback(started))
				}
				require.NoError(t, err)
				assert.True(t, done.Adopted)
				assert.Equal(t, []string{"1", "1"}, f.versions())
			})
		})
	}
}

// TestRollbackRefusedAsRunningAlready has AWS refuse with a code that it does not
// document: the refresh tells that it is on its way back.
func TestRollbackRefusedAsRunningAlready(t *testing.T) {
	for _, code := range []string{"ValidationError", "IrreversibleInstanceRefresh", "SomethingNew"} {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.group("web")
			started := f.half()
			f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				out, err := next(ctx)
				if call.Operation == "RollbackInstanceRefresh" {
					return nil, refusal(code)
				}
				return out, err
			})
			done, err := asg.Rollback(t.Context(), f, f.rollback(started))
			require.NoError(t, err, code)
			assert.True(t, done.Adopted)
		})
	}
}

func TestRollbackUnavailable(t *testing.T) {
	version := func(v string) func(*autoscaling.DescribeAutoScalingGroupsOutput) {
		return func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			out.AutoScalingGroups[0].LaunchTemplate.Version = &v
		}
	}
	tests := map[string]struct {
		fault awstest.Fault
		hint  string
	}{
		"group on $Latest":  {alter("DescribeAutoScalingGroups", version("$Latest")), "$Latest"},
		"group on $Default": {alter("DescribeAutoScalingGroups", version("$Default")), "$Default"},
		"override on $Latest": {alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			g := &out.AutoScalingGroups[0]
			g.MixedInstancesPolicy = policy(template(*g.LaunchTemplate.LaunchTemplateId, "1"), template("lt-arm", "$Latest"))
			g.LaunchTemplate = nil
		}), "lt-arm is $Latest"},
		"no desired configuration": {alter("DescribeInstanceRefreshes", func(out *autoscaling.DescribeInstanceRefreshesOutput) {
			out.InstanceRefreshes[0].DesiredConfiguration = nil
		}), "no desired configuration"},
		"being cancelled": {alter("DescribeInstanceRefreshes", func(out *autoscaling.DescribeInstanceRefreshesOutput) {
			out.InstanceRefreshes[0].Status = types.InstanceRefreshStatusCancelling
		}), "being cancelled"},
		"has ended": {alter("DescribeInstanceRefreshes", func(out *autoscaling.DescribeInstanceRefreshesOutput) {
			out.InstanceRefreshes[0].Status = failed
		}), "has ended"},
		"AWS says so":     {awstest.Refuse(awstest.Match{Operation: "RollbackInstanceRefresh"}, 0, "IrreversibleInstanceRefresh", "the image is a parameter"), ""},
		"ended meanwhile": {awstest.Refuse(awstest.Match{Operation: "RollbackInstanceRefresh"}, 0, "ActiveInstanceRefreshNotFound", "none"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				started := f.half()
				f.Inject(tt.fault)
				done, err := asg.Rollback(t.Context(), f, f.rollback(started))
				require.ErrorIs(t, err, asg.ErrRollbackUnavailable)
				assert.Nil(t, done)
				assert.Contains(t, failure(t, err).Hint, tt.hint)
				assert.Equal(t, []string{started.RefreshID}, failure(t, err).IDs)
				for _, c := range f.Writes() {
					assert.Error(t, c.Err, "nothing has been done")
				}
			})
		})
	}
}

func TestRollbackTouchesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		theirs := f.half()
		f.ForgetCalls()
		_, err := asg.Rollback(t.Context(), f, asg.RollbackInput{Group: "web", RefreshID: "ours"})
		require.ErrorIs(t, err, asg.ErrOtherRefresh)
		assert.Equal(t, []string{theirs.RefreshID}, failure(t, err).IDs)
		assert.Empty(t, f.Writes())
		assert.Equal(t, []types.InstanceRefreshStatus{inProgress}, f.statuses())

		f.Inject(alter("RollbackInstanceRefresh", func(out *autoscaling.RollbackInstanceRefreshOutput) { out.InstanceRefreshId = new("another") }))
		_, err = asg.Rollback(t.Context(), f, f.rollback(theirs))
		require.ErrorIs(t, err, asg.ErrOtherRefresh, "it began between the look and the call")
		assert.Equal(t, []string{"another"}, failure(t, err).IDs)
	})
}

// TestRollbackIncomplete has instances of the new version left, and a group that
// somebody else has changed.
func TestRollbackIncomplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.half()
		_, err := asg.Rollback(t.Context(), f, f.rollback(started))
		require.NoError(t, err)
		left := *f.read("web").Instances[1].InstanceId
		until := time.Now().Add(time.Hour)
		f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			if time.Now().Before(until) {
				out.AutoScalingGroups[0].Instances[1].LaunchTemplate.Version = new("2")
			}
		}))
		began := time.Now()
		done, err := asg.Rollback(t.Context(), f, f.rollback(started))
		require.ErrorIs(t, err, asg.ErrRollbackIncomplete)
		assert.Equal(t, []string{left}, failure(t, err).IDs)
		assert.Equal(t, started.RefreshID, done.RefreshID, "it is known all the same")
		assert.GreaterOrEqual(t, time.Since(began), time.Minute, "AWS has a minute to show it")

		began = time.Now()
		until = began.Add(20 * time.Second)
		_, err = asg.Rollback(t.Context(), f, f.rollback(started))
		require.NoError(t, err, "it was an older state that AWS showed")
		assert.Less(t, time.Since(began), time.Minute)
	})
}

func TestVerifyRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		g := f.read("web")
		source := asg.SourceOf(g)
		require.NoError(t, asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: source}))

		_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"}})
		require.NoError(t, err)
		err = asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: source})
		require.ErrorIs(t, err, asg.ErrRollbackIncomplete)
		assert.ErrorContains(t, err, "launches from "+f.templateID+" version 2")
		assert.Empty(t, failure(t, err).IDs, "the instances are what they were")

		now := asg.SourceOf(f.read("web"))
		err = asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: now})
		require.ErrorIs(t, err, asg.ErrRollbackIncomplete)
		assert.Len(t, failure(t, err).IDs, 2)
		require.NoError(t, asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: now, Before: g.Instances}),
			"they ran that before")

		for _, in := range []asg.VerifyRollbackInput{{Source: now}, {Group: "web"}} {
			assert.ErrorIs(t, asg.VerifyRollback(t.Context(), f, in), asg.ErrInvalidInput)
		}
		require.ErrorIs(t, asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "none", Source: now}), asg.ErrNotFound)

		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		err = asg.VerifyRollback(ctx, f, asg.VerifyRollbackInput{Group: "web", Source: now})
		require.ErrorIs(t, err, context.DeadlineExceeded)

		f.Inject(awstest.Throttle(awstest.Match{Operation: "DescribeAutoScalingGroups"}, 9))
		require.NoError(t, asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: now, Before: g.Instances}))
	})
}

// TestRollbackKeepsWhatRanBefore has an instance of an older version that no
// refresh ever came to.
func TestRollbackKeepsWhatRanBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.addVersion("three")
		f.group("web")
		_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "3"}})
		require.NoError(t, err)
		before := f.read("web")
		started := f.half()
		in := f.rollback(started)
		in.Before = &before
		done, err := asg.Rollback(t.Context(), f, in)
		require.NoError(t, err)
		assert.Equal(t, "3", done.Source.Template.Version)
		assert.ElementsMatch(t, []string{"1", "3"}, f.versions())
	})
}

// TestRollbackFails has the image of the version before gone: AWS cannot go back.
func TestRollbackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.half()
		f.removeImage("1")
		done, err := asg.Rollback(t.Context(), f, f.rollback(started))
		require.ErrorIs(t, err, asg.ErrRollbackFailed)
		e := failure(t, err)
		assert.Equal(t, "asg.Rollback", e.Op)
		assert.Contains(t, e.Hint, "image is gone")
		assert.Equal(t, types.InstanceRefreshStatusRollbackFailed, done.Refresh.Status)
	})
}

// TestRollbackIsCancelled has a second actor stop it in the middle.
func TestRollbackIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.half()
		_, err := asg.Rollback(t.Context(), f, f.rollback(started), func(o *asg.Options) {
			o.OnStatus = func(s *asg.Status) {
				if s.Status == rollingBack {
					_, err := asg.Cancel(t.Context(), f.restart(), f.cancel(started))
					assert.NoError(t, err)
				}
			}
		})
		require.ErrorIs(t, err, asg.ErrRefreshCancelled)
	})
}

func TestRollbackErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		for _, in := range []asg.RollbackInput{{Group: "web"}, {RefreshID: "r1"}} {
			_, err := asg.Rollback(t.Context(), f, in)
			assert.ErrorIs(t, err, asg.ErrInvalidInput)
			_, err = asg.StartRollback(t.Context(), f, in)
			assert.ErrorIs(t, err, asg.ErrInvalidInput)
		}
		assert.Empty(t, f.Calls())
		_, err := asg.Rollback(t.Context(), f, asg.RollbackInput{Group: "none", RefreshID: "r1"})
		require.ErrorIs(t, err, asg.ErrNotFound)
		_, err = asg.Rollback(t.Context(), f, asg.RollbackInput{Group: "web", RefreshID: "r1"})
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, []string{"r1"}, failure(t, err).IDs)

		started := f.half()
		f.Inject(awstest.Refuse(awstest.Match{Operation: "RollbackInstanceRefresh"}, 1, "AccessDenied", "no"))
		_, err = asg.StartRollback(t.Context(), f, f.rollback(started))
		require.ErrorContains(t, err, "AccessDenied")
		assert.NotErrorIs(t, err, asg.ErrRollbackUnavailable)
		assert.Equal(t, "asg.StartRollback", failure(t, err).Op)

		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		done, err := asg.Rollback(ctx, f, f.rollback(started))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, started.RefreshID, done.RefreshID)
		assert.Equal(t, []types.InstanceRefreshStatus{rollingBack}, f.statuses(), "it goes on")
	})
}
