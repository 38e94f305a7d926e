package asg

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// explain reads why a refresh ended as it did. What cannot be read is missing,
// and the error says so.
func (w *watcher) explain(ctx context.Context, api WatchAPI, s *Status) {
	if !s.Done || s.Refresh == nil {
		return
	}
	if s.Err == nil {
		if leaves(s.Refresh.Preferences) {
			w.notReplaced(ctx, api, s)
		}
		return
	}
	e, ok := s.Err.(*Error)
	if !ok || errors.Is(e, ErrRefreshCancelled) {
		return
	}
	since := aws.ToTime(s.Refresh.StartTime)
	if since.IsZero() {
		since = w.start.Add(-time.Minute) // it is Pending: nothing older is its own
	}
	var err error
	if s.Activities, err = FailedActivities(ctx, api, FailedActivitiesInput{Group: s.Group, Since: since}); err != nil {
		e.Hint = "the scaling activities, which tell why, could not be read: " + err.Error()
	}
	for _, a := range s.Activities {
		if d := DiagnoseActivity(aws.ToString(a.StatusMessage)); d.Hint != "" {
			e.Hint = d.Hint
			break
		}
	}
	if errors.Is(e, ErrRefreshStalled) {
		if hint := w.suspended(ctx, api, s.Group); hint != "" {
			e.Hint = hint
		}
	}
}

// leaves reports whether a refresh with these preferences can succeed and leave
// instances as they were.
func leaves(p *types.RefreshPreferences) bool {
	if p == nil {
		return false
	}
	n := len(p.CheckpointPercentages)
	return p.ScaleInProtectedInstances == types.ScaleInProtectedInstancesIgnore ||
		p.StandbyInstances == types.StandbyInstancesIgnore || n > 0 && p.CheckpointPercentages[n-1] < 100
}

func (w *watcher) notReplaced(ctx context.Context, api WatchAPI, s *Status) {
	d := s.Refresh.DesiredConfiguration
	if d == nil {
		return
	}
	groups, err := describe(ctx, api, w.op, []string{s.Group}, w.o)
	if err != nil {
		s.LastErr = err
		return
	}
	s.NotReplaced = OutdatedInstances(LaunchSource{Template: specOf(d.LaunchTemplate), MixedInstancesPolicy: d.MixedInstancesPolicy}, groups[0].Instances)
}

// suspended says which suspended processes of the group keep a refresh from
// moving; empty: none, or the group cannot be read.
func (w *watcher) suspended(ctx context.Context, api WatchAPI, group string) string {
	groups, err := describe(ctx, api, w.op, []string{group}, w.o)
	if err != nil {
		return ""
	}
	if names := suspendedOf(groups[0], refreshProcesses); len(names) > 0 {
		return fmt.Sprintf("suspended processes of the group stop it: %s", strings.Join(names, ", "))
	}
	return ""
}
