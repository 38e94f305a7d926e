package asg

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// follower reads one refresh of one group for a function that acts on it.
type follower struct {
	api WatchAPI
	op  string
	o   Options
}

// ours is the refresh of that id, which is active or has ended while no other is
// active. AWS's calls that act on a refresh take the group alone, so that this
// comes before each of them.
func (f *follower) ours(ctx context.Context, group, id string) (*types.InstanceRefresh, error) {
	active, err := activeRefresh(ctx, f.api, group)
	if err != nil {
		return nil, refused(ctx, f.api, f.op, group, err, f.o)
	}
	switch {
	case active == nil:
		return f.read(ctx, group, id)
	case aws.ToString(active.InstanceRefreshId) != id:
		e := f.other(group, aws.ToString(active.InstanceRefreshId), "")
		e.State, e.Reason = string(active.Status), aws.ToString(active.StatusReason)
		return nil, e
	}
	return active, nil
}

// read is a refresh by its id.
func (f *follower) read(ctx context.Context, group, id string) (*types.InstanceRefresh, error) {
	found, err := firstRefreshes(ctx, f.api, &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: &group, InstanceRefreshIds: []string{id},
	})
	if err != nil {
		return nil, refused(ctx, f.api, f.op, group, err, f.o)
	}
	for i := range found {
		if aws.ToString(found[i].InstanceRefreshId) == id {
			return &found[i], nil
		}
	}
	return nil, &Error{Op: f.op, Account: f.o.Account, Region: f.o.Region, ID: group, IDs: []string{id}, Kind: ErrNotFound}
}

// end waits until the refresh has ended, however that is. Only what ended the
// wait itself is an error.
func (f *follower) end(ctx context.Context, group, id string) (*types.InstanceRefresh, error) {
	s, err := f.follow(ctx, group, id)
	if err != nil {
		return nil, err
	}
	if s.Refresh == nil || !Terminal(s.Status) {
		return s.Refresh, s.Err
	}
	return s.Refresh, nil
}

// follow waits until the refresh has ended or cannot be followed any more.
func (f *follower) follow(ctx context.Context, group, id string) (*Status, error) {
	var last *Status
	for s, err := range watch(ctx, f.api, f.op, []RefreshKey{{Group: group, ID: id}}, f.o) {
		if err != nil {
			return nil, err
		}
		if last = s; f.o.OnStatus != nil {
			f.o.OnStatus(s)
		}
	}
	return last, nil
}

// other is the error about a refresh that is not the one that was meant.
func (f *follower) other(group, id, hint string) *Error {
	return &Error{Op: f.op, Account: f.o.Account, Region: f.o.Region, ID: group, IDs: []string{id}, Kind: ErrOtherRefresh, Hint: hint}
}
