package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(setInstanceProtection, "AutoScalingGroupName", "InstanceIds", "ProtectedFromScaleIn")
	handle(setInstanceHealth, "InstanceId", "HealthStatus", "ShouldRespectGracePeriod")
	handle(describeAutoScalingInstances, "InstanceIds", "MaxRecords", "NextToken")
}

// setInstanceProtection protects all of the instances or none.
func setInstanceProtection(r *request, in *autoscaling.SetInstanceProtectionInput) (*autoscaling.SetInstanceProtectionOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var found []*member
	for _, id := range in.InstanceIds {
		m, err := r.findMember(id)
		if err != nil || m.group != g {
			return nil, validation("The instance %s is not part of Auto Scaling group %s.", id, g.name)
		}
		if !m.live() {
			return nil, validation("The instance %s is not in InService or EnteringStandby or Standby.", id)
		}
		found = append(found, m)
	}
	for _, m := range found {
		m.change(func() { m.protected = *in.ProtectedFromScaleIn })
	}
	return &autoscaling.SetInstanceProtectionOutput{}, nil
}

// setInstanceHealth is a health check of the user's own.
func setInstanceHealth(r *request, in *autoscaling.SetInstanceHealthInput) (*autoscaling.SetInstanceHealthOutput, error) {
	m, err := r.findMember(*in.InstanceId)
	if err != nil {
		return nil, err
	}
	g := m.group
	switch *in.HealthStatus {
	case "Healthy":
		m.recover()
		return &autoscaling.SetInstanceHealthOutput{}, nil
	case "Unhealthy":
	default:
		return nil, validation("'%s' is not a valid value for HealthStatus. Valid values are Healthy and Unhealthy", *in.HealthStatus)
	}
	respects := in.ShouldRespectGracePeriod == nil || *in.ShouldRespectGracePeriod
	over := m.launching.started.Add(g.pause(aws.ToInt32(g.HealthCheckGracePeriod)))
	if m.live() && !(respects && g.now.Before(over)) {
		m.fail("in response to a user health-check.")
	}
	return &autoscaling.SetInstanceHealthOutput{}, nil
}

// recover takes it back that a member is unhealthy, as long as it is not on its
// way out. Health checks go on, and see what they see.
func (m *member) recover() {
	if m.unhealthy && m.live() && !m.stopped() {
		m.change(func() { m.unhealthy, m.failing, m.ailment = false, false, "" })
		m.observe()
	}
}

// describeAutoScalingInstances leaves out ids that no group has, as AWS does.
func describeAutoScalingInstances(r *request, in *autoscaling.DescribeAutoScalingInstancesInput) (*autoscaling.DescribeAutoScalingInstancesOutput, error) {
	if len(in.InstanceIds) > maxNames {
		return nil, validation("The number of instance ids must be less than or equal to %d", maxNames)
	}
	var found []*member
	for _, id := range in.InstanceIds {
		if m, err := r.findMember(id); err == nil {
			found = append(found, m)
		}
	}
	if len(in.InstanceIds) == 0 {
		for _, g := range r.groups.order {
			found = append(found, g.everyone()...)
		}
	}
	found, next, err := asPage(r.store, found, limits{def: 50, max: 50}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeAutoScalingInstancesOutput{NextToken: next}
	for i, shown := range renderMembers(found) {
		if r.unconfirmed.UpperCaseHealth {
			shown.HealthStatus = new(strings.ToUpper(*shown.HealthStatus))
		}
		r.show(&found[i].sight)
		out.AutoScalingInstances = append(out.AutoScalingInstances, astypes.AutoScalingInstanceDetails{
			AutoScalingGroupName:    new(found[i].group.name),
			AvailabilityZone:        shown.AvailabilityZone,
			AvailabilityZoneId:      shown.AvailabilityZoneId,
			HealthStatus:            shown.HealthStatus,
			InstanceId:              shown.InstanceId,
			InstanceType:            shown.InstanceType,
			LaunchConfigurationName: shown.LaunchConfigurationName,
			LaunchTemplate:          shown.LaunchTemplate,
			LifecycleState:          new(string(shown.LifecycleState)),
			ProtectedFromScaleIn:    shown.ProtectedFromScaleIn,
			WeightedCapacity:        shown.WeightedCapacity,
			ImageId:                 shown.ImageId,
		})
	}
	return out, nil
}
