package awstest

import (
	"slices"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// balance brings the group to its desired capacity when no refresh is at work.
func (g *group) balance() {
	switch want := g.desired(); {
	case g.tally.live+g.held < want:
		g.launchSome(want-g.tally.live-g.held, g.whyLaunch())
	case g.active != nil && g.active.replacing: // paused: what is too many is the refresh's
	case g.tally.live > want:
		g.shrink(g.surplus())
	case g.tally.live == want:
		g.request = ""
	}
	if g.active == nil {
		g.replaceDue()
	}
}

// whyLaunch is the cause of launches that fill the group up.
func (g *group) whyLaunch() string {
	if g.request == "" {
		return g.at("an instance was launched in response to an unhealthy instance needing to be replaced.")
	}
	return g.request + "  " + g.at("an instance was started in response to a difference between desired and actual capacity, "+
		"increasing the capacity from %d to %d.", g.tally.live, g.desired())
}

// shrink takes n units of capacity out: from the subnet with the most, those of another
// launch source before those of the group's, the oldest first; none that is
// protected.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
func (g *group) shrink(n int) (some bool) {
	if g.suspended(processTerminate) {
		return false
	}
	cause := g.at("an instance was taken out of service in response to a difference between desired and actual capacity, "+
		"shrinking the capacity from %d to %d.", g.tally.live, g.tally.live-n)
	if g.request != "" {
		cause = g.request + "  " + cause
	}
	bySubnet := map[*subnet][]*member{}
	for _, m := range g.members {
		if m.live() && !m.protected {
			bySubnet[m.subnet] = append(bySubnet[m.subnet], m)
		}
	}
	var subnets []*subnet // in the order of the network: a map has none
	for _, sub := range g.network.subnets {
		if all := bySubnet[sub]; all != nil {
			subnets = append(subnets, sub)
			slices.SortStableFunc(all, g.firstToGo)
		}
	}
	for n > 0 {
		var most *subnet
		for _, sub := range subnets {
			if most == nil || len(bySubnet[sub]) > len(bySubnet[most]) {
				most = sub
			}
		}
		if most == nil || len(bySubnet[most]) == 0 {
			return some // the rest is protected
		}
		m := bySubnet[most][0]
		bySubnet[most] = bySubnet[most][1:]
		if m.units() > n {
			continue // the group would have less than it wants
		}
		n, some = n-m.units(), true
		if !m.keep(cause) {
			m.end(cause + "  " + g.at("instance %s was selected for termination.", m.id))
		}
	}
	return some
}

// inService is the capacity by what an operator looks at.
func (g *group) inService() (n int) {
	for _, m := range g.members {
		if m.state == astypes.LifecycleStateInService {
			n += m.units()
		}
	}
	return n
}

// inStandby counts the members that are kept and counted for nothing.
func (g *group) inStandby() (n int) {
	for _, m := range g.members {
		if m.onStandby() {
			n++
		}
	}
	return n
}
