package awstest

import (
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(attachLoadBalancerTargetGroups, "AutoScalingGroupName", "TargetGroupARNs")
	handle(detachLoadBalancerTargetGroups, "AutoScalingGroupName", "TargetGroupARNs")
	handle(describeLoadBalancerTargetGroups, "AutoScalingGroupName", "MaxRecords", "NextToken")
}

// targetGroup is a target group of a load balancer that a group registers its
// instances with. Load balancers themselves are not modelled: every well-formed
// ARN is taken for one that exists.
type targetGroup struct {
	sight
	arn        string
	registered bool
	leaving    bool
}

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
const (
	maxTargetGroups     = 50 // of a group
	maxTargetGroupsCall = 10
)

var targetGroupARN = regexp.MustCompile(`^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):([0-9]{12}):targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]+$`)

// checkTargetGroups refuses ARNs that can be no target groups here.
func (s *store) checkTargetGroups(arns []string) error {
	for _, arn := range arns {
		parts := targetGroupARN.FindStringSubmatch(arn)
		if parts == nil || parts[1] != s.region || parts[2] != s.account {
			return validation("Provided Target Groups may not be valid. Please ensure they exist and try again. Target group: %s", arn)
		}
	}
	return nil
}

// attach registers the group with target groups that it does not have yet.
func (g *group) attach(arns []string) {
	for _, arn := range arns {
		if slices.ContainsFunc(g.targetGroups, func(t *targetGroup) bool { return t.arn == arn && !t.leaving }) {
			continue
		}
		t := &targetGroup{arn: arn}
		g.targetGroups = append(g.targetGroups, t)
		g.transition(&t.sight, 0, func() { t.registered = true })
	}
}

// targetGroupARNs are those that the group has, as answers show them.
func (g *group) targetGroupARNs() (out []string) {
	for _, t := range g.targetGroups {
		if !t.leaving {
			out = append(out, t.arn)
		}
	}
	return out
}

// attachLoadBalancerTargetGroups adds to the target groups that are there; one
// that is there already is no error.
func attachLoadBalancerTargetGroups(r *request, in *autoscaling.AttachLoadBalancerTargetGroupsInput) (*autoscaling.AttachLoadBalancerTargetGroupsOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if len(in.TargetGroupARNs) > maxTargetGroupsCall {
		return nil, validation("The number of target groups must be less than or equal to %d", maxTargetGroupsCall)
	}
	if err := r.checkTargetGroups(in.TargetGroupARNs); err != nil {
		return nil, err
	}
	if n := len(g.targetGroupARNs()) + len(in.TargetGroupARNs); n > maxTargetGroups {
		return nil, validation("An Auto Scaling group can have at most %d target groups", maxTargetGroups)
	}
	g.attach(in.TargetGroupARNs)
	return &autoscaling.AttachLoadBalancerTargetGroupsOutput{}, nil
}

// detachLoadBalancerTargetGroups lets the instances run on: they are shown as
// Removing until the target group has let them go.
func detachLoadBalancerTargetGroups(r *request, in *autoscaling.DetachLoadBalancerTargetGroupsInput) (*autoscaling.DetachLoadBalancerTargetGroupsOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if len(in.TargetGroupARNs) > maxTargetGroupsCall {
		return nil, validation("The number of target groups must be less than or equal to %d", maxTargetGroupsCall)
	}
	have := g.targetGroupARNs()
	for _, arn := range in.TargetGroupARNs {
		if !slices.Contains(have, arn) {
			return nil, validation("The target group %s is not attached to the Auto Scaling group %s", arn, g.name)
		}
	}
	for _, t := range slices.Clone(g.targetGroups) {
		if t.leaving || !slices.Contains(in.TargetGroupARNs, t.arn) {
			continue
		}
		t.leaving = true
		g.transition(&t.sight, 0, func() {
			g.targetGroups = slices.DeleteFunc(g.targetGroups, func(o *targetGroup) bool { return o == t })
		})
	}
	return &autoscaling.DetachLoadBalancerTargetGroupsOutput{}, nil
}

func describeLoadBalancerTargetGroups(r *request, in *autoscaling.DescribeLoadBalancerTargetGroupsInput) (*autoscaling.DescribeLoadBalancerTargetGroupsOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	found, next, err := asPage(r.store, g.targetGroups, limits{def: 100, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeLoadBalancerTargetGroupsOutput{NextToken: next}
	for _, t := range found {
		out.LoadBalancerTargetGroups = append(out.LoadBalancerTargetGroups, astypes.LoadBalancerTargetGroupState{
			LoadBalancerTargetGroupARN: new(t.arn), State: new(g.targetState(t)),
		})
		r.show(&t.sight)
	}
	return out, nil
}

// targetState is InService as soon as one instance has passed the load
// balancer's health check.
func (g *group) targetState(t *targetGroup) string {
	switch {
	case t.leaving:
		return "Removing"
	case !t.registered:
		return "Adding"
	}
	for _, m := range g.members {
		if m.state == astypes.LifecycleStateInService && m.checked && !m.unhealthy {
			return "InService"
		}
	}
	return "Added"
}
