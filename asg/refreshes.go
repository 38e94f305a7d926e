package asg

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// RefreshesAPI is what [Refreshes] calls.
type RefreshesAPI interface {
	autoscaling.DescribeInstanceRefreshesAPIClient
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var _ RefreshesAPI = (*autoscaling.Client)(nil)

// Refreshes walks the refreshes of a group, newest first, as far back as AWS
// keeps them: six weeks. The walk ends at the first error; a second walk reads
// anew.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], if there is no such group.
//
// AWS calls: DescribeInstanceRefreshes, one for each 100 refreshes, and
// DescribeAutoScalingGroups if AWS refuses it. IAM:
// autoscaling:DescribeInstanceRefreshes, autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
func Refreshes(ctx context.Context, api RefreshesAPI, group string, optFns ...func(*Options)) iter.Seq2[types.InstanceRefresh, error] {
	const op = "asg.Refreshes"
	o := newOptions(api, optFns)
	return func(yield func(types.InstanceRefresh, error) bool) {
		if group == "" {
			yield(types.InstanceRefresh{}, fault.Invalid(op, o.place(), "group is required"))
			return
		}
		pages := autoscaling.NewDescribeInstanceRefreshesPaginator(api, &autoscaling.DescribeInstanceRefreshesInput{
			AutoScalingGroupName: &group,
			MaxRecords:           new(int32(100)),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(types.InstanceRefresh{}, refused(ctx, api, op, group, err, o))
				return
			}
			for _, r := range page.InstanceRefreshes {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// activeRefresh is the one refresh of a group that has not ended; nil: none. It
// is among the first: AWS lists the newest first and lets one run at a time.
func activeRefresh(ctx context.Context, api autoscaling.DescribeInstanceRefreshesAPIClient, group string) (*types.InstanceRefresh, error) {
	first, err := firstRefreshes(ctx, api, &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: &group,
		MaxRecords:           new(int32(10)),
	})
	if err != nil {
		return nil, err
	}
	for i := range first {
		if !Terminal(first[i].Status) {
			return &first[i], nil
		}
	}
	return nil, nil
}

// firstRefreshes is the first page with something on it: AWS may answer one that
// has a token and nothing else.
func firstRefreshes(ctx context.Context, api autoscaling.DescribeInstanceRefreshesAPIClient, in *autoscaling.DescribeInstanceRefreshesInput) ([]types.InstanceRefresh, error) {
	pages := autoscaling.NewDescribeInstanceRefreshesPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if len(page.InstanceRefreshes) > 0 {
			return page.InstanceRefreshes, nil
		}
	}
	return nil, nil
}

// Terminal reports whether a refresh in that status has ended, well or badly. A
// status that this version does not know has not.
func Terminal(s types.InstanceRefreshStatus) bool {
	return s == types.InstanceRefreshStatusSuccessful || failure(s) != nil
}

// failure is how a refresh that ended in that status failed; nil: it did not.
func failure(s types.InstanceRefreshStatus) error {
	switch s {
	case types.InstanceRefreshStatusFailed:
		return ErrRefreshFailed
	case types.InstanceRefreshStatusCancelled:
		return ErrRefreshCancelled
	case types.InstanceRefreshStatusRollbackSuccessful:
		return ErrRolledBack
	case types.InstanceRefreshStatusRollbackFailed:
		return ErrRollbackFailed
	}
	return nil
}

// goesOn reports whether a refresh is on its way to its desired configuration,
// and not away from it.
func goesOn(s types.InstanceRefreshStatus) bool {
	switch s {
	case types.InstanceRefreshStatusPending, types.InstanceRefreshStatusInProgress, types.InstanceRefreshStatusBaking:
		return true
	}
	return false
}
