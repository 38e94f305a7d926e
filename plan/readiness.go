package plan

// readiness is one evaluation of [Plan.Ready].
type readiness struct {
	plan     *Plan
	steps    []Step // without ids
	states   []State
	decision Decision
	places   []placeReadiness
	due      []bool // of the steps: already in out
	out      []StepID
}

type placeReadiness struct {
	image, share, attributes, pin State
	defaults                      bool  // all default versions have been moved
	versions                      []int // by template: the index of its first template-version step
}

func newReadiness(p *Plan, results []Result) *readiness {
	r := &readiness{plan: p, steps: p.steps(), places: make([]placeReadiness, len(p.Places))}
	r.states = p.states(r.steps, results)
	r.due = make([]bool, len(r.steps))
	reject := p.RejectID()
	for i := range results {
		if d := results[i].Decision; d != nil && results[i].Step == reject {
			r.decision = *d
		}
	}
	for i := range r.places {
		r.places[i] = placeReadiness{
			share: StateSucceeded, attributes: StateSucceeded, pin: StateSucceeded, defaults: true,
			versions: make([]int, len(p.Places[i].Templates)),
		}
	}
	for i := len(r.steps) - 1; i >= 0; i-- { // backwards, so that the first version of each template stays
		s, state := &r.steps[i], r.states[i]
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
			at.versions[s.Template] = i
		case StepSetDefault:
			at.defaults = at.defaults && state.Over()
		}
	}
	return r
}

// states are those of the steps, by their results. Results in the order of the steps,
// as a look gives them, cost the least.
func (p *Plan) states(steps []Step, results []Result) []State {
	out := make([]State, len(steps))
	next := 0
	for i := range steps {
		switch {
		case next < len(results) && p.is(&steps[i], results[next].Step):
			out[i] = results[next].State
			next++
		case steps[i].Kind.Undoes():
			out[i] = StateIdle
		default:
			out[i] = StateWaiting
		}
	}
	if next == len(results) {
		return out
	}
	byID := make(map[StepID]State, len(results))
	for i := range results {
		byID[results[i].Step] = results[i].State
	}
	for i := range steps {
		if state, known := byID[p.id(&steps[i])]; known {
			out[i] = state
		}
	}
	return out
}

// version is the step that makes the version for what a group launches. It returns -1
// if no step is needed.
func (r *readiness) version(place int, l Launch) int {
	if l.Template < 0 {
		return -1
	}
	step := r.places[place].versions[l.Template]
	for _, s := range r.plan.Places[place].Templates[l.Template].Sources {
		switch {
		case s.Number == l.Version && s.Unchanged:
			return -1
		case s.Number == l.Version:
			return step
		case !s.Unchanged:
			step++
		}
	}
	return -1
}

// take returns a step, once.
func (r *readiness) take(i int) {
	if !r.due[i] {
		r.due[i] = true
		r.out = append(r.out, r.plan.id(&r.steps[i]))
	}
}
