package release_test

import "fmt"

// land lets a held write land in n, keeps the ghosts, and returns what the landing breaks.
func (m *Model) land(n, s *State, h Held) string {
	w := h.W
	stale := h.Mode != decision(s)
	broken := m.apply(n, w)
	passed := func(gate int) bool { return s.Ghost.Passed&(1<<gate) != 0 }
	switch w.Kind {
	case writeGate:
		if stale {
			break
		}
		n.Ghost.Passed |= 1 << w.A
		if w.A == firstGate && m.Approval && s.M.Approval != m.digest(&s.Look) {
			begun := false
			for g, spec := range m.Groups {
				begun = begun || spec.Wave == 1 && s.Ghost.Begun&(1<<g) != 0
			}
			if !begun {
				return "APPROVAL: a gate passes without an approval of this plan"
			}
		}
	case writeRefresh:
		if n.G[w.A] == s.G[w.A] {
			break
		}
		n.Ghost.Begun |= 1 << w.A
		if m.Groups[w.A].Wave == 1 && !passed(firstGate) {
			return fmt.Sprintf("GATE: the refresh of g%d begins, the gate of its wave has not passed in this attempt", w.A)
		}
		if s.G[w.A].Refresh != refreshNone && s.G[w.A].Desired == 0 && h.Seq[w.A] == s.G[w.A].Seq {
			return fmt.Sprintf("FOREIGN: a refresh of ours begins on g%d though somebody else's is newer", w.A)
		}
	case writeVersion:
		if w.D&15 == 1 && !passed(firstGate) && n.T != s.T {
			return fmt.Sprintf("GATE: a version of t%d is made, the gate of its wave has not passed in this attempt", w.A)
		}
	case writeDefault, writeUnpin:
		if w.D == 1 && m.LastCheck && !passed(lastGate) && !stale {
			return "LASTGATE: a default or a spelling follows before the last wave's check has passed"
		}
	case writeReject:
		if w.B < namesGate && s.Ghost.Attempt > 0 && s.Ghost.Failed&(1<<w.B) == 0 {
			return fmt.Sprintf("RETRY: rejected again for a failure of g%d that the Retry had forgiven", w.B)
		}
	case writeRestoreTemplate:
		if s.T[w.A].V[s.T[w.A].N-1].Base == foreignBase && w.D == s.T[w.A].N {
			return "OVER: restore-template covers somebody else's newer version"
		}
	case writeRetry:
		if s.M.Rejected != 0 && stale {
			return "WIPED: a late Retry wipes out a later rejection"
		}
		if n.M.Attempt != s.M.Attempt || s.M.Rejected != 0 || s.M.Stop != 0 {
			n.Ghost = Ghost{Attempt: s.Ghost.Attempt + 1}
			if s.M.Rejected == 0 {
				n.Ghost.Begun = s.Ghost.Begun // nothing was rejected, nothing was undone
			}
			for i := range n.P {
				if n.P[i].PC == ended {
					n.P[i] = Proc{}
				}
			}
		}
	}
	return broken
}

// beforeDrifts says whether a plan made from this look has another Before than the first one.
func (m *Model) beforeDrifts(l *Look) string {
	if m.World.B.ForeignVersion > 0 || m.World.B.ForeignRefresh > 0 {
		return "" // not decidable
	}
	for g := range m.Groups {
		if b := m.before(l, g); b != m.before0[g] {
			return fmt.Sprintf("BEFORE: a plan says g%d was (v%d, %s), it was (v%d, %s)", g, b.Number, spell(b.Spelling), m.before0[g].Number, spell(m.before0[g].Spelling))
		}
	}
	for t := range m.Templates {
		if n := m.defaultBefore(l, t); n != m.Templates[t].Default {
			return fmt.Sprintf("BEFORE: a plan says the default of t%d was %d, it was %d", t, n, m.Templates[t].Default)
		}
	}
	return ""
}

func (m *Model) beforeData(g int) data {
	return dataOf(&m.start.T[m.Groups[g].T], m.before0[g].Number)
}

func (m *Model) afterData(g int) data { return data{m.beforeData(g).base, newImage} }

// runsData says whether every instance of a group has this data.
func (m *Model) runsData(s *State, g int, d data) bool {
	t := &s.T[m.Groups[g].T]
	return dataOf(t, s.G[g].Instances[0]) == d && dataOf(t, s.G[g].Instances[1]) == d
}

// check returns what is wrong with a state, or "".
func (m *Model) check(s *State) string {
	if b := m.beforeDrifts(&s.Look); b != "" {
		return b
	}
	for g, spec := range m.Groups {
		t := &s.T[spec.T]
		if dataOf(t, resolve(t, s.G[g].Spelling)).image == newImage && (spec.Outside || s.Ghost.Begun&(1<<g) == 0) {
			return fmt.Sprintf("LAUNCH: g%d (%s) would launch the unproven or rejected image though its refresh has not begun in this attempt", g, spell(s.G[g].Spelling))
		}
	}
	if s.Orphan.there() {
		return ""
	}
	for i := range m.Procs {
		if s.P[i].holds() {
			return "" // what still lands may set it right
		}
	}
	for i := range m.Procs {
		if s.P[i].PC == ended {
			if b := m.checkEnd(s, i); b != "" {
				return b
			}
		}
	}
	return ""
}

// checkEnd returns what is wrong about the end of a run, when nothing more can land.
func (m *Model) checkEnd(s *State, i int) string {
	p := &s.P[i]
	how := fmt.Sprintf("p%d ended with %s", i, endName(p.End))
	strangers := m.World.B.Cancel+m.World.B.ForeignRefresh+m.World.B.ForeignVersion > 0
	if p.End == endStopped && m.Policy != scopeNone && !strangers {
		return "STALE: " + how + " " + groupNames(p.Named) + ", there is nothing foreign"
	}
	if (p.End == endOK || p.End == endStopped) && s.M.Rejected != 0 {
		return "" // a later decision of another process
	}
	if p.End == endOK && m.has(AttemptCarried) {
		failed := make([]int, m.Waves)
		for g, spec := range m.Groups {
			if s.G[g].Cancelled&(1<<s.M.Attempt) != 0 {
				return fmt.Sprintf("HIDDEN: %s though somebody cancelled a refresh of ours of g%d", how, g)
			}
			if s.G[g].Failed&(1<<s.M.Attempt) != 0 {
				failed[spec.Wave]++
			}
		}
		for w, n := range failed {
			if n > m.MaxFailures {
				return fmt.Sprintf("HIDDEN: %s with %d failures of ours in wave %d, MaxFailures %d", how, n, w, m.MaxFailures)
			}
		}
	}
	for g := range m.Groups {
		if active(s.G[g].Refresh) && p.Named&(1<<g) == 0 {
			return fmt.Sprintf("END-RUN: %s and the refresh of g%d (to v%d) still runs", how, g, s.G[g].Desired)
		}
		if b := m.checkGroupEnd(s, p, g); b != "" {
			return b[:len(b)-1] + ": " + how
		}
	}
	if p.End == endRejected || p.End == endUndoFailed {
		for t := range m.Templates {
			tm := &s.T[t]
			if !m.NoRestore && dataOf(tm, tm.N) != m.latest0[t] && m.World.B.ForeignVersion == 0 {
				return fmt.Sprintf("END-LATEST: %s, $Latest of t%d is v%d with other data than before", how, t, tm.N)
			}
			if dataOf(tm, tm.Default) != m.default0[t] {
				return fmt.Sprintf("END-DEFAULT: %s, the default of t%d is v%d", how, t, tm.Default)
			}
		}
	}
	return m.checkRerun(s, p, how)
}

func (m *Model) checkGroupEnd(s *State, p *Proc, g int) string {
	spec, grp := m.Groups[g], &s.G[g]
	t := &s.T[spec.T]
	d := dataOf(t, resolve(t, grp.Spelling))
	named := p.Named&(1<<g) != 0
	lost := floats(spec.Spelling) && grp.Spelling != spec.Spelling
	if spec.Outside {
		if (p.End == endOK || p.End == endRejected) && (grp.Spelling != spec.Spelling || d != m.beforeData(g)) {
			return fmt.Sprintf("END-OUT: g%d, not in the release, is left at %s.", g, spell(grp.Spelling))
		}
		return ""
	}
	switch p.End {
	case endOK:
		switch {
		case !named && (d != m.afterData(g) || !m.runsData(s, g, m.afterData(g))):
			return fmt.Sprintf("END-AFTER: g%d is not at After (%s, instances on %v).", g, spell(grp.Spelling), grp.Instances)
		case !named && lost:
			return fmt.Sprintf("PIN: g%d is left at %s, was %s, and is not named.", g, spell(grp.Spelling), spell(spec.Spelling))
		case named && s.Ghost.Failed&(1<<g) == 0 && d == m.afterData(g):
			return fmt.Sprintf("PIN: g%d is at After but can never be unpinned.", g)
		}
	case endRejected, endUndoFailed:
		in := m.inScope(&s.Look, g)
		if s.M.Rejected == scopeGroup {
			in = s.Ghost.Failed&(1<<g) != 0
		}
		atBefore := d == m.beforeData(g) && m.runsData(s, g, m.beforeData(g))
		switch {
		case in && !named && !atBefore:
			return fmt.Sprintf("END-BEFORE: g%d is not at Before (%s, instances on %v, %d versions).", g, spell(grp.Spelling), grp.Instances, t.N)
		case in && !named && grp.Spelling != spec.Spelling:
			return fmt.Sprintf("END-SPELL: g%d is spelled %s, was %s.", g, spell(grp.Spelling), spell(spec.Spelling))
		case in && named && atBefore && lost && m.World.B.ForeignRefresh == 0 && dataOf(t, resolve(t, spec.Spelling)) == d && !active(grp.Refresh):
			return fmt.Sprintf("PIN: g%d is named, and could be unpinned.", g)
		case !in && !named && lost:
			return fmt.Sprintf("PIN: g%d, out of the undo's scope, is left at %s, was %s, and is not named.", g, spell(grp.Spelling), spell(spec.Spelling))
		}
	}
	return ""
}

// checkRerun says whether a run that starts now from the specification would find something to do, or end otherwise.
func (m *Model) checkRerun(s *State, p *Proc, how string) string {
	if p.End == endStopped && m.World.B.ForeignRefresh > 0 {
		return "" // the stranger's refresh may be over
	}
	if s.M.Hold != 0 || p.End == endUndoFailed && (m.World.B.ForeignRefresh > 0 || m.ScaleOut) {
		return ""
	}
	d := m.due(&s.Look, 0)
	if len(d.writes) > 0 {
		return fmt.Sprintf("RERUN: %s, a rerun would write: %s", how, d.writes[0])
	}
	if d.end != p.End {
		return fmt.Sprintf("RERUN: %s, a rerun ends with %s and waits for %q", how, endName(d.end), d.wait)
	}
	return ""
}
