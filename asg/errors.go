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
	// ErrOtherVersion marks a group that launches something else than a change went
	// out from, or than a spelling of its version means.
	ErrOtherVersion = errors.New("the group launches another version")
	// ErrNotEquivalent marks a launch configuration that no launch template is
	// equivalent to.
	ErrNotEquivalent = errors.New("no launch template is equivalent to the launch configuration")
	// ErrRefreshInProgress marks a group whose running refresh is in the way.
	ErrRefreshInProgress = errors.New("an instance refresh is in progress")
	// ErrOtherRefresh marks an active refresh that is not the one that was meant.
	ErrOtherRefresh = errors.New("another instance refresh is active")
	// ErrAttributeBased marks a group that chooses instance types by attributes,
	// which AWS refreshes without a desired configuration only.
	ErrAttributeBased = errors.New("the group chooses instance types by attributes")
	// ErrRollbackUnavailable marks a refresh that AWS cannot roll back: it has no
	// desired configuration, the group's own template version is $Latest or
	// $Default, the image is an SSM parameter, or the refresh has ended.
	ErrRollbackUnavailable = errors.New("rollback is not available")
	// ErrRollbackIncomplete marks a group that is not what it was before: the
	// error lists the instances in its IDs.
	ErrRollbackIncomplete = errors.New("rollback is incomplete")
	// ErrRefreshStalled marks a refresh that has not moved for as long as the
	// options of the watch allow. It is still active.
	ErrRefreshStalled = errors.New("instance refresh has stalled")
	// ErrNotReplaced marks a refresh that succeeded and left instances as they
	// were: the error lists them in its IDs. The group launches the new version.
	ErrNotReplaced = errors.New("instances were not replaced")
	// ErrVerifyFailed marks a refresh whose new instances the caller's Verify
	// found bad, or came to no answer about in its budget.
	ErrVerifyFailed = errors.New("verification of the new instances failed")

	// ErrWarmupUnknown marks an image of which nothing was measured.
	ErrWarmupUnknown = errors.New("how long instances of the image take is unknown")

	// What [Preflight] finds, besides some of the above.

	// ErrProcessSuspended marks a group with suspended processes that a refresh
	// needs.
	ErrProcessSuspended = errors.New("processes of the group are suspended")
	// ErrHealthCheckType marks a group behind a load balancer whose health
	// checks it does not heed: a dead application counts as healthy.
	ErrHealthCheckType = errors.New("the group does not heed its load balancers' health checks")
	// ErrInstancesHeld marks instances that are protected from scale-in or in
	// standby, for which a refresh waits an hour or which it leaves as they are.
	ErrInstancesHeld = errors.New("instances are protected or in standby")
	// ErrNoneInService marks preferences with which nothing may be in service
	// for a while.
	ErrNoneInService = errors.New("no instance may be in service for a while")
	// ErrLaunchRefused marks a version that EC2 would not launch, or not for the
	// caller.
	ErrLaunchRefused = errors.New("EC2 refuses to launch the version")
	// ErrSSMImage marks a version whose image is an SSM parameter, which no
	// desired configuration may name.
	ErrSSMImage = errors.New("the image is an SSM parameter")

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
	codeNoActiveRefresh   = "ActiveInstanceRefreshNotFound"
	codeIrreversible      = "IrreversibleInstanceRefresh"
	codeValidation        = "ValidationError"
)
