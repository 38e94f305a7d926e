package release_test

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// dueOf asks Observe, Ready and Due.
func (m *Model) dueOf(l *Look, d *decided) (out due) {
	if len(d.plan.Blockers()) > 0 {
		out.end = endRefused
		return out
	}
	results := m.protocol.Observe(d.plan, d.facts)
	steps := d.plan.Steps()
	byID := map[plan.StepID]int{}
	for i := range steps {
		byID[steps[i].ID] = i
		if steps[i].Kind == plan.StepGate && !m.has(GateBeforeWave) && steps[i].Wave+1 < m.Waves {
			results[i].State = plan.StateSucceeded
		}
	}
	ready := d.plan.Ready(results)
	if !m.has(VersionAtItsWave) && l.M.Rejected == 0 {
		for i := range steps {
			if steps[i].Kind == plan.StepTemplateVersion && results[i].State == plan.StateWaiting && l.M.Image[steps[i].Place] == 2 && !slices.Contains(ready, steps[i].ID) {
				ready = append(ready, steps[i].ID)
			}
		}
	}
	m.named(d, steps, results, &out)
	if !m.has(UndoProvesAll) && d.facts.Marks.Decision.Rejected && m.groupsRestored(steps, results) {
		ready = nil
	}
	for _, id := range ready {
		s := &steps[byID[id]]
		if results[byID[id]].State == plan.StateRunning {
			out.wait = "something runs"
			continue
		}
		writes := m.protocol.Due(d.plan, d.facts, s)
		if s.Kind == plan.StepGate {
			writes = append(m.protocol.Gate(d.plan, d.facts, s, true, ""), m.protocol.Gate(d.plan, d.facts, s, false, "check")...)
			if len(writes) == 1 {
				out.add(Write{Kind: writeStop})
			}
		}
		if len(writes) == 0 {
			out.wait = "something else comes first"
		}
		for i := range writes {
			m.take(l, d, &writes[i], s, &out)
		}
	}
	if d.facts.Marks.Decision.Held {
		out.writes, out.wait = nil, "hold"
		return out
	}
	if len(ready) == 0 {
		m.endOf(l, d, steps, results, &out)
	}
	return out
}

func (m *Model) groupsRestored(steps []plan.Step, results []plan.Result) bool {
	for i := range steps {
		if k := steps[i].Kind; (k == plan.StepRestoreGroup || k == plan.StepUnpin) && !results[i].State.Done() {
			return false
		}
	}
	return true
}

// named are the groups that the end of a run names.
func (m *Model) named(d *decided, steps []plan.Step, results []plan.Result, out *due) {
	for i := range steps {
		s, r := &steps[i], &results[i]
		switch s.Kind {
		case plan.StepRefresh, plan.StepRestoreGroup:
			if s.Kind == plan.StepRefresh && d.facts.Marks.Decision.Rejected {
				continue
			}
			switch r.State {
			case plan.StateFailed, plan.StateCancelled, plan.StateStale:
				out.named |= 1 << m.groupAt(s.Place, s.Group)
			}
		case plan.StepUnpin:
			if r.Pins == nil {
				continue
			}
			for name := range r.Pins.Kept {
				g, _ := strconv.Atoi(name[1:])
				out.named |= 1 << g
			}
		}
	}
}

// endOf is how a run ends.
func (m *Model) endOf(l *Look, d *decided, steps []plan.Step, results []plan.Result, out *due) {
	switch o := d.plan.Outcome(results); o {
	case plan.OutcomeDelivered, plan.OutcomePartial:
		out.end = endOK
	case plan.OutcomeStopped:
		out.end = endStopped
	default:
		out.end = endRejected
		if o == plan.OutcomeRollbackIncomplete && l.M.Rejected == scopeRelease {
			out.end = endUndoFailed
		}
		if !m.has(UndoProvesAll) {
			out.end = endRejected
		}
		if !m.has(UndoInScope) {
			for g := range m.Groups {
				b := d.before[g]
				t := &l.T[m.Groups[g].T]
				if dataOf(t, resolve(t, l.G[g].Spelling)) != dataOf(t, b.Number) || dataOf(t, l.G[g].Instances[0]) != dataOf(t, b.Number) || dataOf(t, l.G[g].Instances[1]) != dataOf(t, b.Number) {
					out.end, out.wait = endNone, "a group out of scope that is not as Before"
				}
			}
		}
	}
}

// take makes a real write one of the model.
func (m *Model) take(l *Look, d *decided, w *release.Write, s *plan.Step, out *due) {
	g := uint8(0)
	if len(m.inPlan[w.Place]) > w.Group {
		g = uint8(m.groupAt(w.Place, w.Group))
	}
	t := uint8(0)
	for i := range uint8(len(m.Templates)) {
		if int(m.placeOf(i)) == w.Place && m.templateIn(uint8(w.Place), i) == w.Template {
			t = i
		}
	}
	undoing := d.facts.Marks.Decision.Rejected
	forward := uint8(1)
	if undoing {
		forward = 0
	}
	switch w.Kind {
	case release.WriteImage:
		out.add(Write{Kind: writeImage, A: uint8(w.Place)})
	case release.WriteRecord:
		for _, i := range w.Groups {
			h := m.groupAt(w.Place, i)
			out.add(Write{Kind: writeRecord, A: uint8(h), B: l.G[h].Spelling})
		}
	case release.WriteComplete:
		out.add(Write{Kind: writeComplete, A: uint8(w.Place)})
	case release.WritePin:
		out.add(Write{Kind: writePin, A: g, B: uint8(w.Numbers[0])})
	case release.WriteVersion:
		out.add(Write{Kind: writeVersion, A: t, B: uint8(w.Source), C: uint8(w.Number), D: m.waveOfSource(d.plan, s) | l.M.Attempt<<4})
	case release.WriteRefresh:
		out.add(Write{Kind: writeRefresh, A: g, B: uint8(w.Numbers[0])})
	case release.WriteGatePassed:
		gate := uint8(firstGate)
		if s.Wave+1 == m.Waves {
			gate = lastGate
		}
		passed := l.M.Attempt + 1
		if !m.has(AttemptCarried) {
			passed = 1
		}
		out.add(Write{Kind: writeGate, A: gate, B: passed})
	case release.WriteGateFailed:
		out.add(Write{Kind: writeStop, A: 1})
	case release.WriteDefault:
		out.add(Write{Kind: writeDefault, A: t, B: uint8(w.Number), D: forward})
	case release.WriteUnpin:
		b := uint8(w.Numbers[0])
		switch w.Spellings[0] {
		case plan.VersionLatest:
			b = latest
		case plan.VersionDefault:
			b = defaultVer
		}
		out.add(Write{Kind: writeUnpin, A: g, B: b, D: forward})
	case release.WriteRestate:
		out.add(Write{Kind: writeRestate, A: t, B: uint8(w.Source), C: uint8(w.Number)})
	case release.WriteReject:
		named := uint8(namesGate)
		for h := range m.Groups {
			if at := m.index[h]; at.group >= 0 && d.plan.RefreshID(at.place, at.group) == w.Decision.Step {
				named = uint8(h)
			}
		}
		out.add(Write{Kind: writeReject, A: m.Policy, B: named})
	case release.WriteRollback:
		out.add(Write{Kind: writeRollback, A: g, C: l.G[g].Seq})
	case release.WriteRestoreGroup:
		out.add(Write{Kind: writeRestoreGroup, A: g, B: uint8(w.Numbers[0])})
	case release.WriteRestoreTemplate:
		out.add(Write{Kind: writeRestoreTemplate, A: t, B: uint8(w.Source), C: uint8(w.Number), D: l.T[t].N})
	default:
		panic(fmt.Sprintf("the model has no write of kind %d", w.Kind))
	}
}

// waveOfSource is the first wave that needs a version.
func (m *Model) waveOfSource(p *plan.Plan, s *plan.Step) uint8 {
	wave := 15
	for _, g := range p.Places[s.Place].Groups {
		if g.Launch[0].Template == s.Template && g.Launch[0].Version == s.Source {
			wave = min(wave, g.Wave)
		}
	}
	return uint8(wave)
}

// waits are those of a write of the model.
func (m *Model) waits(l *Look, w Write) []release.Wait {
	real := release.Write{}
	switch w.Kind {
	case writeUnpin:
		real.Kind = release.WriteUnpin
	case writeRefresh:
		real.Kind = release.WriteRefresh
	case writeRestoreGroup:
		real.Kind = release.WriteRestoreGroup
	case writeRollback:
		real.Kind = release.WriteRollback
	}
	if real.Kind != release.WriteNone {
		at := m.index[w.A]
		real.Place, real.Group = at.place, at.group
	}
	d := plan.Decision{Attempt: int(l.M.Attempt) + 1, Rejected: l.M.Rejected != 0}
	return m.protocol.Waits(&real, d)
}

func (m *Model) endWaits(l *Look) []release.Wait {
	return m.protocol.EndWaits(m.decidedOn(l, false).plan, plan.Decision{Rejected: l.M.Rejected != 0}, l.M.Stop != 0)
}
