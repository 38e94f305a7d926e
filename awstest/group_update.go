package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

func init() {
	handle(updateAutoScalingGroup, groupSettingNames("AutoScalingGroupName")...)
}

// updateAutoScalingGroup changes what the group will do; instances that run
// stay as they are.
func updateAutoScalingGroup(r *request, in *autoscaling.UpdateAutoScalingGroupInput) (*autoscaling.UpdateAutoScalingGroupOutput, error) {
	g := r.groups.byName[*in.AutoScalingGroupName]
	if g == nil {
		return nil, validation("AutoScalingGroup name not found - null")
	}
	if _, err := r.changeable(in.AutoScalingGroupName); err != nil {
		return nil, err
	}
	change := convert[groupSettings](*in)
	if change.newSource() && g.active != nil && g.active.desired != nil {
		return nil, validation("An active instance refresh with a desired configuration exists. All configuration options derived " +
			"from the desired configuration are not available for update while the instance refresh is active.")
	}
	settings := g.groupSettings.with(change)
	if change.DesiredCapacity == nil { // new bounds move it
		settings.DesiredCapacity = new(max(min(aws.ToInt32(g.DesiredCapacity), aws.ToInt32(settings.MaxSize)), aws.ToInt32(settings.MinSize)))
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	if err := r.checkTerminationPolicies(settings.TerminationPolicies); err != nil {
		return nil, err
	}
	subnets, err := r.groupSubnets(settings)
	if err != nil {
		return nil, err
	}
	if change.newSource() {
		if err := r.checkSource(&settings, subnets); err != nil {
			return nil, err
		}
	}
	if change.newSource() || change.DesiredCapacityType != nil {
		if err := g.checkPool(settings); err != nil {
			return nil, err
		}
	}

	before := g.desired()
	g.groupSettings = settings
	g.settle(subnets)
	for _, m := range g.members {
		m.aged = m.aged && g.MaxInstanceLifetime != nil
		m.ages()
	}
	if before != g.desired() {
		g.request = g.at("a user request update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d changing the desired capacity from %d to %d.",
			*g.MinSize, *g.MaxSize, g.desired(), before, g.desired())
	}
	g.wake()
	return &autoscaling.UpdateAutoScalingGroupOutput{}, nil
}
