package region

import (
	"errors"
	"fmt"

	"github.com/readyami/readyami/internal/fault"
)

// Error is the one shape of the errors of this package.
type Error = fault.Error

// What a caller may branch on, with errors.Is; the sentinels of package ami
// come through as well.
var (
	// ErrInvalidInput: the input was refused before anything was written.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrCredentialsExpired: the same call with fresh credentials may succeed.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrUnknownRegion: the partition has no such Region. It is an ErrInvalidInput.
	ErrUnknownRegion = fmt.Errorf("%w: no such Region", ErrInvalidInput)
	// ErrRegionNotEnabled: the account has not opted in to the Region. To calls
	// in such a Region AWS answers as if the credentials were wrong.
	// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
	ErrRegionNotEnabled = errors.New("the account has not enabled the Region")
	// ErrKey: the KMS key of a target does not exist there, is not enabled, or
	// is not one that volumes can be encrypted with; Error.ID is the key.
	ErrKey = errors.New("KMS key cannot be used")
	// ErrRemoved: the copy was good, or might have become so, and was removed
	// because that of another target failed; the policy was [AllOrNothing].
	ErrRemoved = errors.New("copy was removed with the others")
	// ErrWrongAccount: the credentials for a target are of another account.
	ErrWrongAccount = errors.New("credentials are of another account")
)
