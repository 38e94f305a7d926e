package asg

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// DeleteWarmPoolAPI is what [DeleteWarmPool] calls.
type DeleteWarmPoolAPI interface {
	DescribeWarmPoolAPI
	DeleteWarmPool(context.Context, *autoscaling.DeleteWarmPoolInput, ...func(*autoscaling.Options)) (*autoscaling.DeleteWarmPoolOutput, error)
}

var _ DeleteWarmPoolAPI = (*autoscaling.Client)(nil)

// DeleteWarmPoolInput is the warm pool that is deleted.
type DeleteWarmPoolInput struct {
	// Group is its name; required.
	Group string
	// Force terminates the instances in the pool. If false, a pool with instances is
	// [ErrWarmPoolInUse]. Those in service stay in either case.
	Force bool
	// NoWait returns once AWS has begun to delete the pool, and not when it is gone.
	NoWait bool
}

// DeleteWarmPoolResult is what [DeleteWarmPool] did.
type DeleteWarmPoolResult struct {
	// Changed is false if the group had no warm pool, or if AWS was deleting it
	// already.
	Changed bool
	// Instances that were in the pool.
	Instances []types.Instance
}

// DeleteWarmPool deletes the warm pool of a group and returns when it is gone. A
// group without one is not an error, and a pool that AWS is deleting already is
// waited for. Options.Poll is the schedule; ctx is the only deadline, and when it
// ends AWS goes on.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], if there is no such group;
// [ErrWarmPoolInUse], with the instances in IDs. The result comes with an error
// once AWS has begun.
//
// AWS calls: DescribeWarmPool, also once for each tick of the wait, DeleteWarmPool,
// and DescribeAutoScalingGroups if AWS refuses one. IAM:
// autoscaling:DescribeWarmPool, autoscaling:DeleteWarmPool,
// autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteWarmPool.html
func DeleteWarmPool(ctx context.Context, api DeleteWarmPoolAPI, in DeleteWarmPoolInput, optFns ...func(*Options)) (*DeleteWarmPoolResult, error) {
	const op = "asg.DeleteWarmPool"
	o := newOptions(api, optFns)
	if in.Group == "" {
		return nil, fault.Invalid(op, o.place(), "Group is required")
	}
	pool, err := warmPool(ctx, api, op, in.Group, o)
	if err != nil {
		return nil, err
	}
	done := &DeleteWarmPoolResult{Instances: pool.Instances}
	switch {
	case pool.Configuration == nil:
		return done, nil
	case pool.Configuration.Status == types.WarmPoolStatusPendingDelete:
	case len(pool.Instances) > 0 && !in.Force:
		return nil, poolInUse(op, in.Group, pool, nil, o)
	default:
		if done.Changed, err = deletePool(ctx, api, op, in, o); err != nil {
			return nil, err
		}
	}
	if in.NoWait {
		return done, nil
	}
	return done, poolGone(ctx, api, op, in.Group, o)
}

// deletePool has AWS begin. After a response that was lost the pool is gone, or
// going.
func deletePool(ctx context.Context, api DeleteWarmPoolAPI, op string, in DeleteWarmPoolInput, o Options) (changed bool, err error) {
	_, err = api.DeleteWarmPool(ctx, &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: &in.Group, ForceDelete: &in.Force})
	if err == nil {
		return true, nil
	}
	cause := refused(ctx, api, op, in.Group, err, o)
	pool, readErr := warmPool(ctx, api, op, in.Group, o)
	switch {
	case readErr != nil || fault.Code(err) == "":
		return false, cause
	case pool.Configuration == nil, pool.Configuration.Status == types.WarmPoolStatusPendingDelete:
		return false, nil
	case fault.Is(err, codeResourceInUse):
		return false, poolInUse(op, in.Group, pool, err, o)
	}
	return false, cause
}

func poolInUse(op, group string, pool *WarmPool, cause error, o Options) *Error {
	e := &Error{
		Op: op, Account: o.Account, Region: o.Region, ID: group, Kind: ErrWarmPoolInUse, Err: cause,
		Reason: "it has " + strconv.Itoa(len(pool.Instances)) + " instances", Hint: "set Force to terminate them",
	}
	for _, i := range pool.Instances {
		e.IDs = append(e.IDs, aws.ToString(i.InstanceId))
	}
	return e
}

// poolGone waits until the group has no warm pool. A read that fails for a reason
// that passes is tried again.
func poolGone(ctx context.Context, api DescribeWarmPoolAPI, op, group string, o Options) error {
	state := string(types.WarmPoolStatusPendingDelete)
	var last error
	for elapsed, err := range poll.Ticks(ctx, o.Poll) {
		if err != nil {
			e := &Error{Op: op, Account: o.Account, Region: o.Region, ID: group, State: state, Elapsed: elapsed, Err: err}
			if last != nil {
				e.Reason = "last error: " + last.Error()
			}
			return e
		}
		pool, err := warmPool(ctx, api, op, group, o)
		switch {
		case err != nil && ctx.Err() == nil && !fault.Transient(err):
			return err
		case err != nil:
			last = err
		case pool.Configuration == nil:
			return nil
		}
	}
	return nil
}
