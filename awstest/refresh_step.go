package awstest

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// step exchanges as many members as the percentages allow now. It runs whenever
// a member or the capacity has changed.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func (r *refresh) step() {
	floor, ceiling := r.bounds()
	later := r.later()
	r.fill(ceiling, later)
	r.retire(floor, later)
	r.fill(ceiling, later)
	g, t := r.group, &r.group.tally
	switch {
	case t.outdated > later || t.leaving > 0:
	case t.live > g.desired() && g.shrink(t.live-g.desired()): // it went above, or the group was made smaller
	case t.live < g.desired() || t.updated < t.live-t.outdated:
	case len(r.checkpoints) > 0:
		r.checkpoint()
	default:
		r.replaced()
	}
}

// bounds are how few ready members and how many live ones there may be.
//
// Without a maximum, members are terminated and launched together: at least one
// at a time, so that a group of one is empty for a while.
func (r *refresh) bounds() (floor, ceiling int) {
	want := r.group.desired()
	floor = (want*int(*r.prefs.MinHealthyPercentage) + 99) / 100
	one := r.group.heaviest() // instances come whole
	if r.prefs.MaxHealthyPercentage == nil {
		return min(floor, max(want-one, 0)), want
	}
	ceiling = max(want, want*int(*r.prefs.MaxHealthyPercentage)/100)
	if floor > want-one && ceiling < want+one {
		ceiling = want + one // nothing could move otherwise
	}
	return floor, ceiling
}

// later is how many outdated members stay until the next checkpoint has passed.
func (r *refresh) later() int {
	if len(r.checkpoints) == 0 {
		return 0
	}
	goal := (r.total*int(r.checkpoints[0]) + 99) / 100
	return min(r.total-goal, r.group.tally.outdated)
}

// fill launches what is missing, up to the ceiling.
func (r *refresh) fill(ceiling, later int) {
	g, t := r.group, &r.group.tally
	missing := g.desired() - later - (t.live - t.outdated) - g.held
	if n := min(missing, ceiling-t.live-g.held); n > 0 {
		g.launchSome(n, g.at("an instance was launched in response to an instance refresh."))
	}
}

// retire takes out members that are to be replaced, down to the floor.
func (r *refresh) retire(floor, later int) {
	g := r.group
	blocked := 0
	for blocked < len(r.queue) && g.tally.outdated > later {
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
			left -= m.units()
		}
		if left < floor {
			return
		}
		r.queue = r.queue[1:]
		m.end(g.at("an instance was taken out of service in response to an instance refresh.") + "  " +
			g.at("instance %s was selected for termination.", m.id))
	}
	if blocked > 0 && g.tally.outdated > later {
		r.stalled("Waiting for remaining instances to be available. For example: " + r.queue[0].id +
			" is protected. Remove instance scale-in protection to continue.")
	}
}

// checkpoint is called when enough is replaced for the next one: the refresh
// pauses or, where the last one leaves some as they are, is done.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
func (r *refresh) checkpoint() {
	g := r.group
	share := int32(100)
	if r.total > 0 {
		share = int32(100 * (r.total - g.tally.outdated) / r.total)
	}
	passed := r.checkpoints[0]
	for len(r.checkpoints) > 0 && r.checkpoints[0] <= share { // a small group skips some
		passed = r.checkpoints[0]
		r.checkpoints = r.checkpoints[1:]
	}
	if len(r.checkpoints) == 0 {
		r.replaced()
		return
	}
	r.freeze(r.progress())
	r.replacing = false
	r.reason = "Waiting for the delay after the checkpoint at " + fmt.Sprint(passed, " %") + " to finish before continuing."
	g.transition(&r.sight, g.pause(aws.ToInt32(r.prefs.CheckpointDelay)), func() {
		if r.status == astypes.InstanceRefreshStatusInProgress && r.back == nil {
			r.replacing, r.frozen, r.reason = true, false, ""
			r.stuckSince = time.Time{}
			r.moves++
			g.wake()
		}
	})
}
