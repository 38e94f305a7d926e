package asg

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// Conflict is what happens if the group has an instance refresh in progress when
// another one is started: AWS allows one at a time.
//
// A refresh to the same desired configuration is the same one, whatever its
// preferences are.
type Conflict string

const (
	// ConflictAdoptSame adopts the refresh in progress if it is the same one, and
	// fails with [ErrRefreshInProgress] otherwise. It is the default.
	ConflictAdoptSame Conflict = "adopt-same"
	// ConflictFail fails with [ErrRefreshInProgress] if any refresh was in progress
	// before the call, the same one too. A refresh that AWS shows only after the
	// call has started one is the call's own.
	ConflictFail Conflict = "fail"
	// ConflictWait adopts the same refresh. It waits until another one has ended,
	// with success or without, and then starts.
	ConflictWait Conflict = "wait"
	// ConflictCancel adopts the same refresh. It cancels another one, and starts
	// when that one is cancelled. Instances that the cancelled refresh has replaced
	// stay until the new one replaces them. It cancels one refresh only: if a second
	// one has been started meanwhile, it fails with [ErrRefreshInProgress].
	ConflictCancel Conflict = "cancel"
)

// known reports whether c is one of the constants, or empty for the default.
func (c Conflict) known() bool {
	switch c {
	case "", ConflictAdoptSame, ConflictFail, ConflictWait, ConflictCancel:
		return true
	}
	return false
}

// endOther waits for the refresh that is in the way, or cancels it, as far as the
// policy goes. It returns when the next start can work.
func (s *starting) endOther(ctx context.Context, active *types.InstanceRefresh, blocked *Error) error {
	id := aws.ToString(active.InstanceRefreshId)
	switch s.in.OnConflict {
	case ConflictWait:
		if _, err := s.end(ctx, s.in.Group, id); err != nil {
			return err
		}
	case ConflictCancel:
		if len(s.superseded) > 0 {
			return blocked
		}
		if _, err := s.cancel(ctx, s.client, CancelInput{Group: s.in.Group, RefreshID: id}); err != nil {
			return err
		}
	default:
		return blocked
	}
	s.superseded = append(s.superseded, id)
	return nil
}

// inProgress is the error about a refresh that runs already.
func inProgress(op string, at fault.Place, group string, active *types.InstanceRefresh, cause error) *Error {
	e := &Error{Op: op, Account: at.Account, Region: at.Region, ID: group}
	if cause != nil {
		e = fault.Call(op, at, group, cause)
	}
	e.Kind = ErrRefreshInProgress
	if active != nil {
		e.State, e.Reason, e.IDs = string(active.Status), aws.ToString(active.StatusReason), []string{aws.ToString(active.InstanceRefreshId)}
	}
	return e
}
