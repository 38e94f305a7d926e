package release

import (
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// T bounds how long a write may be on its way, all attempts of the SDK included,
// counted from the first read that it rests on. It is shorter than any refresh that
// replaces an instance.
const T = 30 * time.Second

// Wait is what a runner that is not alone waits for: that 2T have passed since the
// decision, or since the newest refresh of a group began or ended.
type Wait struct {
	Decision     bool
	Place, Group int // unless Decision
}

// Waits are those of a write.
func (p Protocol) Waits(w *Write, d plan.Decision) []Wait {
	var out []Wait
	if !d.Rejected && d.Attempt > 1 && p.has(WaitNewAttempt) {
		out = append(out, Wait{Decision: true})
	}
	refresh := Wait{Place: w.Place, Group: w.Group}
	switch w.Kind {
	case WriteUnpin:
		if d.Rejected && p.has(WaitUndoUnpins) {
			out = append(out, Wait{Decision: true})
		}
	case WriteRefresh, WriteRestoreGroup:
		if p.has(WaitStart) {
			out = append(out, refresh)
		}
	case WriteRollback:
		if p.has(RollbackWaits) {
			out = append(out, refresh)
		}
	}
	return out
}

// EndWaits are those of a look that ends a run, or that a retry rests on. failedCheck
// tells that a gate has failed.
func (p Protocol) EndWaits(pl *plan.Plan, d plan.Decision, failedCheck bool) []Wait {
	var out []Wait
	if (d.Rejected || failedCheck) && p.has(WaitDecisionEnds) {
		out = append(out, Wait{Decision: true})
	}
	if !p.has(WaitEnd) {
		return out
	}
	for i := range pl.Places {
		for j := range pl.Places[i].Groups {
			out = append(out, Wait{Place: i, Group: j})
		}
	}
	return out
}

// Until is when a wait is over: the zero time if there is nothing to wait for.
func (w Wait) Until(look *facts.Look) time.Time {
	var since time.Time
	if w.Decision {
		since = look.Marks.Decision.Time
		if failed := look.Marks.Failed.Time; failed.After(since) {
			since = failed
		}
	} else if r := look.Places[w.Place].Groups[w.Group].Newest(); r != nil {
		since = r.Start
		if !r.State.Active() {
			since = r.End
		}
	}
	if since.IsZero() {
		return since
	}
	return since.Add(2 * T)
}
