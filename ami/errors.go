package ami

import (
	"context"
	"fmt"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels below, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "ami.Wait".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the image, instance, snapshot or parameter that the error is about.
//   - IDs []string: what to resume from or to clean up: images and snapshots.
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
//     "ami.NameTaken"; without one "DeadlineExceeded" or "Canceled"
//     if the context ended, AWS's own behind "aws.", or "Unknown".
//   - Retryable() bool: whether the same call may succeed later with nothing
//     changed but the credentials. It is true after throttling, server and
//     network errors, expired credentials and the end of a context.
//   - RequestID() string: that of the AWS call that failed.
//   - MarshalJSON and UnmarshalJSON: code, message, hint and retryable, and the
//     fields above in camelCase. An Error that was read from JSON has the same
//     text, code and sentinel.
type Error = fault.Error

// What a caller may branch on, with errors.Is.
var (
	// ErrInvalidInput: the input was refused before anything was written.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrNotFound: AWS does not know the image or instance, or no image fits.
	ErrNotFound = fault.ErrNotFound
	// ErrNotVisible means that AWS has not shown the image within the grace period
	// of the schedule, although it returned the ID or refuses the name as taken.
	// The same call made later finds an image that is only late. It satisfies
	// ErrNotFound.
	ErrNotVisible = fault.ErrNotVisible
	// ErrCredentialsExpired: the same call with fresh credentials may succeed.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrNameTaken: another image of the account holds the name; Error.ID is
	// that image where it is known. Disabled and deprecated images hold names.
	ErrNameTaken = fault.New("ami.NameTaken", "image name is taken")
	// ErrFailed: the image ended as failed, error or invalid; Error.Reason is
	// AWS's own.
	ErrFailed = fault.New("ami.Failed", "image failed")
	// ErrDisabled: the image is disabled, and cannot be launched until it is
	// enabled again.
	ErrDisabled = fault.New("ami.Disabled", "image is disabled")
	// ErrDeregistered: the image is deregistered, or AWS does not know it any more.
	ErrDeregistered = fault.New("ami.Deregistered", "image is deregistered", fault.Under(ErrNotFound))
	// ErrAmbiguous: several images are equally new; Error.IDs names them.
	ErrAmbiguous = fault.New("ami.Ambiguous", "more than one image is the newest")
	// ErrInstanceState: the instance is in a state that no image is made of.
	ErrInstanceState = fault.New("ami.InstanceState", "no image can be made of an instance in this state")
	// ErrUnsupported: AWS makes no image of such a source, in whatever state.
	ErrUnsupported = fault.New("ami.Unsupported", "no image can be made of this")
	// ErrSnapshotsLeft: the image is deregistered, but snapshots of it, which
	// Error.IDs names, are still there.
	ErrSnapshotsLeft = fault.New("ami.SnapshotsLeft", "snapshots were not deleted")
)

// refused reports a call that failed. Where ctx ended, that is the cause, and
// the call's own words come second.
func refused(ctx context.Context, op string, at fault.Place, id string, err error) *Error {
	if ended := poll.Ended(ctx); ended != nil {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return fault.Call(op, at, id, err)
}
