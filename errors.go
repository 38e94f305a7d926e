package readyami

import (
	"errors"
	"strings"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/plan"
)

// Sentinels to branch on. The errors of the packages that do the work come through
// as they are: [ami.ErrNameTaken], [region.ErrRegionNotEnabled], [asg.ErrRolledBack].
var (
	// ErrInvalidInput means that a delivery or a plan was refused before any call.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrCredentialsExpired means that AWS refused the credentials as expired. Applying
	// the plan again with fresh ones goes on.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrStale means that the world is not the one that the plan was made from, or
	// that a step met a world which is neither its Before nor its After. Nothing is
	// undone.
	ErrStale = fault.New("readyami.Stale", "the world is not what the plan says")
	// ErrRejected means that the release has failed and that its undo has nothing left
	// to do. [Client.Retry] begins a new attempt.
	ErrRejected = fault.New("readyami.Rejected", "the release was rejected")
	// ErrHeld means that the release is held: nothing is written until the hold is
	// lifted.
	ErrHeld = fault.New("readyami.Held", "the release is held")
	// ErrNotDue means that nothing is due for longer than MaxWait.
	ErrNotDue = fault.New("readyami.NotDue", "nothing is due yet", fault.Retryable)
	// ErrBudget means that something took longer than its budget allows.
	ErrBudget = fault.New("readyami.Budget", "the budget has run out")
	// ErrNotOver means that a call needs a release whose run is over.
	ErrNotOver = fault.New("readyami.NotOver", "the release is not over", fault.Retryable)
	// ErrFloatingVersion means that a group launches $Latest or $Default of a launch
	// template that gets a new version.
	ErrFloatingVersion = fault.New("readyami.FloatingVersion", "the group launches $Latest or $Default of its launch template")
	// ErrUnsupportedGroup means that a group cannot be brought to another image by its
	// launch templates.
	ErrUnsupportedGroup = fault.New("readyami.UnsupportedGroup", "the group cannot be refreshed to the image")
	// ErrAmbiguousDefault means that it is not clear which version should become the
	// default version of a launch template.
	ErrAmbiguousDefault = fault.New("readyami.AmbiguousDefault", "the new default version is ambiguous")
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels below, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "readyami.Apply".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the release, step, image, launch template or group that the error is about.
//   - IDs []string: what to resume from or to look at: refreshes, images and instances.
//   - State string: the last state that was seen.
//   - Reason string: what was wrong, in AWS's words where AWS said it.
//   - Progress string: how far the snapshots of an image were, such as "42%".
//   - Hint string: what the reason usually means, and what to do.
//   - Elapsed time.Duration: how long a wait lasted.
//   - Kind error: the sentinel, which errors.Is finds as well.
//   - Err error: the cause, in which errors.As finds a smithy.APIError.
//
// Its methods besides Error and Unwrap:
//
//   - Code() string: a stable code. It is that of the sentinel, such as
//     "readyami.Stale"; without one "DeadlineExceeded" or "Canceled"
//     if the context ended, AWS's own behind "aws.", or "Unknown".
//   - Retryable() bool: whether the same call may succeed later with nothing
//     changed but the credentials. It is true after throttling, server and
//     network errors, expired credentials and the end of a context.
//   - RequestID() string: that of the AWS call that failed.
//   - MarshalJSON and UnmarshalJSON: code, message, hint and retryable, and the
//     fields above in camelCase. An Error that was read from JSON has the same
//     text, code and sentinel.
type Error = fault.Error

func invalid(op, format string, args ...any) error {
	return fault.Invalid(op, fault.Place{}, format, args...)
}

// blocked is the error of a plan that has blockers.
func blocked(op string, findings []plan.Finding) error {
	var errs []error
	for _, f := range findings {
		errs = append(errs, &Error{
			Op: op, Account: f.Account, Region: f.Region, ID: f.Resource, Kind: fault.ByCode(f.Code), Reason: f.Detail, Hint: f.Hint,
		})
	}
	return errors.Join(errs...)
}

// dataOf is an error as plain data, nil for none.
func dataOf(err error) *plan.Error {
	d := fault.DataOf(err)
	if d == nil {
		return nil
	}
	return &plan.Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Retryable: d.Retryable}
}

// detailOf is what an error says beside the place, the resource and the hint that its
// finding has.
func detailOf(e *Error) string {
	detail := *e
	detail.Op, detail.Account, detail.Region, detail.ID, detail.Hint = "", "", "", "", ""
	return strings.TrimPrefix(detail.Error(), ": ")
}
