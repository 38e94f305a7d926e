package plan

import "time"

// Result is how far a step is, as a look at AWS showed it.
type Result struct {
	// Step is the id of the step.
	Step StepID `json:"step"`
	// State is how far the step is.
	State State `json:"state"`
	// Wrote means that the call that returned this result made a write for the step.
	Wrote bool `json:"wrote,omitempty"`
	// Began is AWS's time of the beginning of what the step is about. Zero if it has not
	// begun, or AWS reports no time.
	Began time.Time `json:"began,omitzero"`
	// Ended is AWS's time of its end. Zero if it has not ended, or AWS reports no time.
	Ended time.Time `json:"ended,omitzero"`
	// Next is when it is worth looking again. Zero means that nothing is awaited.
	Next time.Time `json:"next,omitzero"`
	// Image is set for steps about an image.
	Image *ImageResult `json:"image,omitempty"`
	// Version is set for template-version and set-default steps.
	Version *VersionResult `json:"version,omitempty"`
	// Group is set for refresh and restore-group steps.
	Group *GroupResult `json:"group,omitempty"`
	// Decision is set for the reject step.
	Decision *Decision `json:"decision,omitempty"`
	// Pins is set for unpin steps.
	Pins *PinsResult `json:"pins,omitempty"`
	// Error is what the last try of the step met. Nil if there was no error.
	Error *Error `json:"error,omitempty"`
	// Findings are warnings about the step.
	Findings []Finding `json:"findings,omitempty"`
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
	// StateCancelled is a refresh of the release that was cancelled by another principal. It
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
	// ID of the image. Empty if there is none yet.
	ID string `json:"id,omitempty"`
	// State is AWS's, such as "pending" or "available".
	State string `json:"state,omitempty"`
	// Reason is AWS's, for an image that failed.
	Reason string `json:"reason,omitempty"`
	// Hint is what the reason usually means.
	Hint string `json:"hint,omitempty"`
	// Progress is that of the snapshots of a pending image, such as "42%". It is read
	// only if events are handled.
	Progress string `json:"progress,omitempty"`
	// Snapshots are the ids of the image's snapshots.
	Snapshots []string `json:"snapshots,omitempty"`
	// Adopted means that the image existed before this run.
	Adopted bool `json:"adopted,omitempty"`
	// SharedWith is whom the image is shared with. It is set only if Attributes ask for
	// sharing or deprecation.
	SharedWith []string `json:"sharedWith,omitempty"`
	// DeprecateAt is the deprecation time of the image in AWS's format. It is set only if
	// Attributes ask for sharing or deprecation.
	DeprecateAt string `json:"deprecateAt,omitempty"`
	// Warnings are sentences about the image.
	Warnings []string `json:"warnings,omitempty"`
}

// VersionResult is a launch template version.
type VersionResult struct {
	// Template is the id of the launch template.
	Template string `json:"template"`
	// From is the number of the source version.
	From int64 `json:"from"`
	// To is the number of the version with the image. Zero if it does not exist yet.
	To int64 `json:"to,omitempty"`
	// Default is the number of the default version. It is set for set-default steps.
	Default int64 `json:"default,omitempty"`
}

// GroupResult is a group and its newest refresh that concerns the release.
type GroupResult struct {
	// RefreshID of the instance refresh. Empty if there is none.
	RefreshID string `json:"refreshId,omitempty"`
	// Status of the refresh, AWS's own, such as "InProgress".
	Status string `json:"status,omitempty"`
	// Reason of the status, in AWS's words.
	Reason string `json:"reason,omitempty"`
	// Percentage of the refresh that is complete. It is -1 if AWS reports none.
	Percentage int `json:"percentage"`
	// From is the version of the group's own launch template before the release.
	From int64 `json:"from,omitempty"`
	// To is the version that the refresh brings. Zero if it does not exist yet.
	To int64 `json:"to,omitempty"`
	// NotReplaced are the instances that the refresh left as they were.
	NotReplaced []string `json:"notReplaced,omitempty"`
	// Activities are the failed scaling activities of a refresh that failed, newest
	// first, in AWS's words.
	Activities []string `json:"activities,omitempty"`
	// Hint is what these activities usually mean.
	Hint string `json:"hint,omitempty"`
}

// PinsResult names the groups that stay on a numbered version, with the reason.
type PinsResult struct {
	// Kept has the reason by the name of the group. Empty if no group stays.
	Kept map[string]string `json:"kept,omitempty"`
}

// Decision is what has been decided about a release, as the mark on its source
// image says.
type Decision struct {
	// Attempt that the decision is about. The first one is 1.
	Attempt int `json:"attempt"`
	// Rejected means that the release is to be undone.
	Rejected bool `json:"rejected,omitempty"`
	// Scope of the rejection.
	Scope Scope `json:"scope,omitempty"`
	// Code of the error that led to the rejection.
	Code string `json:"code,omitempty"`
	// Step that failed.
	Step StepID `json:"step,omitempty"`
	// Time of the rejection.
	Time time.Time `json:"time,omitzero"`
	// Held means that nothing is written and nothing is decided until it is resumed.
	Held bool `json:"held,omitempty"`
}

// Error is an error as data.
type Error struct {
	// Code is stable: callers branch on it. docs/errors.md lists all codes.
	Code string `json:"code"`
	// Message is the whole text, for people. Its wording changes.
	Message string `json:"message"`
	// Hint is what to do. Optional.
	Hint string `json:"hint,omitempty"`
	// Retryable means that the same call may succeed later.
	Retryable bool `json:"retryable,omitempty"`
}

// Error is the message and the hint, so that an error that crossed as data can be
// returned as one.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}
