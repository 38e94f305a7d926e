package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	reason  string // of a state in which nothing moves; else it follows from the members
	started time.Time
	ended   time.Time
	desired *astypes.DesiredConfiguration // as it was sent; nil: none
	target  specification                 // what that goes to, completed
	prefs   astypes.RefreshPreferences    // with AWS's defaults put in

	// replacing is true while members are exchanged: [refresh.step] then has the
	// say over the group's capacity.
	replacing   bool
	queue       []*member // to be replaced, in this order; some are gone already
	total       int       // how much capacity it set out to replace
	ready       int       // how much that it launched is ready
	checkpoints []int32   // percentages that are still ahead
	bakesUntil  time.Time
	settling    bool                     // cancelled; waits for what is under way
	back        *astypes.RollbackDetails // set once it rolls back

	stuckSince time.Time // zero: it moves on
	stuckBy    string
	moves      int // how often it has moved on: tells a stall that is over

	frozen               bool // the two below are as they were
	percentage, toUpdate *int32
}

// launches is true while what the group launches is the refresh's.
func (r *refresh) launches() bool {
	switch r.status {
	case astypes.InstanceRefreshStatusInProgress, astypes.InstanceRefreshStatusBaking, astypes.InstanceRefreshStatusRollbackInProgress:
		return true
	}
	return false
}

// source is where the instances that the refresh launches come from. A rollback
// goes back to the group's own configuration, which has not changed.
func (r *refresh) source() specification {
	if r.desired != nil && r.back == nil {
		return r.target
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
	r.freeze(new(int32(0)), new(int32(g.tally.members)))
	g.transition(&r.sight, 0, func() {
		if r.status != astypes.InstanceRefreshStatusInProgress {
			return
		}
		r.checkpoints = r.prefs.CheckpointPercentages
		if r.heed(); r.status != astypes.InstanceRefreshStatusInProgress {
			return
		}
		r.replace(func(m *member) bool { return !r.spares(m) })
	})
}

// replace starts to exchange the members that old is true for.
func (r *refresh) replace(old func(*member) bool) {
	g := r.group
	r.replacing, r.frozen = true, false
	r.moves++
	r.stuckSince, r.stuckBy, r.reason = time.Time{}, "", ""
	r.queue, r.total = nil, 0
	var late []*member // protected: others first
	for _, m := range g.members {
		g.hasten(&m.sight)
		outdated := m.live() && old(m)
		if outdated != m.outdated {
			m.change(func() { m.outdated = outdated })
		}
		if outdated {
			r.total += m.units()
		}
		switch {
		case !outdated:
		case m.protected:
			late = append(late, m)
		default:
			r.queue = append(r.queue, m)
		}
	}
	r.queue = append(r.queue, late...)
	g.wake()
}

// spares is true for a member that the refresh is told to leave alone.
func (r *refresh) spares(m *member) bool {
	if m.protected && r.prefs.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesIgnore {
		return true
	}
	return aws.ToBool(r.prefs.SkipMatching) && r.matches(m)
}

// matches is true for a member that the refresh would launch just so.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html
func (r *refresh) matches(m *member) bool { return r.group.makes(r.source(), m) }

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
	if !r.replacing {
		return
	}
	r.stuckBy = why
	if !r.stuckSince.IsZero() {
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
