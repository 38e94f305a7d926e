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
	// ErrWrongAccount: the credentials for a target are of another account.
	ErrWrongAccount = errors.New("credentials are of another account")
)
