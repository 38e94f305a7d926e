package release_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// factsOf is a look as facts.
func (m *Model) factsOf(l *Look) *facts.Look {
	out := &facts.Look{Began: epoch.Add(time.Hour), Places: make([]facts.Place, m.Places)}
	for p := range out.Places {
		at := &out.Places[p]
		at.Image.State = []string{"", "pending", "available"}[l.M.Image[p]]
		if l.M.Image[p] != 0 {
			at.Image.ID = fmt.Sprint("ami-new", p)
		}
		at.Image.Shared, at.Image.Attributed = true, true
		at.Image.Rejected = "marked" // beside the decision, and not modelled
		at.Record = facts.Record{Complete: l.M.Complete[p] != 0, Spellings: map[string]string{}}
		for t := range uint8(len(m.Templates)) {
			if int(m.placeOf(t)) == p {
				at.Templates = append(at.Templates, m.templateFacts(l, t))
			}
		}
		for _, g := range m.inPlan[p] {
			at.Groups = append(at.Groups, m.groupFacts(l, g))
		}
		for g, spec := range m.Groups {
			if int(spec.Place) != p {
				continue
			}
			if spec.Outside && floats(l.G[g].Spelling) {
				at.Outside = append(at.Outside, m.groupFacts(l, g))
			}
			if r := l.M.Record[g]; r != 0 {
				at.Record.Spellings[facts.RecordKey(fmt.Sprint("g", g))] = facts.Letters([]facts.Launch{m.launch(0, r)})
			}
		}
	}
	out.Marks = m.marksOf(l)
	return out
}

func (m *Model) marksOf(l *Look) facts.Marks {
	d := plan.Decision{Attempt: m.attempt(l.M.Attempt), Held: l.M.Hold != 0 && m.has(HoldBeginsNothing)}
	if l.M.Rejected != 0 {
		d.Rejected, d.Scope, d.Step = true, scopes[l.M.Rejected], plan.GateID("w0")
		if l.M.Named != namesGate {
			spec := m.Groups[l.M.Named]
			d.Step = plan.StepID(fmt.Sprintf("refresh//r%d/g%d", spec.Place, l.M.Named))
		}
	}
	out := facts.Marks{Decision: d, Gates: map[string]facts.Gate{}, Approvals: map[string]facts.Approval{}}
	if n := l.M.Gate[firstGate]; n != 0 && m.Waves > 1 {
		out.Gates[facts.WaveKey("w0")] = facts.Gate{Attempt: int(n)}
	}
	if n := l.M.Gate[lastGate]; n != 0 {
		out.Gates[facts.WaveKey(fmt.Sprint("w", m.Waves-1))] = facts.Gate{Attempt: int(n)}
	}
	if l.M.Stop != 0 {
		out.Failed = facts.FailedGate{Wave: facts.WaveKey("w0"), Gate: facts.Gate{Attempt: d.Attempt}}
	}
	if l.M.Approval != 0 {
		out.Approvals[facts.WaveKey("w0")] = facts.Approval{Digest: strconv.Itoa(int(l.M.Approval))}
	}
	return out
}

func (m *Model) templateFacts(l *Look, t uint8) facts.Template {
	tm := &l.T[t]
	out := facts.Template{ID: fmt.Sprint("lt-", t), Default: int64(tm.Default), Latest: int64(tm.N)}
	for n := range tm.N {
		v := tm.V[n]
		f := facts.Version{Number: int64(n) + 1, Image: "ami-old", Data: fmt.Sprint(v.Base, v.Image), Created: epoch}
		if v.Image == newImage {
			f.Image = fmt.Sprint("ami-new", m.placeOf(t))
		}
		if v.Mark != markNone {
			f.Mark = facts.Mark{Kind: facts.MarkRelease, Attempt: m.attempt(v.Attempt), Source: int64(v.Source), Default: int64(v.Default)}
			if v.Mark == markRestores {
				f.Mark.Kind = facts.MarkRestores
			}
		}
		out.Versions = append(out.Versions, f)
	}
	return out
}

func (m *Model) launch(template int, spelling uint8) facts.Launch {
	out := facts.Launch{Template: template}
	switch spelling {
	case latest:
		out.Spelling = plan.VersionLatest
	case defaultVer:
		out.Spelling = plan.VersionDefault
	default:
		out.Version = int64(spelling)
	}
	return out
}

var refreshStates = map[uint8]facts.RefreshState{
	refreshActive: facts.RefreshActive, refreshRolling: facts.RefreshRollingBack, refreshOK: facts.RefreshSuccessful,
	refreshFailed: facts.RefreshFailed, refreshCancelled: facts.RefreshCancelled, refreshRolledBack: facts.RefreshRolledBack,
	refreshRollbackFailed: facts.RefreshRollbackFailed,
}

func (m *Model) groupFacts(l *Look, g int) facts.Group {
	spec, grp := m.Groups[g], &l.G[g]
	t := m.templateIn(spec.Place, spec.T)
	out := facts.Group{Name: fmt.Sprint("g", g), Launch: []facts.Launch{m.launch(t, grp.Spelling)}}
	for _, i := range grp.Instances {
		out.Instances = append(out.Instances, facts.Instance{Template: t, Version: int64(i)})
	}
	if grp.Refresh != refreshNone {
		r := facts.Refresh{ID: "newest", State: refreshStates[grp.Refresh], Start: epoch.Add(time.Minute)}
		if grp.Desired != 0 {
			r.Desired = []facts.Launch{{Template: t, Version: int64(grp.Desired)}}
		}
		out.Refreshes = append(out.Refreshes, r)
	}
	tm := &l.T[spec.T]
	for n := uint8(1); n <= tm.N; n++ { // the history, as far as it matters
		bit := uint8(1) << tm.V[n-1].Attempt
		if tm.V[n-1].Mark != markRelease {
			continue
		}
		for state, bits := range map[facts.RefreshState]uint8{facts.RefreshFailed: grp.Failed, facts.RefreshCancelled: grp.Cancelled} {
			if bits&bit != 0 {
				out.Refreshes = append(out.Refreshes, facts.Refresh{State: state, Desired: []facts.Launch{{Template: t, Version: int64(n)}}})
			}
		}
	}
	return out
}
