package awstest

import (
	"time"
)

// progressed notes that a new member has become ready, or that what was in the
// way is out of it.
func (r *refresh) progressed() {
	r.moves++
	r.moved = r.group.now
	r.stuckSince, r.stuckBy = time.Time{}, ""
}

// stalled notes that something is in the way. When nothing has moved on for as
// long as AWS tries, the refresh fails.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
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
		if r.replacing && r.moves == at && r.paused() == "" {
			r.fail("Instances could not be replaced for " + g.timing.RefreshStall.String() + ": " + r.stuckBy)
		}
	})
}

// attend fails the refresh over a member that is not in service after as long as
// AWS tries, unless others have become ready since.
func (r *refresh) attend(m *member) {
	g := r.group
	at := r.moves
	g.after(g.timing.RefreshStall, func() {
		if m.ending != nil || m.arrived() {
			return
		}
		g.after(0, func() { // what happens at this instant comes first
			switch {
			case !r.replacing || m.ending != nil || m.arrived() || r.paused() != "":
			case r.moves != at:
				r.attend(m)
			default:
				r.fail("Instances could not be replaced for " + g.timing.RefreshStall.String() + ": " + r.awaiting(m))
			}
		})
	})
}
