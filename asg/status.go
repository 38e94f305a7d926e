package asg

import (
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// RefreshKey names one refresh of one group.
type RefreshKey struct {
	Group string
	ID    string
}

// String is group/refresh.
func (s RefreshKey) String() string { return s.Group + "/" + s.ID }

// Status is one refresh at one moment of a watch.
type Status struct {
	RefreshKey
	// Status as AWS names it; empty as long as AWS has not shown the refresh.
	Status types.InstanceRefreshStatus
	// Reason in AWS's words; often empty. Of a refresh that was rolled back it is
	// why that was begun, where AWS tells nothing later.
	Reason string
	// Percentage of the instances that are replaced and warmed up. It falls
	// while a refresh is rolled back. -1: AWS tells none.
	Percentage int32
	// InstancesToUpdate are those still to be replaced. -1: AWS tells none.
	InstancesToUpdate int32
	// Checkpoint is the highest of the refresh's CheckpointPercentages that
	// Percentage has come to; 0: none. AWS goes on by itself after the delay.
	Checkpoint int32
	// Refresh as AWS describes it; nil as long as AWS has not shown it.
	Refresh *types.InstanceRefresh
	// Elapsed since the watch began.
	Elapsed time.Duration
	// Done: the refresh has ended, or cannot be followed any more.
	Done bool
	// NotReplaced are the instances that a Successful refresh left as they were:
	// protected or in standby under Ignore, or beyond a last checkpoint below
	// 100. Their group's next refresh, or scaling, comes to them. Err is nil all
	// the same; [Wait] and [RefreshVerified] answer [ErrNotReplaced]. Where the
	// group could not be read, LastErr says so.
	NotReplaced []string
	// Activities are the launches and terminations that failed since the
	// refresh began, newest first, where it failed, was rolled back or has
	// stalled. Err has a hint at what they mean, where [DiagnoseActivity] knows it.
	Activities []types.Activity
	// LastErr is why the last read of the group failed, where it is tried
	// again; nil after a read that worked.
	LastErr error
	// Err is why the refresh did not succeed; nil unless Done.
	Err error
}

// statusOf is what a read says of a refresh.
func statusOf(s RefreshKey, r types.InstanceRefresh, elapsed time.Duration) Status {
	st := Status{
		RefreshKey: s, Status: r.Status, Reason: aws.ToString(r.StatusReason),
		Percentage: -1, InstancesToUpdate: -1, Refresh: &r, Elapsed: elapsed,
		Done: Terminal(r.Status),
	}
	if st.Reason == "" && st.Done && r.RollbackDetails != nil {
		st.Reason = aws.ToString(r.RollbackDetails.RollbackReason)
	}
	if r.PercentageComplete != nil {
		st.Percentage = *r.PercentageComplete
	}
	if r.InstancesToUpdate != nil {
		st.InstancesToUpdate = *r.InstancesToUpdate
	}
	if p := r.Preferences; p != nil {
		for _, c := range p.CheckpointPercentages {
			if c <= st.Percentage {
				st.Checkpoint = c
			}
		}
	}
	return st
}

// left is why a refresh that succeeded is no plain success: it left instances as
// they were, or nobody can say whether it did; nil: it is one.
func (s *Status) left(op string, at fault.Place) error {
	if !s.Done || s.Err != nil || len(s.NotReplaced) == 0 && s.LastErr == nil {
		return nil
	}
	e := &Error{Op: op, Account: at.Account, Region: at.Region, ID: s.Group, State: string(s.Status), Elapsed: s.Elapsed}
	if s.LastErr != nil {
		e.Hint, e.Err = "which instances it has left as they were is not known", s.LastErr
		return e
	}
	e.IDs, e.Kind = s.NotReplaced, ErrNotReplaced
	return e
}

// moves reports whether the refresh itself has moved between two reads. A group
// with a warm pool has two progresses besides.
func moves(a, b Status) bool {
	if a.Refresh == nil || b.Refresh == nil {
		return a.Refresh != b.Refresh
	}
	return a.Status != b.Status || a.Percentage != b.Percentage || a.InstancesToUpdate != b.InstancesToUpdate ||
		!reflect.DeepEqual(a.Refresh.ProgressDetails, b.Refresh.ProgressDetails)
}

// changed reports whether b tells more than a did. An error counts when it is
// another than before, by its code: its text has a new request id every time.
func changed(a, b Status) bool {
	return a.Percentage != b.Percentage || moves(a, b) || a.Reason != b.Reason || a.Done != b.Done ||
		b.LastErr != nil && (a.LastErr == nil || fault.Code(a.LastErr) != fault.Code(b.LastErr))
}
