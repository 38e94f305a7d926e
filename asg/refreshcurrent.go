package asg

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// RefreshCurrentAPI is what [RefreshCurrent] calls.
type RefreshCurrentAPI interface {
	StartRefreshAPI
	autoscaling.DescribeLaunchConfigurationsAPIClient
	autoscaling.DescribeWarmPoolAPIClient
}

// RefreshCurrentEC2API is the EC2 half of it.
type RefreshCurrentEC2API interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
	ec2.DescribeInstancesAPIClient
}

var (
	_ RefreshCurrentAPI    = (*autoscaling.Client)(nil)
	_ RefreshCurrentEC2API = (*ec2.Client)(nil)
)

// RefreshCurrentInput is the group that is refreshed to what it launches now.
type RefreshCurrentInput struct {
	// Group is its name; required.
	Group string
	// Preferences of the refresh. The default is AWS's. AutoRollback must not be
	// set: AWS cannot roll back such a refresh.
	Preferences *types.RefreshPreferences
	// OnConflict: see [RefreshInput]. The same refresh is one that has no desired
	// configuration either.
	OnConflict Conflict
}

// RefreshCurrentResult is what [RefreshCurrent] did, and what it has proven.
type RefreshCurrentResult struct {
	// RefreshID of the refresh that was followed to its end. Empty: none was needed.
	RefreshID string
	// Adopted: it was running already.
	Adopted bool
	// Superseded are the refreshes that were waited for or cancelled first, and one
	// that was adopted and had begun before the group meant what it means now.
	Superseded []string
	// Current is what the group launches, and what all its instances were launched
	// from if the error is nil.
	Current []CurrentLaunch
}

// RefreshCurrent replaces the instances of a group that were not launched from what
// its own launch source means now, and proves it on the instances. It is for groups
// that AWS accepts no desired configuration for: their template names an SSM parameter
// as the image (resolve:ssm:), or they choose instance types by attributes; and for
// groups that follow $Latest or $Default of a template that someone else maintains.
// For all others, use [StartRefresh] with a numbered version, which AWS can roll
// back.
//
// What the source means is read before the refresh and after it: the number of each
// template version and the image behind each parameter. If all instances already run
// that, also those of a warm pool, no refresh is started. A refresh that was adopted
// can have begun before the source meant what it means now; if it has left instances
// behind, another one is started.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], for the group, a template, a version or a
// launch configuration; [ErrRollbackUnavailable], if AutoRollback is set; [ErrSSMImage],
// for a parameter that AWS does not resolve; those of [StartRefresh] and [Wait].
// [ErrNotReplaced] means that instances in IDs run something else after a successful
// refresh, and [ErrOtherVersion] that they do because the source has come to mean
// something else during the refresh: call it again. The result comes with an error
// once the refresh is known. To undo it, set the parameter or the version back and
// call it again.
//
// AWS calls: those of [StartRefresh], without a desired configuration, and of [Wait];
// and each time that the source or the instances are read, DescribeAutoScalingGroups,
// DescribeLaunchTemplateVersions once or, for a parameter, twice for each template,
// DescribeLaunchConfigurations for a launch configuration, DescribeInstances, one for
// each 200 instances, and DescribeWarmPool for a group with one. IAM: as their names,
// and ssm:GetParameters for a parameter.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
func RefreshCurrent(ctx context.Context, api RefreshCurrentAPI, ec2api RefreshCurrentEC2API, in RefreshCurrentInput, optFns ...func(*Options)) (*RefreshCurrentResult, error) {
	const op = "asg.RefreshCurrent"
	o := newOptions(api, optFns)
	if err := in.check(op, o); err != nil {
		return nil, err
	}
	r := refreshingCurrent{
		currentReader: currentReader{api: api, ec2api: ec2api, op: op, o: o}, client: api, in: in, done: &RefreshCurrentResult{},
	}
	left, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	if len(left) == 0 {
		return r.done, nil
	}
	for {
		before := r.done.Current
		if err := r.refresh(ctx); err != nil {
			if r.done.RefreshID == "" {
				return nil, err
			}
			return r.done, err
		}
		left, err := r.settled(ctx)
		switch {
		case err != nil || len(left) == 0:
			return r.done, err
		case r.done.Adopted: // it may have begun before the source meant this
			r.done.Superseded = append(r.done.Superseded, r.done.RefreshID)
			continue
		}
		e := &Error{
			Op: op, Account: o.Account, Region: o.Region, ID: in.Group, IDs: left, State: string(types.InstanceRefreshStatusSuccessful), Kind: ErrNotReplaced,
		}
		if !slices.Equal(before, r.done.Current) {
			e.Kind = ErrOtherVersion
			e.Reason = fmt.Sprintf("the group launches %v, and launched %v when the refresh began", r.done.Current, before)
			e.Hint = "refresh it again"
		}
		return r.done, e
	}
}

// refreshingCurrent is one call of RefreshCurrent.
type refreshingCurrent struct {
	currentReader
	client RefreshCurrentAPI
	in     RefreshCurrentInput
	done   *RefreshCurrentResult
}

func (in *RefreshCurrentInput) check(op string, o Options) error {
	switch {
	case in.Group == "":
		return fault.Invalid(op, o.place(), "Group is required")
	case !in.OnConflict.known():
		return fault.Invalid(op, o.place(), "invalid OnConflict %q", in.OnConflict)
	}
	if problem := preferencesProblem(in.Preferences); problem != "" {
		return fault.Invalid(op, o.place(), "%s", problem)
	}
	if in.Preferences != nil && aws.ToBool(in.Preferences.AutoRollback) {
		return &Error{
			Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrRollbackUnavailable,
			Reason: "AutoRollback is set, and a refresh without a desired configuration cannot be rolled back",
			Hint:   "unset it; to undo the refresh, set the parameter or the version back and refresh again",
		}
	}
	return nil
}

// look reads what the group means now and which of its instances are not of that.
func (r *refreshingCurrent) look(ctx context.Context) ([]string, error) {
	groups, err := describe(ctx, r.api, r.op, []string{r.in.Group}, r.o)
	if err != nil {
		return nil, err
	}
	if r.done.Current, err = r.launches(ctx, groups[0]); err != nil {
		return nil, err
	}
	return r.outdated(ctx, groups[0], r.done.Current)
}

// refresh starts a refresh, or adopts one, and follows it to its end.
func (r *refreshingCurrent) refresh(ctx context.Context) error {
	started, err := begin(ctx, r.client, r.op, RefreshInput{
		Group: r.in.Group, Preferences: r.in.Preferences, OnConflict: r.in.OnConflict,
	}, nil, r.o)
	if err != nil {
		return err
	}
	r.done.RefreshID, r.done.Adopted = started.RefreshID, started.Adopted
	r.done.Superseded = append(r.done.Superseded, started.Superseded...)
	f := follower{api: r.client, op: r.op, o: r.o}
	s, err := f.follow(ctx, r.in.Group, started.RefreshID)
	if err != nil {
		return err
	}
	return s.Err
}

// settled is a look that gives AWS a minute to show all of what it has done.
func (r *refreshingCurrent) settled(ctx context.Context) (left []string, err error) {
	for elapsed, ended := range poll.Ticks(ctx, settling) {
		if ended != nil {
			return left, &Error{Op: r.op, Account: r.o.Account, Region: r.o.Region, ID: r.in.Group, IDs: left, Elapsed: elapsed, Err: ended}
		}
		left, err = r.look(ctx)
		if err != nil && !fault.Transient(err) || err == nil && len(left) == 0 || elapsed >= settling.Grace {
			break
		}
	}
	return left, err
}
