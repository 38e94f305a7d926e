package launchtemplate

import (
	"github.com/readyami/readyami/internal/fault"
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels below, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "launchtemplate.NextVersion".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the id or name of the launch template.
//   - IDs []string: the versions or templates that it names.
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
//     "launchtemplate.Drift"; without one "DeadlineExceeded" or "Canceled"
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
	// ErrNotFound marks a template or a version that does not exist.
	ErrNotFound = fault.ErrNotFound
	// ErrNotVisible means that AWS has created the template, or refuses its name
	// as taken, and does not show it within the grace period of the schedule.
	// Error.IDs has its ID if AWS returned it. The same call made later finds a
	// template that is only late. It satisfies ErrNotFound.
	ErrNotVisible = fault.ErrNotVisible
	// ErrCredentialsExpired marks a call refused because of old credentials.
	ErrCredentialsExpired = fault.ErrCredentialsExpired

	// ErrNameTaken marks a template name that somebody else's template has, or
	// one of ours that was made from other input.
	ErrNameTaken = fault.New("launchtemplate.NameTaken", "launch template name is taken")
	// ErrPinnedSnapshot marks a source version whose disks come from named
	// snapshots: what becomes of these cannot be known without the image.
	ErrPinnedSnapshot = fault.New("launchtemplate.PinnedSnapshot", "a block device mapping names a snapshot")
	// ErrRootDevice marks a source version whose root disk settings would miss
	// the root device of the image and add a second disk instead.
	ErrRootDevice = fault.New("launchtemplate.RootDevice", "the root device of the launch template is not that of the image")
	// ErrDrift marks a version that differs from its source in more than what
	// was asked for. The version exists.
	ErrDrift = fault.New("launchtemplate.Drift", "the new version differs from its source")
	// ErrUnresolvedAlias marks an image given as a Systems Manager parameter that AWS
	// cannot resolve.
	ErrUnresolvedAlias = fault.New("launchtemplate.UnresolvedAlias", "the image alias cannot be resolved")
	// ErrUsesUnknown marks a search for what uses a template that could not be
	// finished. Everything has to count as used.
	ErrUsesUnknown = fault.New("launchtemplate.UsesUnknown", "what uses the launch template is not known")
	// ErrNotDeleted marks a version that AWS did not delete.
	ErrNotDeleted = fault.New("launchtemplate.NotDeleted", "launch template version was not deleted")
)
