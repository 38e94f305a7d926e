package release

import (
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// Observe is how far each step of a plan is, in the order of the plan's steps, by
// what a look has read.
func (p Protocol) Observe(pl *plan.Plan, look *facts.Look) []plan.Result {
	v := &view{p, pl, look}
	steps := pl.Steps()
	out := make([]plan.Result, len(steps))
	for i := range steps {
		out[i] = v.observe(&steps[i])
		out[i].Step = steps[i].ID
	}
	return out
}

// Outcome is how a release stands by what a look has read.
func (p Protocol) Outcome(pl *plan.Plan, look *facts.Look) plan.Outcome {
	return pl.Outcome(p.Observe(pl, look))
}

// ObserveStep is how far one step is.
func (p Protocol) ObserveStep(pl *plan.Plan, look *facts.Look, s *plan.Step) plan.Result {
	v := &view{p, pl, look}
	r := v.observe(s)
	r.Step = s.ID
	return r
}

// observe is how far one step is.
func (v *view) observe(s *plan.Step) plan.Result {
	undoing := v.look.Marks.Decision.Rejected
	switch s.Kind {
	case plan.StepUseImage, plan.StepCreateImage, plan.StepCopyImage:
		return v.image(s)
	case plan.StepShareSource:
		return done(v.look.Places[s.Place].Image.Shared)
	case plan.StepImageAttributes:
		return done(v.look.Places[s.Place].Image.Attributed)
	case plan.StepPin:
		return done(len(v.toPin(s.Place)) == 0)
	case plan.StepTemplateVersion:
		return v.version(s)
	case plan.StepRefresh:
		g := v.group(s.Place, s.Group)
		return g.result(g.refreshState())
	case plan.StepGate:
		return v.gate(s)
	case plan.StepSetDefault:
		return v.setDefault(s)
	case plan.StepUnpin:
		if undoing {
			return v.unpinInUndo(s)
		}
		return v.unpin(s)
	case plan.StepReject:
		d := v.look.Marks.Decision
		state := plan.StateIdle
		switch {
		case d.Rejected && v.unmarked():
			state = plan.StateWaiting // the images are to be marked as well, for whoever reads them
		case d.Rejected:
			state = plan.StateSucceeded
		}
		return plan.Result{State: state, Decision: &d}
	}
	if !undoing {
		return plan.Result{State: plan.StateIdle}
	}
	switch s.Kind {
	case plan.StepRestoreGroup:
		g := v.group(s.Place, s.Group)
		return g.result(g.restoreState())
	case plan.StepRestoreTemplate:
		return done(!v.toRestoreLatest(&v.look.Places[s.Place].Templates[s.Template]))
	case plan.StepRestoreDefault:
		t := &v.look.Places[s.Place].Templates[s.Template]
		return done(t.MarkOf(t.Default).Kind != facts.MarkRelease)
	}
	return plan.Result{State: plan.StateWaiting}
}

// unmarked reports whether an image of a rejected release is not marked as rejected.
func (v *view) unmarked() bool {
	for i := range v.look.Places {
		if image := &v.look.Places[i].Image; image.ID != "" && image.Rejected == "" {
			return true
		}
	}
	return false
}

func done(is bool) plan.Result {
	if is {
		return plan.Result{State: plan.StateSucceeded}
	}
	return plan.Result{State: plan.StateWaiting}
}

// image is how far the image of a place is.
func (v *view) image(s *plan.Step) plan.Result {
	i := &v.look.Places[s.Place].Image
	out := plan.Result{
		State: plan.StateRunning, Began: i.Created,
		Image: &plan.ImageResult{
			ID: i.ID, State: i.State, Reason: i.Reason, Hint: i.Hint, Progress: i.Progress, Snapshots: i.Snapshots,
			Adopted: s.Kind != plan.StepUseImage && i.ID != "" && v.older(i), SharedWith: i.SharedWith, DeprecateAt: i.DeprecateAt, Warnings: i.Warnings,
		},
	}
	switch i.State {
	case "available":
		out.State = plan.StateSucceeded
		if s.Kind == plan.StepCreateImage && i.Instance.Restart {
			out.State = plan.StateWaiting // the instance is to run again
		}
	case "pending":
		budget := v.plan.Delivery.Budgets.Image
		if s.Kind == plan.StepCopyImage {
			budget = v.plan.Delivery.Budgets.Copy
		}
		if budget > 0 && s.Kind != plan.StepUseImage && !v.look.Began.Before(i.Created.Add(time.Duration(budget))) {
			out.State = plan.StateFailed
		}
	case "":
		out.State, out.Image = plan.StateWaiting, nil
	default:
		out.State = plan.StateFailed
		if s.Kind != plan.StepUseImage && (i.State == "failed" || i.State == "error") && v.older(i) {
			out.State = plan.StateWaiting // an earlier run's, which this one replaces
		}
	}
	return out
}

// older reports whether an image was made before the run. AWS tells the time to the
// second.
func (v *view) older(i *facts.Image) bool { return i.Created.Before(v.look.Run.Truncate(time.Second)) }

// version is how far a template-version step is.
func (v *view) version(s *plan.Step) plan.Result {
	t := &v.look.Places[s.Place].Templates[s.Template]
	n := v.versionFrom(t, s.Source)
	out := done(n != 0)
	if n == 0 && v.unwanted(s) {
		out.State = plan.StateStale
	}
	out.Version = &plan.VersionResult{Template: t.ID, From: s.Source, To: n}
	if made := t.Version(n); made != nil {
		out.Ended = made.Created
	}
	return out
}

// unwanted reports whether every group that a version would be made for launches
// something that the plan does not know.
func (v *view) unwanted(s *plan.Step) bool {
	at := &v.plan.Places[s.Place]
	if len(v.look.Places[s.Place].Groups) != len(at.Groups) {
		return false
	}
	for i := range at.Groups {
		for _, l := range at.Groups[i].Launch {
			if g := v.group(s.Place, i); l.Template == s.Template && l.Version == s.Source && !g.strange() {
				return false
			}
		}
	}
	return v.has(StrangerIsStale)
}

// setDefault is how far the default version of a template is. It is left where it is
// if a group of the template has instances that have not proven the new version.
func (v *view) setDefault(s *plan.Step) plan.Result {
	t := &v.look.Places[s.Place].Templates[s.Template]
	source := defaultBefore(t)
	n := v.versionFrom(t, source)
	if n == 0 {
		n = v.onlyVersion(s)
	}
	out := done(n == 0 && !v.movesDefault(s, source) || n != 0 && v.same(t, t.Default, n))
	out.Version = &plan.VersionResult{Template: t.ID, From: source, To: n, Default: t.Default}
	if out.State == plan.StateWaiting && v.unproven(s) {
		out.State = plan.StatePartial
	}
	return out
}

// movesDefault reports whether the release makes a version that the default is to move
// to.
func (v *view) movesDefault(s *plan.Step, source int64) bool {
	t := &v.plan.Places[s.Place].Templates[s.Template]
	return len(t.Sources) == 1 || t.Source(source) != nil
}

// onlyVersion is this attempt's version of a template if all of its groups launched
// the same source version: the default follows it even if it was another version.
func (v *view) onlyVersion(s *plan.Step) int64 {
	sources := v.plan.Places[s.Place].Templates[s.Template].Sources
	if len(sources) != 1 {
		return 0
	}
	if sources[0].Unchanged {
		return sources[0].Number
	}
	return v.versionFrom(&v.look.Places[s.Place].Templates[s.Template], sources[0].Number)
}

// unproven reports whether a group of a template launches the new version and has
// instances of another one.
func (v *view) unproven(s *plan.Step) bool {
	at := &v.plan.Places[s.Place]
	for i := range at.Groups {
		for _, l := range at.Groups[i].Launch {
			if l.Template != s.Template {
				continue
			}
			g := v.group(s.Place, i)
			if after, made := g.after(); made && g.launches(after) && !g.runs(after) {
				return true
			}
			break
		}
	}
	return false
}

// gate is how far the gate behind a wave is. Its soak and its checks are not judged
// here: a gate that waits for nothing else is waiting.
func (v *view) gate(s *plan.Step) plan.Result {
	w := &v.plan.Waves[s.Wave]
	m := v.look.Marks
	key := facts.WaveKey(w.Name)
	if f := m.Failed; f.Wave == key && f.Attempt == v.plan.Attempt {
		return plan.Result{State: plan.StateFailed, Ended: f.Time, Error: &plan.Error{Code: f.Code}}
	}
	if g, passed := m.Gates[key]; passed && g.Attempt == v.plan.Attempt {
		return plan.Result{State: plan.StateSucceeded, Ended: g.Time}
	}
	if a, given := m.Approvals[key]; w.Approval && (!given || a.Digest != v.plan.Digest && v.has(ApprovalByDigest)) {
		return plan.Result{State: plan.StateRunning}
	}
	return plan.Result{State: plan.StateWaiting}
}

// result is that of a step about a group.
func (g *group) result(state plan.State) plan.Result {
	out := plan.Result{State: state, Group: &plan.GroupResult{Percentage: -1}}
	if len(g.was.Launch) > 0 {
		out.Group.From = g.was.Launch[0].Version
		if after, _ := g.after(); after[0] != out.Group.From {
			out.Group.To = after[0]
		}
	}
	r := g.concerned()
	if r == nil {
		return out
	}
	out.Began, out.Ended = r.Start, r.End
	out.Group.RefreshID, out.Group.Status, out.Group.Reason, out.Group.Percentage = r.ID, r.Status, r.Reason, r.Percentage
	if state == plan.StatePartial {
		after, _ := g.after()
		for _, i := range g.others(after) {
			out.Group.NotReplaced = append(out.Group.NotReplaced, i.ID)
		}
	}
	return out
}

// concerned is the refresh that a result is about: the newest of the release, one that
// began since the release made a version for the group, or one that is under way. One
// of an earlier release may have been to what this one has as Before.
func (g *group) concerned() *facts.Refresh {
	for i := range g.now.Refreshes {
		if r := &g.now.Refreshes[i]; g.marked(r) || r.State.Active() || g.newer(r) {
			return r
		}
	}
	return nil
}
