package asg

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// rollBack brings the group back after Verify. Where AWS refuses that, the
// refresh is at least stopped where it is: it must not go on. The error says how
// it ended; ErrRolledBack is the good end.
func (v *verifying) rollBack(ctx context.Context) error {
	if err := v.turnBack(ctx); err != nil {
		if fault.Code(err) == "" && !errors.Is(err, ErrRollbackUnavailable) || fault.Transient(err) || errors.Is(err, ErrOtherRefresh) {
			return err // AWS may be rolling back all the same, or there is nothing of ours to stop
		}
		_, cancelErr := v.client.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &v.in.Group})
		if cancelErr != nil && !fault.Is(cancelErr, codeNoActiveRefresh) {
			return errors.Join(err, fault.Call(v.op, v.o.place(), v.in.Group, cancelErr))
		}
		return err
	}
	if err := v.resume(ctx); err != nil { // a rollback needs the process
		return err
	}
	return v.wentBack(ctx)
}

// turnBack has AWS roll back. A response that was lost, or a refusal that passes,
// is followed by another attempt, which finds what the first has begun.
func (v *verifying) turnBack(ctx context.Context) error {
	in := RollbackInput{Group: v.in.Group, RefreshID: v.done.RefreshID}
	var last error
	for elapsed, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			return errors.Join(last, &Error{Op: v.op, Account: v.o.Account, Region: v.o.Region, ID: v.in.Group, IDs: []string{v.done.RefreshID}, Elapsed: elapsed, Err: err})
		}
		_, last = startRollback(ctx, v.client, v.op, in, v.o)
		passes := fault.Transient(last) || fault.Code(last) == "" && !errors.Is(last, ErrRollbackUnavailable) && !errors.Is(last, ErrOtherRefresh) && !errors.Is(last, ErrNotFound)
		if last == nil || !passes || elapsed >= settling.Grace {
			break
		}
	}
	return last
}

// wentBack waits for the end of a rollback and proves it.
func (v *verifying) wentBack(ctx context.Context) error {
	s, err := v.follower.follow(ctx, v.in.Group, v.done.RefreshID)
	if err != nil {
		return err
	}
	v.done.Last = s
	if s.Status != types.InstanceRefreshStatusRollbackSuccessful {
		return s.Err
	}
	return errors.Join(s.Err, checkRestored(ctx, v.api, v.op, VerifyRollbackInput{Group: v.in.Group, Source: v.done.Source}, v.o))
}

// goingBack looks at what was in the way of the start: a refresh to the same
// version that is being rolled back is this one, left by another process.
func (v *verifying) goingBack(ctx context.Context, cause error) (*RefreshVerifiedResult, error) {
	e, ok := errors.AsType[*Error](cause)
	if !ok || !errors.Is(e, ErrRefreshInProgress) || len(e.IDs) != 1 || !back(types.InstanceRefreshStatus(e.State)) {
		return nil, cause
	}
	r, err := v.read(ctx, v.in.Group, e.IDs[0])
	if err != nil {
		return nil, err
	}
	if !sameDesired(v.in.desired(), r.DesiredConfiguration) {
		return nil, cause
	}
	v.done.StartRefreshResult = StartRefreshResult{RefreshID: e.IDs[0], Adopted: true}
	return v.done, v.wentBack(ctx)
}
