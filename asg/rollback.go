package asg

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// RollbackAPI is what [Rollback] and [StartRollback] call.
type RollbackAPI interface {
	WatchAPI
	RollbackInstanceRefresh(context.Context, *autoscaling.RollbackInstanceRefreshInput, ...func(*autoscaling.Options)) (*autoscaling.RollbackInstanceRefreshOutput, error)
}

var _ RollbackAPI = (*autoscaling.Client)(nil)

// RollbackInput says which refresh is rolled back.
type RollbackInput struct {
	// Group is its name; required.
	Group string
	// RefreshID is the refresh that is meant; required. AWS rolls back
	// whichever is active, so that is checked to be this one first.
	RefreshID string
	// Before is the group as it was read before the refresh began. Instances
	// that it has may run whatever they ran. Nil: the launch source is the one
	// that the group has now, which a refresh changes when it has succeeded and
	// not before, and every instance is to come from it.
	Before *types.AutoScalingGroup
}

// RollbackResult says what a group was rolled back to.
type RollbackResult struct {
	RefreshID string
	// Adopted: the refresh was being rolled back already, or had been.
	Adopted bool
	// Source is what the group launches, and what its instances came from.
	Source LaunchSource
	// Refresh as it was read last.
	Refresh types.InstanceRefresh
}

// Rollback brings a group back to what it ran before a refresh that is still
// active, and returns when it has been proven on the instances: the group has
// the launch source that it had, and every instance of it, on its way out
// excepted, comes from that source. It is [StartRollback], [Wait] and
// [VerifyRollback] in one.
//
// A rollback that runs already, AWS's own too, is waited for, and one that has
// ended well is checked. Errors: those of StartRollback;
// [ErrRollbackFailed] and [ErrRefreshCancelled], how a rollback can end;
// [ErrRollbackIncomplete], which lists the instances that are not what they were;
// and what ends a wait. ctx is the only deadline; when it ends, the rollback
// goes on. The result comes with an error where AWS has begun to roll back.
//
// AWS calls: DescribeAutoScalingGroups, DescribeInstanceRefreshes,
// RollbackInstanceRefresh, and DescribeScalingActivities where the rollback
// fails. IAM: autoscaling:RollbackInstanceRefresh and the three of reading, and
// what launching the group's own template needs (ec2:RunInstances,
// ec2:CreateTags, iam:PassRole).
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
func Rollback(ctx context.Context, api RollbackAPI, in RollbackInput, optFns ...func(*Options)) (*RollbackResult, error) {
	const op = "asg.Rollback"
	o := newOptions(api, optFns)
	done, err := startRollback(ctx, api, op, in, o)
	if err != nil {
		return nil, err
	}
	f := follower{api: api, op: op, o: o}
	s, err := f.follow(ctx, in.Group, in.RefreshID)
	if err != nil {
		return done, err
	}
	if s.Refresh != nil {
		done.Refresh = *s.Refresh
	}
	if s.Status != types.InstanceRefreshStatusRollbackSuccessful {
		return done, s.Err
	}
	restored := VerifyRollbackInput{Group: in.Group, Source: done.Source}
	if in.Before != nil {
		restored.Before = in.Before.Instances
	}
	return done, checkRestored(ctx, api, op, restored, o)
}

// StartRollback has AWS roll back a refresh, and returns when it has begun. To
// follow it, [Watch] the same refresh, which then ends with [ErrRolledBack], and
// call [VerifyRollback] with the Source of the result.
//
// What AWS needs for it is checked first: the refresh has a desired
// configuration, is the active one of its group, and the group's own template
// versions are numbers. Otherwise the error is [ErrRollbackUnavailable], or
// [ErrOtherRefresh] for another refresh, whose id is in IDs. A refresh that has
// ended cannot be rolled back: see [RevertTo]. That an image is an SSM parameter,
// only AWS's refusal tells here, and [Preflight] beforehand. Other errors:
// [ErrInvalidInput], [ErrNotFound].
//
// AWS calls and IAM: those of [Rollback], as far as they come.
func StartRollback(ctx context.Context, api RollbackAPI, in RollbackInput, optFns ...func(*Options)) (*RollbackResult, error) {
	return startRollback(ctx, api, "asg.StartRollback", in, newOptions(api, optFns))
}

func startRollback(ctx context.Context, api RollbackAPI, op string, in RollbackInput, o Options) (*RollbackResult, error) {
	if in.Group == "" || in.RefreshID == "" {
		return nil, fault.Invalid(op, o.place(), "Group and RefreshID are required")
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	f := follower{api: api, op: op, o: o}
	now, err := f.ours(ctx, in.Group, in.RefreshID)
	if err != nil {
		return nil, err
	}
	done := &RollbackResult{RefreshID: in.RefreshID, Source: SourceOf(groups[0]), Refresh: *now}
	if in.Before != nil {
		done.Source = SourceOf(*in.Before)
	}
	if done.Adopted = back(now.Status); done.Adopted {
		return done, nil
	}
	if hint := irreversible(now, groups[0]); hint != "" {
		return nil, f.unavailable(in.Group, now, hint, nil)
	}
	out, err := api.RollbackInstanceRefresh(ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: &in.Group})
	switch {
	case err == nil && aws.ToString(out.InstanceRefreshId) != in.RefreshID:
		return nil, f.other(in.Group, aws.ToString(out.InstanceRefreshId), "another refresh had begun meanwhile and is rolled back in its place")
	case err == nil:
		return done, nil
	case fault.Code(err) == "":
		return nil, fault.Call(op, o.place(), in.Group, err)
	}
	// The answer to an earlier attempt may have been lost, and AWS does not say
	// with which code it refuses the second. The refresh itself tells.
	now, readErr := f.read(ctx, in.Group, in.RefreshID)
	if readErr == nil && back(now.Status) {
		done.Refresh, done.Adopted = *now, true
		return done, nil
	}
	if fault.Is(err, codeIrreversible, codeNoActiveRefresh) && readErr == nil {
		return nil, f.unavailable(in.Group, now, "", err)
	}
	return nil, refused(ctx, api, op, in.Group, err, o)
}

// unavailable is the error about a refresh that AWS cannot roll back.
func (f *follower) unavailable(group string, r *types.InstanceRefresh, hint string, cause error) *Error {
	return &Error{
		Op: f.op, Account: f.o.Account, Region: f.o.Region, ID: group, IDs: []string{aws.ToString(r.InstanceRefreshId)},
		State: string(r.Status), Reason: aws.ToString(r.StatusReason), Kind: ErrRollbackUnavailable, Hint: hint, Err: cause,
	}
}

// back reports whether a refresh is being rolled back, or has been.
func back(s types.InstanceRefreshStatus) bool {
	switch s {
	case types.InstanceRefreshStatusRollbackInProgress, types.InstanceRefreshStatusRollbackSuccessful, types.InstanceRefreshStatusRollbackFailed:
		return true
	}
	return false
}

// irreversible says why AWS could not roll back a refresh; empty when it could.
func irreversible(r *types.InstanceRefresh, group types.AutoScalingGroup) string {
	switch {
	case Terminal(r.Status):
		return "the refresh has ended: return to the version before with a new one"
	case r.Status == types.InstanceRefreshStatusCancelling:
		return "the refresh is being cancelled: return to the version before with a new one"
	case r.DesiredConfiguration == nil:
		return "the refresh has no desired configuration"
	}
	if problem := numbered(SourceOf(group)); problem != "" {
		return "the group's own " + problem
	}
	return ""
}
