package release

import (
	"strings"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// inScope reports whether the undo includes the group.
func (g *group) inScope() bool {
	d := g.look.Marks.Decision
	switch d.Scope {
	case plan.ScopeRelease:
		return true
	case plan.ScopeWave:
		wave, known := g.waveOf(d.Step)
		return known && wave == g.was.Wave
	}
	return d.Step == g.plan.RefreshID(g.place, g.index) || g.has(ScopeGroupAllFailed) && g.failedInAttempt()
}

// waveOf is the wave that a step belongs to.
func (v *view) waveOf(id plan.StepID) (wave int, known bool) {
	if name, gate := strings.CutPrefix(string(id), string(plan.StepGate)+"/"); gate {
		for w := range v.plan.Waves {
			if v.plan.Waves[w].Name == name {
				return w, true
			}
		}
	}
	for p := range v.plan.Places {
		for i := range v.plan.Places[p].Groups {
			if v.plan.RefreshID(p, i) == id {
				return v.plan.Places[p].Groups[i].Wave, true
			}
		}
	}
	return 0, false
}

// failedInAttempt reports whether a refresh of this attempt failed, or counts as
// failed because it has stalled.
func (g *group) failedInAttempt() bool {
	for i := range g.now.Refreshes {
		r := &g.now.Refreshes[i]
		if !g.ours(r) {
			continue
		}
		switch r.State {
		case facts.RefreshFailed, facts.RefreshRolledBack, facts.RefreshRollbackFailed:
			return true
		case facts.RefreshActive:
			if g.stalled(r) {
				return true
			}
		}
	}
	return false
}

// restoreState is how far a group is on its way to what it ran before. A group whose
// state is failed or stale is named and left to people.
func (g *group) restoreState() plan.State {
	newest := g.now.Newest()
	ours := newest != nil && g.ours(newest)
	history := newest != nil && !ours && g.marked(newest)
	undoes := newest != nil && g.undoes(newest)
	if newest != nil && newest.State.Active() {
		switch {
		case ours && g.inScope() && newest.State == facts.RefreshActive:
			return plan.StateWaiting
		case ours, g.has(UndoRefreshKnown) && (undoes || history):
			return plan.StateRunning
		}
		return plan.StateStale
	}
	if !g.inScope() || g.atBefore() {
		return plan.StateSucceeded
	}
	if newest != nil && !ours && !history && (g.newer(newest) || undoes) {
		if !g.has(UndoRefreshKnown) || !undoes || newest.State != facts.RefreshSuccessful {
			return plan.StateFailed
		}
	}
	return plan.StateWaiting
}

// toRestoreLatest reports whether $Latest of a template is a version of the release
// that an undo has to replace.
func (v *view) toRestoreLatest(t *facts.Template) bool {
	var release, restores int64
	for i := range t.Versions {
		switch t.Versions[i].Mark.Kind {
		case facts.MarkRelease:
			release = t.Versions[i].Number
		case facts.MarkRestores:
			restores = t.Versions[i].Number
		}
	}
	return release > restores && (release == t.Latest || !v.has(RestoreOverOursOnly))
}

// busy reports whether an undo has something left to do on a template.
func (v *view) busy(t *facts.Template) bool {
	return !v.plan.Delivery.Rollout.KeepLatest && v.toRestoreLatest(t) ||
		v.plan.Delivery.SetDefault && t.MarkOf(t.Default).Kind == facts.MarkRelease
}

// unpinInUndo is how far the restoring of $Latest and $Default is in an undo, where
// it comes last.
func (v *view) unpinInUndo(s *plan.Step) plan.Result {
	out := plan.Result{State: plan.StateSucceeded, Pins: &plan.PinsResult{Kept: map[string]string{}}}
	for _, p := range v.pins(s.Place) {
		switch {
		case p.active():
			continue
		case p.unpinsInUndo():
			out.State = plan.StateWaiting
		case p.equal, p.templatesBusy():
			continue // something else comes first
		case p.inScope(), p.has(PinKeptIsNamed):
			out.Pins.Kept[p.now.Name] = otherData
		}
	}
	if out.State == plan.StateSucceeded && len(out.Pins.Kept) > 0 {
		out.State = plan.StatePartial
	}
	return out
}

// unpinsInUndo reports whether the group's spelling may be restored now.
func (p *pin) unpinsInUndo() bool {
	return !p.active() && p.equal && (!p.has(UnpinLast) || !p.templatesBusy() && p.atBefore())
}

func (g *group) active() bool {
	newest := g.now.Newest()
	return newest != nil && newest.State.Active()
}

func (g *group) templatesBusy() bool {
	for _, l := range g.was.Launch {
		if g.busy(&g.at.Templates[l.Template]) {
			return true
		}
	}
	return false
}
