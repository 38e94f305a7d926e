package asg

import (
	"errors"

	"github.com/readyami/readyami/internal/fault"
)

// Error is what every function of this package fails with.
type Error = fault.Error

// What a caller branches on, with errors.Is.
var (
	// ErrInvalidInput marks input that was refused before anything was written.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrNotFound marks a group or a refresh that AWS does not know.
	ErrNotFound = fault.ErrNotFound
	// ErrCredentialsExpired marks a call refused because of old credentials.
	ErrCredentialsExpired = fault.ErrCredentialsExpired

	// ErrNameTaken marks a group of that name that has another launch source
	// or other sizes, or is being deleted.
	ErrNameTaken = errors.New("group name is taken")
	// ErrMixedInstances marks a group with a mixed instances policy, which a
	// plain launch template would replace.
	ErrMixedInstances = errors.New("the group has a mixed instances policy")
	// ErrRefreshInProgress marks a group whose running refresh is in the way.
	ErrRefreshInProgress = errors.New("an instance refresh is in progress")

	// How a refresh can end badly. Only Successful is a success.
	ErrRefreshFailed    = errors.New("instance refresh failed")
	ErrRefreshCancelled = errors.New("instance refresh was cancelled")
	ErrRolledBack       = errors.New("instance refresh was rolled back")
	ErrRollbackFailed   = errors.New("rollback of the instance refresh failed")
)

// AWS's codes. An unknown group has none of its own: it is a ValidationError
// like much else, so who needs to know reads the group.
const (
	codeAlreadyExists     = "AlreadyExists"
	codeRefreshInProgress = "InstanceRefreshInProgress"
	codeValidation        = "ValidationError"
)
