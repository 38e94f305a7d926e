package readyami

import (
	"errors"

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

// Error is the error of every function of this package: see its fields.
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
