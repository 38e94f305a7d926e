package release

import (
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// Due are the writes that a step has due, given a look by which it is ready. Several
// are of one kind and about different groups. None are due if something else comes
// first, or if a check has to be asked, which the caller does: see [Protocol.Gate].
func (p Protocol) Due(pl *plan.Plan, look *facts.Look, s *plan.Step) []Write {
	v := &view{p, pl, look}
	out := v.due(s)
	for i := range out {
		out[i].Step, out[i].Place = s.ID, s.Place
	}
	return out
}

func (v *view) due(s *plan.Step) []Write {
	at := &v.look.Places[s.Place]
	if v.observe(s).State != plan.StateWaiting && s.Kind != plan.StepReject {
		return nil
	}
	switch s.Kind {
	case plan.StepCreateImage, plan.StepCopyImage:
		return []Write{{Kind: WriteImage}}
	case plan.StepShareSource:
		return []Write{{Kind: WriteShare}}
	case plan.StepImageAttributes:
		return []Write{{Kind: WriteAttributes}}
	case plan.StepPin:
		return v.duePins(s)
	case plan.StepTemplateVersion:
		return []Write{{Kind: WriteVersion, Template: s.Template, Source: s.Source, Number: at.Templates[s.Template].Default}}
	case plan.StepRefresh:
		return v.dueRefresh(s)
	case plan.StepSetDefault:
		t := &at.Templates[s.Template]
		n := v.versionFrom(t, defaultBefore(t))
		if n == 0 {
			n = v.onlyVersion(s)
		}
		return []Write{{Kind: WriteDefault, Template: s.Template, Number: n}}
	case plan.StepUnpin:
		return v.dueUnpins(s)
	case plan.StepReject:
		switch d := v.look.Marks.Decision; {
		case !d.Rejected:
			return []Write{{Kind: WriteReject, Decision: v.rejection()}}
		case v.unmarked():
			return []Write{{Kind: WriteMarkRejected}}
		}
		return nil
	case plan.StepRestoreGroup:
		return v.dueRestore(s)
	case plan.StepRestoreTemplate:
		t := &at.Templates[s.Template]
		return []Write{{Kind: WriteRestoreTemplate, Template: s.Template, Source: latestBefore(t), Number: t.Default}}
	case plan.StepRestoreDefault:
		t := &at.Templates[s.Template]
		return []Write{{Kind: WriteDefault, Template: s.Template, Number: defaultBefore(t)}}
	}
	return nil
}

// duePins records the spellings of a place, closes the record, and then pins.
func (v *view) duePins(s *plan.Step) []Write {
	at := &v.look.Places[s.Place]
	if !at.Record.Complete {
		if groups := v.unrecorded(s.Place); len(groups) > 0 {
			if v.has(RecordComplete) || len(at.Record.Spellings) == 0 {
				return []Write{{Kind: WriteRecord, Groups: groups}}
			}
		} else if v.has(RecordComplete) {
			return []Write{{Kind: WriteComplete}}
		}
	}
	var out []Write
	for _, i := range v.toPin(s.Place) {
		g := v.group(s.Place, i)
		out = append(out, Write{Kind: WritePin, Group: i, Numbers: g.before()})
	}
	return out
}

// dueRefresh starts the refresh of a group, or cancels the one that is in its way.
func (v *view) dueRefresh(s *plan.Step) []Write {
	g := v.group(s.Place, s.Group)
	if newest := g.now.Newest(); newest != nil && newest.State.Active() {
		return []Write{{Kind: WriteCancel, Group: s.Group, Refresh: newest.ID}}
	}
	after, made := g.after()
	if !made {
		return nil
	}
	return []Write{{Kind: WriteRefresh, Group: s.Group, Numbers: after}}
}

// dueUnpins restores spellings, or first gives $Latest the data that a group needs
// for it.
func (v *view) dueUnpins(s *plan.Step) []Write {
	var out []Write
	undoing := v.look.Marks.Decision.Rejected
	for _, p := range v.pins(s.Place) {
		if undoing && !p.unpinsInUndo() {
			continue
		}
		if p.equal {
			w := Write{Kind: WriteUnpin, Group: p.index, Spellings: make([]string, len(p.launch)), Numbers: make([]int64, len(p.launch))}
			for k, l := range p.launch {
				w.Spellings[k], w.Numbers[k] = l.Spelling, l.Version
			}
			out = append(out, w)
		} else if template, source := p.restates(); template >= 0 && len(out) == 0 {
			return []Write{{Kind: WriteRestate, Group: p.index, Template: template, Source: source, Number: p.at.Templates[template].Default}}
		}
	}
	return out
}

// rejection is the decision that a failure leads to.
func (v *view) rejection() plan.Decision {
	d := plan.Decision{Attempt: v.plan.Attempt, Rejected: true, Scope: v.plan.Delivery.Rollout.OnFailure.Scope()}
	for _, s := range v.plan.Steps() {
		if s.Kind != plan.StepRefresh && s.Kind != plan.StepGate {
			continue
		}
		if r := v.observe(&s); r.State == plan.StateFailed {
			d.Step, d.Code = s.ID, CodeRefreshFailed
			if s.Kind == plan.StepGate {
				d.Code = r.Error.Code
			} else if g := v.group(s.Place, s.Group); g.active() {
				d.Code = CodeRefreshStalled
			}
			break
		}
	}
	return d
}

// The codes of a rejection.
const (
	CodeRefreshFailed  = "asg.RefreshFailed"
	CodeRefreshStalled = "asg.RefreshStalled"
)

// dueRestore brings a group back: AWS rolls an active refresh back, and one that has
// ended is answered with a refresh to what the group launched before.
func (v *view) dueRestore(s *plan.Step) []Write {
	g := v.group(s.Place, s.Group)
	if newest := g.now.Newest(); newest != nil && newest.State.Active() {
		return []Write{{Kind: WriteRollback, Group: s.Group, Refresh: newest.ID}}
	}
	return []Write{{Kind: WriteRestoreGroup, Group: s.Group, Numbers: g.before()}}
}

// Gate is what the answer of a gate's checks makes due: a mark, or under a policy
// that undoes something the rejection of the release.
func (p Protocol) Gate(pl *plan.Plan, look *facts.Look, s *plan.Step, passed bool, code string) []Write {
	w := Write{Kind: WriteGatePassed, Step: s.ID, Place: s.Place, Wave: s.Wave, Code: code}
	switch scope := pl.Delivery.Rollout.OnFailure.Scope(); {
	case passed:
	case scope != plan.ScopeNone:
		w.Kind = WriteReject
		w.Decision = plan.Decision{Attempt: pl.Attempt, Rejected: true, Scope: scope, Step: s.ID, Code: code}
	case p.has(FailedCheckIsMark):
		w.Kind = WriteGateFailed
	default:
		return nil
	}
	return []Write{w}
}
