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

func (f *fleet) suspended() (names []string) {
	f.t.Helper()
	for _, p := range f.read("web").SuspendedProcesses {
		names = append(names, *p.ProcessName)
	}
	return names
}

// suspending is a hook slower than the delay, under which AWS rests.
func (f *fleet) suspending(verify func(context.Context, []string) error) asg.RefreshVerifiedInput {
	in := f.verified(verify)
	in.Suspend, in.Budget, in.Preferences.CheckpointDelay = true, 3*time.Hour, new(int32(60))
	return in
}

// TestSuspendedWhileVerified has a hook slower than the delay: with the process
// suspended AWS does not go on to the rest of the group meanwhile.
func TestSuspendedWhileVerified(t *testing.T) {
	for name, verdict := range map[string]error{"passes": nil, "fails": errBroken} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.settled("web")
				_, err := asg.RefreshVerified(t.Context(), f, f.suspending(func(context.Context, []string) error {
					time.Sleep(2 * time.Hour)
					assert.Equal(t, []string{"InstanceRefresh"}, f.suspended())
					assert.ElementsMatch(t, []string{"1", "2"}, f.versions(), "two hours after a delay of a minute")
					return verdict
				}))
				assert.Empty(t, f.suspended())
				if verdict == nil {
					require.NoError(t, err)
					assert.Equal(t, []string{"2", "2"}, f.versions())
					return
				}
				require.ErrorIs(t, err, asg.ErrRolledBack)
				assert.Equal(t, []string{"1", "1"}, f.versions())
			})
		})
	}
}

// TestNotSuspendedAWSGoesOn is what the option, or a long enough delay, is for.
func TestNotSuspendedAWSGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		in := f.suspending(no)
		f.start(in.RefreshInput)
		time.Sleep(2 * time.Hour)
		assert.Equal(t, []string{"2", "2"}, f.versions())
	})
}

// TestSuspendedByAProcessThatDied leaves the process suspended: the refresh rests
// until the next one comes, which asks again, and lets it go on.
func TestSuspendedByAProcessThatDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		crash, restart := awstest.CrashAtWrite(3, false) // start, suspend, and the resume that never comes
		f.Inject(crash)
		_, err := asg.RefreshVerified(t.Context(), f, f.suspending(func(context.Context, []string) error { return nil }))
		require.Error(t, err)
		restart()
		time.Sleep(24 * time.Hour)
		require.Equal(t, []string{"InstanceRefresh"}, f.suspended())
		require.ElementsMatch(t, []string{"1", "2"}, f.versions(), "it rests")

		asked := 0
		done, err := asg.RefreshVerified(t.Context(), f.restart(), f.suspending(func(context.Context, []string) error { asked++; return nil }))
		require.NoError(t, err)
		assert.True(t, done.Adopted)
		assert.Equal(t, 1, asked)
		assert.Empty(t, f.suspended())
		assert.Equal(t, []string{"2", "2"}, f.versions())
	})
}

// TestSuspendedIsResumedWhenContextEnds is one of the few things that outlive it.
func TestSuspendedIsResumedWhenContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		ctx, stop := context.WithCancel(t.Context())
		_, err := asg.RefreshVerified(ctx, f, f.suspending(func(ctx context.Context, _ []string) error {
			stop()
			<-ctx.Done()
			return ctx.Err()
		}))
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, f.suspended())
		assert.Equal(t, []types.InstanceRefreshStatus{inProgress}, f.statuses())
	})
}

// TestSuspendedCannotBeResumed says so in the error.
func TestSuspendedCannotBeResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		f.Inject(awstest.Refuse(awstest.Match{Operation: "ResumeProcesses"}, 0, "AccessDenied", "no"))
		_, err := asg.RefreshVerified(t.Context(), f, f.suspending(func(context.Context, []string) error { return nil }))
		require.ErrorContains(t, err, "AccessDenied")
		assert.Contains(t, failure(t, err).Hint, "still suspended")
	})
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		f.Inject(awstest.Refuse(awstest.Match{Operation: "SuspendProcesses"}, 0, "AccessDenied", "no"))
		called := 0
		_, err := asg.RefreshVerified(t.Context(), f, f.suspending(func(context.Context, []string) error { called++; return nil }))
		require.ErrorContains(t, err, "AccessDenied")
		assert.Zero(t, called, "without it the hook would be too slow")
	})
}

// TestSuspendedBeforeTheStart is what a process that died after its refresh had
// ended leaves: the next refresh would rest for ever.
func TestSuspendedBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		f.suspend("InstanceRefresh", "AZRebalance")
		_, err := asg.RefreshVerified(t.Context(), f, f.suspending(func(context.Context, []string) error { return nil }))
		require.NoError(t, err)
		assert.Equal(t, []string{"AZRebalance"}, f.suspended(), "what others suspended stays")
	})
}

// TestPausedRefreshIsNotStalled has somebody suspend the refresh in the middle:
// the watch says that, and by what.
func TestPausedRefreshIsStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		s := asg.RefreshKey{Group: "web", ID: f.half().RefreshID}
		f.suspend("InstanceRefresh")
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{s}, stalling(30*time.Minute))
		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		assert.Contains(t, failure(t, err).Hint, "InstanceRefresh")
		_, err = f.ResumeProcesses(t.Context(), &autoscaling.ResumeProcessesInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{s})
		require.NoError(t, err, "it was active all the time")
	})
}

// TestFailsAtEachStage has the image go away when the refresh is Pending, at its
// first instance, at a checkpoint, and when it is rolled back.
func TestFailsAtEachStage(t *testing.T) {
	for name, tt := range map[string]struct {
		at   func(*asg.Status) bool
		gone string // version whose image goes
		auto bool
		kind error
		left []string
	}{
		"Pending":              {func(s *asg.Status) bool { return s.Status == pending }, "2", false, asg.ErrRefreshFailed, []string{"1", "1"}},
		"checkpoint":           {func(s *asg.Status) bool { return s.Checkpoint == 50 }, "2", false, asg.ErrRefreshFailed, []string{"1", "2"}},
		"checkpoint, and back": {func(s *asg.Status) bool { return s.Checkpoint == 50 }, "2", true, asg.ErrRolledBack, []string{"1", "1"}},
		"no way back": {func(s *asg.Status) bool {
			return s.Checkpoint == 50 && s.Status == inProgress
		}, "both", true, asg.ErrRollbackFailed, []string{"1", "2"}},
		"baking": {func(s *asg.Status) bool { return s.Status == baking }, "2", false, nil, []string{"2", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.settled("web")
				in := f.verified(nil).RefreshInput
				in.Preferences.AutoRollback, in.Preferences.BakeTime = &tt.auto, new(int32(600))
				s := asg.RefreshKey{Group: "web", ID: f.start(in).RefreshID}
				gone := false
				var last *asg.Status
				for st, err := range asg.Watch(t.Context(), f, []asg.RefreshKey{s}) {
					require.NoError(t, err)
					if last = st; !gone && tt.at(st) {
						gone = true
						if tt.gone == "both" {
							f.removeImage("1")
						}
						f.removeImage("2")
					}
				}
				require.True(t, gone)
				require.ErrorIs(t, last.Err, tt.kind)
				assert.ElementsMatch(t, tt.left, f.versions())
				if tt.kind != nil {
					assert.Equal(t, "the image is gone, or is not shared with this account", failure(t, last.Err).Hint)
					assert.NotEmpty(t, last.Activities)
				}
			})
		})
	}
}

// TestAlarms has one raised at each stage.
func TestAlarms(t *testing.T) {
	alarmed := func(f *fleet, auto bool) asg.RefreshInput {
		f.Region(home).SetAlarm("errors", awstest.AlarmOK)
		in := f.verified(nil).RefreshInput
		in.Preferences.AlarmSpecification = &types.AlarmSpecification{Alarms: []string{"errors"}}
		in.Preferences.AutoRollback, in.Preferences.BakeTime = &auto, new(int32(600))
		return in
	}
	for _, auto := range []bool{false, true} {
		for _, stage := range []types.InstanceRefreshStatus{inProgress, baking} {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.settled("web")
				s := asg.RefreshKey{Group: "web", ID: f.start(alarmed(f, auto)).RefreshID}
				var last *asg.Status
				for st, err := range asg.Watch(t.Context(), f, []asg.RefreshKey{s}) {
					require.NoError(t, err)
					if last = st; st.Status == stage {
						f.Region(home).SetAlarm("errors", awstest.AlarmRaised)
					}
				}
				if auto {
					require.ErrorIs(t, last.Err, asg.ErrRolledBack, stage)
					assert.Equal(t, []string{"1", "1"}, f.versions())
				} else {
					require.ErrorIs(t, last.Err, asg.ErrRefreshFailed, stage)
				}
				assert.Contains(t, failure(t, last.Err).Error(), "errors", "the alarm is named")
			})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		in := alarmed(f, false)
		f.Region(home).SetAlarm("errors", awstest.AlarmRaised)
		_, err := asg.StartRefresh(t.Context(), f, in)
		require.ErrorContains(t, err, "ValidationError", "it is raised already")
		assert.Empty(t, f.statuses())
	})
}

// TestSecondActor changes the group in the middle of a refresh: its sizes, or its
// refresh. What is told is what is so.
func TestSecondActor(t *testing.T) {
	for name, tt := range map[string]struct {
		act  func(ctx context.Context, f *fleet, other *autoscaling.Client) error
		kind error
		left []string
	}{
		"scales out": {func(ctx context.Context, _ *fleet, other *autoscaling.Client) error {
			_, err := asg.Update(ctx, other, asg.UpdateInput{Group: "web", Desired: new(int32(4))})
			return err
		}, nil, []string{"2", "2", "2", "2"}},
		"scales in": {func(ctx context.Context, _ *fleet, other *autoscaling.Client) error {
			_, err := asg.Update(ctx, other, asg.UpdateInput{Group: "web", Desired: new(int32(1))})
			return err
		}, nil, []string{"2"}},
		"cancels": {func(ctx context.Context, _ *fleet, other *autoscaling.Client) error {
			_, err := other.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
			return err
		}, asg.ErrRefreshCancelled, []string{"1", "2"}},
		"rolls back": {func(ctx context.Context, _ *fleet, other *autoscaling.Client) error {
			_, err := other.RollbackInstanceRefresh(ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")})
			return err
		}, asg.ErrRolledBack, []string{"1", "1"}},
		"terminates a new instance": {func(ctx context.Context, f *fleet, other *autoscaling.Client) error {
			for _, i := range f.read("web").Instances {
				if *i.LaunchTemplate.Version == "2" {
					_, err := other.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{
						InstanceId: i.InstanceId, HealthStatus: new("Unhealthy"), ShouldRespectGracePeriod: new(false),
					})
					return err
				}
			}
			return nil
		}, nil, []string{"2", "2"}},
		"deletes the group": {func(ctx context.Context, _ *fleet, other *autoscaling.Client) error {
			_, err := other.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
			return err
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.settled("web")
				s := asg.RefreshKey{Group: "web", ID: f.half().RefreshID}
				require.NoError(t, tt.act(t.Context(), f, f.restart()))
				_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{s})
				if tt.left == nil {
					require.Error(t, err)
					assert.NotContains(t, err.Error(), "<nil>")
					return
				}
				require.ErrorIs(t, err, tt.kind)
				f.Advance(10 * time.Minute)
				assert.ElementsMatch(t, tt.left, f.versions())
			})
		})
	}
}

// TestWarmPoolIsRenewed has a refresh come to the instances of the pool after
// those in service.
func TestWarmPoolIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		for _, changed := range []bool{true, false} {
			got, err := asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(2)), State: types.WarmPoolStateStopped})
			require.NoError(t, err)
			assert.Equal(t, changed, got)
		}
		time.Sleep(5 * time.Minute)
		pool, err := asg.DescribeWarmPool(t.Context(), f, "web")
		require.NoError(t, err)
		require.NotEmpty(t, pool.Instances)
		two := asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"}}
		require.Len(t, asg.OutdatedInstances(two, pool.Instances), len(pool.Instances))

		s := asg.RefreshKey{Group: "web", ID: f.start(f.refresh()).RefreshID}
		_, err = asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(1))})
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{s})
		require.NoError(t, err)
		pool, err = asg.DescribeWarmPool(t.Context(), f, "web")
		require.NoError(t, err)
		require.NotEmpty(t, pool.Instances)
		assert.Empty(t, asg.OutdatedInstances(two, pool.Instances), "all are of the new version")
	})
}

// TestRefreshOfAPolicy brings a whole mixed instances policy out, and back.
func TestRefreshOfAPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.mixed("web", "1")
		time.Sleep(5 * time.Minute)
		before := f.read("web")
		next := f.policy("2")
		in := asg.RefreshInput{Group: "web", Policy: next, Preferences: f.refresh().Preferences}
		started := f.start(in)
		again, err := asg.StartRefresh(t.Context(), f.restart(), in)
		require.NoError(t, err)
		assert.Equal(t, &asg.StartRefreshResult{RefreshID: started.RefreshID, Adopted: true}, again, "though AWS shows more than was sent")
		other := in
		other.Policy = f.policy("1")
		_, err = asg.StartRefresh(t.Context(), f, other)
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		after := f.read("web")
		assert.Equal(t, "2", *after.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version)
		assert.Len(t, after.MixedInstancesPolicy.LaunchTemplate.Overrides, 3, "it is whole")
		assert.Equal(t, before.MixedInstancesPolicy.InstancesDistribution, after.MixedInstancesPolicy.InstancesDistribution)

		_, err = asg.RevertTo(t.Context(), f, asg.RevertToInput{Group: "web", To: asg.SourceOf(before)})
		require.NoError(t, err)
		require.NoError(t, asg.VerifyRollback(t.Context(), f, asg.VerifyRollbackInput{Group: "web", Source: asg.SourceOf(before)}))

		started = f.start(in)
		time.Sleep(30 * time.Second)
		_, err = asg.Rollback(t.Context(), f, asg.RollbackInput{Group: "web", RefreshID: started.RefreshID, Before: &before})
		require.NoError(t, err)
	})
}
