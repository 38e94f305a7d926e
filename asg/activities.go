package asg

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// FailedActivitiesInput says which scaling activities are read.
type FailedActivitiesInput struct {
	// Group is its name; required.
	Group string
	// Since is the earliest start of an activity. Zero: all that AWS keeps, which is
	// six weeks.
	Since time.Time
}

// FailedActivities reads the scaling activities of a group that failed. Only they
// have AWS's reason why an instance could not be launched.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], if there is no such group.
//
// AWS calls: DescribeScalingActivities, one for each 100 failures, and
// DescribeAutoScalingGroups if AWS refuses it. IAM:
// autoscaling:DescribeScalingActivities, autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
func FailedActivities(ctx context.Context, api FailedActivitiesAPI, in FailedActivitiesInput, optFns ...func(*Options)) ([]types.Activity, error) {
	const op = "asg.FailedActivities"
	o := newOptions(api, optFns)
	if in.Group == "" {
		return nil, fault.Invalid(op, o.place(), "Group is required")
	}
	request := &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &in.Group,
		Filters:              []types.Filter{{Name: new("Status"), Values: []string{string(types.ScalingActivityStatusCodeFailed)}}},
	}
	if !in.Since.IsZero() {
		request.Filters = append(request.Filters, startedSince(in.Since))
	}
	var failed []types.Activity
	pages := autoscaling.NewDescribeScalingActivitiesPaginator(api, request)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, refused(ctx, api, op, in.Group, err, o)
		}
		for _, a := range page.Activities {
			// The filter has whole seconds, and an endpoint may know none.
			if a.StatusCode == types.ScalingActivityStatusCodeFailed && !aws.ToTime(a.StartTime).Before(in.Since) {
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
