package awstest

import (
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// paused says what keeps the refresh from replacing anything for now, empty
// when nothing does.
func (r *refresh) paused() string {
	if r.group.suspended(processInstanceRefresh) {
		return "The InstanceRefresh process is suspended. Resume it to continue."
	}
	if name := r.alarmIn(AlarmInsufficientData); name != "" {
		return "Waiting for the CloudWatch alarm " + name + ", which has insufficient data."
	}
	return ""
}

// resume starts the time anew in which something has to move on.
func (r *refresh) resume() {
	if r.paused() != "" {
		return
	}
	r.progressed()
	for _, m := range r.group.everyone() {
		if m.refresh == r && m.ending == nil && !m.arrived() {
			r.attend(m)
		}
	}
}

// HoldPending keeps the instance refreshes of a group in the state Pending, from
// now until release is called. An unknown group has none.
func (r *Region) HoldPending(group string) (release func()) {
	hold := func(n int) {
		r.meanwhile(func(s *store) {
			g := s.groups.byName[group]
			if g == nil {
				return
			}
			g.holding = max(g.holding+n, 0)
			if a := g.active; a != nil && a.due && a.status == astypes.InstanceRefreshStatusPending && g.holding == 0 {
				a.begin()
			}
		})
	}
	hold(1)
	done := false
	return func() {
		if !done {
			done = true
			hold(-1)
		}
	}
}
