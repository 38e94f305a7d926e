package readyami

import (
	"context"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// checkGroups finds what a refresh of the groups would meet.
func checkGroups(_ context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	var out []plan.Finding
	for i := range look.Places[place].Groups {
		g := &look.Places[place].Groups[i]
		if len(g.Launch) == 0 {
			out = append(out, plan.Finding{
				Code: fault.CodeOf(ErrUnsupportedGroup), Severity: plan.SeverityBlocker, Resource: g.Name,
				Detail: "the group launches from a launch configuration", Hint: "migrate it first: see Migrate",
			})
			continue
		}
		for _, f := range asg.CheckGroup(g.Raw, w.refreshInput(g)).Findings {
			if w.delivery.Pin && f.Code == asg.FindingRollbackUnavailable {
				continue // its versions are numbers by then
			}
			severity := plan.SeverityWarning
			if f.Blocks {
				severity = plan.SeverityBlocker
			}
			out = append(out, plan.Finding{Code: string(f.Code), Severity: severity, Resource: g.Name, Detail: f.Detail})
		}
	}
	return out, nil
}

// refreshInput is the refresh of a group, as far as it is known before there is a version.
func (w *world) refreshInput(g *facts.Group) asg.RefreshInput {
	in := asg.RefreshInput{Group: g.Name, Preferences: step.Preferences(w.delivery), Policy: g.Raw.MixedInstancesPolicy}
	if w.delivery.Pin && in.Preferences != nil { // pinned, the group can be rolled back
		p := *in.Preferences
		p.AutoRollback = nil
		in.Preferences = &p
	}
	return in
}
