package asg

import (
	"github.com/readyami/readyami/internal/fault"
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels below, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "asg.Wait".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the group, or the template or instance, that the error is about.
//   - IDs []string: what to resume from or to look at: refreshes and instances.
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
//     "asg.RefreshFailed"; without one "DeadlineExceeded" or "Canceled"
//     if the context ended, AWS's own behind "aws.", or "Unknown".
//   - Retryable() bool: whether the same call may succeed later with nothing
//     changed but the credentials. It is true after throttling, server and
//     network errors, expired credentials and the end of a context.
//   - RequestID() string: that of the AWS call that failed.
//   - MarshalJSON and UnmarshalJSON: code, message, hint and retryable, and the
//     fields above in camelCase. An Error that was read from JSON has the same
//     text, code and sentinel.
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
	ErrNameTaken = fault.New("asg.NameTaken", "group name is taken")
	// ErrMixedInstances marks a group with a mixed instances policy, which a
	// plain launch template would replace.
	ErrMixedInstances = fault.New("asg.MixedInstances", "the group has a mixed instances policy")
	// ErrOtherVersion marks a group that launches something else than a change went
	// out from, or than a spelling of its version means.
	ErrOtherVersion = fault.New("asg.OtherVersion", "the group launches another version")
	// ErrNotEquivalent marks a launch configuration that no launch template is
	// equivalent to.
	ErrNotEquivalent = fault.New("asg.NotEquivalent", "no launch template is equivalent to the launch configuration")
	// ErrRefreshInProgress marks a group whose running refresh is in the way.
	ErrRefreshInProgress = fault.New("asg.RefreshInProgress", "an instance refresh is in progress", fault.Retryable)
	// ErrOtherRefresh marks an active refresh that is not the one that was meant.
	ErrOtherRefresh = fault.New("asg.OtherRefresh", "another instance refresh is active")
	// ErrAttributeBased marks a group that chooses instance types by attributes,
	// which AWS refreshes without a desired configuration only.
	ErrAttributeBased = fault.New("asg.AttributeBased", "the group chooses instance types by attributes")
	// ErrRollbackUnavailable marks a refresh that AWS cannot roll back: it has no
	// desired configuration, the group's own template version is $Latest or
	// $Default, the image is an SSM parameter, or the refresh has ended.
	ErrRollbackUnavailable = fault.New("asg.RollbackUnavailable", "rollback is not available")
	// ErrRollbackIncomplete marks a group that is not what it was before: the
	// error lists the instances in its IDs.
	ErrRollbackIncomplete = fault.New("asg.RollbackIncomplete", "rollback is incomplete")
	// ErrRefreshStalled marks a refresh that has not moved for as long as the
	// options of the watch allow. It is still active.
	ErrRefreshStalled = fault.New("asg.RefreshStalled", "instance refresh has stalled")
	// ErrNotReplaced marks a refresh that succeeded and left instances as they
	// were: the error lists them in its IDs. The group launches the new version.
	ErrNotReplaced = fault.New("asg.NotReplaced", "instances were not replaced")
	// ErrVerifyFailed marks a refresh whose new instances the caller's Verify
	// found bad, or came to no answer about in its budget.
	ErrVerifyFailed = fault.New("asg.VerifyFailed", "verification of the new instances failed", fault.Final)

	// ErrWarmPoolInUse means that a warm pool has instances, and that the caller did
	// not ask to terminate them. The error lists them in its IDs.
	ErrWarmPoolInUse = fault.New("asg.WarmPoolInUse", "the warm pool has instances")

	// ErrWarmupUnknown marks an image of which nothing was measured.
	ErrWarmupUnknown = fault.New("asg.WarmupUnknown", "how long instances of the image take is unknown")

	// What [Preflight] finds and what blocks a refresh, besides some of the above.

	// ErrProcessSuspended marks a group with suspended processes that a refresh
	// needs.
	ErrProcessSuspended = fault.New("asg.ProcessSuspended", "processes of the group are suspended")
	// ErrLaunchRefused marks a version that EC2 would not launch, or not for the
	// caller.
	ErrLaunchRefused = fault.New("asg.LaunchRefused", "EC2 refuses to launch the version")
	// ErrSSMImage marks a version whose image is an SSM parameter, which no
	// desired configuration may name.
	ErrSSMImage = fault.New("asg.SSMImage", "the image is an SSM parameter")

	// How a refresh can end badly. Only Successful is a success.
	ErrRefreshFailed    = fault.New("asg.RefreshFailed", "instance refresh failed")
	ErrRefreshCancelled = fault.New("asg.RefreshCancelled", "instance refresh was cancelled")
	ErrRolledBack       = fault.New("asg.RolledBack", "instance refresh was rolled back")
	ErrRollbackFailed   = fault.New("asg.RollbackFailed", "rollback of the instance refresh failed")
)

// AWS's codes. An unknown group has none of its own: it is a ValidationError
// like much else, so who needs to know reads the group.
const (
	codeAlreadyExists     = "AlreadyExists"
	codeRefreshInProgress = "InstanceRefreshInProgress"
	codeNoActiveRefresh   = "ActiveInstanceRefreshNotFound"
	codeIrreversible      = "IrreversibleInstanceRefresh"
	codeValidation        = "ValidationError"
	codeResourceInUse     = "ResourceInUse"
)
