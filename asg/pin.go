package asg

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// PinEC2API is the EC2 half of what [Pin] and [Unpin] call; the other half is
// [UpdateAPI].
type PinEC2API interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

var _ PinEC2API = (*ec2.Client)(nil)

// Pin sets the versions that a group launches to the numbers that $Latest and
// $Default mean now, in its mixed instances policy too. The group goes on
// launching what it does, a version that is made next changes nothing for it, and
// a refresh of it can be rolled back. No refresh is started and no instance is
// touched.
//
// Keep Before of the result, or what [SourceOf] said of the group, for [Unpin]:
// a pinned group does not tell how it was spelled. The result comes with an error
// too once the group has been read. A group whose versions are numbers is
// unchanged, and so is one that has a launch configuration. AWS has no update with
// a condition: what somebody else gives the group between the read and the write
// is overwritten.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], also for a template or a version that
// is gone; [ErrRefreshInProgress], as of [Update].
//
// AWS calls: DescribeLaunchTemplateVersions, once for each spelling of each
// template, and those of [Update]. IAM: ec2:DescribeLaunchTemplateVersions, and
// as [Update].
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
func Pin(ctx context.Context, api UpdateAPI, ec2api PinEC2API, group string, optFns ...func(*Options)) (*UpdateResult, error) {
	const op = "asg.Pin"
	o := newOptions(api, optFns)
	if group == "" {
		return nil, fault.Invalid(op, o.place(), "the name of the group is empty")
	}
	groups, err := describe(ctx, api, op, []string{group}, o)
	if err != nil {
		return nil, err
	}
	versions := versionReader{api: ec2api, op: op, o: o}
	return setVersions(ctx, api, op, groups[0], func(_ int, t TemplateSpec) (string, error) {
		if _, ok := t.Number(); ok {
			return t.Version, nil
		}
		n, err := versions.number(ctx, t)
		return strconv.FormatInt(n, 10), err
	}, o)
}

// UnpinInput says which aliases of versions a group gets back.
type UnpinInput struct {
	// Group is its name; required.
	Group string
	// Original is what the group launched from before it was pinned: Before of
	// what [Pin] returned, or what [SourceOf] said. Only how it spells versions
	// counts. Required.
	Original LaunchSource
}

// Unpin gives a group back the aliases $Latest and $Default that it had before [Pin].
//
// It never changes what the group launches: a spelling that means another version
// now than the number that the group has is [ErrOtherVersion], and nothing is
// written. That is so after a rollout that failed, where $Latest is the version
// that was rolled back; delete that version, or leave the group pinned. After a
// rollout that succeeded $Latest fits, and $Default does when the default has
// been moved.
//
// Other errors: [ErrInvalidInput]; [ErrNotFound]; [ErrRefreshInProgress], as of
// [Update].
//
// AWS calls and IAM: those of [Pin].
func Unpin(ctx context.Context, api UpdateAPI, ec2api PinEC2API, in UnpinInput, optFns ...func(*Options)) (*UpdateResult, error) {
	const op = "asg.Unpin"
	o := newOptions(api, optFns)
	switch {
	case in.Group == "":
		return nil, fault.Invalid(op, o.place(), "Group is missing")
	case sameSource(in.Original, LaunchSource{}):
		return nil, fault.Invalid(op, o.place(), "Original is required")
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	other := func(reason string) error {
		return &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrOtherVersion, Reason: reason}
	}
	now := SourceOf(groups[0])
	if !slices.EqualFunc(specs(in.Original), specs(now), sameName) {
		return nil, other("its templates are others: it launches from " + now.String())
	}
	versions := versionReader{api: ec2api, op: op, o: o}
	return setVersions(ctx, api, op, groups[0], func(i int, t TemplateSpec) (string, error) {
		was := specs(in.Original)[i+1]
		if _, ok := was.Number(); ok || versionOrDefault(was.Version) == versionOrDefault(t.Version) {
			return t.Version, nil
		}
		n, err := versions.number(ctx, *was)
		if err != nil {
			return "", err
		}
		if t.Version != strconv.FormatInt(n, 10) {
			return "", other("it launches " + t.String() + ", and " + versionOrDefault(was.Version) + " is version " + strconv.FormatInt(n, 10))
		}
		return versionOrDefault(was.Version), nil
	}, o)
}

// specs are the templates of a source in the order of eachTemplate, the base at
// index 0, and nil for an override that has none.
func specs(s LaunchSource) []*TemplateSpec {
	if s.MixedInstancesPolicy == nil {
		return []*TemplateSpec{s.Template}
	}
	out := []*TemplateSpec{specOf(baseTemplate(s.MixedInstancesPolicy))}
	for _, o := range overrides(s.MixedInstancesPolicy) {
		out = append(out, specOf(o.LaunchTemplateSpecification))
	}
	return out
}

// sameName reports whether two specifications name one template.
func sameName(a, b *TemplateSpec) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	return a.Name == b.Name
}

// setVersions sets the versions of a group to what version returns; i is that of
// eachTemplate. Where all stays, nothing is written.
func setVersions(ctx context.Context, api UpdateAPI, op string, group types.AutoScalingGroup, version func(i int, t TemplateSpec) (string, error), o Options) (*UpdateResult, error) {
	var failed error
	change := func(i int, t TemplateSpec) TemplateSpec {
		if failed == nil {
			t.Version, failed = version(i, t)
		}
		return t
	}
	request := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: group.AutoScalingGroupName}
	if group.LaunchTemplate != nil {
		request.LaunchTemplate = new(change(-1, *specOf(group.LaunchTemplate))).send()
	}
	request.MixedInstancesPolicy = eachTemplate(group.MixedInstancesPolicy, change)
	read := &UpdateResult{Before: SourceOf(group), After: SourceOf(group)}
	if failed != nil {
		return read, failed
	}
	done, err := update(ctx, api, op, request, group, o)
	if err != nil {
		return read, err
	}
	return done, nil
}
