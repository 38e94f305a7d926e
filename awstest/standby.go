package awstest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(enterStandby, "AutoScalingGroupName", "InstanceIds", "ShouldDecrementDesiredCapacity")
	handle(exitStandby, "AutoScalingGroupName", "InstanceIds")
}

// maxStandby is how many instances one call may move.
const maxStandby = 20

// standing finds all of the instances, each in a certain state, or fails for all.
func (g *group) standing(ids []string, state astypes.LifecycleState) ([]*member, error) {
	if len(ids) > maxStandby {
		return nil, validation("The number of instance ids must be less than or equal to %d", maxStandby)
	}
	var found []*member
	for _, id := range ids {
		m, err := g.findMember(id)
		if err != nil || m.group != g {
			return nil, validation("The instance %s is not part of Auto Scaling group %s.", id, g.name)
		}
		if m.state != state {
			return nil, validation("The instance %s is not in %s.", id, state)
		}
		found = append(found, m)
	}
	return found, nil
}

// enterStandby takes instances out of service and leaves them running. The
// group launches others in their place unless its capacity is lowered.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
func enterStandby(r *request, in *autoscaling.EnterStandbyInput) (*autoscaling.EnterStandbyOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	moved, err := g.standing(in.InstanceIds, astypes.LifecycleStateInService)
	if err != nil {
		return nil, err
	}
	before, n := *g.DesiredCapacity, int32(len(moved))
	cause := " was moved to standby in response to a user request."
	if *in.ShouldDecrementDesiredCapacity {
		if before-n < *g.MinSize {
			return nil, validation("AutoScalingGroup %s has min-size=%d, max-size=%d, and desired-size=%d. "+
				"To place into standby %d instances, please update the AutoScalingGroup sizes appropriately.",
				g.name, *g.MinSize, *g.MaxSize, before, n)
		}
		g.DesiredCapacity = new(before - n)
		cause = g.moves("shrinking", before, before-n)
	}
	out := &autoscaling.EnterStandbyOutput{}
	for _, m := range moved {
		a := g.begin("Moving EC2 instance to Standby: "+m.id, g.at("instance %s%s", m.id, cause))
		a.about(m, 50)
		m.change(func() { m.state = astypes.LifecycleStateEnteringStandby })
		out.Activities = append(out.Activities, a.render())
		r.show(&m.sight)
		r.transition(&m.sight, 0, func() {
			a.succeeded(g.now)
			if m.state == astypes.LifecycleStateEnteringStandby {
				m.change(func() { m.state = astypes.LifecycleStateStandby })
			}
		})
	}
	return out, nil
}

// moves is the cause of a move that changes the capacity.
func (g *group) moves(how string, from, to int32) string {
	direction := "moved to standby"
	if to > from {
		direction = "moved out of standby"
	}
	return " was " + direction + " in response to a user request, " + how + fmt.Sprintf(" the capacity from %d to %d.", from, to)
}

// exitStandby puts instances back in service and raises the capacity by them.
func exitStandby(r *request, in *autoscaling.ExitStandbyInput) (*autoscaling.ExitStandbyOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	moved, err := g.standing(in.InstanceIds, astypes.LifecycleStateStandby)
	if err != nil {
		return nil, err
	}
	before, n := *g.DesiredCapacity, int32(len(moved))
	if before+n > *g.MaxSize {
		return nil, validation("AutoScalingGroup %s has min-size=%d, max-size=%d, and desired-size=%d. "+
			"To move %d instances out of standby, please update the AutoScalingGroup sizes appropriately.",
			g.name, *g.MinSize, *g.MaxSize, before, n)
	}
	g.DesiredCapacity = new(before + n)
	out := &autoscaling.ExitStandbyOutput{}
	for _, m := range moved {
		a := g.begin("Moving EC2 instance out of Standby: "+m.id, g.at("instance %s%s", m.id, g.moves("increasing", before, before+n)))
		a.about(m, 30)
		a.status = astypes.ScalingActivityStatusCodePreInService
		m.change(func() { m.state = astypes.LifecycleStatePending })
		out.Activities = append(out.Activities, a.render())
		r.show(&m.sight)
		r.transition(&m.sight, 0, func() {
			a.succeeded(g.now)
			if m.state != astypes.LifecycleStatePending {
				return
			}
			m.change(func() { m.state = astypes.LifecycleStateInService })
			if m.stopped() && !g.suspended(processHealthCheck) { // nobody looked at it in standby
				m.fail(sawStopped)
			} else if !m.checked { // nor did it pass a check there
				m.observe()
			}
		})
	}
	return out, nil
}
