package release_test

import (
	"fmt"

	"github.com/readyami/readyami/internal/release"
)

// A process's life: it puts its mark, looks, decides, holds one write, writes, and looks again.
// A process that is idle without a mark has died, has not started, or has gone; all three are the same, for it holds nothing.

// decision is what there is to be seen of the decision, in one byte.
func decision(s *State) uint8 {
	d := s.Ghost.Attempt << 1
	if s.M.Rejected != 0 {
		d |= 1
	}
	if s.M.Stop != 0 {
		d |= 64
	}
	return d
}

func (o *Orphan) there() bool { return o.H.W.Kind != writeNone }

func (p *Proc) holds() bool { return p.PC != idle && p.PC != ended }

// alone says whether no other runner's mark counts for process i.
func (m *Model) alone(s *State, i int) bool {
	for q := range m.Procs {
		if q != i && s.P[q].Marked != 0 && !m.Loops {
			return false
		}
	}
	if !s.Orphan.there() {
		return true
	}
	if int(s.Orphan.Owner) == i {
		return !m.has(UnansweredCounts)
	}
	return !m.has(MarkCounts)
}

// looksInHand says whether another loop of the same process has a look in hand.
func (m *Model) looksInHand(s *State, i int) bool {
	return m.Loops && m.has(DecisionAwaitsLooks) && s.P[1-i].holds()
}

// concerns says whether a write is for process i to make: of two loops each has its own template.
func (m *Model) concerns(w Write, i int) bool {
	if !m.Loops {
		return true
	}
	switch w.Kind {
	case writeVersion, writeRestate, writeRestoreTemplate, writeDefault:
		return int(w.A) == i
	case writeRecord, writePin, writeUnpin, writeRefresh, writeRestoreGroup, writeRollback:
		return int(m.Groups[w.A].T) == i
	}
	return true
}

// nobodyOlder says that no write of another process can still land that rests on a look from before the decision
// (bit 0) or from before the newest event of group g (bit g+1). This is what waiting 2T brings about.
func (m *Model) nobodyOlder(s *State, i int) (bits uint8) {
	bits = 255
	older := func(h *Held) {
		if h.Mode != decision(s) {
			bits &^= 1
		}
		for g := range m.Groups {
			if h.Seq[g] != s.G[g].Seq {
				bits &^= 2 << g
			}
		}
	}
	for q := range m.Procs {
		if q != i && s.P[q].holds() {
			older(&s.P[q].H)
		}
	}
	if s.Orphan.there() {
		older(&s.Orphan.H)
	}
	return
}

// begin notes the age of a look as it begins.
func (m *Model) begin(s *State, n *State, i int) {
	p := &n.P[i]
	p.H.Mode = decision(s)
	for g := range m.Groups {
		p.H.Seq[g] = s.G[g].Seq
	}
	p.Wait = m.nobodyOlder(s, i)
	p.Alone = 0
	if m.alone(s, i) {
		p.Alone = 1
	}
}

// emit takes one possible next state, the violation that the step itself shows, and the words for a trace.
type emit func(n State, broken string, says func() string)

func say(format string, args ...any) func() string {
	return func() string { return fmt.Sprintf(format, args...) }
}

func (m *Model) processSteps(s *State, i int, out emit) {
	p := &s.P[i]
	switch p.PC {
	case idle:
		made := s.M.Image[0] != 0
		if p.Marked == 0 && made {
			n := *s
			n.P[i].Marked = 1
			out(n, "", say("p%d: starts and puts its mark", i))
		}
		if p.Marked != 0 && m.mayGo(s, i) {
			n := *s
			n.P[i].Marked = 0
			out(n, "", say("p%d: goes, or its mark is too old to count", i))
		}
		if p.Marked == 0 && made && m.has(MarkThenLook) {
			return
		}
		n := *s
		m.begin(s, &n, i)
		if !m.Parts || i != 1 {
			m.decide(s, n, i, &s.Look, out)
			return
		}
		n.P[i].PC = readMarks
		n.Part.M = s.M
		if m.has(LookOrder) {
			out(n, "", say("p%d: reads the marks", i))
		} else {
			n.Part.T = s.T
			n.P[i].PC = readTemplates
			out(n, "", say("p%d: reads the marks, then the templates", i))
		}
	case readMarks:
		n := *s
		n.P[i].PC = readGroups
		n.Part.G = s.G
		out(n, "", say("p%d: reads the groups", i))
	case readGroups:
		n := *s
		n.P[i].PC = readTemplates
		n.Part.T = s.T
		out(n, "", say("p%d: reads the templates", i))
	case readTemplates:
		m.lastRead(s, i, out)
	case pending:
		m.pendingSteps(s, i, out)
	}
}

// lastRead ends a look in parts: with the marks again, or (without LookOrder) with the groups.
func (m *Model) lastRead(s *State, i int, out emit) {
	p := &s.P[i]
	l := s.Part
	if m.has(LookOrder) {
		l.M = s.M
		if !m.has(RecordAfterGroups) {
			l.M.Record, l.M.Complete = s.Part.M.Record, s.Part.M.Complete
		}
	} else {
		l.G = s.G
	}
	n := *s
	n.Part = Look{}
	if m.has(LookOrder) && m.has(LookThrownAway) && p.H.Mode != decision(s) {
		n.P[i] = Proc{Marked: p.Marked}
		out(n, "", say("p%d: the decision has changed under the look, it is thrown away", i))
		return
	}
	alone := m.alone(s, i)
	if m.has(AloneAtBothEnds) {
		alone = alone && p.Alone != 0
	}
	n.P[i].Alone = 0
	if alone {
		n.P[i].Alone = 1
	}
	for g := range m.Groups { // what ended after the look began has not been waited for
		if l.G[g].Seq != p.H.Seq[g] {
			n.P[i].Wait &^= 2 << g
		}
	}
	if b := m.beforeDrifts(&l); b != "" {
		out(n, "TORN-"+b, say("p%d: makes a plan from this look", i))
		return
	}
	m.decide(s, n, i, &l, out)
}

// mayGo says whether an idle process's mark may stop counting. Growing old takes longer than any look, so a mark that
// came after another's look had begun does not go before that look is over.
func (m *Model) mayGo(s *State, i int) bool {
	if !m.has(LeavingKeepsMark) {
		return true
	}
	for q := range m.Procs {
		if q != i && s.P[q].holds() && s.P[q].Alone != 0 {
			return false
		}
	}
	return true
}

// decide takes what a look makes due: n is the state in which process i has just finished the look l.
func (m *Model) decide(s *State, n State, i int, l *Look, out emit) {
	p := &n.P[i]
	was := &s.P[i]
	waited := func(bits uint8) bool { return p.Alone != 0 || p.Wait&bits == bits }
	over := func(waits []release.Wait) bool {
		for _, w := range waits {
			bit := uint8(1)
			if !w.Decision {
				bit = 2 << m.groupAt(w.Place, w.Group)
			}
			if !waited(bit) {
				return false
			}
		}
		return true
	}
	mayWrite := func(w Write) bool {
		return m.concerns(w, i) && over(m.waits(l, w))
	}
	mayEnd := func() bool { return !m.looksInHand(s, i) && over(m.endWaits(l)) }
	any := false
	hold := func(w Write) {
		x := n
		if w.Kind == writeReject && w.B == namesGate || w.Kind == writeStop {
			if x.B.Check == 0 {
				return
			}
			x.B.Check--
		}
		if w.Kind == writeRetry {
			x.B.Retry--
		}
		any = true
		if w.Kind == writeStop && w.A == 0 {
			x.P[i] = Proc{PC: ended, End: endStopped}
			out(x, "", say("p%d: the check failed: ends", i))
			return
		}
		broken := ""
		if l.M.Hold != 0 {
			broken = "HOLD: a write is begun though the look shows a hold"
		}
		x.P[i].PC, x.P[i].H.W, x.P[i].Wait = pending, w, 0
		out(x, broken, say("p%d: looks; due: %s", i, w))
	}
	d := m.due(l, i)
	if n.B.Retry > 0 && l.M.Hold == 0 {
		ends := (d.end == endRejected || d.end == endStopped) && mayEnd()
		if ends || l.M.Rejected != 0 && !m.has(RetryRefused) {
			hold(Write{Kind: writeRetry, A: l.M.Attempt + 1})
		}
	}
	if d.end == endRefused || d.end != endNone && mayEnd() {
		any = true
		x := n
		x.P[i] = Proc{PC: ended, End: d.end, Named: d.named}
		out(x, "", say("p%d: looks and ends: %s %s", i, endName(d.end), groupNames(d.named)))
	}
	for _, w := range d.writes {
		if mayWrite(w) {
			hold(w)
		}
	}
	if !any && was.PC != idle {
		x := n
		x.P[i] = Proc{Marked: was.Marked}
		out(x, "", say("p%d: nothing due yet (%s)", i, d.wait))
	}
}

// pendingSteps are the ways on of a write that has been decided.
func (m *Model) pendingSteps(s *State, i int, out emit) {
	p := &s.P[i]
	w := p.H.W
	creates := w.Kind == writeImage && w.A == 0
	if p.Marked == 0 && !creates {
		n := *s
		n.P[i].Marked = 1
		out(n, "", say("p%d: puts its mark", i))
		return
	}
	if isDecision := w.Kind == writeReject || w.Kind == writeStop || w.Kind == writeRetry; isDecision && m.looksInHand(s, i) {
		n := *s
		n.P[i] = Proc{Marked: p.Marked}
		out(n, "", say("p%d: waits for the other loop and looks again", i))
		return
	}
	n := *s
	n.P[i] = Proc{Marked: p.Marked}
	broken := m.land(&n, s, p.H)
	if creates && n.M.Image[0] != s.M.Image[0] {
		n.P[i].Marked = 1 // in the creating call
	}
	stale := ""
	if p.H.Mode != decision(s) {
		stale = "   (its look is older than the last decision)"
	}
	out(n, broken, say("p%d: WRITES: %s%s", i, w, stale))

	n = *s
	n.P[i] = Proc{Marked: p.Marked}
	out(n, "", say("p%d: the look is too old: looks again", i))

	if s.B.Die > 0 && !s.Orphan.there() {
		n = *s
		n.B.Die--
		n.Orphan = Orphan{p.H, dead}
		n.P[i] = Proc{}
		out(n, "", say("p%d: sends and dies: %s", i, w))
		n.Orphan.Owner = uint8(i)
		n.P[i] = Proc{Marked: p.Marked}
		out(n, "", say("p%d: sends and gets no answer: %s", i, w))
	}
}

func (m *Model) orphanSteps(s *State, out emit) {
	if !s.Orphan.there() {
		return
	}
	n := *s
	n.Orphan = Orphan{}
	out(n, "", say("the unanswered write is lost"))
	broken := m.land(&n, s, s.Orphan.H)
	out(n, broken, say("LATE WRITE: %s", s.Orphan.H.W))
}
