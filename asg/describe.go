package asg

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// DescribeAPI is what [Describe] calls.
type DescribeAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

// AllAPI is what [All] calls.
type AllAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var (
	_ DescribeAPI = (*autoscaling.Client)(nil)
	_ AllAPI      = (*autoscaling.Client)(nil)
)

// namesPerCall is how many names AWS takes at once.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
const namesPerCall = 50

// Describe reads groups by name, with their instances, in the order of names.
// Names that no group has are [ErrNotFound], and the error lists all of them in
// its IDs. No names: no groups and no call.
//
// AWS calls: DescribeAutoScalingGroups, one for each 50 names. IAM:
// autoscaling:DescribeAutoScalingGroups.
func Describe(ctx context.Context, api DescribeAPI, names []string, optFns ...func(*Options)) ([]types.AutoScalingGroup, error) {
	return describe(ctx, api, "asg.Describe", names, newOptions(api, optFns))
}

func describe(ctx context.Context, api DescribeAPI, op string, names []string, o Options) ([]types.AutoScalingGroup, error) {
	if slices.Contains(names, "") {
		return nil, fault.Invalid(op, o.place(), "the name of a group is empty")
	}
	byName := make(map[string]types.AutoScalingGroup, len(names))
	for batch := range slices.Chunk(names, namesPerCall) {
		pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(api, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: batch})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fault.Call(op, o.place(), strings.Join(batch, " "), err)
			}
			for _, g := range page.AutoScalingGroups {
				byName[aws.ToString(g.AutoScalingGroupName)] = g
			}
		}
	}
	groups := make([]types.AutoScalingGroup, 0, len(names))
	var missing []string
	for _, name := range names {
		if g, ok := byName[name]; ok {
			groups = append(groups, g)
		} else {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: missing[0], IDs: missing, Kind: ErrNotFound}
	}
	return groups, nil
}

// All walks every group of the account in the Region, without its instances. The
// walk ends at the first error; a second walk reads anew.
//
// AWS calls: DescribeAutoScalingGroups, one for each 100 groups. IAM:
// autoscaling:DescribeAutoScalingGroups.
func All(ctx context.Context, api AllAPI, optFns ...func(*Options)) iter.Seq2[types.AutoScalingGroup, error] {
	return all(ctx, api, "asg.All", nil, newOptions(api, optFns))
}

func all(ctx context.Context, api AllAPI, op string, filters []types.Filter, o Options) iter.Seq2[types.AutoScalingGroup, error] {
	return func(yield func(types.AutoScalingGroup, error) bool) {
		pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(api, &autoscaling.DescribeAutoScalingGroupsInput{
			Filters:          filters,
			IncludeInstances: new(false),
			MaxRecords:       new(int32(100)),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(types.AutoScalingGroup{}, fault.Call(op, o.place(), "", err))
				return
			}
			for _, g := range page.AutoScalingGroups {
				if !yield(g, nil) {
					return
				}
			}
		}
	}
}

// refused says why AWS refused a call about a group with a ValidationError: the
// group may be gone, which only a read can tell.
func refused(ctx context.Context, api DescribeAPI, op, group string, cause error, o Options) *Error {
	if fault.Is(cause, codeValidation) {
		if _, err := describe(ctx, api, op, []string{group}, o); errors.Is(err, ErrNotFound) {
			e := fault.Call(op, o.place(), group, cause)
			e.Kind = ErrNotFound
			return e
		}
	}
	return fault.Call(op, o.place(), group, cause)
}
