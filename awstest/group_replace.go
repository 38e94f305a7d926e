package awstest

import (
	"slices"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// replaceDue replaces members that are unhealthy or too old, as many at a time
// as the group's maintenance policy allows: without one, a tenth of the group is
// terminated and launched anew together. With a maximum above 100 % what takes
// their place is launched first.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-maintenance-policy.html
func (g *group) replaceDue() {
	due := g.due()
	if len(due) == 0 {
		return
	}
	floor, ceiling := g.maintained()
	units := 0
	for _, m := range due {
		units += m.units()
	}
	available := 0
	for _, m := range g.members {
		if m.state == astypes.LifecycleStateInService {
			available += m.units()
		}
	}
	for _, m := range due {
		if available-m.units() < floor {
			break
		}
		available -= m.units()
		units -= m.units()
		if !m.unhealthy {
			m.ailment = "in response to the maximum instance lifetime of the group."
		}
		m.expel()
	}
	t := &g.tally
	if n := min(units-(t.live-g.desired()), ceiling-t.live-g.held); n > 0 {
		g.launchSome(n, g.at("an instance was launched in response to an unhealthy instance needing to be replaced."))
	}
}

// due are the members in service that are to be replaced, the unhealthy ones
// first.
func (g *group) due() (out []*member) {
	if g.suspended(processReplaceUnhealthy) || g.suspended(processTerminate) {
		return nil
	}
	for _, m := range g.members {
		if m.state == astypes.LifecycleStateInService && (m.unhealthy || m.aged) {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *member) int { return first(a.unhealthy, b.unhealthy) })
	return out
}

// surplus is how far above the desired capacity the group is, those aside that
// are to be replaced.
func (g *group) surplus() int {
	n := g.tally.live - g.desired()
	if n > 0 {
		for _, m := range g.due() {
			n -= m.units()
		}
	}
	return n
}

// maintained is between how much and how much in service the group stays while
// it replaces members.
func (g *group) maintained() (floor, ceiling int) {
	want := g.desired()
	least, most := int32(90), int32(100)
	if p := g.InstanceMaintenancePolicy; p != nil {
		least, most = *p.MinHealthyPercentage, *p.MaxHealthyPercentage
	}
	floor = (want*int(least) + 99) / 100
	ceiling = want * int(most) / 100
	if most > 100 {
		return floor, max(ceiling, want+g.heaviest()) // one at least is launched first
	}
	return min(floor, max(want-g.heaviest(), 0)), want
}

// ages looks after the time that a member may live.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
func (m *member) ages() {
	g := m.group
	life := g.MaxInstanceLifetime
	if life == nil || m.ending != nil || m.aged {
		return
	}
	left := m.launched.Add(time.Duration(*life) * time.Second).Sub(g.now)
	if left > 0 {
		g.after(left, m.ages)
		return
	}
	m.aged = true
	g.wake()
}
