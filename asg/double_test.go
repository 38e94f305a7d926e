package asg_test

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/smithy-go"
)

// script answers DescribeInstanceRefreshes from a function of the time since the
// first call, so that a test says what AWS shows when, to the millisecond.
type script struct {
	show  func(at time.Duration, group string) ([]types.InstanceRefresh, error)
	start time.Time
	calls []autoscaling.DescribeInstanceRefreshesInput
	at    []time.Duration

	groups                   []types.AutoScalingGroup
	activities               []types.Activity
	groupsErr, activitiesErr error
	explained                []autoscaling.DescribeScalingActivitiesInput
}

func (s *script) DescribeInstanceRefreshes(ctx context.Context, in *autoscaling.DescribeInstanceRefreshesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeInstanceRefreshesOutput, error) {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	at := time.Since(s.start)
	s.calls, s.at = append(s.calls, *in), append(s.at, at)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	all, err := s.show(at, *in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeInstanceRefreshesOutput{}
	for _, r := range all {
		if slices.Contains(in.InstanceRefreshIds, *r.InstanceRefreshId) {
			out.InstanceRefreshes = append(out.InstanceRefreshes, r)
		}
	}
	return out, nil
}

// refresh is one that AWS shows; a negative percentage is none.
func refresh(id string, status types.InstanceRefreshStatus, percentage int32) types.InstanceRefresh {
	r := types.InstanceRefresh{InstanceRefreshId: &id, Status: status}
	if percentage >= 0 {
		r.PercentageComplete = &percentage
		r.InstancesToUpdate = new(4 - percentage/25)
	}
	return r
}

func refusal(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "the message of " + code}
}

// The other reads of a watch answer nothing, unless the script says what.

func (s *script) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	for _, g := range s.groups {
		if slices.Contains(in.AutoScalingGroupNames, *g.AutoScalingGroupName) {
			out.AutoScalingGroups = append(out.AutoScalingGroups, g)
		}
	}
	return out, s.groupsErr
}

func (s *script) DescribeScalingActivities(_ context.Context, in *autoscaling.DescribeScalingActivitiesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	s.explained = append(s.explained, *in)
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: s.activities}, s.activitiesErr
}

// quiet shows one refresh whatever is asked for, and keeps nothing.
type quiet struct {
	script
	refresh types.InstanceRefresh
}

func (q *quiet) DescribeInstanceRefreshes(_ context.Context, in *autoscaling.DescribeInstanceRefreshesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeInstanceRefreshesOutput, error) {
	r := q.refresh
	r.InstanceRefreshId = &in.InstanceRefreshIds[0]
	return &autoscaling.DescribeInstanceRefreshesOutput{InstanceRefreshes: []types.InstanceRefresh{r}}, nil
}
