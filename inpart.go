package readyami

import (
	"errors"
	"slices"

	"github.com/readyami/readyami/asg"
)

// A refresh can succeed and leave instances as they were: protected or in
// standby, where the preferences say to ignore these, or beyond a last checkpoint
// below 100. The delivery goes on, since that was asked for, and ends with an
// error, since not every instance runs the image.

// left are the instances that a refresh has come past.
func (g *group) left() []string { return g.others(after) }

// endInPart settles a group that was refreshed but for these instances.
func (r *run) endInPart(p *place, g *group, left []string) {
	g.report.NotReplaced = left
	g.partly = r.end(p, g, InPart, &Error{
		Op: opDeliver, Account: p.target.Account, Region: p.target.Region, ID: g.name, IDs: left,
		State: g.report.Status, Kind: asg.ErrNotReplaced,
	})
}

// inPart is why the delivery is not done although no refresh has failed.
func (r *run) inPart() error {
	var errs []error
	for _, p := range r.places {
		for _, g := range p.groups {
			errs = append(errs, g.partly)
		}
	}
	return errors.Join(errs...)
}

// leavesRest tells whether the preferences end a refresh before it has come to
// every instance.
func (r *run) leavesRest() bool {
	if r.Preferences == nil {
		return false
	}
	all := r.Preferences.CheckpointPercentages
	return len(all) > 0 && all[len(all)-1] < 100
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
