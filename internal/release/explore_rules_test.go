package release_test

// Rule is one rule of the page, as a switch. Every rule holds unless a model is made without it.
type Rule int

// The rules. The comment of each quotes the page in short.
const (
	// BeforeFromHistory: "Before of a group comes first from the source version named by the version that its newest
	// refresh of ours names, or that it launches." Without it the newest refresh is not asked.
	BeforeFromHistory Rule = iota
	// OneVersionPerSource: "One version is made per source version, also when two have equal data."
	OneVersionPerSource
	// VersionAtItsWave: "It is made when its wave may go, not before."
	VersionAtItsWave
	// DataCountsAsOne: "In proof, unpinning and inventory, versions with equal data count as one."
	DataCountsAsOne
	// PinFirst: "A group on $Latest of a template is pinned before a version is made."
	PinFirst
	// PinUntilVersion: "A floating spelling makes a pin due only until its template has a version of this attempt."
	PinUntilVersion
	// OutsideRefused: "A group outside the release that floats on a template of it is a blocker."
	OutsideRefused
	// RestateLatest: "Before unpinning, where $Latest has not the floating groups' After data, one more version with them is made."
	RestateLatest
	// RecordComplete: the pin record is "closed by a tag complete"; before that it counts for nothing.
	RecordComplete

	// DecisionFirst: "Each call of Step reads the decision first. Where it is rejected, only what the undo has due is
	// written, by whichever process." Without it process 1 does not look at the decision.
	DecisionFirst
	// UndoProvesAll: the undo "has nothing left when one look shows each group in scope, each template, parameter and
	// spelling as Before". Without it the groups are enough.
	UndoProvesAll
	// UndoInScope: "each group in scope … and all other groups at rest." Without it all groups must be as Before.
	UndoInScope
	// UnpinLast: "The undo restores in any order, unpins last." Without it a group is unpinned whenever its spelling means,
	// by data, what it launches.
	UnpinLast
	// ScopeGroupAllFailed: "Scope group is every group of which a refresh of ours in this attempt failed, whatever step the mark names."
	ScopeGroupAllFailed
	// PinKeptIsNamed: "A group that stays at After where its template was restored keeps its pin, and the error names it."
	PinKeptIsNamed
	// RestoreOverOursOnly: "A template gets one more version where $Latest is a version of the release; where somebody
	// else's is newer nothing is made."
	RestoreOverOursOnly
	// FailureStays: "A failed or cancelled refresh of ours is the group's result even when a newer one of ours exists."
	FailureStays
	// UndoRefreshKnown: "A refresh to Before's version or data, in a release that has versions, is the undo's: followed
	// while it runs, its result when it failed, nothing to a later attempt."
	UndoRefreshKnown
	// StrangerIsStale: "Any other newer refresh is ErrStale for that group."
	StrangerIsStale
	// FailedCheckIsMark: "A failed check is a mark under every policy."
	FailedCheckIsMark
	// AttemptCarried: "Retry overwrites the decision with attempt n; version marks, gate marks and the digest carry the
	// attempt; what carries another one is history."
	AttemptCarried
	// TokenHasAttempt: "client tokens carry the attempt."
	TokenHasAttempt
	// RetryRefused: "Retry is refused while an undo has something left."
	RetryRefused
	// HoldBeginsNothing: hold means "begin nothing, follow what runs".
	HoldBeginsNothing

	// GateBeforeWave: "The gate before a wave holds the soak and the checks of the wave before it."
	GateBeforeWave
	// LastGate: "the last wave's soak and checks gate the defaults, pointers and unpinning."
	LastGate
	// ApprovalByDigest: "an approval counts for the plan whose digest it names."
	ApprovalByDigest

	// LookOrder: "A look reads the source image's marks, then groups and refreshes, then template versions, then the
	// marks again." Without it: marks, templates, groups.
	LookOrder
	// LookThrownAway: "where decision or attempt changed in between it is thrown away."
	LookThrownAway
	// RecordAfterGroups: "The pin record is read after the groups that it is made from."
	RecordAfterGroups
	// RefreshOutlastsT: "T is shorter than any refresh that replaces an instance."
	RefreshOutlastsT
	// WaitUndoUnpins: while another runner's mark counts, "unpinning in an undo waits 2T from the decision".
	WaitUndoUnpins
	// WaitNewAttempt: while another runner's mark counts, "a new attempt's first write waits 2T from the decision".
	WaitNewAttempt
	// WaitDecisionEnds: while another runner's mark counts, a look that ends a run waits 2T from the decision, a failed
	// check's mark included. Retry rests on such a look.
	WaitDecisionEnds
	// WaitEnd: while another runner's mark counts, "ending a run waits 2T after the end of the group's newest refresh".
	// Retry rests on such a look.
	WaitEnd
	// WaitStart: while another runner's mark counts, "starting a refresh of a group waits 2T after the end of its newest refresh".
	WaitStart
	// RollbackWaits: while another runner's mark counts, RollbackInstanceRefresh waits 2T after the start of the refresh,
	// for the call names the group only.
	RollbackWaits
	// MarkThenLook: a write rests on a look that began when the runner's own mark was there.
	MarkThenLook
	// MarkCounts: another runner's mark counts until its last possible write; a dead runner's, too, and the process that
	// takes its place has another id.
	MarkCounts
	// UnansweredCounts: a write of one's own that was not answered counts as another runner until it can no longer land.
	UnansweredCounts
	// AloneAtBothEnds: a runner is alone where both readings of the marks in its look show no other mark.
	AloneAtBothEnds
	// LeavingKeepsMark: a run that stops while something is due or runs leaves its mark to grow old.
	LeavingKeepsMark
	// DecisionAwaitsLooks: within a process, whose looks share one mark, a decision is written and a run is ended only
	// when none of its other looks is in hand.
	DecisionAwaitsLooks

	ruleCount
)

// ruleTable names the rules, and for each the world that breaks without it.
var ruleTable = [ruleCount]struct{ name, world string }{
	BeforeFromHistory:   {"BeforeFromHistory", "1s-foreign-version"},
	OneVersionPerSource: {"OneVersionPerSource", "1e-equal-sources"},
	VersionAtItsWave:    {"VersionAtItsWave", "1d-two-sources"},
	DataCountsAsOne:     {"DataCountsAsOne", "1b-float"},
	PinFirst:            {"PinFirst", "1b-float"},
	PinUntilVersion:     {"PinUntilVersion", "1q-scale-out"},
	OutsideRefused:      {"OutsideRefused", "1l-outside"},
	RestateLatest:       {"RestateLatest", "1d-two-sources"},
	RecordComplete:      {"RecordComplete", "1w-record"},
	DecisionFirst:       {"DecisionFirst", "3a-numbers"},
	UndoProvesAll:       {"UndoProvesAll", "1a-numbers"},
	UndoInScope:         {"UndoInScope", "1f-scope-group"},
	UnpinLast:           {"UnpinLast", "1y-no-restore-float"},
	ScopeGroupAllFailed: {"ScopeGroupAllFailed", "1f-scope-group"},
	PinKeptIsNamed:      {"PinKeptIsNamed", "1f-scope-group"},
	RestoreOverOursOnly: {"RestoreOverOursOnly", "1s-foreign-version"},
	FailureStays:        {"FailureStays", "2a-death"},
	UndoRefreshKnown:    {"UndoRefreshKnown", "1a-numbers"},
	StrangerIsStale:     {"StrangerIsStale", "1r-foreign-refresh"},
	FailedCheckIsMark:   {"FailedCheckIsMark", "1u-leave-check"},
	AttemptCarried:      {"AttemptCarried", "1c-float-retry"},
	TokenHasAttempt:     {"TokenHasAttempt", "1c-float-retry"},
	RetryRefused:        {"RetryRefused", "1c-float-retry"},
	HoldBeginsNothing:   {"HoldBeginsNothing", "1x-hold"},
	GateBeforeWave:      {"GateBeforeWave", "1a-numbers"},
	LastGate:            {"LastGate", "1j-auto-rollback"},
	ApprovalByDigest:    {"ApprovalByDigest", "1k-approval"},
	LookOrder:           {"LookOrder", "4a-parts"},
	LookThrownAway:      {"LookThrownAway", "4e-parts-one-group"},
	RecordAfterGroups:   {"RecordAfterGroups", "4e-parts-one-group"},
	RefreshOutlastsT:    {"RefreshOutlastsT", "2f-death-last-check"},
	WaitUndoUnpins:      {"WaitUndoUnpins", "2c-death-two-templates"},
	WaitNewAttempt:      {"WaitNewAttempt", "2b-death-retry"},
	WaitDecisionEnds:    {"WaitDecisionEnds", "3m-leave-check"},
	WaitEnd:             {"WaitEnd", "2a-death"},
	WaitStart:           {"WaitStart", "2c-death-two-templates"},
	RollbackWaits:       {"RollbackWaits", "3o-cancel-retry"},
	MarkThenLook:        {"MarkThenLook", "3m-leave-check"},
	MarkCounts:          {"MarkCounts", "2c-death-two-templates"},
	UnansweredCounts:    {"UnansweredCounts", "2c-death-two-templates"},
	AloneAtBothEnds:     {"AloneAtBothEnds", "4c-parts-retry"},
	LeavingKeepsMark:    {"LeavingKeepsMark", "6d-three-processes-cancel"},
	DecisionAwaitsLooks: {"DecisionAwaitsLooks", "7a-loops"},
}

func (r Rule) String() string { return ruleTable[r].name }
