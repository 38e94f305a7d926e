// Package release holds the rules of a release as pure functions of what a look has
// read: the plan that follows from it, how far each step is, which write a step has
// due, and what a runner that is not alone has to wait for. Nothing here reads AWS,
// writes to it or asks a clock.
//
// The exploration in this package's tests walks through every state of small
// releases with these very functions. Each [Rule] is a switch, so that it can show
// what breaks without it.
package release

// Rule is a rule that the protocol keeps. Every rule holds in the zero [Protocol].
type Rule uint8

// The rules.
const (
	// BeforeFromHistory takes Before of a group from the source version of the
	// version that its newest refresh of ours names, or else of the version that it
	// launches.
	BeforeFromHistory Rule = iota
	// OneVersionPerSource creates one version for each source version, even if two
	// sources have equal data.
	OneVersionPerSource
	// DataCountsAsOne treats versions with equal data as one in proof and unpinning.
	DataCountsAsOne
	// PinFirst pins the groups that launch $Latest or $Default of a template before
	// a version of it is created.
	PinFirst
	// PinUntilVersion pins a group only until its template has a version of this
	// attempt.
	PinUntilVersion
	// OutsideRefused refuses a release if a group outside it launches $Latest or
	// $Default of one of its templates.
	OutsideRefused
	// RestateLatest creates one more version with the data of a group if $Latest has
	// other data, before the group launches $Latest again.
	RestateLatest
	// RecordComplete ignores a pin record that has not been closed.
	RecordComplete
	// UnpinLast unpins in an undo only after templates and groups have been restored.
	UnpinLast
	// ScopeGroupAllFailed includes every group that failed in this attempt in the
	// scope "group".
	ScopeGroupAllFailed
	// PinKeptIsNamed names a group that keeps its pin in an undo.
	PinKeptIsNamed
	// RestoreOverOursOnly restores $Latest only if it is a version of the release.
	RestoreOverOursOnly
	// FailureStays takes a failed or cancelled refresh of this attempt as the result
	// of its group, even if there is a newer one.
	FailureStays
	// UndoRefreshKnown recognises a refresh to Before as one of an undo.
	UndoRefreshKnown
	// StrangerIsStale ends with a stale group if somebody else's refresh is newer.
	StrangerIsStale
	// FailedCheckIsMark writes a failed check down under every policy.
	FailedCheckIsMark
	// ApprovalByDigest takes an approval for the plan whose digest it names.
	ApprovalByDigest
	// WaitUndoUnpins, WaitNewAttempt, WaitDecisionEnds, WaitEnd, WaitStart and
	// RollbackWaits are the waits of a runner that is not alone: see [Protocol.Waits].
	WaitUndoUnpins
	WaitNewAttempt
	WaitDecisionEnds
	WaitEnd
	WaitStart
	RollbackWaits

	ruleCount
)

// Protocol is the rules of a release. The zero value keeps all of them.
type Protocol struct{ without [ruleCount]bool }

// Without is the protocol without some rules. Tests use it to show what breaks.
func (p Protocol) Without(rules ...Rule) Protocol {
	for _, r := range rules {
		p.without[r] = true
	}
	return p
}

func (p *Protocol) has(r Rule) bool { return !p.without[r] }
