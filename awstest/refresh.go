package awstest

import (
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// refresh is one instance refresh of a group.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
type refresh struct {
	sight
	id      string
	group   *group
	status  astypes.InstanceRefreshStatus
	reason  string // of its end; while it goes on the reason follows from the members
	started time.Time
	ended   time.Time
	desired *astypes.DesiredConfiguration // as it was sent; nil: none
	prefs   astypes.RefreshPreferences    // with AWS's defaults put in

	// replacing is true while members are exchanged: [refresh.step] then has the
	// say over the group's capacity.
	replacing bool
	queue     []*member // to be replaced, in this order; some are gone already
	total     int       // how many it set out to replace
	ready     int       // how many that it launched are ready

	stuckSince time.Time // zero: it moves on
	stuckBy    string
	moves      int // how often it has moved on: tells a stall that is over

	percentage, toUpdate *int32 // of one that has ended
}

// active is true for the states that keep another refresh out.
func active(s astypes.InstanceRefreshStatus) bool {
	switch s {
	case astypes.InstanceRefreshStatusPending, astypes.InstanceRefreshStatusInProgress, astypes.InstanceRefreshStatusBaking,
		astypes.InstanceRefreshStatusCancelling, astypes.InstanceRefreshStatusRollbackInProgress:
		return true
	}
	return false
}

// source is where the instances that the refresh launches come from.
func (r *refresh) source() launchSource {
	if r.desired != nil && r.desired.LaunchTemplate != nil {
		return launchSource{template: r.desired.LaunchTemplate}
	}
	return r.group.source()
}

// begin takes the refresh from Pending to InProgress.
func (r *refresh) begin() {
	g := r.group
	if r.status != astypes.InstanceRefreshStatusPending {
		return
	}
	r.status = astypes.InstanceRefreshStatusInProgress
	r.started = g.now
	r.percentage, r.toUpdate = new(int32(0)), new(int32(g.tally.live))
	g.transition(&r.sight, 0, func() {
		if r.status == astypes.InstanceRefreshStatusInProgress {
			r.replace(func(m *member) bool { return !r.spared(m) })
		}
	})
}

// replace starts to exchange the members that old is true for.
func (r *refresh) replace(old func(*member) bool) {
	g := r.group
	r.replacing = true
	r.percentage, r.toUpdate = nil, nil
	r.queue, r.total = nil, 0
	var late []*member // not in service yet, or protected: others first
	for _, m := range g.members {
		g.hasten(&m.sight)
		if !m.live() || !old(m) {
			continue
		}
		m.change(func() { m.outdated = true })
		r.total++
		if m.protected {
			late = append(late, m)
			continue
		}
		r.queue = append(r.queue, m)
	}
	r.queue = append(r.queue, late...)
	g.wake()
}

// spared is true for a member that this refresh is told to leave alone.
func (r *refresh) spared(m *member) bool {
	return m.protected && r.prefs.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesIgnore
}

// blocked is true for a member that the refresh has to wait for.
func (r *refresh) blocked(m *member) bool {
	return m.protected && r.prefs.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesWait
}

// progressed notes that a new member has become ready.
func (r *refresh) progressed() {
	r.moves++
	r.stuckSince, r.stuckBy = time.Time{}, ""
}

// stalled notes that something is in the way. When nothing has moved on for as
// long as AWS tries, the refresh fails.
func (r *refresh) stalled(why string) {
	r.stuckBy = why
	if !r.replacing || !r.stuckSince.IsZero() {
		return
	}
	g := r.group
	r.stuckSince = g.now
	at := r.moves
	g.after(g.timing.RefreshStall, func() {
		if r.replacing && r.moves == at {
			r.fail("Instances could not be replaced for " + g.timing.RefreshStall.String() + ": " + r.stuckBy)
		}
	})
}

// succeed ends the refresh well. Only now the group itself gets the desired
// configuration.
func (r *refresh) succeed() {
	g := r.group
	if r.desired != nil && r.desired.LaunchTemplate != nil {
		g.LaunchConfigurationName = nil
		g.LaunchTemplate = g.completed(r.desired.LaunchTemplate)
	}
	r.end(astypes.InstanceRefreshStatusSuccessful, "")
	r.percentage, r.toUpdate = new(int32(100)), new(int32(0))
}

// fail ends the refresh where it stands; the group keeps its configuration.
func (r *refresh) fail(reason string) {
	r.end(astypes.InstanceRefreshStatusFailed, reason)
}

// end leaves the group to itself.
func (r *refresh) end(status astypes.InstanceRefreshStatus, reason string) {
	g := r.group
	r.percentage, r.toUpdate = r.progress()
	r.status, r.reason, r.ended = status, reason, g.now
	r.replacing = false
	r.queue = nil
	g.active = nil
	for _, m := range g.members {
		if m.outdated {
			m.change(func() { m.outdated = false })
		}
	}
	g.wake()
}
