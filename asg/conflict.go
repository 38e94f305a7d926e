package asg

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// Conflict says what becomes of a start where a refresh of the group runs
// already: AWS lets one run at a time.
//
// A refresh to the same desired configuration is the same, whatever its
// preferences are.
type Conflict int

const (
	// AdoptSame takes the refresh that runs where it is the same, and is
	// [ErrRefreshInProgress] for any other.
	AdoptSame Conflict = iota
	// FailOnConflict is [ErrRefreshInProgress] for any that ran before the call,
	// the same too. What AWS shows only after our own call is ours.
	FailOnConflict
	// WaitThenStart waits for the end of another, good or bad, and starts then.
	// The same is adopted.
	WaitThenStart
	// CancelAndReplace cancels another and starts when that has been cancelled.
	// Instances that the other has replaced stay until the new one comes to
	// them. The same is adopted. One is cancelled, and a second one, which
	// somebody else has started meanwhile, is [ErrRefreshInProgress].
	CancelAndReplace
)

// String is the name of the constant.
func (c Conflict) String() string {
	names := [...]string{"AdoptSame", "FailOnConflict", "WaitThenStart", "CancelAndReplace"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("Conflict(%d)", int(c))
	}
	return names[c]
}

// endOther waits for the refresh that is in the way, or cancels it, as far as the
// policy goes. It returns when the next start can work.
func (s *starting) endOther(ctx context.Context, active *types.InstanceRefresh, blocked *Error) error {
	id := value(active.InstanceRefreshId)
	switch s.in.OnConflict {
	case WaitThenStart:
		if _, err := s.end(ctx, s.in.Group, id); err != nil {
			return err
		}
	case CancelAndReplace:
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
		e.State, e.Reason, e.IDs = string(active.Status), value(active.StatusReason), []string{value(active.InstanceRefreshId)}
	}
	return e
}
