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
	r.follow()
	switch {
	case r.decision.Held:
	case r.decision.Rejected:
		r.undo()
	case r.failed():
		if p.Delivery.Rollout.OnFailure.Scope() != ScopeNone {
			r.out = append(r.out, p.RejectID())
		}
	case !r.stopped():
		r.forward()
	}
	return r.out
}

// readiness is one evaluation of [Plan.Ready].
type readiness struct {
	plan     *Plan
	steps    []Step
	states   []State
	decision Decision
	places   []placeReadiness
	versions map[versionKey]State
	out      []StepID
}

type placeReadiness struct {
	image, share, attributes, pin State
	defaults                      bool // all default versions have been moved
}

type versionKey struct {
	place, template int
	source          int64
}

func newReadiness(p *Plan, results []Result) *readiness {
	r := &readiness{
		plan: p, steps: p.Steps(), places: make([]placeReadiness, len(p.Places)),
		versions: map[versionKey]State{},
	}
	byID := make(map[StepID]State, len(results))
	for i := range results {
		byID[results[i].Step] = results[i].State
		if d := results[i].Decision; d != nil && results[i].Step == p.RejectID() {
			r.decision = *d
		}
	}
	for i := range r.places {
		r.places[i] = placeReadiness{share: StateSucceeded, attributes: StateSucceeded, pin: StateSucceeded, defaults: true}
	}
	r.states = make([]State, len(r.steps))
	for i := range r.steps {
		s := &r.steps[i]
		state, known := byID[s.ID]
		if !known {
			state = StateWaiting
			if s.Kind.Undoes() {
				state = StateIdle
			}
		}
		r.states[i] = state
		at := &r.places[s.Place]
		switch s.Kind {
		case StepUseImage, StepCreateImage, StepCopyImage:
			at.image = state
		case StepShareSource:
			at.share = state
		case StepImageAttributes:
			at.attributes = state
		case StepPin:
			at.pin = state
		case StepTemplateVersion:
			r.versions[versionKey{s.Place, s.Template, s.Source}] = state
		case StepSetDefault:
			at.defaults = at.defaults && state.Over()
		}
	}
	return r
}

// follow returns what runs at AWS. A gate that is running only waits.
func (r *readiness) follow() {
	for i, s := range r.states {
		if s == StateRunning && r.steps[i].Kind != StepGate {
			r.out = append(r.out, r.steps[i].ID)
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
			r.out = append(r.out, r.steps[i].ID)
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
			r.out = append(r.out, step.ID)
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
	due := map[versionKey]bool{}
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
				running += r.begin(&r.steps[i], due, running)
			}
		}
		if next < len(r.steps) && r.steps[next].Kind == StepGate {
			passed := r.states[next].Done()
			if over && !r.states[next].Over() {
				r.out = append(r.out, r.steps[next].ID)
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
func (r *readiness) begin(step *Step, due map[versionKey]bool, running int) int {
	at := &r.places[step.Place]
	if !at.image.Done() || !at.attributes.Done() || !at.pin.Done() {
		return 0
	}
	place := &r.plan.Places[step.Place]
	ready := true
	for _, l := range place.Groups[step.Group].Launch {
		key := versionKey{step.Place, l.Template, l.Version}
		state, needed := r.versions[key]
		if !needed || state.Done() {
			continue
		}
		ready = false
		if state == StateWaiting && !due[key] {
			due[key] = true
			r.out = append(r.out, place.versionID(key))
		}
	}
	limit := r.plan.Waves[step.Wave].Limit
	if !ready || limit > 0 && running >= limit {
		return 0
	}
	r.out = append(r.out, step.ID)
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
			r.out = append(r.out, step.ID)
		case StepUnpin:
			if r.places[step.Place].defaults {
				r.out = append(r.out, step.ID)
			}
		}
	}
}
