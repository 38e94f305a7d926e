package readyami

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// Step looks at steps of a plan and makes the writes that they have due. It never
// waits for AWS to finish anything, may be repeated, and needs no earlier result: any
// number of steps that [plan.Plan.Ready] has returned can be given, from any process.
// They share their reads.
//
// The results are those of the steps, in their order, and after them that of the
// reject step, which carries the decision. Each says when to look again. A call that
// has to put this client's mark on the source image first writes nothing else.
//
// Errors: [ErrInvalidInput]; [ErrStale] if a later attempt has begun. What a single
// step met is in its result, and joined in the error; results come with it.
func (c *Client) Step(ctx context.Context, p *plan.Plan, ids ...plan.StepID) ([]plan.Result, error) {
	const op = "readyami.Step"
	if !p.Sealed() {
		return nil, invalid(op, "the plan has been changed since it was made")
	}
	w, err := c.worldOf(ctx, p)
	if err != nil {
		return nil, err
	}
	return w.step(ctx, op, p, ids, time.Time{})
}

// unit is what one look serves: steps of one place, or a decision, which is made
// alone.
type unit struct {
	place int
	steps []plan.Step
	all   bool // it rests on every group of every place
}

// chunk is how many groups one look reads the refreshes of, and how many writes it
// serves: a write must be sent soon after the first read that it rests on, and AWS
// allows some ten calls a second.
const chunk = 50

// units divides steps: decisions first, then place by place.
func units(p *plan.Plan, steps []plan.Step) (decisions []unit, byPlace [][]unit) {
	byPlace = make([][]unit, len(p.Places))
	for _, s := range steps {
		if s.Kind == plan.StepReject || s.Kind == plan.StepGate {
			decisions = append(decisions, unit{place: s.Place, steps: []plan.Step{s}, all: true})
			continue
		}
		at := &byPlace[s.Place]
		if len(*at) == 0 || len((*at)[len(*at)-1].steps) >= chunk {
			*at = append(*at, unit{place: s.Place})
		}
		last := &(*at)[len(*at)-1]
		last.steps = append(last.steps, s)
	}
	return decisions, byPlace
}

// scope is what a unit reads.
func (u *unit) scope(p *plan.Plan) scope {
	if u.all {
		return scope{}
	}
	s := scope{places: []int{u.place}, refreshed: map[int][]string{u.place: {}}}
	for _, step := range u.steps {
		if step.Kind == plan.StepRefresh || step.Kind == plan.StepRestoreGroup {
			s.refreshed[u.place] = append(s.refreshed[u.place], p.Places[u.place].Groups[step.Group].Name)
		}
	}
	return s
}

// searches reports whether the unit has to look before it knows which groups its
// writes rest on: those of a large place cannot all be read in time.
func (u *unit) searches() bool {
	return slices.ContainsFunc(u.steps, func(s plan.Step) bool { return s.Kind == plan.StepUnpin || s.Kind == plan.StepReject })
}

// narrowed is the scope with the refreshes of the groups that writes are about alone.
func (s scope) narrowed(p *plan.Plan, due []release.Write) scope {
	out := scope{places: s.places, refreshed: map[int][]string{}}
	for place, names := range s.refreshed {
		out.refreshed[place] = slices.Clone(names)
	}
	for _, write := range due[:min(len(due), chunk)] {
		place, group, known := restsOn(p, &write)
		if known {
			out.refreshed[place] = append(out.refreshed[place], p.Places[place].Groups[group].Name)
		}
	}
	return out
}

// restsOn is the group whose refreshes a write of a step that searches rests on.
func restsOn(p *plan.Plan, write *release.Write) (place, group int, known bool) {
	switch write.Kind {
	case release.WriteUnpin, release.WriteRestate:
		return write.Place, write.Group, true
	case release.WriteReject:
		for _, s := range p.Steps() {
			if s.ID == write.Decision.Step && s.Kind == plan.StepRefresh {
				return s.Place, s.Group, true
			}
		}
	}
	return 0, 0, false
}

func (w *world) step(ctx context.Context, op string, p *plan.Plan, ids []plan.StepID, run time.Time) ([]plan.Result, error) {
	byID := map[plan.StepID]plan.Step{}
	for _, s := range p.Steps() {
		byID[s.ID] = s
	}
	var steps []plan.Step
	for _, id := range ids {
		s, known := byID[id]
		if !known {
			return nil, invalid(op, "unknown step %q", id)
		}
		steps = append(steps, s)
	}
	decisions, byPlace := units(p, steps)
	results := map[plan.StepID]plan.Result{}
	var errs []error
	take := func(found []plan.Result, err error) {
		for _, r := range found {
			results[r.Step] = r
		}
		errs = append(errs, err)
	}
	for _, u := range decisions {
		take(w.unit(ctx, op, p, u, run))
	}
	type outcome struct {
		results []plan.Result
		err     error
	}
	for _, o := range fanout.Map(byPlace, w.client.o.Limit, func(units []unit) outcome {
		var out outcome
		for _, u := range units {
			found, err := w.unit(ctx, op, p, u, run)
			out.results = append(out.results, found...)
			out.err = errors.Join(out.err, err)
		}
		return out
	}) {
		take(o.results, o.err)
	}
	out := make([]plan.Result, 0, len(ids)+1)
	for _, id := range append(slices.Clone(ids), p.RejectID()) {
		if r, ok := results[id]; ok {
			out = append(out, r)
			delete(results, id)
		}
	}
	return out, errors.Join(errs...)
}

// looks is how often a look is made anew because the decision changed under it, or
// because it grew too old.
const looks = 3

// unit looks, decides and writes for steps that share a look.
func (w *world) unit(ctx context.Context, op string, p *plan.Plan, u unit, run time.Time) ([]plan.Result, error) {
	var observed []plan.Result
	for range looks {
		s := u.scope(p)
		if u.searches() {
			wide, err := w.look(ctx, p, s)
			if err != nil {
				return nil, err
			}
			s = s.narrowed(p, w.due(p, u, wide))
		}
		look, err := w.look(ctx, p, s)
		if err != nil {
			return nil, err
		}
		look.Run = cmp.Or(run, w.client.runner(w.release).first)
		if a := look.Marks.Decision.Attempt; a != p.Attempt {
			return nil, &Error{Op: op, ID: p.Release, Kind: ErrStale, Reason: "another attempt has begun", Hint: "plan again"}
		}
		done, results, err := w.act(ctx, p, u, look)
		if done || err != nil {
			return results, err
		}
		observed = results
	}
	return observed, nil
}

// due are the writes that the steps of a unit have due.
func (w *world) due(p *plan.Plan, u unit, look *facts.Look) []release.Write {
	var due []release.Write
	d := look.Marks.Decision
	for _, s := range u.steps {
		undo := s.Kind.Undoes() || s.Kind == plan.StepUnpin
		if d.Held || d.Rejected && !undo {
			continue
		}
		due = append(due, w.client.protocol.Due(p, look, &s)...)
	}
	return slices.DeleteFunc(due, func(write release.Write) bool {
		if write.Kind == release.WriteReject && write.Decision.Step == "" {
			return true // what failed is not shown any more
		}
		return false
	})
}

// act makes the writes that a look shows to be due. done is false if the look is too
// old, or the decision has changed since.
func (w *world) act(ctx context.Context, p *plan.Plan, u unit, look *facts.Look) (done bool, results []plan.Result, err error) {
	observed := map[plan.StepID]plan.Result{}
	for _, s := range append(slices.Clone(u.steps), plan.Step{ID: p.RejectID(), Kind: plan.StepReject, Place: p.Home}) {
		observed[s.ID] = w.client.protocol.ObserveStep(p, look, &s)
	}
	finish := func(errs ...error) (bool, []plan.Result, error) {
		for _, s := range append(slices.Clone(u.steps), plan.Step{ID: p.RejectID()}) {
			r := observed[s.ID]
			if r.Next.IsZero() {
				r.Next = w.next(&s, &r)
			}
			results = append(results, r)
		}
		return true, results, errors.Join(errs...)
	}
	tooLate := func() (bool, []plan.Result, error) {
		_, results, err := finish()
		return false, results, err
	}
	due := slices.DeleteFunc(w.due(p, u, look), func(write release.Write) bool {
		place, group, searched := restsOn(p, &write)
		return searched && !look.Places[place].Groups[group].RefreshesRead
	})
	if len(due) == 0 {
		return finish()
	}
	due = due[:min(len(due), chunk)]
	d := look.Marks.Decision
	ready, err := w.mark(ctx, look)
	if err != nil {
		return true, nil, err
	}
	if !ready {
		for id, r := range observed {
			r.Next = w.client.now().Add(settle)
			observed[id] = r
		}
		return finish()
	}
	again, err := w.marks(ctx, look)
	if err != nil {
		return true, nil, err
	}
	if again.Decision.Attempt != d.Attempt || again.Decision.Rejected != d.Rejected || again.Decision.Held != d.Held || again.Failed != look.Marks.Failed {
		return tooLate()
	}
	if !w.alone(look.Marks, again) {
		due = w.mayWrite(look, due, observed)
	}
	began := w.client.now()
	if began.Sub(look.Began) > release.T {
		return tooLate()
	}
	env := &step.Env{
		Plan: p, Look: look, Clients: w.clients, Now: began, Deadline: time.Now().Add(release.T - began.Sub(look.Began)),
		Runner: facts.Runner{ID: w.client.o.Runner, Time: began},
	}
	var errs []error
	for i, err := range env.Each(ctx, due) {
		w.answered(err)
		r := observed[due[i].Step]
		r.Wrote, r.Next = r.Wrote || err == nil, began.Add(afterWrite)
		if err != nil {
			r.Error, r.Wrote = dataOf(err), false
			errs = append(errs, &stepError{due[i].Step, at(err, w.targets[due[i].Place])})
		}
		observed[due[i].Step] = r
	}
	return finish(errs...)
}

// mayWrite leaves out the writes that a runner which is not alone has to wait with.
func (w *world) mayWrite(look *facts.Look, due []release.Write, observed map[plan.StepID]plan.Result) []release.Write {
	return slices.DeleteFunc(due, func(write release.Write) bool {
		for _, wait := range w.client.protocol.Waits(&write, look.Marks.Decision) {
			if until := wait.Until(look); w.client.now().Before(until) {
				r := observed[write.Step]
				r.Next = until
				observed[write.Step] = r
				return true
			}
		}
		return false
	})
}

// next is when it is worth looking at a step again.
func (w *world) next(s *plan.Step, r *plan.Result) time.Time {
	if r.State != plan.StateRunning && r.State != plan.StateWaiting {
		return time.Time{}
	}
	schedule := w.client.o.Refreshes
	switch s.Kind {
	case plan.StepUseImage, plan.StepCreateImage, plan.StepCopyImage:
		schedule = w.client.o.Images
	}
	var elapsed time.Duration
	if !r.Began.IsZero() {
		elapsed = w.client.now().Sub(r.Began)
	}
	return w.client.now().Add(schedule.Pause(elapsed))
}

// stepError is an error of one step.
type stepError struct {
	step plan.StepID
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// stepErrors are the errors of single steps in an error of Step, and the rest of it.
func stepErrors(err error) (bySteps map[plan.StepID]error, rest []error) {
	bySteps = map[plan.StepID]error{}
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case nil:
		case *stepError:
			bySteps[e.step] = errors.Join(bySteps[e.step], e.err)
		case interface{ Unwrap() []error }:
			if _, whole := err.(*Error); whole {
				rest = append(rest, err)
				return
			}
			for _, err := range e.Unwrap() {
				walk(err)
			}
		default:
			rest = append(rest, err)
		}
	}
	walk(err)
	return bySteps, rest
}

// passing reports whether an error is worth another look while ctx lives: it is
// transient, the write had to be cut short, or a refresh has begun since the look.
func passing(err error) bool {
	return fault.Transient(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, asg.ErrRefreshInProgress)
}
