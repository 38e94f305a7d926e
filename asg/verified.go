package asg

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// RefreshVerifiedAPI is what [RefreshVerified] calls.
type RefreshVerifiedAPI interface {
	StartRefreshAPI
	RollbackInstanceRefresh(context.Context, *autoscaling.RollbackInstanceRefreshInput, ...func(*autoscaling.Options)) (*autoscaling.RollbackInstanceRefreshOutput, error)
	SuspendProcesses(context.Context, *autoscaling.SuspendProcessesInput, ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error)
	ResumeProcesses(context.Context, *autoscaling.ResumeProcessesInput, ...func(*autoscaling.Options)) (*autoscaling.ResumeProcessesOutput, error)
}

var _ RefreshVerifiedAPI = (*autoscaling.Client)(nil)

// RefreshVerifiedInput says which group gets which version, and who has the last word.
type RefreshVerifiedInput struct {
	// RefreshInput is the refresh. Its Preferences need CheckpointPercentages
	// with one that is not the last, or a BakeTime, or both.
	RefreshInput
	// Verify looks at the instances that run the new version; required. An error
	// rolls the refresh back.
	//
	// It is called at least once for each checkpoint that the refresh rests at,
	// and for the bake time: again where another process goes on with a refresh
	// that this one left, and once for several checkpoints that a small group
	// comes to at the same time. It is called in a goroutine of its own, which is
	// not waited for after the Budget: it should return when its context ends.
	Verify func(ctx context.Context, newInstanceIDs []string) error
	// Budget is how long Verify may take; required. When it is over, the refresh
	// is rolled back.
	Budget time.Duration
	// Suspend suspends the InstanceRefresh process of the group while Verify runs,
	// and resumes it afterwards, also when the context has ended. The process is
	// then this function's: one found suspended is resumed after Verify too, for
	// that is what a process that died in Verify leaves. Until one comes back to
	// it, such a refresh rests, where otherwise AWS would go on.
	//
	// False: AWS goes on by itself after the CheckpointDelay, which therefore
	// exceeds the Budget, the warm-up of the instances and a poll.
	Suspend bool
}

// RefreshVerifiedResult says how a refresh came to its end.
type RefreshVerifiedResult struct {
	StartRefreshResult
	// Passed is how often Verify was called and found nothing wrong.
	Passed int
	// Last status of the refresh; nil: none was read.
	Last *Status
	// Source is what the group launched before.
	Source LaunchSource
}

// RefreshVerified starts a refresh, or adopts the same one, follows it to its end
// and has the caller's Verify look at the new instances wherever it rests: after
// each checkpoint but the last, and while it bakes. When Verify fails or takes
// too long, the refresh is rolled back and the result proven, as by [Rollback];
// where AWS refuses to roll back, it is cancelled.
//
// AWS itself goes on after a checkpoint, whatever Verify is at: see Suspend. So
// Verify has a Budget which the CheckpointDelay and the BakeTime exceed; that is
// checked before anything is started, and that the refresh can be rolled back.
//
// Errors: [ErrVerifyFailed], with the instances that Verify was given in IDs and
// its own error as a cause, together with [ErrRolledBack] or with what went wrong
// in rolling back; [ErrInvalidInput]; [ErrRollbackUnavailable];
// [ErrAttributeBased]; [ErrMixedInstances]; those of [StartRefresh] and
// [Wait], [ErrNotReplaced] among them. A refresh to the same version that is being rolled back is followed to
// the end of that: [ErrRolledBack]. One that has stalled is left to the caller.
// ctx is the only deadline: when it ends nothing is rolled back, and a suspended
// process is resumed. The result comes with an error once the refresh is known.
//
// For several groups call it once for each, at the same time.
//
// AWS calls: those of [StartRefresh], [Wait] and [Rollback],
// DescribeAutoScalingGroups before the start and for each call of Verify, and
// with Suspend SuspendProcesses and ResumeProcesses. IAM: of those, besides,
// autoscaling:RollbackInstanceRefresh, autoscaling:CancelInstanceRefresh,
// autoscaling:SuspendProcesses and autoscaling:ResumeProcesses.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
func RefreshVerified(ctx context.Context, api RefreshVerifiedAPI, in RefreshVerifiedInput, optFns ...func(*Options)) (*RefreshVerifiedResult, error) {
	const op = "asg.RefreshVerified"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	v := &verifying{
		follower: follower{api: api, op: op, o: o}, client: api, in: in,
		warmup: warmup(in.Preferences, groups[0]), done: &RefreshVerifiedResult{Source: SourceOf(groups[0])},
	}
	if err := v.possible(groups[0]); err != nil {
		return nil, err
	}
	if v.holds = in.Suspend && len(suspendedOf(groups[0], []string{processRefresh})) > 0; v.holds {
		if err := v.release(ctx); err != nil {
			return nil, err
		}
	}
	started, err := startRefresh(ctx, api, op, in.RefreshInput, o)
	if err != nil {
		return v.goingBack(ctx, err)
	}
	v.done.StartRefreshResult = *started
	return v.done, v.follow(ctx)
}

// verifying is one call of RefreshVerified.
type verifying struct {
	follower
	client RefreshVerifiedAPI
	in     RefreshVerifiedInput
	warmup time.Duration
	done   *RefreshVerifiedResult

	passed int32 // the highest checkpoint that Verify has passed
	baked  bool  // it has passed the bake time
	holds  bool  // the process is suspended, and this is to resume it
}

// follow watches the refresh to its end, a watch from one call of Verify to the
// next: the time that it takes is none in which the refresh could have moved.
func (v *verifying) follow(ctx context.Context) error {
	v.o.since = time.Now()
	for {
		s, err := v.rests(ctx)
		if err != nil || s == nil {
			return err
		}
		if err := v.verify(ctx, s); err != nil {
			return err
		}
	}
}

// rests follows the refresh until it rests where Verify has not looked yet; no
// status and no error: it has succeeded.
func (v *verifying) rests(ctx context.Context) (*Status, error) {
	keys := []RefreshKey{{Group: v.in.Group, ID: v.done.RefreshID}}
	for s, err := range watch(ctx, v.api, v.op, keys, v.o) {
		if err != nil {
			return nil, err
		}
		if v.o.OnStatus != nil && (v.done.Last == nil || changed(*v.done.Last, *s)) {
			v.o.OnStatus(s)
		}
		v.done.Last = s
		switch {
		case s.Done:
			return nil, errors.Join(s.Err, s.left(v.op, v.o.place()))
		case s.Refresh == nil:
		case s.Status == types.InstanceRefreshStatusBaking && !v.baked,
			s.Status == types.InstanceRefreshStatusInProgress && s.Checkpoint > v.passed && s.Checkpoint < lastCheckpoint(s.Refresh.Preferences):
			if problem := timeProblem(s.Refresh.Preferences, v.in, v.warmup, v.o.Poll.Max); problem != "" {
				e := inProgress(v.op, v.o.place(), v.in.Group, s.Refresh, nil)
				e.Hint = "it was started with other preferences: " + problem
				return nil, e
			}
			return s, nil
		}
	}
	return nil, nil
}

// verify has Verify look at the new instances, and rolls back where it must.
func (v *verifying) verify(ctx context.Context, s *Status) (err error) {
	defer func() { err = errors.Join(err, v.resume(ctx)) }()
	if v.in.Suspend {
		if err := v.suspend(ctx); err != nil {
			return err
		}
	}
	groups, err := describe(ctx, v.api, v.op, []string{v.in.Group}, v.o)
	if err != nil {
		return err
	}
	ids := v.updated(groups[0].Instances)
	verdict := v.ask(ctx, ids)
	if ctx.Err() != nil {
		return &Error{Op: v.op, Account: v.o.Account, Region: v.o.Region, ID: v.in.Group, IDs: []string{v.done.RefreshID}, State: string(s.Status), Err: context.Cause(ctx)}
	}
	if verdict == nil {
		v.done.Passed++
		v.passed, v.baked = s.Checkpoint, s.Status == types.InstanceRefreshStatusBaking
		return nil
	}
	failed := &Error{
		Op: v.op, Account: v.o.Account, Region: v.o.Region, ID: v.in.Group, IDs: ids, State: string(s.Status), Kind: ErrVerifyFailed, Err: verdict,
	}
	return errors.Join(failed, v.rollBack(ctx))
}

// updated are the instances in service that run the new version.
func (v *verifying) updated(instances []types.Instance) []string {
	d := v.in.desired()
	source := LaunchSource{Template: specOf(d.LaunchTemplate), MixedInstancesPolicy: d.MixedInstancesPolicy}
	ids := []string{}
	for _, i := range instances {
		if i.LifecycleState == types.LifecycleStateInService && launchedFrom(source, i) {
			ids = append(ids, aws.ToString(i.InstanceId))
		}
	}
	return ids
}

// ask is the answer of Verify, or that it came to none in time.
func (v *verifying) ask(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(ctx, v.in.Budget)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- v.in.Verify(ctx, ids) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
