package awstest

import (
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// step exchanges as many members as the percentages allow now. It runs whenever
// a member or the capacity has changed.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func (r *refresh) step() {
	floor, ceiling := r.bounds()
	r.fill(ceiling)
	r.retire(floor)
	r.fill(ceiling)
	g, t := r.group, &r.group.tally
	switch {
	case t.outdated > 0 || t.leaving > 0:
	case t.live > g.desired(): // it went above, or the group was made smaller
		g.shrink(t.live - g.desired())
	case t.live == g.desired() && t.updated == t.live:
		r.succeed()
	}
}

// bounds are how few ready members and how many live ones there may be.
//
// Without a maximum, members are terminated and launched together: at least one
// at a time, so that a group of one is empty for a while.
func (r *refresh) bounds() (floor, ceiling int) {
	want := r.group.desired()
	floor = (want*int(*r.prefs.MinHealthyPercentage) + 99) / 100
	if r.prefs.MaxHealthyPercentage == nil {
		return min(floor, max(want-1, 0)), want
	}
	ceiling = max(want, want*int(*r.prefs.MaxHealthyPercentage)/100)
	if floor == want && ceiling == want {
		ceiling++ // nothing could move otherwise
	}
	return floor, ceiling
}

// fill launches what is missing, up to the ceiling.
func (r *refresh) fill(ceiling int) {
	g, t := r.group, &r.group.tally
	missing := g.desired() - (t.live - t.outdated) - g.held
	if n := min(missing, ceiling-t.live-g.held); n > 0 {
		g.launchSome(n, g.at("an instance was launched in response to an instance refresh."))
	}
}

// retire takes out members that are to be replaced, down to the floor.
func (r *refresh) retire(floor int) {
	g := r.group
	blocked := 0
	for blocked < len(r.queue) {
		m := r.queue[0]
		if !m.outdated || !m.live() {
			r.queue = r.queue[1:]
			continue
		}
		if r.blocked(m) { // perhaps others can go
			r.queue = append(r.queue[1:], m)
			blocked++
			continue
		}
		left := g.tally.ready
		if m.ready() {
			left--
		}
		if left < floor {
			return
		}
		r.queue = r.queue[1:]
		m.end(g.at("an instance was taken out of service in response to an instance refresh.") + "  " +
			g.at("instance %s was selected for termination.", m.id))
	}
	if blocked > 0 {
		r.stalled("Waiting for remaining instances to be available. For example: " + r.queue[0].id +
			" is protected. Remove instance scale-in protection to continue.")
	}
}

// progress is how far the refresh is, as AWS shows it: what is launched counts
// when it is ready.
func (r *refresh) progress() (percentage, toUpdate *int32) {
	if !r.replacing {
		return r.percentage, r.toUpdate
	}
	if r.total == 0 {
		return new(int32(100)), new(int32(0))
	}
	left := r.group.tally.outdated
	done := min(r.ready, r.total-left)
	return new(int32(100 * done / r.total)), new(int32(left))
}

// statusReason says what the refresh is waiting for.
func (r *refresh) statusReason() string {
	if !r.replacing {
		return r.reason
	}
	members := r.group.members
	for i := len(members) - 1; i >= 0; i-- { // the newest are at the end
		m := members[i]
		switch {
		case m.refresh != r || !m.live() || m.ready():
		case m.state == astypes.LifecycleStateInService && m.checked:
			return "Waiting for instances to warm up before continuing. For example: " + m.id + " is warming up."
		default:
			return "Waiting for remaining instances to be available. For example: " + m.id +
				" has insufficient data to evaluate its health with Amazon EC2."
		}
	}
	return r.stuckBy
}
