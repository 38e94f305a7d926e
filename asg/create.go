package asg

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// CreateAPI is what [Create] calls.
type CreateAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	CreateAutoScalingGroup(context.Context, *autoscaling.CreateAutoScalingGroupInput, ...func(*autoscaling.Options)) (*autoscaling.CreateAutoScalingGroupOutput, error)
}

var _ CreateAPI = (*autoscaling.Client)(nil)

// CreateInput says which group is made.
type CreateInput struct {
	// Name is 1 to 255 printable ASCII characters without space and colon;
	// required.
	Name string
	// Template, Policy or LaunchConfiguration: exactly one, unless Customize sets
	// another launch source. A Policy is for several instance types or purchase
	// options; one that was read from a group can be given as it is.
	Template            *TemplateSpec
	Policy              *types.MixedInstancesPolicy
	LaunchConfiguration string
	// MinSize and MaxSize in instances.
	MinSize, MaxSize int32
	// Desired capacity. Nil: MinSize.
	Desired *int32
	// Subnets, or AvailabilityZones with a default subnet: at least one.
	Subnets, AvailabilityZones []string
	// TargetGroupARNs of the load balancers that the group registers with.
	TargetGroupARNs []string
	// HealthCheckType: EBS, ELB, VPC_LATTICE or several with commas, besides
	// the checks of EC2. Empty: those of EC2 alone.
	HealthCheckType string
	// HealthCheckGracePeriod in whole seconds. Nil: AWS's default, which is
	// none.
	HealthCheckGracePeriod *time.Duration
	// DefaultInstanceWarmup in whole seconds, at most an hour. Nil: none, and
	// then refreshes take the grace period for it.
	DefaultInstanceWarmup *time.Duration
	// Tags of the group, which its instances get as well.
	Tags map[string]string
	// Customize sets, on the request as it would be sent, what this struct has
	// no field for. Nil: nothing.
	Customize func(*autoscaling.CreateAutoScalingGroupInput)
}

// CreateResult says what [Create] made or found.
type CreateResult struct {
	Name    string
	ARN     string
	Adopted bool // a group of that name, launch source and sizes was there
}

// Create makes a group.
//
// A group of that name with the same launch source, minimum and maximum is
// adopted, also when it became visible only after a response that was lost. Any
// other group of that name is [ErrNameTaken]. Desired is not compared: scaling
// moves it. Of a mixed instances policy all is compared that is asked for.
//
// AWS calls: DescribeAutoScalingGroups, before and after, and
// CreateAutoScalingGroup. IAM: autoscaling:DescribeAutoScalingGroups,
// autoscaling:CreateAutoScalingGroup, autoscaling:CreateOrUpdateTags where there
// are tags, and for a launch template what launching it needs (ec2:RunInstances,
// ec2:CreateTags, iam:PassRole): AWS checks the template with the caller's rights.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
func Create(ctx context.Context, api CreateAPI, in CreateInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "asg.Create"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	request := in.request()
	if in.Customize != nil {
		in.Customize(request)
		request.MixedInstancesPolicy = sendPolicy(request.MixedInstancesPolicy)
	}
	if problem := createProblem(request); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}

	found, err := adoptable(ctx, api, op, request, o)
	if found != nil || err != nil {
		return found, err
	}
	_, err = api.CreateAutoScalingGroup(ctx, request)
	lost := fault.Is(err, codeAlreadyExists)
	if err != nil && !lost {
		return nil, fault.Call(op, o.place(), in.Name, err)
	}
	// AWS answers with nothing, so the ARN takes a read, and a new group can
	// take a moment to be seen.
	for elapsed, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Name, Elapsed: elapsed, Err: err}
		}
		found, err := adoptable(ctx, api, op, request, o)
		if err != nil && !fault.Transient(err) {
			return nil, err
		}
		if found != nil {
			found.Adopted = lost
			return found, nil
		}
		if elapsed >= settling.Grace {
			break
		}
	}
	return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Name, Kind: ErrNotFound, Reason: "AWS made the group and does not show it"}
}

// adoptable is the group of that name: the one asked for, another (an error), or
// none (nil, nil).
func adoptable(ctx context.Context, api CreateAPI, op string, request *autoscaling.CreateAutoScalingGroupInput, o Options) (*CreateResult, error) {
	name := aws.ToString(request.AutoScalingGroupName)
	groups, err := describe(ctx, api, op, []string{name}, o)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g := groups[0]
	taken := &Error{Op: op, Account: o.Account, Region: o.Region, ID: name, IDs: []string{aws.ToString(g.AutoScalingGroupARN)}, Kind: ErrNameTaken}
	switch {
	case aws.ToString(g.Status) != "":
		taken.State = *g.Status
	case !sameTemplate(request.LaunchTemplate, g.LaunchTemplate),
		aws.ToString(request.LaunchConfigurationName) != aws.ToString(g.LaunchConfigurationName),
		!samePolicy(request.MixedInstancesPolicy, g.MixedInstancesPolicy):
		taken.Reason = "the group of that name has another launch source"
	case aws.ToInt32(request.MinSize) != aws.ToInt32(g.MinSize), aws.ToInt32(request.MaxSize) != aws.ToInt32(g.MaxSize):
		taken.Reason = fmt.Sprintf("the group of that name has sizes %d to %d", aws.ToInt32(g.MinSize), aws.ToInt32(g.MaxSize))
	default:
		return &CreateResult{Name: name, ARN: aws.ToString(g.AutoScalingGroupARN), Adopted: true}, nil
	}
	return nil, taken
}

func (in *CreateInput) problem() string {
	if p := in.Template.problem(); p != "" {
		return p
	}
	if in.Template != nil && in.Template.ID != "" && in.Template.Name != "" {
		return "Template has both ID and Name; give one"
	}
	if p := secondsProblem("HealthCheckGracePeriod", in.HealthCheckGracePeriod, 0); p != "" {
		return p
	}
	return secondsProblem("DefaultInstanceWarmup", in.DefaultInstanceWarmup, time.Hour)
}

func (in *CreateInput) request() *autoscaling.CreateAutoScalingGroupInput {
	r := &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName:    &in.Name,
		LaunchTemplate:          in.Template.send(),
		MixedInstancesPolicy:    sendPolicy(in.Policy),
		LaunchConfigurationName: optional(in.LaunchConfiguration),
		MinSize:                 &in.MinSize,
		MaxSize:                 &in.MaxSize,
		DesiredCapacity:         in.Desired,
		VPCZoneIdentifier:       optional(strings.Join(in.Subnets, ",")),
		AvailabilityZones:       in.AvailabilityZones,
		TargetGroupARNs:         in.TargetGroupARNs,
		HealthCheckType:         optional(in.HealthCheckType),
		HealthCheckGracePeriod:  seconds(in.HealthCheckGracePeriod),
		DefaultInstanceWarmup:   seconds(in.DefaultInstanceWarmup),
	}
	for _, k := range slices.Sorted(maps.Keys(in.Tags)) {
		r.Tags = append(r.Tags, types.Tag{
			Key: new(k), Value: new(in.Tags[k]), PropagateAtLaunch: new(true),
			ResourceId: &in.Name, ResourceType: new("auto-scaling-group"),
		})
	}
	return r
}

// createProblem is what is wrong with the request as it would be sent.
func createProblem(r *autoscaling.CreateAutoScalingGroupInput) string {
	name := aws.ToString(r.AutoScalingGroupName)
	outside := func(c rune) bool { return c < 33 || c > 126 || c == ':' }
	sources := 0
	for _, set := range []bool{r.LaunchTemplate != nil, r.LaunchConfigurationName != nil, r.MixedInstancesPolicy != nil, r.InstanceId != nil} {
		if set {
			sources++
		}
	}
	switch {
	case name == "" || len(name) > 255 || strings.ContainsFunc(name, outside):
		return fmt.Sprintf("Name %q is not 1 to 255 printable ASCII characters without space and colon", name)
	case sources != 1:
		return fmt.Sprintf("a group has one launch source (Template, Policy or LaunchConfiguration), not %d", sources)
	case r.VPCZoneIdentifier == nil && len(r.AvailabilityZones) == 0 && len(r.AvailabilityZoneIds) == 0 && r.InstanceId == nil:
		return "Subnets or AvailabilityZones are missing"
	}
	if p := mixedProblem(r.MixedInstancesPolicy); p != "" {
		return p
	}
	return sizesProblem(aws.ToInt32(r.MinSize), aws.ToInt32(r.MaxSize), r.DesiredCapacity)
}
