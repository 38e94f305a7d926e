package release_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// Here the symbolic AWS meets the real functions: a Look becomes facts, the planner,
// Observe, Ready and Due say what is due, and their writes become those of the model.

// due says what a look makes due: the writes, any of which may be made next, or the
// end of the run.
type due struct {
	writes []Write
	end    uint8
	named  uint8 // groups that the error or the report names
	wait   string
}

func (d *due) add(w Write) {
	if !slices.Contains(d.writes, w) {
		d.writes = append(d.writes, w)
	}
}

// place is where a group is in the plan: -1 if it is outside.
type place struct{ place, group int }

// decidedKey is a look, and whether the process ignores the decision.
type decidedKey struct {
	look  Look
	blind bool
}

type decided struct {
	plan   *plan.Plan
	facts  *facts.Look
	before [maxGroups]Before
	due    due
}

// real maps the rules of the model to those of the code.
var real = map[Rule]release.Rule{
	BeforeFromHistory:   release.BeforeFromHistory,
	OneVersionPerSource: release.OneVersionPerSource,
	DataCountsAsOne:     release.DataCountsAsOne,
	PinFirst:            release.PinFirst,
	PinUntilVersion:     release.PinUntilVersion,
	OutsideRefused:      release.OutsideRefused,
	RestateLatest:       release.RestateLatest,
	RecordComplete:      release.RecordComplete,
	UnpinLast:           release.UnpinLast,
	ScopeGroupAllFailed: release.ScopeGroupAllFailed,
	PinKeptIsNamed:      release.PinKeptIsNamed,
	RestoreOverOursOnly: release.RestoreOverOursOnly,
	FailureStays:        release.FailureStays,
	UndoRefreshKnown:    release.UndoRefreshKnown,
	StrangerIsStale:     release.StrangerIsStale,
	FailedCheckIsMark:   release.FailedCheckIsMark,
	ApprovalByDigest:    release.ApprovalByDigest,
	WaitUndoUnpins:      release.WaitUndoUnpins,
	WaitNewAttempt:      release.WaitNewAttempt,
	WaitDecisionEnds:    release.WaitDecisionEnds,
	WaitEnd:             release.WaitEnd,
	WaitStart:           release.WaitStart,
	RollbackWaits:       release.RollbackWaits,
}

var policies = map[uint8]plan.OnFailure{
	scopeNone: plan.OnFailureLeave, scopeGroup: plan.OnFailureRollBackGroup, scopeWave: plan.OnFailureRollBackWave, scopeRelease: plan.OnFailureRollBackRelease,
}

var scopes = map[uint8]plan.Scope{scopeGroup: plan.ScopeGroup, scopeWave: plan.ScopeWave, scopeRelease: plan.ScopeRelease}

// prepare makes the delivery that the world is about.
func (m *Model) prepare(without []Rule) {
	for _, r := range without {
		if code, ok := real[r]; ok {
			m.protocol = m.protocol.Without(code)
		}
	}
	d := plan.Delivery{Name: "model", SetDefault: m.SetDefault, Pin: true}
	d.Rollout = plan.Rollout{OnFailure: policies[m.Policy], MaxFailures: m.MaxFailures, KeepLatest: m.NoRestore}
	d.Source.Image = &plan.ImageSource{Region: "r0", ImageID: "ami-new0"}
	if m.World.Images {
		d.Source = plan.Source{Instance: &plan.InstanceSource{Region: "r0", InstanceID: "i-1"}}
	}
	for p := range m.Places {
		t := plan.Target{Region: fmt.Sprint("r", p)}
		for g, spec := range m.Groups {
			if int(spec.Place) == p && !spec.Outside {
				t.Groups = append(t.Groups, fmt.Sprint("g", g))
			}
		}
		d.Targets = append(d.Targets, t)
	}
	m.delivery = d
	m.index = make([]place, len(m.Groups))
	for g, spec := range m.Groups {
		m.index[g] = place{int(spec.Place), -1}
		if !spec.Outside {
			m.index[g].group = len(m.inPlan[spec.Place])
			m.inPlan[spec.Place] = append(m.inPlan[spec.Place], g)
		}
	}
}

func (m *Model) groupAt(place, group int) int { return m.inPlan[place][group] }

// epoch is when the versions of the model were made. A stranger's refresh is newer.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// templateIn is where a template is among those of its place, which is that of the
// first group that launches it.
func (m *Model) templateIn(place uint8, template uint8) int {
	n := 0
	for t := range uint8(len(m.Templates)) {
		if m.placeOf(t) != place {
			continue
		}
		if t == template {
			return n
		}
		n++
	}
	return -1
}

func (m *Model) placeOf(template uint8) uint8 {
	for _, spec := range m.Groups {
		if spec.T == template {
			return spec.Place
		}
	}
	return 0
}

func (m *Model) attempt(a uint8) int {
	if !m.has(AttemptCarried) {
		return 1
	}
	return int(a) + 1
}

// planOf is the plan that follows from a look.
func (m *Model) planOf(f *facts.Look) *plan.Plan {
	in := release.Input{Delivery: m.delivery, Look: f}
	for _, t := range m.delivery.Targets {
		in.Places = append(in.Places, release.Where{Region: t.Region})
	}
	p := m.protocol.Make(in)
	p.Waves = nil
	for w := range m.Waves {
		wave := plan.Wave{Name: fmt.Sprint("w", w), Limit: m.Limit, MaxFailures: m.MaxFailures}
		if w+1 < m.Waves || m.LastCheck && m.has(LastGate) {
			wave.Checks = []string{"check"}
		}
		wave.Approval = w+1 < m.Waves && m.Approval
		p.Waves = append(p.Waves, wave)
	}
	for i := range p.Places {
		for j := range p.Places[i].Groups {
			p.Places[i].Groups[j].Wave = int(m.Groups[m.groupAt(i, j)].Wave)
		}
	}
	p.Seal()
	h := fnv.New32a()
	h.Write([]byte(p.Digest))
	p.Digest = strconv.Itoa(int(h.Sum32()%190) + 2)
	return p
}

// decide is what the real functions say about a look. It is kept: many states have
// the same one.
func (m *Model) decidedOn(l *Look, blind bool) *decided {
	key := decidedKey{*l, blind}
	if d := m.decided[key]; d != nil {
		return d
	}
	d := &decided{facts: m.factsOf(l)}
	if blind {
		d.facts.Marks.Decision.Rejected = false
	}
	d.plan = m.planOf(d.facts)
	for g := range m.Groups {
		d.before[g] = m.beforeOf(l, d.plan, g)
	}
	d.due = m.dueOf(l, d)
	m.decided[key] = d
	return d
}

func (m *Model) due(l *Look, proc int) due {
	return m.decidedOn(l, !m.has(DecisionFirst) && proc != 0 && l.M.Rejected != 0).due
}

func (m *Model) before(l *Look, g int) Before { return m.decidedOn(l, false).before[g] }

func (m *Model) beforeOf(l *Look, p *plan.Plan, g int) Before {
	at := m.index[g]
	if at.group < 0 {
		n := resolve(&l.T[m.Groups[g].T], l.G[g].Spelling)
		if floats(l.G[g].Spelling) {
			return Before{n, l.G[g].Spelling}
		}
		return Before{n, n}
	}
	b := p.Places[at.place].Groups[at.group].Launch[0]
	n := uint8(b.Version)
	switch b.Floating {
	case plan.VersionLatest:
		return Before{n, latest}
	case plan.VersionDefault:
		return Before{n, defaultVer}
	}
	return Before{n, n}
}

func (m *Model) defaultBefore(l *Look, t int) uint8 {
	p := m.decidedOn(l, false).plan
	place := m.placeOf(uint8(t))
	return uint8(p.Places[place].Templates[m.templateIn(place, uint8(t))].Default)
}

func (m *Model) digest(l *Look) uint8 {
	n, _ := strconv.Atoi(m.decidedOn(l, false).plan.Digest)
	return uint8(n)
}

// inScope says whether the undo of a rejection includes a group.
func (m *Model) inScope(l *Look, g int) bool {
	spec := m.Groups[g]
	if spec.Outside {
		return false
	}
	switch l.M.Rejected {
	case scopeRelease:
		return true
	case scopeWave:
		if l.M.Named == namesGate {
			return spec.Wave == 0
		}
		return spec.Wave == m.Groups[l.M.Named].Wave
	}
	return l.M.Named == uint8(g) || l.G[g].Failed&(1<<l.M.Attempt) != 0 && m.has(ScopeGroupAllFailed)
}

// madeFrom says whether a version of a template stands that was made from a source
// and has not been restored since. It is asked where marks carry no attempt.
func (m *Model) madeFrom(t *Template, source uint8) bool {
	made := false
	for n := range t.N {
		switch v := t.V[n]; v.Mark {
		case markRestores:
			made = false
		case markRelease:
			made = made || v.Source == source
		}
	}
	return made
}
