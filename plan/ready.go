package plan

// Ready returns the steps that may go now: those that run, which are followed to
// their end, and those that may begin. After a rejection it returns what the undo
// has due. If it returns none, the run is over.
//
// It is a pure function of the plan and of the results, whose order does not
// matter. A step without a result counts as waiting, a step of the undo as idle.
// Apply calls it in a loop; a workflow engine or a cron job can call it as well.
func (p *Plan) Ready(results []Result) []StepID {
	r := newReadiness(p, results)
	r.decide()
	return r.out
}

// decide returns what may go.
func (r *readiness) decide() {
	r.follow()
	switch {
	case r.decision.Held:
	case r.decision.Rejected:
		r.undo()
	case r.failed():
		if r.plan.Delivery.Rollout.OnFailure.Scope() != ScopeNone {
			r.out = append(r.out, r.plan.RejectID())
		}
	case !r.stopped():
		r.forward()
	}
}

// follow returns what runs at AWS. A gate that is running only waits.
func (r *readiness) follow() {
	for i, s := range r.states {
		if s == StateRunning && r.steps[i].Kind != StepGate {
			r.take(i)
		}
	}
}

// failed reports whether more groups of a wave have failed than may, or something
// else has failed that the release cannot go on without.
func (r *readiness) failed() bool {
	failures := make([]int, len(r.plan.Waves))
	for i, s := range r.states {
		if s != StateFailed {
			continue
		}
		switch step := &r.steps[i]; step.Kind {
		case StepRefresh:
			failures[step.Wave]++
		case StepGate:
			return true
		}
	}
	for w, n := range failures {
		if n > r.plan.Waves[w].MaxFailures {
			return true
		}
	}
	return false
}

// stopped reports whether the release goes no further, although nothing is undone.
func (r *readiness) stopped() bool {
	for i, s := range r.states {
		switch {
		case s == StateCancelled, s == StateStale:
			return true
		case s == StateFailed && r.steps[i].Kind == StepTemplateVersion:
			return true
		}
	}
	return false
}

// undo returns what the undo has due.
func (r *readiness) undo() {
	for i, s := range r.states {
		if s == StateWaiting && (r.steps[i].Kind.Undoes() || r.steps[i].Kind == StepUnpin) {
			r.take(i)
		}
	}
}

// forward returns what may begin.
func (r *readiness) forward() {
	source := r.places[r.plan.Home]
	for i, s := range r.states {
		if s != StateWaiting {
			continue
		}
		step := &r.steps[i]
		at := r.places[step.Place]
		may := false
		switch step.Kind {
		case StepUseImage, StepCreateImage:
			may = true
		case StepShareSource:
			may = source.image.Done()
		case StepCopyImage:
			may = source.image.Done() && source.share.Done()
		case StepImageAttributes, StepPin:
			may = at.image.Done()
		}
		if may {
			r.take(i)
		}
	}
	if r.waves() {
		r.behind()
	}
}

// waves returns the versions, refreshes and gates that may begin, wave by wave. It
// reports whether all waves are over and their gates have passed.
func (r *readiness) waves() bool {
	next := 0
	for next < len(r.steps) && r.steps[next].Kind != StepRefresh {
		next++
	}
	for w := range r.plan.Waves {
		first := next
		running, over := 0, true
		for ; next < len(r.steps) && r.steps[next].Kind == StepRefresh && r.steps[next].Wave == w; next++ {
			if r.states[next] == StateRunning {
				running++
			}
			over = over && r.states[next].Over()
		}
		for i := first; i < next; i++ {
			if r.states[i] == StateWaiting {
				running += r.begin(i, running)
			}
		}
		if next < len(r.steps) && r.steps[next].Kind == StepGate {
			passed := r.states[next].Done()
			if over && !r.states[next].Over() {
				r.take(next)
			}
			over = over && passed
			next++
		}
		if !over {
			return false
		}
	}
	return true
}

// begin returns the refresh step, or the template versions that it needs first. It
// reports how many refreshes that begins.
func (r *readiness) begin(i, running int) int {
	step := &r.steps[i]
	at := &r.places[step.Place]
	if !at.image.Done() || !at.attributes.Done() || !at.pin.Done() {
		return 0
	}
	ready := true
	for _, l := range r.plan.Places[step.Place].Groups[step.Group].Launch {
		version := r.version(step.Place, l)
		if version < 0 || r.states[version].Done() {
			continue
		}
		ready = false
		if r.states[version] == StateWaiting {
			r.take(version)
		}
	}
	limit := r.plan.Waves[step.Wave].Limit
	if !ready || limit > 0 && running >= limit {
		return 0
	}
	r.take(i)
	return 1
}

// behind returns what comes behind the last wave: default versions, and then the
// restoring of $Latest and $Default. It also does so for a delivery without groups.
func (r *readiness) behind() {
	for i, s := range r.states {
		if s != StateWaiting {
			continue
		}
		switch step := &r.steps[i]; step.Kind {
		case StepSetDefault:
			r.take(i)
		case StepUnpin:
			if r.places[step.Place].defaults {
				r.take(i)
			}
		}
	}
}
