package asg

import (
	"cmp"
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// UpdateAPI is what [Update] calls.
type UpdateAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeInstanceRefreshesAPIClient
	UpdateAutoScalingGroup(context.Context, *autoscaling.UpdateAutoScalingGroupInput, ...func(*autoscaling.Options)) (*autoscaling.UpdateAutoScalingGroupOutput, error)
}

var _ UpdateAPI = (*autoscaling.Client)(nil)

// UpdateInput says what of a group changes. What is zero stays as it is.
type UpdateInput struct {
	// Group is its name; required.
	Group string
	// Template, Policy or LaunchConfiguration: at most one. A Policy takes the
	// place of the group's: give the whole of it, with every override. The one
	// that was read from the group can be given with its changes as it is, and
	// [WithVersions] changes its versions.
	Template            *TemplateSpec
	Policy              *types.MixedInstancesPolicy
	LaunchConfiguration string
	// From is what the group has to launch from before, as [SourceOf] said when
	// the change was decided on. It guards against somebody else who changes the
	// group, as far as AWS lets: the read and the write are two calls. A group
	// that has the new source already is fine. Nil: anything.
	From *LaunchSource
	// MinSize, MaxSize and Desired in instances.
	MinSize, MaxSize, Desired *int32
	// Subnets and AvailabilityZones replace those of the group.
	Subnets, AvailabilityZones []string
	// HealthCheckType: see [CreateInput].
	HealthCheckType string
	// HealthCheckGracePeriod and DefaultInstanceWarmup in whole seconds.
	HealthCheckGracePeriod, DefaultInstanceWarmup *time.Duration
	// Customize sets, on the request as it would be sent, what this struct has
	// no field for. Nil: nothing.
	Customize func(*autoscaling.UpdateAutoScalingGroupInput)
}

// UpdateResult says what [Update] did.
type UpdateResult struct {
	Before, After LaunchSource
	Changed       bool // false: the group had all of it, and nothing was written
}

// Update changes a group and nothing that runs in it: instances stay as they
// are, and no instance refresh is started. New instances come from the new
// launch source at once, and a rollback would come back to it; to bring a new
// version out, use [StartRefresh] instead.
//
// Only what differs is sent. Errors: [ErrInvalidInput]; [ErrNotFound], no such
// group; [ErrMixedInstances], where Template or LaunchConfiguration would replace
// a mixed instances policy: that takes a Policy; [ErrOtherVersion], where the group
// does not launch from From; [ErrRefreshInProgress], where a refresh with a
// desired configuration runs and AWS refuses another launch source.
//
// AWS calls: DescribeAutoScalingGroups, UpdateAutoScalingGroup where something
// changes, and when AWS refuses it DescribeInstanceRefreshes and
// DescribeAutoScalingGroups to tell why. IAM:
// autoscaling:DescribeAutoScalingGroups, autoscaling:UpdateAutoScalingGroup,
// autoscaling:DescribeInstanceRefreshes, and for a launch template what launching
// it needs (ec2:RunInstances, ec2:CreateTags, iam:PassRole): AWS checks the
// template with the caller's rights.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
func Update(ctx context.Context, api UpdateAPI, in UpdateInput, optFns ...func(*Options)) (*UpdateResult, error) {
	const op = "asg.Update"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	group := groups[0]
	if group.MixedInstancesPolicy != nil && (in.Template != nil || in.LaunchConfiguration != "") {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrMixedInstances}
	}
	request := in.request()
	if in.From != nil && !sameSource(*in.From, SourceOf(group)) && !hasSource(request, group) {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrOtherVersion, Reason: "it launches from " + SourceOf(group).String()}
	}
	if in.Customize != nil {
		in.Customize(request)
		request.MixedInstancesPolicy = sendPolicy(request.MixedInstancesPolicy)
	}
	if problem := mixedProblem(request.MixedInstancesPolicy); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	if problem := noWarmPool(request.MixedInstancesPolicy); problem != "" && group.WarmPoolConfiguration != nil {
		return nil, fault.Invalid(op, o.place(), "Policy %s, and group %s has a warm pool, which AWS allows none for then: delete it first", problem, in.Group)
	}
	if problem := sizesProblem(aws.ToInt32(cmp.Or(request.MinSize, group.MinSize)), aws.ToInt32(cmp.Or(request.MaxSize, group.MaxSize)), request.DesiredCapacity); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}

	return update(ctx, api, op, request, group, o)
}

// update writes what of the request the group does not have yet.
func update(ctx context.Context, api UpdateAPI, op string, request *autoscaling.UpdateAutoScalingGroupInput, group types.AutoScalingGroup, o Options) (*UpdateResult, error) {
	done := &UpdateResult{Before: SourceOf(group), After: SourceOf(group)}
	if !keepChanges(request, &group) {
		return done, nil
	}
	if _, err := api.UpdateAutoScalingGroup(ctx, request); err != nil {
		return nil, updateRefused(ctx, api, op, aws.ToString(group.AutoScalingGroupName), err, o)
	}
	done.Changed = true
	if request.LaunchTemplate != nil || request.LaunchConfigurationName != nil || request.MixedInstancesPolicy != nil {
		done.After = LaunchSource{
			Template:             specOf(request.LaunchTemplate),
			LaunchConfiguration:  aws.ToString(request.LaunchConfigurationName),
			MixedInstancesPolicy: request.MixedInstancesPolicy,
		}
	}
	return done, nil
}

// hasSource reports whether a group has the launch source that is asked for.
func hasSource(r *autoscaling.UpdateAutoScalingGroupInput, group types.AutoScalingGroup) bool {
	return sameTemplate(r.LaunchTemplate, group.LaunchTemplate) && aws.ToString(r.LaunchConfigurationName) == aws.ToString(group.LaunchConfigurationName) &&
		samePolicy(r.MixedInstancesPolicy, group.MixedInstancesPolicy)
}

// updateRefused says why AWS refused an update. Its ValidationError has many
// meanings; two of them are read back.
func updateRefused(ctx context.Context, api UpdateAPI, op, group string, cause error, o Options) error {
	if fault.Is(cause, codeValidation) {
		if active, err := activeRefresh(ctx, api, group); err == nil && active != nil && active.DesiredConfiguration != nil {
			e := fault.Call(op, o.place(), group, cause)
			e.Kind, e.State, e.IDs = ErrRefreshInProgress, string(active.Status), []string{aws.ToString(active.InstanceRefreshId)}
			return e
		}
	}
	return refused(ctx, api, op, group, cause, o)
}

// keepChanges takes out of the request what the group has already, and reports
// whether anything is left. Fields go by name: a field that the SDK adds to both
// structs is compared as well, one that only the request has always counts.
func keepChanges(r *autoscaling.UpdateAutoScalingGroupInput, group *types.AutoScalingGroup) bool {
	if r.LaunchTemplate != nil && sameTemplate(r.LaunchTemplate, group.LaunchTemplate) {
		r.LaunchTemplate = nil
	}
	if r.MixedInstancesPolicy != nil && samePolicy(r.MixedInstancesPolicy, group.MixedInstancesPolicy) {
		r.MixedInstancesPolicy = nil
	}
	if r.VPCZoneIdentifier != nil && sameSet(strings.Split(*r.VPCZoneIdentifier, ","), strings.Split(aws.ToString(group.VPCZoneIdentifier), ",")) {
		r.VPCZoneIdentifier = nil
	}
	if sameSet(r.AvailabilityZones, group.AvailabilityZones) {
		r.AvailabilityZones = nil
	}
	if aws.ToString(r.DesiredCapacityType) == "units" && group.DesiredCapacityType == nil {
		r.DesiredCapacityType = nil // the default, which AWS shows of attribute-based groups alone
	}
	changed := false
	want, have := reflect.ValueOf(r).Elem(), reflect.ValueOf(group).Elem()
	for i := range want.NumField() {
		f := want.Type().Field(i)
		if !f.IsExported() || f.Name == "AutoScalingGroupName" || want.Field(i).IsZero() {
			continue
		}
		if h := have.FieldByName(f.Name); h.IsValid() && reflect.DeepEqual(want.Field(i).Interface(), h.Interface()) {
			want.Field(i).SetZero()
			continue
		}
		changed = true
	}
	return changed
}

func (in *UpdateInput) problem() string {
	switch {
	case in.Group == "":
		return "Group is required"
	case in.Template != nil && in.LaunchConfiguration != "", in.Policy != nil && (in.Template != nil || in.LaunchConfiguration != ""):
		return "two of Template, Policy and LaunchConfiguration are set; give one"
	case in.Template != nil && in.Template.ID != "" && in.Template.Name != "":
		return "Template has both ID and Name; give one"
	}
	if p := in.Template.problem(); p != "" {
		return p
	}
	if p := secondsProblem("HealthCheckGracePeriod", in.HealthCheckGracePeriod, 0); p != "" {
		return p
	}
	return secondsProblem("DefaultInstanceWarmup", in.DefaultInstanceWarmup, time.Hour)
}

func (in *UpdateInput) request() *autoscaling.UpdateAutoScalingGroupInput {
	return &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName:    &in.Group,
		LaunchTemplate:          in.Template.send(),
		MixedInstancesPolicy:    sendPolicy(in.Policy),
		LaunchConfigurationName: optional(in.LaunchConfiguration),
		MinSize:                 in.MinSize,
		MaxSize:                 in.MaxSize,
		DesiredCapacity:         in.Desired,
		VPCZoneIdentifier:       optional(strings.Join(in.Subnets, ",")),
		AvailabilityZones:       in.AvailabilityZones,
		HealthCheckType:         optional(in.HealthCheckType),
		HealthCheckGracePeriod:  seconds(in.HealthCheckGracePeriod),
		DefaultInstanceWarmup:   seconds(in.DefaultInstanceWarmup),
	}
}
