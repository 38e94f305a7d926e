package asg

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// FailedActivitiesAPI is what [FailedActivities] calls.
type FailedActivitiesAPI interface {
	autoscaling.DescribeScalingActivitiesAPIClient
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var _ FailedActivitiesAPI = (*autoscaling.Client)(nil)

// FailedActivities reads the scaling activities of a group that began at since or
// later and failed. They are the only place where AWS tells why an instance
// could not be launched. A zero since means all that AWS keeps: six weeks.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], if there is no such group.
//
// AWS calls: DescribeScalingActivities, one for each 100 failures, and
// DescribeAutoScalingGroups if AWS refuses it. IAM:
// autoscaling:DescribeScalingActivities, autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
func FailedActivities(ctx context.Context, api FailedActivitiesAPI, group string, since time.Time, optFns ...func(*Options)) ([]types.Activity, error) {
	const op = "asg.FailedActivities"
	o := newOptions(api, optFns)
	if group == "" {
		return nil, fault.Invalid(op, o.place(), "the name of the group is empty")
	}
	in := &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &group,
		Filters:              []types.Filter{{Name: new("Status"), Values: []string{string(types.ScalingActivityStatusCodeFailed)}}},
	}
	if !since.IsZero() {
		in.Filters = append(in.Filters, startedSince(since))
	}
	var failed []types.Activity
	pages := autoscaling.NewDescribeScalingActivitiesPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, refused(ctx, api, op, group, err, o)
		}
		for _, a := range page.Activities {
			// The filter has whole seconds, and an endpoint may know none.
			if a.StatusCode == types.ScalingActivityStatusCodeFailed && !value(a.StartTime).Before(since) {
				failed = append(failed, a)
			}
		}
	}
	return failed, nil
}

// startedSince is the filter of activities by their start, in whole seconds.
func startedSince(since time.Time) types.Filter {
	return types.Filter{Name: new("StartTimeLowerBound"), Values: []string{since.UTC().Format(time.RFC3339)}}
}
