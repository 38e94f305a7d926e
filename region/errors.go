package region

import (
	"github.com/readyami/readyami/internal/fault"
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels below, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "region.Copy".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the image or key that the error is about.
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
//     "region.KeyUnusable"; without one "DeadlineExceeded" or "Canceled"
//     if the context ended, AWS's own behind "aws.", or "Unknown".
//   - Retryable() bool: whether the same call may succeed later with nothing
//     changed but the credentials. It is true after throttling, server and
//     network errors, expired credentials and the end of a context.
//   - RequestID() string: that of the AWS call that failed.
//   - MarshalJSON and UnmarshalJSON: code, message, hint and retryable, and the
//     fields above in camelCase. An Error that was read from JSON has the same
//     text, code and sentinel.
type Error = fault.Error

// What a caller may branch on, with errors.Is; the sentinels of package ami
// come through as well.
var (
	// ErrInvalidInput: the input was refused before anything was written.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrCredentialsExpired: the same call with fresh credentials may succeed.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrUnknownRegion: the partition has no such Region. It is an ErrInvalidInput.
	ErrUnknownRegion = fault.New("region.UnknownRegion", "invalid input: no such Region", fault.Under(ErrInvalidInput))
	// ErrRegionNotEnabled: the account has not opted in to the Region. To calls
	// in such a Region AWS answers as if the credentials were wrong.
	// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
	ErrRegionNotEnabled = fault.New("region.RegionNotEnabled", "the account has not enabled the Region")
	// ErrKeyUnusable: the KMS key of a target does not exist there, is not enabled, or
	// is not one that volumes can be encrypted with; Error.ID is the key.
	ErrKeyUnusable = fault.New("region.KeyUnusable", "KMS key cannot be used")
	// ErrRemoved: the copy was good, or might have become so, and was removed
	// because that of another target failed; the policy was [FailurePolicyAllOrNothing].
	ErrRemoved = fault.New("region.Removed", "copy was removed with the others")
	// ErrWrongAccount: the credentials for a target are of another account.
	ErrWrongAccount = fault.New("region.WrongAccount", "credentials are of another account")
)
