package release_test

import (
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// The sizes of a world. Everything in a state is one byte wide, so that a state can be hashed as it lies in memory.
const (
	maxTemplates = 2
	maxVersions  = 12
	maxGroups    = 3
	maxPlaces    = 2
	maxGates     = 2
	maxProcs     = 3
)

// A group spells its version as a number, or as one of these two.
const (
	latest     = 100
	defaultVer = 101
)

// The image in a version's data: a version is its remaining data (Base) and its image.
const (
	oldImage = 0
	newImage = 1
)

// What the description of a version says: nothing, a version of the release, or "restores N".
const (
	markNone = iota
	markRelease
	markRestores
)

// The states of the newest refresh of a group.
const (
	refreshNone = iota
	refreshActive
	refreshRolling
	refreshOK
	refreshFailed
	refreshCancelled
	refreshRolledBack
	refreshRollbackFailed
)

// How far to undo. scopeNone as a policy is OnFailure: Leave.
const (
	scopeNone = iota
	scopeGroup
	scopeWave
	scopeRelease
)

// The gate behind the last wave has index 0, the gate before wave 1 has index 1. A rejection names a group or the gate.
const (
	lastGate  = 0
	firstGate = 1
	namesGate = 200
)

// Version is one version of a launch template: its data (Base, Image) and its mark.
type Version struct{ Base, Image, Mark, Source, Default, Attempt uint8 }

// Template is a launch template; N is the number of its newest version.
type Template struct {
	N, Default uint8
	V          [maxVersions]Version
}

// Group is an Auto Scaling group with two instances, its newest refresh, and what its refresh history says of each attempt.
type Group struct {
	Spelling  uint8    // the version as the group spells it
	Instances [2]uint8 // the version that each instance was launched from
	Refresh   uint8    // state of the newest refresh
	Desired   uint8    // version named by its desired configuration, 0 for none
	Seq       uint8    // counts starts and ends of refreshes and launches: "the time" of the newest of them
	Begun     uint8    // bit a: a refresh of ours of attempt a is in the history
	Failed    uint8    // bit a: one of them failed
	Cancelled uint8    // bit a: somebody cancelled one of them
}

// Marks are the tags on the images. The runner marks are kept with the processes (Proc.Marked, Orphan).
type Marks struct {
	Image    [maxPlaces]uint8 // 0 absent, 1 pending, 2 available
	Rejected uint8            // scope of the rejection, 0 for none
	Named    uint8            // the group that the rejection names, or namesGate
	Stop     uint8            // a gate mark says that the check failed, and nothing is undone
	Gate     [maxGates]uint8  // attempt+1 in which it has passed
	Approval uint8            // digest of the plan that was approved
	Attempt  uint8
	Hold     uint8
	Complete [maxPlaces]uint8 // the tag that closes the pin record of the place
	Record   [maxGroups]uint8 // the pin record: spelling of a group, 0 for none
}

// Look is what a process knows: all that it has read, and nothing else.
type Look struct {
	M Marks
	T [maxTemplates]Template
	G [maxGroups]Group
}

// Write is one call that changes something.
type Write struct{ Kind, A, B, C, D uint8 }

// The kinds of writes.
const (
	writeNone = iota
	writeImage
	writeRecord
	writeComplete
	writePin
	writeVersion
	writeRefresh
	writeGate
	writeDefault
	writeUnpin
	writeRestate
	writeReject
	writeStop
	writeRollback
	writeRestoreGroup
	writeRestoreTemplate
	writeRetry
)

// Held is a write that has been decided and has not landed, with the age of the look that it rests on.
type Held struct {
	W    Write
	Mode uint8            // the decision that the look has seen
	Seq  [maxGroups]uint8 // what the look has seen of each group
}

// Where a process is in its life.
const (
	idle      = iota // holds nothing
	readMarks        // the following three only where a process reads in parts
	readGroups
	readTemplates
	pending
	ended
)

// How a run ends.
const (
	endNone = iota
	endOK
	endRejected
	endStopped
	endUndoFailed
	endRefused
)

// Proc is one process. It keeps nothing from one look to the next.
type Proc struct {
	PC, End, Named uint8
	Marked         uint8 // its runner mark is on the image and counts
	Alone          uint8 // its look began with no other runner's mark
	Wait           uint8 // what its look need not wait for: bit 0 the decision, bit g+1 the group's newest event
	H              Held
}

// Orphan is a write that was sent and not answered: of a process that died (Owner dead), or that goes on living.
type Orphan struct {
	H     Held
	Owner uint8
}

const dead = 255

// Budgets bound what the world around may do.
type Budgets struct {
	Fail, Check, Cancel, ForeignRefresh, ForeignVersion, Retry, Die, Hold uint8
}

// Ghost is what really happened, for the invariants only.
type Ghost struct{ Attempt, Passed, Begun, Failed uint8 }

// State is all there is.
type State struct {
	Look
	P      [maxProcs]Proc
	Orphan Orphan
	Part   Look // what process 1 has read so far, where it reads in parts
	B      Budgets
	Ghost  Ghost
}

// GroupSpec says where a group stands, how it spells its version, and in which wave it is.
type GroupSpec struct {
	Place, T, Spelling, Wave uint8
	Outside                  bool // not in the release
}

// World is a small release with everything that may happen to it.
type World struct {
	Name          string
	Says          string
	Places        int
	Templates     []Template
	Groups        []GroupSpec
	Waves         int
	Approval      bool // before wave 1
	WrongApproval bool // somebody may approve another plan
	MaxFailures   int
	Policy        uint8
	Limit         int  // refreshes at a time
	AutoRollback  bool // AWS rolls a failed refresh back by itself
	SetDefault    bool
	Procs         int
	Images        bool // the image is made and copied, too
	Parts         bool // process 1 reads in four parts
	Loops         bool // processes 0 and 1 are loops of one process, each with its own template
	ScaleOut      bool
	LastCheck     bool // a check after the last wave
	NoRestore     bool // restore-template is switched off
	Big           bool // not for the test
	Residual      bool // breaks in spite of all rules
	B             Budgets
}

// data is what counts of a version.
type data struct{ base, image uint8 }

// Model is a world together with the rules that hold in it.
type Model struct {
	World
	protocol          release.Protocol
	decided           map[decidedKey]*decided
	delivery          plan.Delivery
	index             []place // of the groups in the plan
	inPlan            [maxPlaces][]int
	without           [ruleCount]bool
	start             State
	before0           [maxGroups]Before
	default0, latest0 [maxTemplates]data
}

func newModel(w World, without ...Rule) *Model {
	m := &Model{World: w, decided: map[decidedKey]*decided{}}
	for _, r := range without {
		m.without[r] = true
	}
	m.prepare(without)
	s := &m.start
	for i := range w.Places {
		if !w.Images {
			s.M.Image[i] = 2
		}
	}
	copy(s.T[:], w.Templates)
	for g, spec := range w.Groups {
		n := resolve(&s.T[spec.T], spec.Spelling)
		s.G[g] = Group{Spelling: spec.Spelling, Instances: [2]uint8{n, n}}
	}
	s.B = w.B
	for g := range w.Groups {
		m.before0[g] = m.before(&s.Look, g)
	}
	for t := range w.Templates {
		m.default0[t] = dataOf(&s.T[t], s.T[t].Default)
		m.latest0[t] = dataOf(&s.T[t], s.T[t].N)
	}
	return m
}

func (m *Model) has(r Rule) bool { return !m.without[r] }
