package release

import (
	"slices"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// refreshState is how far the refresh step of a group is.
func (g *group) refreshState() plan.State {
	newest := g.now.Newest()
	if newest == nil || !newest.State.Active() {
		if state, ok := g.failedBefore(); ok {
			return state
		}
	}
	after, made := g.after()
	switch {
	case newest == nil:
		return g.resting(after, made)
	case g.ours(newest):
		return g.ofOurs(newest, after, made)
	}
	return g.ofAnother(newest, after, made)
}

// failedBefore is the state of a group of which a refresh of this attempt failed or
// was cancelled, whatever has come after it.
func (g *group) failedBefore() (plan.State, bool) {
	if !g.has(FailureStays) {
		return "", false
	}
	failed := false
	for i := range g.now.Refreshes {
		r := &g.now.Refreshes[i]
		if r.State.Active() || r.State == facts.RefreshSuccessful || !g.ours(r) {
			continue
		}
		if r.State == facts.RefreshCancelled {
			return plan.StateCancelled, true
		}
		failed = true
	}
	return plan.StateFailed, failed
}

// resting is the state of a group that no refresh of the release concerns.
func (g *group) resting(after []int64, made bool) plan.State {
	switch {
	case made && g.launches(after) && g.runs(after):
		return plan.StateSucceeded
	case g.strange():
		return plan.StateStale
	}
	return plan.StateWaiting
}

// strange reports whether the group launches something that is neither what it
// launched before nor the release's.
func (g *group) strange() bool {
	if !g.has(StrangerIsStale) {
		return false
	}
	if !g.shaped() {
		return true
	}
	for i, l := range g.now.Launch {
		t := &g.at.Templates[l.Template]
		n := t.Resolve(l)
		if !g.delivers(t, n) && !equal(t, n, g.was.Launch[i].Version) {
			return true
		}
	}
	return false
}

// delivers reports whether a version has the image of the release.
func (g *group) delivers(t *facts.Template, number int64) bool {
	v := t.Version(number)
	return v != nil && (v.Mark.Kind == facts.MarkRelease || v.Image != "" && v.Image == g.at.Image.ID)
}

// ofOurs is the state of a group whose newest refresh is one of this attempt.
func (g *group) ofOurs(r *facts.Refresh, after []int64, made bool) plan.State {
	switch r.State {
	case facts.RefreshActive:
		if g.stalled(r) {
			return plan.StateFailed
		}
		return plan.StateRunning
	case facts.RefreshRollingBack:
		return plan.StateRunning
	case facts.RefreshCancelled:
		return plan.StateCancelled
	case facts.RefreshSuccessful:
		switch {
		case g.strange():
			return plan.StateStale
		case !made || !g.launches(after):
			return plan.StateWaiting
		case g.runs(after):
			return plan.StateSucceeded
		case g.leaves(g.others(after)):
			return plan.StatePartial
		}
		return plan.StateWaiting
	}
	return plan.StateFailed
}

// ofAnother is the state of a group whose newest refresh is not of this attempt.
func (g *group) ofAnother(r *facts.Refresh, after []int64, made bool) plan.State {
	if made && !r.State.Active() && g.launches(after) && g.runs(after) {
		return plan.StateSucceeded // perhaps by an attempt that was stopped and not undone
	}
	if undos := g.marked(r) || g.undoes(r); g.has(UndoRefreshKnown) && undos || !g.has(StrangerIsStale) {
		if r.State.Active() {
			return plan.StateRunning
		}
		return plan.StateWaiting
	}
	conflict := g.plan.Delivery.OnConflict
	yields := conflict == plan.ConflictWait || conflict == plan.ConflictCancel
	switch {
	case !r.State.Active() && (yields || !g.newer(r)):
		return g.resting(after, made)
	case !r.State.Active(), !yields:
		return plan.StateStale
	case conflict == plan.ConflictCancel && r.State == facts.RefreshActive:
		return plan.StateWaiting
	}
	return plan.StateRunning
}

// newer reports whether a refresh began after the release had made a version for the
// group. What is older is history.
func (g *group) newer(r *facts.Refresh) bool {
	for _, l := range g.was.Launch {
		t := &g.at.Templates[l.Template]
		if v := t.Version(g.versionFrom(t, l.Version)); v != nil && !r.Start.Before(v.Created) {
			return true
		}
	}
	return false
}

// stalled reports whether an active refresh has made no progress for as long as the
// budget allows, or takes longer than it may.
func (g *group) stalled(r *facts.Refresh) bool {
	at, bounded := g.deadline(r)
	return bounded && !g.look.Began.Before(at)
}

// deadline is when a refresh counts as failed if nothing more happens.
func (g *group) deadline(r *facts.Refresh) (at time.Time, bounded bool) {
	b := g.plan.Delivery.Budgets
	if r.Start.IsZero() {
		return at, false // it is pending, and has not begun
	}
	if b.Refresh > 0 {
		at, bounded = r.Start.Add(time.Duration(b.Refresh)), true
	}
	if b.Stall > 0 {
		stall := r.Moved.Add(time.Duration(b.Stall) + r.Patience)
		if !bounded || stall.Before(at) {
			at, bounded = stall, true
		}
	}
	return at, bounded
}

// leaves reports whether the preferences let a successful refresh leave these
// instances as they are.
func (g *group) leaves(left []facts.Instance) bool {
	p := g.plan.Delivery.Preferences
	if p == nil {
		return false
	}
	if n := len(p.CheckpointPercentages); n > 0 && p.CheckpointPercentages[n-1] < 100 {
		return true
	}
	return !slices.ContainsFunc(left, func(i facts.Instance) bool {
		return !(i.Protected && p.ScaleInProtectedInstances == asgtypes.ScaleInProtectedInstancesIgnore ||
			i.Standby && p.StandbyInstances == asgtypes.StandbyInstancesIgnore)
	})
}
