package release

import "github.com/readyami/readyami/plan"

// Write is one call that changes something, with all that it needs beside the plan.
type Write struct {
	Kind WriteKind
	Step plan.StepID
	// Place, Template and Group are indexes in the plan.
	Place, Template, Group, Wave int
	// Source is the version that a new version is made from, and Number the version
	// that a default is set to.
	Source, Number int64
	// Numbers are the versions that a refresh or a pin names, in the order of
	// Group.Launch, and Spellings what an unpin names: empty for the number.
	Numbers   []int64
	Spellings []string
	// Groups are those whose spelling is recorded.
	Groups []int
	// Refresh is the id of the refresh that is rolled back or cancelled.
	Refresh string
	// Decision is what is written for a decision, and Code why a gate has failed.
	Decision plan.Decision
	Code     string
}

// WriteKind is a kind of write.
type WriteKind uint8

// The kinds of writes.
const (
	WriteNone WriteKind = iota
	WriteImage
	WriteShare
	WriteAttributes
	WriteRecord
	WriteComplete
	WritePin
	WriteVersion
	WriteRefresh
	WriteCancel
	WriteGatePassed
	WriteGateFailed
	WriteDefault
	WriteUnpin
	WriteRestate
	WriteReject
	WriteMarkRejected
	WriteRollback
	WriteRestoreGroup
	WriteRestoreTemplate
	WriteRetry
)

// OfDecision reports whether the write decides something about the release.
func (k WriteKind) OfDecision() bool {
	return k == WriteReject || k == WriteGateFailed || k == WriteRetry
}
