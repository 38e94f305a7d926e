package facts

import (
	"time"

	"github.com/readyami/readyami/plan"
)

// Marks are what the tags of the source image say about the release.
type Marks struct {
	// Decision has attempt 1 if nothing has been decided.
	Decision plan.Decision
	// Gates that have passed, by [WaveKey] of the wave before them, and the one of which
	// a check has failed. That is a mark of its own, so that no late write of somebody
	// who saw the gate pass can remove it.
	Gates  map[string]Gate
	Failed FailedGate
	// Approvals by [WaveKey] of the wave before the gate.
	Approvals map[string]Approval
	// Runners are the processes whose mark is there.
	Runners []Runner
}

// Gate is a gate that has passed.
type Gate struct {
	Attempt int
	Time    time.Time
}

// FailedGate is a gate of which a check has failed. The zero value is none.
type FailedGate struct {
	Gate
	Wave string // [WaveKey] of the wave before it
	Code string
}

// Approval is that of a plan.
type Approval struct {
	Digest string
	Who    string
	Time   time.Time
}

// Runner is a process that may be writing.
type Runner struct {
	ID   string
	Time time.Time
}

// Record is the pin record of a place: how its groups named their launch template
// versions before they were pinned.
type Record struct {
	// Complete means that the record has been closed. Before that it counts for
	// nothing.
	Complete bool
	// Spellings have one letter for each launch template that the group names, by
	// the name of the group as the record abbreviates it: see [RecordKey].
	Spellings map[string]string
}

// The letters of a pin record.
const (
	LetterLatest  = 'L'
	LetterDefault = 'D'
	LetterNumber  = 'n'
)

// Spelling is what a letter of a record stands for: empty for a number.
func Spelling(letter byte) string {
	switch letter {
	case LetterLatest:
		return plan.VersionLatest
	case LetterDefault:
		return plan.VersionDefault
	}
	return ""
}

// Letters are those of a group for the record.
func Letters(launch []Launch) string {
	out := make([]byte, len(launch))
	for i, l := range launch {
		switch l.Spelling {
		case plan.VersionLatest:
			out[i] = LetterLatest
		case plan.VersionDefault:
			out[i] = LetterDefault
		default:
			out[i] = LetterNumber
		}
	}
	return string(out)
}
