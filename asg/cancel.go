package asg

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// CancelAPI is what [Cancel] calls.
type CancelAPI interface {
	WatchAPI
	CancelInstanceRefresh(context.Context, *autoscaling.CancelInstanceRefreshInput, ...func(*autoscaling.Options)) (*autoscaling.CancelInstanceRefreshOutput, error)
}

var _ CancelAPI = (*autoscaling.Client)(nil)

// CancelInput says which refresh is cancelled.
type CancelInput struct {
	// Group is its name; required.
	Group string
	// RefreshID is the refresh that is meant; required. AWS cancels whichever
	// is active, so that is checked to be this one first.
	RefreshID string
	// NoWait cancels without waiting for the launches and terminations that
	// are under way. False: AWS lets them end first.
	NoWait bool
}

// Cancel stops a refresh, or its rollback, where it is, and returns when it has
// ended, with the refresh as it was read last. It brings nothing back: instances
// that were replaced stay, and the group launches what it launched before the
// refresh. To bring the instances back too, use [Rollback].
//
// One that is being cancelled already is waited for, and one that has ended is
// done: look at the status of what is returned, which is another than Cancelled
// where the refresh came to its end first. Errors: [ErrInvalidInput];
// [ErrNotFound], no such group or refresh; [ErrOtherRefresh], where another
// refresh of the group is active, with its id in IDs. ctx is the only deadline,
// and when it ends the cancellation goes on.
//
// AWS calls: DescribeInstanceRefreshes, CancelInstanceRefresh, and
// DescribeAutoScalingGroups where AWS refuses a call. IAM:
// autoscaling:DescribeInstanceRefreshes, autoscaling:CancelInstanceRefresh,
// autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html
func Cancel(ctx context.Context, api CancelAPI, in CancelInput, optFns ...func(*Options)) (*types.InstanceRefresh, error) {
	const op = "asg.Cancel"
	o := newOptions(api, optFns)
	if in.Group == "" || in.RefreshID == "" {
		return nil, fault.Invalid(op, o.place(), "Group and RefreshID are required")
	}
	f := follower{api: api, op: op, o: o}
	return f.cancel(ctx, api, in)
}

func (f *follower) cancel(ctx context.Context, api CancelAPI, in CancelInput) (*types.InstanceRefresh, error) {
	now, err := f.ours(ctx, in.Group, in.RefreshID)
	if err != nil || Terminal(now.Status) {
		return now, err
	}
	if now.Status != types.InstanceRefreshStatusCancelling {
		request := &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &in.Group}
		if in.NoWait {
			request.WaitForTransitioningInstances = new(false)
		}
		out, err := api.CancelInstanceRefresh(ctx, request)
		switch {
		case fault.Is(err, codeNoActiveRefresh): // it was cancelled, or ended, meanwhile
		case err != nil:
			return nil, refused(ctx, f.api, f.op, in.Group, err, f.o)
		case aws.ToString(out.InstanceRefreshId) != in.RefreshID:
			return nil, f.other(in.Group, aws.ToString(out.InstanceRefreshId), "another refresh had begun meanwhile and was cancelled in its place")
		}
	}
	return f.end(ctx, in.Group, in.RefreshID)
}
