package asg

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// StartRefreshAPI is what [StartRefresh] calls.
type StartRefreshAPI interface {
	CancelAPI
	StartInstanceRefresh(context.Context, *autoscaling.StartInstanceRefreshInput, ...func(*autoscaling.Options)) (*autoscaling.StartInstanceRefreshOutput, error)
}

var _ StartRefreshAPI = (*autoscaling.Client)(nil)

// RefreshInput says which group gets which version.
type RefreshInput struct {
	// Group is its name; required.
	Group string
	// TemplateID and Version of the launch template that all instances are to
	// come from; required without a Policy. A version is a number here: after a
	// refresh to $Latest or $Default the group could not be rolled back any more.
	TemplateID string
	Version    int64
	// Policy is what a group with a mixed instances policy gets, instead of
	// TemplateID and Version. It replaces the policy of the group, so it is the
	// whole of it; [WithVersions] makes it from the one that the group has. Every
	// template in it has an id and a numbered version.
	Policy *types.MixedInstancesPolicy
	// Strategy: Rolling replaces instances, ReplaceRootVolume their root volumes
	// in place. The latter needs a Policy with an image in every override.
	// Empty: Rolling.
	Strategy types.RefreshStrategy
	// Preferences of the refresh, passed on whole. Nil: AWS's defaults, with
	// which a group of one instance is down while it is replaced; see
	// [LaunchBeforeTerminate].
	Preferences *types.RefreshPreferences
	// OnConflict says what becomes of the start where a refresh runs already.
	// Empty: [ConflictAdoptSame].
	OnConflict Conflict
}

// StartRefreshResult says which refresh brings the version out.
type StartRefreshResult struct {
	RefreshID string
	Adopted   bool // it was running already, to the same desired configuration
	// Superseded are the refreshes that were waited for, or cancelled, first.
	Superseded []string
}

// StartRefresh replaces the instances of a group by instances of a template
// version or of a mixed instances policy. AWS changes the group itself when the
// refresh has succeeded.
//
// A refresh that runs to the same desired configuration already is adopted: that
// is what a lost response leaves. Its preferences stay what they are. What
// becomes of any other, OnConflict says: by default it is
// [ErrRefreshInProgress], with its status as the error's State and its id in
// IDs. Other errors: [ErrInvalidInput]; [ErrNotFound] for an unknown group;
// [ErrRollbackUnavailable], where AutoRollback is asked for and the group's own
// versions are not numbered; under ConflictWait and ConflictCancel what ends
// a [Wait].
//
// AWS calls: StartInstanceRefresh; DescribeInstanceRefreshes where one is
// running, and first under ConflictFail; CancelInstanceRefresh under
// ConflictCancel; DescribeAutoScalingGroups where AWS refuses the call. IAM:
// autoscaling:StartInstanceRefresh, autoscaling:DescribeInstanceRefreshes,
// autoscaling:DescribeAutoScalingGroups, autoscaling:CancelInstanceRefresh under
// ConflictCancel, and what launching the template needs (ec2:RunInstances,
// ec2:CreateTags, iam:PassRole).
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
func StartRefresh(ctx context.Context, api StartRefreshAPI, in RefreshInput, optFns ...func(*Options)) (*StartRefreshResult, error) {
	return startRefresh(ctx, api, "asg.StartRefresh", in, newOptions(api, optFns))
}

func startRefresh(ctx context.Context, api StartRefreshAPI, op string, in RefreshInput, o Options) (*StartRefreshResult, error) {
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	return begin(ctx, api, op, in, in.desired(), o)
}

// begin starts a refresh to the desired configuration; nil: to what the group's own
// launch source means.
func begin(ctx context.Context, api StartRefreshAPI, op string, in RefreshInput, to *types.DesiredConfiguration, o Options) (*StartRefreshResult, error) {
	s := starting{follower: follower{api: api, op: op, o: o}, client: api, in: in, desired: to}
	if in.OnConflict == ConflictFail {
		active, err := activeRefresh(ctx, api, in.Group)
		if err != nil {
			return nil, refused(ctx, api, op, in.Group, err, o)
		}
		if active != nil {
			return nil, inProgress(op, o.place(), in.Group, active, nil)
		}
	}
	for {
		started, active, err := s.try(ctx)
		if started != nil || active == nil {
			return started, err
		}
		blocked, _ := err.(*Error)
		if err := s.endOther(ctx, active, blocked); err != nil {
			return nil, err
		}
	}
}

// starting is one call of StartRefresh.
type starting struct {
	follower
	client     StartRefreshAPI
	in         RefreshInput
	desired    *types.DesiredConfiguration
	superseded []string
}

// try starts the refresh or adopts one. Where another is in the way, it returns
// that with the error about it.
func (s *starting) try(ctx context.Context) (*StartRefreshResult, *types.InstanceRefresh, error) {
	var last error
	for elapsed, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			return nil, nil, &Error{Op: s.op, Account: s.o.Account, Region: s.o.Region, ID: s.in.Group, Elapsed: elapsed, Err: err}
		}
		out, err := s.client.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: &s.in.Group,
			DesiredConfiguration: s.desired,
			Preferences:          s.in.Preferences,
			Strategy:             s.in.Strategy,
		})
		if err == nil {
			return &StartRefreshResult{RefreshID: aws.ToString(out.InstanceRefreshId), Superseded: s.superseded}, nil, nil
		}
		if !fault.Is(err, codeRefreshInProgress) {
			return nil, nil, s.refused(ctx, err)
		}
		blocked := inProgress(s.op, s.o.place(), s.in.Group, nil, err)
		active, readErr := activeRefresh(ctx, s.api, s.in.Group)
		if readErr != nil {
			return nil, nil, refused(ctx, s.api, s.op, s.in.Group, readErr, s.o)
		}
		if active != nil {
			if goesOn(active.Status) && s.same(active) {
				return &StartRefreshResult{RefreshID: aws.ToString(active.InstanceRefreshId), Adopted: true, Superseded: s.superseded}, nil, nil
			}
			return nil, active, inProgress(s.op, s.o.place(), s.in.Group, active, err)
		}
		// It has ended since, or cannot be seen yet.
		if last = blocked; elapsed >= settling.Grace {
			break
		}
	}
	return nil, nil, last
}

// same reports whether a refresh is to where ours would be.
func (s *starting) same(r *types.InstanceRefresh) bool {
	return strategyOf(s.in.Strategy) == strategyOf(r.Strategy) && sameDesired(s.desired, r.DesiredConfiguration)
}

// refused says why AWS refused to start.
func (s *starting) refused(ctx context.Context, cause error) error {
	e := refused(ctx, s.api, s.op, s.in.Group, cause, s.o)
	if !fault.Is(cause, codeValidation, codeIrreversible) || s.in.Preferences == nil || !aws.ToBool(s.in.Preferences.AutoRollback) {
		return e
	}
	groups, readErr := describe(ctx, s.api, s.op, []string{s.in.Group}, s.o)
	if readErr == nil {
		if problem := numbered(SourceOf(groups[0])); problem != "" {
			e.Kind, e.Hint = ErrRollbackUnavailable, "AutoRollback was asked for, and the group's own "+problem
		}
	}
	return e
}

func strategyOf(s types.RefreshStrategy) types.RefreshStrategy {
	if s == "" {
		return types.RefreshStrategyRolling
	}
	return s
}

func (in *RefreshInput) problem() string {
	switch {
	case in.Group == "":
		return "Group is required"
	case !in.OnConflict.known():
		return "invalid OnConflict " + strconv.Quote(string(in.OnConflict))
	case in.Strategy != "" && !slices.Contains(in.Strategy.Values(), in.Strategy):
		return "Strategy " + strconv.Quote(string(in.Strategy)) + " is unknown"
	case in.Strategy == types.RefreshStrategyReplaceRootVolume && in.Policy == nil:
		return "Strategy ReplaceRootVolume needs a Policy with an image in every override"
	case in.Policy != nil && (in.TemplateID != "" || in.Version != 0):
		return "Policy and TemplateID or Version are both set; give one"
	case in.Policy != nil:
		if problem := policyProblem(in.Policy, in.Strategy); problem != "" {
			return problem
		}
	case !strings.HasPrefix(in.TemplateID, "lt-"):
		return "TemplateID " + strconv.Quote(in.TemplateID) + " does not start with lt-"
	case in.Version < 1:
		return "Version " + strconv.FormatInt(in.Version, 10) + " is not the number of a version"
	}
	return preferencesProblem(in.Preferences)
}

// desired is the desired configuration as it is sent.
func (in *RefreshInput) desired() *types.DesiredConfiguration {
	if in.Policy != nil {
		return &types.DesiredConfiguration{MixedInstancesPolicy: in.Policy}
	}
	return &types.DesiredConfiguration{LaunchTemplate: &types.LaunchTemplateSpecification{
		LaunchTemplateId: &in.TemplateID,
		Version:          new(strconv.FormatInt(in.Version, 10)),
	}}
}
