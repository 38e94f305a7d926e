package plan

// Outcome is how a release, or a part of it, stands.
type Outcome string

const (
	// OutcomeInProgress has steps that run or may go.
	OutcomeInProgress Outcome = "in-progress"
	// OutcomeDelivered is as the specification asks.
	OutcomeDelivered Outcome = "delivered"
	// OutcomePartial is as the specification asks, apart from instances or groups
	// that were left as they are on purpose, or failures within MaxFailures.
	OutcomePartial Outcome = "partial"
	// OutcomeStopped goes no further, and nothing is undone.
	OutcomeStopped Outcome = "stopped"
	// OutcomeRolledBack has been rejected, and what is in the scope of its undo is as
	// before.
	OutcomeRolledBack Outcome = "rolled-back"
	// OutcomeRollbackIncomplete has been rejected, and a group could not be brought
	// back.
	OutcomeRollbackIncomplete Outcome = "rollback-incomplete"
	// OutcomeHeld waits for a hold to be lifted.
	OutcomeHeld Outcome = "held"
)

// Outcome is how the release stands, by results of all of its steps. It is final
// unless it is [OutcomeInProgress] or [OutcomeHeld].
func (p *Plan) Outcome(results []Result) Outcome {
	r := newReadiness(p, results)
	if r.decide(); len(r.out) > 0 {
		return OutcomeInProgress
	}
	if r.decision.Held {
		return OutcomeHeld
	}
	if r.decision.Rejected {
		for i, s := range r.states {
			if r.steps[i].Kind == StepRestoreGroup && (s == StateFailed || s == StateStale) {
				return OutcomeRollbackIncomplete
			}
		}
		return OutcomeRolledBack
	}
	partial := false
	for i, s := range r.states {
		kind := r.steps[i].Kind
		switch {
		case kind.Undoes(), s == StateSucceeded:
		case s == StatePartial, s == StateFailed && kind == StepRefresh:
			partial = true
		default:
			return OutcomeStopped
		}
	}
	switch {
	case r.failed():
		return OutcomeStopped
	case partial:
		return OutcomePartial
	}
	return OutcomeDelivered
}
