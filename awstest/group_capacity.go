package awstest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(setDesiredCapacity, "AutoScalingGroupName", "DesiredCapacity", "HonorCooldown")
	handle(terminateInstanceInAutoScalingGroup, "InstanceId", "ShouldDecrementDesiredCapacity")
}

// setDesiredCapacity: there are no cooldowns to honor, since no scaling policy
// starts one here.
func setDesiredCapacity(r *request, in *autoscaling.SetDesiredCapacityInput) (*autoscaling.SetDesiredCapacityOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	switch want := *in.DesiredCapacity; {
	case want > *g.MaxSize:
		return nil, validation("New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", want, *g.MaxSize)
	case want < *g.MinSize:
		return nil, validation("New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", want, *g.MinSize)
	}
	g.want(*in.DesiredCapacity, "a user request explicitly set group desired capacity changing the desired capacity from %d to %d.")
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

// want changes the desired capacity; why has the old and the new one in it.
func (g *group) want(n int32, why string) {
	if before := *g.DesiredCapacity; n != before {
		g.DesiredCapacity = new(n)
		g.request = g.at(why, before, n)
	}
	g.wake()
}

func terminateInstanceInAutoScalingGroup(r *request, in *autoscaling.TerminateInstanceInAutoScalingGroupInput) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	m, err := r.findMember(aws.ToString(in.InstanceId))
	if err != nil {
		return nil, err
	}
	if m.ending != nil {
		return nil, &astypes.ScalingActivityInProgressFault{Message: new("Activity " + m.ending.id + " is in progress.")}
	}
	g := m.group
	why := "in response to a user request."
	if *in.ShouldDecrementDesiredCapacity {
		if *g.DesiredCapacity <= *g.MinSize {
			return nil, validation("Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's min size constraint. "+
				"Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", *g.MinSize)
		}
		why = fmt.Sprintf("in response to a user request, shrinking the capacity from %d to %d.", *g.DesiredCapacity, *g.DesiredCapacity-1)
		g.DesiredCapacity = new(*g.DesiredCapacity - 1)
	}
	m.end(g.at("instance %s was taken out of service %s", m.id, why))
	a := m.ending.render()
	return &autoscaling.TerminateInstanceInAutoScalingGroupOutput{Activity: &a}, nil
}

// findMember finds an instance of any group.
func (s *store) findMember(id string) (*member, error) {
	if i := s.instances.byID[id]; i != nil && i.member != nil {
		return i.member, nil
	}
	return nil, validation("Instance Id not found - No managed instance found for instance ID: %s", id)
}
