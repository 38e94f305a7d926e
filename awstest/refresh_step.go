package awstest

import (
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// step exchanges as many members as the percentages allow now: those in service
// first, then the warm pool. It runs whenever a member or the capacity has
// changed.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func (r *refresh) step() {
	g, t := r.group, &r.group.tally
	r.dismiss()
	if r.hindered() {
		return
	}
	r.remeasure()
	_, ceiling := r.bounds(g.desired(), g.heaviest())
	later := r.later()
	r.fill(ceiling, later)
	r.retire(later)
	r.fill(ceiling, later)
	switch {
	case t.outdated > later || t.leaving > 0:
	case t.live > g.desired() && g.shrink(t.live-g.desired()): // it went above, or the group was made smaller
	case t.live < g.desired() || t.updated < t.live-t.outdated:
	case r.awaitsStandby():
	case len(r.checkpoints) > 0:
		r.checkpoint()
	case !r.stepPool():
		return // it has the say over the pool
	default:
		r.replaced()
	}
	if r.replacing {
		g.tendPool()
	}
}

// hindered is true when there is something to replace and the group may not
// launch or terminate: then nothing is replaced.
func (r *refresh) hindered() bool {
	g := r.group
	if g.tally.outdated+g.pool.tally().outdated == 0 && g.tally.live == g.desired() {
		return false
	}
	for _, process := range []string{processLaunch, processTerminate} {
		if g.suspended(process) {
			r.stalled("The process " + process + " is suspended. Resume it to continue.")
			g.balance()
			return true
		}
	}
	return false
}

// dismiss deals with members in standby: they are terminated without another in
// their place, or left out, if the refresh is told so.
func (r *refresh) dismiss() {
	g := r.group
	if g.tally.away == 0 || r.prefs.StandbyInstances == astypes.StandbyInstancesWait {
		return
	}
	for _, m := range g.everyone() {
		if !m.outdated || !m.onStandby() {
			continue
		}
		if r.prefs.StandbyInstances == astypes.StandbyInstancesTerminate && g.suspended(processTerminate) {
			continue
		}
		r.total -= m.units()
		m.change(func() { m.outdated = false })
		if r.prefs.StandbyInstances == astypes.StandbyInstancesTerminate {
			r.take(m)
		}
	}
}

// take ends a member of which the refresh wants another in its place.
func (r *refresh) take(m *member) {
	m.end(r.group.at("an instance was taken out of service in response to an instance refresh.") + "  " +
		r.group.at("instance %s was selected for termination.", m.id))
}

// bounds are how few ready members and how many live ones there may be of a pool
// of so many.
//
// Without a maximum, members are terminated and launched together: at least one
// at a time, so that a group of one is empty for a while.
func (r *refresh) bounds(want, one int) (floor, ceiling int) {
	floor = (want*int(*r.prefs.MinHealthyPercentage) + 99) / 100
	if r.prefs.MaxHealthyPercentage == nil || r.strategy == astypes.RefreshStrategyReplaceRootVolume {
		return min(floor, max(want-one, 0)), want
	}
	most := want * int(*r.prefs.MaxHealthyPercentage)
	if r.group.unconfirmed.RoundUpMaximum {
		most += 99
	}
	ceiling = max(want, most/100)
	if floor > want-one && ceiling < want+one { // instances come whole
		ceiling = want + one // nothing could move otherwise
	}
	if size := max(int(*r.group.MaxSize), want); r.group.unconfirmed.MaxSizeCapsRefresh && ceiling > size {
		ceiling = size
		if size < want+one {
			floor = min(floor, max(want-one, 0))
		}
	}
	return floor, ceiling
}

// fill launches what is missing, up to the ceiling.
func (r *refresh) fill(ceiling, later int) {
	g, t := r.group, &r.group.tally
	missing := g.desired() - later - (t.live - t.outdated) - g.held
	if r.strategy == astypes.RefreshStrategyReplaceRootVolume { // what is there gets its new image
		missing = g.desired() - t.live - g.held
	}
	if n := min(missing, ceiling-t.live-g.held); n > 0 {
		g.launchSome(n, g.at("an instance was launched in response to an instance refresh."))
	}
}

// retire takes out members that are to be replaced, down to the floor.
func (r *refresh) retire(later int) {
	g := r.group
	kept := r.queue[:0]
	var blocked []*member
	for n, m := range r.queue {
		if g.tally.outdated <= later {
			kept = append(kept, r.queue[n:]...)
			break
		}
		switch {
		case !m.outdated || m.ending != nil:
		case r.obstacle(m) != "": // perhaps others can go
			blocked = append(blocked, m)
		case !r.dispensable(m):
			kept = append(kept, m)
		case r.strategy != astypes.RefreshStrategyReplaceRootVolume || !r.replaceRoot(m):
			r.take(m)
		}
	}
	if len(kept) == 0 && g.tally.outdated > later {
		r.stalledBy(blocked)
	}
	r.queue = append(kept, blocked...)
}

// dispensable is true for a member without which the group is not below the
// floor. Where the floor has to give way it does so for this one member: a light
// one does not leave as much room as the heaviest would. A rollback does not wait
// for what it goes back from to become ready.
func (r *refresh) dispensable(m *member) bool {
	floor, _ := r.bounds(r.group.desired(), m.units())
	left := r.group.tally.ready
	if m.ready() {
		left -= m.units()
	}
	return left >= floor || r.back != nil && !m.ready()
}

// stalledBy notes that members are in the way.
func (r *refresh) stalledBy(members []*member) {
	for _, m := range members {
		if why := r.obstacle(m); why != "" && m.outdated && m.ending == nil {
			r.stalled("Waiting for remaining instances to be available. For example: " + why)
			return
		}
	}
}

// awaitsStandby is true when all that is left to do for now is to replace
// members in standby.
func (r *refresh) awaitsStandby() bool {
	if t := &r.group.tally; t.standby == 0 || t.standby+t.outdated <= r.remainder() {
		return false
	}
	r.stalledBy(r.group.members)
	return true
}
