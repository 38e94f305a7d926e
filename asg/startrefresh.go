package asg

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// StartRefreshAPI is what [StartRefresh] calls.
type StartRefreshAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeInstanceRefreshesAPIClient
	StartInstanceRefresh(context.Context, *autoscaling.StartInstanceRefreshInput, ...func(*autoscaling.Options)) (*autoscaling.StartInstanceRefreshOutput, error)
}

var _ StartRefreshAPI = (*autoscaling.Client)(nil)

// RefreshInput says which group gets which version.
type RefreshInput struct {
	// Group is its name; required.
	Group string
	// TemplateID and Version of the launch template that all instances are to
	// come from; required. A version is a number here: after a refresh to
	// $Latest or $Default the group could not be rolled back any more.
	TemplateID string
	Version    int64
	// Preferences of the refresh, passed on whole. Nil: AWS's defaults, with
	// which a group of one instance is down while it is replaced.
	Preferences *types.RefreshPreferences
}

// Started says which refresh brings the version out.
type Started struct {
	RefreshID string
	Adopted   bool // it was running already, to the same version
}

// StartRefresh replaces the instances of a group by instances of a template
// version. AWS changes the group itself when the refresh has succeeded.
//
// A refresh that runs to the same version already is adopted: that is what a
// lost response leaves. Any other is [ErrRefreshInProgress], with its status as
// the error's State and its id in IDs. Other errors: [ErrInvalidInput], and
// [ErrNotFound] for an unknown group.
//
// AWS calls: StartInstanceRefresh; DescribeInstanceRefreshes where one is
// running; DescribeAutoScalingGroups where AWS refuses the call. IAM:
// autoscaling:StartInstanceRefresh, autoscaling:DescribeInstanceRefreshes,
// autoscaling:DescribeAutoScalingGroups, and what launching the template needs
// (ec2:RunInstances, ec2:CreateTags, iam:PassRole).
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
func StartRefresh(ctx context.Context, api StartRefreshAPI, in RefreshInput, optFns ...func(*Options)) (*Started, error) {
	const op = "asg.StartRefresh"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.Region, "%s", problem)
	}
	desired := &types.DesiredConfiguration{LaunchTemplate: &types.LaunchTemplateSpecification{
		LaunchTemplateId: &in.TemplateID,
		Version:          new(strconv.FormatInt(in.Version, 10)),
	}}

	var inTheWay error
	for elapsed, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			return nil, &Error{Op: op, Region: o.Region, ID: in.Group, Elapsed: elapsed, Err: err}
		}
		out, err := api.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: &in.Group,
			DesiredConfiguration: desired,
			Preferences:          in.Preferences,
		})
		if err == nil {
			return &Started{RefreshID: value(out.InstanceRefreshId)}, nil
		}
		if !fault.Is(err, codeRefreshInProgress) {
			return nil, refused(ctx, api, op, in.Group, err, o)
		}
		blocked := fault.Call(op, o.Region, in.Group, err)
		blocked.Kind = ErrRefreshInProgress
		active, err := activeRefresh(ctx, api, in.Group)
		if err != nil {
			return nil, fault.Call(op, o.Region, in.Group, err)
		}
		if active != nil {
			if goesOn(active.Status) && sameDesired(desired, active.DesiredConfiguration) {
				return &Started{RefreshID: value(active.InstanceRefreshId), Adopted: true}, nil
			}
			blocked.State, blocked.Reason = string(active.Status), value(active.StatusReason)
			blocked.IDs = []string{value(active.InstanceRefreshId)}
			return nil, blocked
		}
		// It has ended since, or cannot be seen yet.
		if inTheWay = blocked; elapsed >= settling.Grace {
			break
		}
	}
	return nil, inTheWay
}

// sameDesired compares what we ask for with what a refresh has.
func sameDesired(want, have *types.DesiredConfiguration) bool {
	return have != nil && sameTemplate(want.LaunchTemplate, have.LaunchTemplate)
}

func (in *RefreshInput) problem() string {
	switch {
	case in.Group == "":
		return "Group is missing"
	case !strings.HasPrefix(in.TemplateID, "lt-"):
		return "TemplateID " + strconv.Quote(in.TemplateID) + " does not start with lt-"
	case in.Version < 1:
		return "Version " + strconv.FormatInt(in.Version, 10) + " is not the number of a version"
	}
	return preferencesProblem(in.Preferences)
}
