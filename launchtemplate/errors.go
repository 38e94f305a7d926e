package launchtemplate

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
	// ErrNotFound marks a template or a version that does not exist.
	ErrNotFound = fault.ErrNotFound
	// ErrCredentialsExpired marks a call refused because of old credentials.
	ErrCredentialsExpired = fault.ErrCredentialsExpired

	// ErrNameTaken marks a template name that somebody else's template has, or
	// one of ours that was made from other input.
	ErrNameTaken = errors.New("launch template name is taken")
	// ErrPinnedSnapshot marks a source version whose disks come from named
	// snapshots: what becomes of these cannot be known without the image.
	ErrPinnedSnapshot = errors.New("a block device mapping names a snapshot")
	// ErrRootDevice marks a source version whose root disk settings would miss
	// the root device of the image and add a second disk instead.
	ErrRootDevice = errors.New("the root device of the launch template is not that of the image")
	// ErrDrift marks a version that differs from its source in more than what
	// was asked for. The version exists.
	ErrDrift = errors.New("the new version differs from its source")
	// ErrAlias marks an image given as a Systems Manager parameter that AWS
	// cannot resolve.
	ErrAlias = errors.New("the image alias cannot be resolved")
	// ErrUsesUnknown marks a search for what uses a template that could not be
	// finished. Everything has to count as used.
	ErrUsesUnknown = errors.New("what uses the launch template is not known")
	// ErrNotDeleted marks a version that AWS did not delete.
	ErrNotDeleted = errors.New("launch template version was not deleted")
)
