package plan

import "time"

// Result is how far a step is, as a look at AWS showed it.
type Result struct {
	Step  StepID `json:"step"`
	State State  `json:"state"`
	// Wrote means that the call that gave this result made a write for the step.
	Wrote bool `json:"wrote,omitempty"`
	// Began and Ended are AWS's own times of what the step is about.
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Next is when it is worth looking again. Zero means that nothing is awaited.
	Next time.Time `json:"next,omitzero"`
	// One of these is set, for the kinds of steps that are about one.
	Image    *ImageResult   `json:"image,omitempty"`
	Version  *VersionResult `json:"version,omitempty"`
	Group    *GroupResult   `json:"group,omitempty"`
	Decision *Decision      `json:"decision,omitempty"`
	Pins     *PinsResult    `json:"pins,omitempty"`
	Error    *Error         `json:"error,omitempty"`
	Findings []Finding      `json:"findings,omitempty"`
}

// State is how far a step is.
type State string

const (
	// StateWaiting has something to do that has not begun.
	StateWaiting State = "waiting"
	// StateRunning is under way at AWS. Such a step is followed to its end.
	StateRunning State = "running"
	// StateSucceeded shows on AWS what was asked for.
	StateSucceeded State = "succeeded"
	// StatePartial has succeeded, and some instances or groups were left as they are
	// on purpose: the result names them.
	StatePartial State = "partial"
	// StateFailed has failed.
	StateFailed State = "failed"
	// StateCancelled is a refresh of the release that somebody else cancelled. It
	// stops the release, and nothing is undone.
	StateCancelled State = "cancelled"
	// StateStale met a world that is neither Before nor After. It stops the release,
	// and nothing is undone.
	StateStale State = "stale"
	// StateIdle is a step of an undo while there is nothing to undo.
	StateIdle State = "idle"
)

// Done reports whether the step has ended well.
func (s State) Done() bool { return s == StateSucceeded || s == StatePartial }

// Over reports whether the step has ended, well or not.
func (s State) Over() bool {
	switch s {
	case StateSucceeded, StatePartial, StateFailed, StateCancelled, StateStale:
		return true
	}
	return false
}

// ImageResult is an image.
type ImageResult struct {
	ID        string   `json:"id,omitempty"`
	State     string   `json:"state,omitempty"`  // AWS's
	Reason    string   `json:"reason,omitempty"` // AWS's, for a state that is not good
	Progress  string   `json:"progress,omitempty"`
	Snapshots []string `json:"snapshots,omitempty"`
	Adopted   bool     `json:"adopted,omitempty"`
	// SharedWith and DeprecateAt are what the image has, if Attributes ask for one
	// of them.
	SharedWith  []string `json:"sharedWith,omitempty"`
	DeprecateAt string   `json:"deprecateAt,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
}

// VersionResult is a launch template version.
type VersionResult struct {
	Template string `json:"template"`
	From     int64  `json:"from"`
	To       int64  `json:"to,omitempty"`
	Default  int64  `json:"default,omitempty"`
}

// GroupResult is a group and its newest refresh that concerns the release.
type GroupResult struct {
	RefreshID  string `json:"refreshId,omitempty"`
	Status     string `json:"status,omitempty"` // AWS's
	Reason     string `json:"reason,omitempty"` // AWS's
	Percentage int    `json:"percentage"`       // -1: AWS tells none
	// From and To are the version numbers of the group's own launch template.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// NotReplaced are the instances that the refresh left as they were.
	NotReplaced []string `json:"notReplaced,omitempty"`
	// Activities are the failed scaling activities of a refresh that failed, newest
	// first, in AWS's words.
	Activities []string `json:"activities,omitempty"`
}

// PinsResult names the groups that stay on a numbered version, with the reason.
type PinsResult struct {
	Kept map[string]string `json:"kept,omitempty"`
}

// Decision is what has been decided about a release, as the mark on its source
// image says.
type Decision struct {
	Attempt int `json:"attempt"`
	// Rejected means that the release is to be undone.
	Rejected bool `json:"rejected,omitempty"`
	// Scope, Code, Step and Time are those of the rejection.
	Scope Scope     `json:"scope,omitempty"`
	Code  string    `json:"code,omitempty"`
	Step  StepID    `json:"step,omitempty"`
	Time  time.Time `json:"time,omitzero"`
	// Held means that nothing is written and nothing is decided until it is resumed.
	Held bool `json:"held,omitempty"`
}

// Error is an error as data.
type Error struct {
	// Code is stable: callers branch on it.
	Code      string `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	Retryable bool   `json:"retryable,omitempty"`
}

// Error is the message and the hint, so that an error that crossed as data can be
// returned as one.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}
