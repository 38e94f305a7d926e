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
	id       string
	group    *group
	strategy astypes.RefreshStrategy
	status   astypes.InstanceRefreshStatus
	reason   string // of a state in which nothing moves; else it follows from the members
	due      bool   // it would have begun, and is held
	started  time.Time
	ended    time.Time
	desired  *astypes.DesiredConfiguration // as it was sent; nil: none
	target   specification                 // what that goes to, completed
	prefs    astypes.RefreshPreferences    // with AWS's defaults put in

	// replacing is true while members are exchanged: [refresh.step] then has the
	// say over the group's capacity.
	replacing   bool
	queue       []*member // to be replaced, in this order; some are gone already
	total       int       // how much capacity it set out to replace
	ready       int       // how much that it launched is ready
	undoing     int       // how much that was ready a rollback set out to replace
	poolTotal   int       // how many instances of the warm pool it set out to replace
	checkpoints []int32   // percentages that are still ahead
	wanted      int       // the capacity that the group was to have when it began
	grown       int       // by how much that has grown, when last looked at
	bakesUntil  time.Time
	rested      time.Duration            // so long it was to replace nothing
	settling    bool                     // cancelled; waits for what is under way
	back        *astypes.RollbackDetails // set once it rolls back

	stuckSince time.Time // zero: it moves on
	stuckBy    string
	moves      int // how often it has moved on: tells a stall that is over
	moved      time.Time

	frozen bool // what follows is as it was
	shown  progress
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

// longestRefresh is how long AWS lets a refresh replace instances. The delays
// after checkpoints and the bake time are not counted.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
const longestRefresh = 14 * 24 * time.Hour

// begin takes the refresh from Pending to InProgress.
func (r *refresh) begin() {
	g := r.group
	switch {
	case r.status != astypes.InstanceRefreshStatusPending:
		return
	case g.holding > 0:
		r.due = true
		return
	}
	r.status = astypes.InstanceRefreshStatusInProgress
	r.started = g.now
	r.total, r.poolTotal = g.tally.live, g.pool.tally().live
	r.freeze(r.nothingDone(g.tally.members, r.poolTotal))
	r.expire()
	g.transition(&r.sight, 0, func() {
		if r.status != astypes.InstanceRefreshStatusInProgress {
			return
		}
		r.checkpoints = r.prefs.CheckpointPercentages
		switch r.heed(); {
		case r.status != astypes.InstanceRefreshStatusInProgress:
		case (r.desired != nil || aws.ToBool(r.prefs.SkipMatching)) && (r.source().attributeBased() || g.source().attributeBased()):
			r.end(astypes.InstanceRefreshStatusFailed, "A desired configuration and skip matching are not supported for "+
				"an Auto Scaling group that selects its instance types by attributes.")
		default:
			r.replace(func(m *member) bool { return !r.spares(m) })
		}
	})
}

// expire fails the refresh when it has replaced instances for too long.
func (r *refresh) expire() {
	g := r.group
	g.after(r.started.Add(longestRefresh+r.rested).Sub(g.now), func() {
		switch {
		case g.active != r || !r.launches():
		case g.now.Before(r.started.Add(longestRefresh + r.rested)):
			r.expire()
		default:
			r.fail("The instance refresh did not finish within 14 days.")
		}
	})
}

// rest keeps the refresh from replacing anything for so many seconds.
func (r *refresh) rest(seconds int32, then func()) {
	g := r.group
	r.replacing = false
	pause := g.pause(seconds)
	r.rested += pause
	g.transition(&r.sight, pause, then)
}

// replace starts to exchange the members that old is true for.
func (r *refresh) replace(old func(*member) bool) {
	g := r.group
	r.replacing, r.frozen = true, false
	r.progressed()
	r.reason = ""
	r.queue, r.total, r.poolTotal = nil, 0, 0
	r.wanted, r.grown = g.desired(), 0
	var late []*member // protected or in standby: others first
	for _, m := range g.everyone() {
		g.hasten(&m.sight)
		outdated := m.ending == nil && old(m)
		if outdated != m.outdated {
			m.change(func() { m.outdated = outdated })
		}
		switch {
		case !outdated:
		case m.pooled():
			r.poolTotal++
		case m.protected || !m.live():
			r.total += m.units()
			late = append(late, m)
		default:
			r.total += m.units()
			r.queue = append(r.queue, m)
		}
	}
	r.queue = append(r.queue, late...)
	r.undoing = g.tally.ready - g.tally.updated
	g.wake()
}

// spares is true for a member that the refresh does not set out to replace.
func (r *refresh) spares(m *member) bool {
	return r.ignores(m) || aws.ToBool(r.prefs.SkipMatching) && r.matches(m)
}

// ignores is true for a member that the refresh is told to leave alone.
func (r *refresh) ignores(m *member) bool {
	return m.protected && r.prefs.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesIgnore ||
		m.onStandby() && r.prefs.StandbyInstances == astypes.StandbyInstancesIgnore
}

// matches is true for a member that the refresh would launch just so or, where
// only root volumes are replaced, whose image it would have.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html
func (r *refresh) matches(m *member) bool {
	if r.strategy == astypes.RefreshStrategyReplaceRootVolume {
		c, ok := r.source().choiceFor(m)
		return ok && c.imageID == m.image.id
	}
	return r.group.makes(r.source(), m)
}

// obstacle says why the refresh has to wait for a member, empty when it has not.
func (r *refresh) obstacle(m *member) string {
	switch {
	case m.protected && r.prefs.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesWait:
		return m.id + " is protected. Remove instance scale-in protection to continue."
	case m.onStandby():
		return m.id + " is in Standby. Return it to service or terminate it to continue."
	}
	return ""
}
