package asg

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// VerifyRollbackAPI is what [VerifyRollback] calls.
type VerifyRollbackAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var _ VerifyRollbackAPI = (*autoscaling.Client)(nil)

// VerifyRollbackInput says what a group has been rolled back to.
type VerifyRollbackInput struct {
	// Group is its name; required.
	Group string
	// Source is what it should launch; required.
	Source LaunchSource
	// Before are instances that may run something else, because they did so
	// before. Empty: none may.
	Before []types.Instance
}

// VerifyRollback proves that a group is what it was: it launches from the source,
// and so do all its instances, on their way out excepted. What AWS still shows
// of an older state has a minute to go. Otherwise the error is
// [ErrRollbackIncomplete], with the instances that do not come from the source
// in its IDs.
//
// Instances of a warm pool are no part of it: see [DescribeWarmPool].
//
// AWS calls: DescribeAutoScalingGroups. IAM:
// autoscaling:DescribeAutoScalingGroups.
func VerifyRollback(ctx context.Context, api VerifyRollbackAPI, in VerifyRollbackInput, optFns ...func(*Options)) error {
	const op = "asg.VerifyRollback"
	o := newOptions(api, optFns)
	switch {
	case in.Group == "":
		return fault.Invalid(op, o.place(), "Group is required")
	case sameSource(in.Source, LaunchSource{}):
		return fault.Invalid(op, o.place(), "Source is required")
	}
	return checkRestored(ctx, api, op, in, o)
}

func checkRestored(ctx context.Context, api VerifyRollbackAPI, op string, in VerifyRollbackInput, o Options) error {
	var last error
	for elapsed, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			return &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Elapsed: elapsed, Err: err}
		}
		groups, err := describe(ctx, api, op, []string{in.Group}, o)
		switch {
		case err != nil && !fault.Transient(err):
			return err
		case err != nil:
			last = err
		default:
			e := &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Elapsed: elapsed, Kind: ErrRollbackIncomplete}
			for _, id := range OutdatedInstances(in.Source, groups[0].Instances) {
				if !slices.ContainsFunc(in.Before, func(i types.Instance) bool { return aws.ToString(i.InstanceId) == id }) {
					e.IDs = append(e.IDs, id)
				}
			}
			if !sameSource(in.Source, SourceOf(groups[0])) {
				e.Reason = "the group launches from " + SourceOf(groups[0]).String()
			} else if len(e.IDs) == 0 {
				return nil
			}
			last = e
		}
		if elapsed >= settling.Grace {
			break
		}
	}
	return last
}
