package asg_test

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// scenarios are the ways in which a refresh of group web to version 2 can go.
var scenarios = map[string]func(f *fleet, tr *trace) error{
	"success": func(f *fleet, tr *trace) error {
		f.settled("web")
		return tr.wait(f, f.refresh())
	},
	"one instance, launch before terminate": func(f *fleet, tr *trace) error {
		f.settled("web")
		_, err := asg.Update(f.t.Context(), f, asg.UpdateInput{Group: "web", Desired: new(int32(1))})
		require.NoError(f.t, err)
		time.Sleep(time.Minute)
		in := f.refresh()
		in.Preferences = asg.LaunchBeforeTerminate()
		return tr.wait(f, in)
	},
	"warm-up": func(f *fleet, tr *trace) error {
		f.settled("web")
		return tr.wait(f, f.with(func(p *types.RefreshPreferences) { p.InstanceWarmup = new(int32(60)) }))
	},
	"image gone": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(removes(f, "2"))
		return tr.wait(f, f.refresh())
	},
	"image gone, rolled back by AWS": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(removes(f, "2"))
		return tr.wait(f, f.with(func(p *types.RefreshPreferences) { p.AutoRollback = new(true) }))
	},
	"never healthy, stalls": func(f *fleet, tr *trace) error {
		f.NeverHealthy(awstest.ImageMatch{Name: "two"})
		f.settled("web")
		return tr.wait(f, f.refresh(), stalling(4*time.Minute))
	},
	"held in pending, stalls": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Region(home).HoldPending("web")
		return tr.wait(f, f.refresh(), stalling(10*time.Minute))
	},
	"processes suspended, stalls": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.suspend("Launch", "Terminate")
		return tr.wait(f, f.refresh(), stalling(10*time.Minute))
	},
	"stalls and is rolled back": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(removes(f, "2"))
		before := f.read("web")
		err := tr.wait(f, f.refresh(), stalling(20*time.Minute))
		require.ErrorIs(f.t, err, asg.ErrRefreshStalled)
		e, _ := errors.AsType[*asg.Error](err)
		_, err = asg.Rollback(f.t.Context(), f, asg.RollbackInput{Group: "web", RefreshID: e.IDs[0], Before: &before}, tr.on)
		return err
	},
	"rolled back half way": func(f *fleet, tr *trace) error {
		f.settled("web")
		started := f.half()
		tr.begin(f)
		_, err := asg.Rollback(f.t.Context(), f, f.rollback(started), tr.on)
		return err
	},
	"rollback fails, old image gone": func(f *fleet, tr *trace) error {
		f.settled("web")
		started := f.half()
		f.removeImage("1")
		tr.begin(f)
		_, err := asg.Rollback(f.t.Context(), f, f.rollback(started), tr.on)
		return err
	},
	"returns after success": func(f *fleet, tr *trace) error {
		f.settled("web")
		before := asg.SourceOf(f.read("web"))
		_, err := asg.Wait(f.t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(f.refresh()).RefreshID}})
		require.NoError(f.t, err)
		tr.begin(f)
		_, err = asg.RevertTo(f.t.Context(), f, asg.RevertToInput{Group: "web", To: before}, tr.on)
		return err
	},
	"cancelled": func(f *fleet, tr *trace) error {
		f.settled("web")
		started := f.start(f.refresh())
		time.Sleep(10 * time.Second)
		tr.begin(f)
		_, err := asg.Cancel(f.t.Context(), f, f.cancel(started), tr.on)
		return err
	},
	"cancelled by another": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(after("StartInstanceRefresh", func() {
			time.AfterFunc(12*time.Second, func() {
				_, err := f.restart().CancelInstanceRefresh(f.t.Context(), &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
				assert.NoError(f.t, err)
			})
		}))
		return tr.wait(f, f.refresh())
	},
	"another is waited for": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.start(f.other(asg.ConflictAdoptSame))
		in := f.refresh()
		in.OnConflict = asg.ConflictWait
		return tr.wait(f, in)
	},
	"another is cancelled and replaced": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.start(f.other(asg.ConflictAdoptSame))
		time.Sleep(10 * time.Second)
		in := f.refresh()
		in.OnConflict = asg.ConflictCancel
		return tr.wait(f, in)
	},
	"another is in the way": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.start(f.other(asg.ConflictAdoptSame))
		return tr.wait(f, f.refresh())
	},
	"response lost, adopted": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "StartInstanceRefresh"}))
		_, err := asg.StartRefresh(f.t.Context(), f, f.refresh())
		require.Error(f.t, err)
		return tr.wait(f, f.refresh())
	},
	"verified at a checkpoint and while it bakes": func(f *fleet, tr *trace) error {
		f.settled("web")
		in := f.verified(tr.verdict(time.Minute, nil))
		in.Preferences.BakeTime = new(int32(3600))
		return tr.verify(f, in)
	},
	"verification fails": func(f *fleet, tr *trace) error {
		f.settled("web")
		return tr.verify(f, f.verified(tr.verdict(time.Minute, errBroken)))
	},
	"verification is late": func(f *fleet, tr *trace) error {
		f.settled("web")
		return tr.verify(f, f.verified(tr.verdict(time.Hour, nil)))
	},
	"verification slower than the delay, suspended": func(f *fleet, tr *trace) error {
		f.settled("web")
		in := f.verified(tr.verdict(2*time.Hour, nil))
		in.Suspend, in.Budget, in.Preferences.CheckpointDelay = true, 3*time.Hour, new(int32(60))
		return tr.verify(f, in)
	},
	"alarm while it bakes": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Region(home).SetAlarm("errors", awstest.AlarmOK)
		in := f.with(func(p *types.RefreshPreferences) {
			p.AutoRollback, p.BakeTime = new(true), new(int32(3600))
			p.AlarmSpecification = &types.AlarmSpecification{Alarms: []string{"errors"}}
		})
		f.Inject(after("StartInstanceRefresh", func() {
			time.AfterFunc(30*time.Minute+time.Second, func() { f.Region(home).SetAlarm("errors", awstest.AlarmRaised) })
		}))
		return tr.wait(f, in)
	},
	"protected, ignored": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.protect()
		return tr.wait(f, f.with(func(p *types.RefreshPreferences) { p.ScaleInProtectedInstances = types.ScaleInProtectedInstancesIgnore }))
	},
	"protected, waited for": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.protect()
		return tr.wait(f, f.refresh())
	},
	"standby, ignored": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.standby()
		return tr.wait(f, f.with(func(p *types.RefreshPreferences) { p.StandbyInstances = types.StandbyInstancesIgnore }))
	},
	"warm pool": func(f *fleet, tr *trace) error {
		f.settled("web")
		_, err := asg.PutWarmPool(f.t.Context(), f, asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(1)), MaxGroupPreparedCapacity: new(int32(3))})
		require.NoError(f.t, err)
		time.Sleep(5 * time.Minute)
		return tr.wait(f, f.refresh())
	},
	"group changed by another": func(f *fleet, tr *trace) error {
		f.settled("web")
		f.Inject(after("StartInstanceRefresh", func() {
			time.AfterFunc(31*time.Second, func() {
				_, err := asg.Update(f.t.Context(), f.restart(), asg.UpdateInput{Group: "web", Desired: new(int32(4))})
				assert.NoError(f.t, err)
			})
		}))
		return tr.wait(f, f.refresh())
	},
}

// removes takes the image of a version away when a refresh has been started.
func removes(f *fleet, version string) awstest.Fault {
	return after("StartInstanceRefresh", func() { f.removeImage(version) })
}

// after does something each time an operation has succeeded.
func after(operation string, do func()) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if err == nil && call.Operation == operation {
			do()
		}
		return out, err
	}
}

// suspend suspends processes of group web.
func (f *fleet) suspend(names ...string) {
	f.t.Helper()
	_, err := f.SuspendProcesses(f.t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("web"), ScalingProcesses: names})
	require.NoError(f.t, err)
}

// standby moves an instance of group web to standby, and another takes its place.
func (f *fleet) standby() string {
	f.t.Helper()
	id := *f.read("web").Instances[0].InstanceId
	_, err := f.EnterStandby(f.t.Context(), &autoscaling.EnterStandbyInput{
		AutoScalingGroupName: new("web"), InstanceIds: []string{id}, ShouldDecrementDesiredCapacity: new(true),
	})
	require.NoError(f.t, err)
	time.Sleep(5 * time.Minute)
	return id
}

// verify runs a refresh with a hook in the trace.
func (tr *trace) verify(f *fleet, in asg.RefreshVerifiedInput) error {
	tr.begin(f)
	_, err := asg.RefreshVerified(f.t.Context(), f, in, tr.on)
	return err
}

// verdict is a hook that takes so long, or as long as it may, and says err.
func (tr *trace) verdict(takes time.Duration, err error) func(context.Context, []string) error {
	return func(ctx context.Context, ids []string) error {
		tr.say("hook begins")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(takes):
			tr.say("hook says " + kinds(err))
			return err
		}
	}
}
