package ami

import (
	"context"
	"errors"
	"fmt"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Error is the one shape of the errors of this package: what was attempted, on
// which image in which Region, and what AWS last said of it.
type Error = fault.Error

// What a caller may branch on, with errors.Is.
var (
	// ErrInvalidInput: the input was refused before anything was written.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrNotFound: AWS does not know the image or instance, or no image fits.
	ErrNotFound = fault.ErrNotFound
	// ErrCredentialsExpired: the same call with fresh credentials may succeed.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrNameTaken: another image of the account holds the name; Error.ID is
	// that image where it is known. Disabled and deprecated images hold names.
	ErrNameTaken = errors.New("image name is taken")
	// ErrFailed: the image ended as failed, error or invalid; Error.Reason is
	// AWS's own.
	ErrFailed = errors.New("image failed")
	// ErrDisabled: the image is disabled, and cannot be launched until it is
	// enabled again.
	ErrDisabled = errors.New("image is disabled")
	// ErrGone: the image is deregistered, or AWS does not know it any more.
	ErrGone = errors.New("image is gone")
	// ErrAmbiguous: several images are equally new; Error.IDs names them.
	ErrAmbiguous = errors.New("more than one image is the newest")
	// ErrInstanceState: the instance is in a state that no image is made of.
	ErrInstanceState = errors.New("no image can be made of an instance in this state")
	// ErrUnsupported: AWS makes no image of such a source, in whatever state.
	ErrUnsupported = errors.New("no image can be made of this")
	// ErrSnapshotsLeft: the image is deregistered, but snapshots of it, which
	// Error.IDs names, are still there.
	ErrSnapshotsLeft = errors.New("snapshots were not deleted")
)

// refused reports a call that failed. Where ctx ended, that is the cause, and
// the call's own words come second.
func refused(ctx context.Context, op, region, id string, err error) *Error {
	if ended := poll.Ended(ctx); ended != nil {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return fault.Call(op, region, id, err)
}
