package asg

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// checkStall ends the watch of a refresh that has not moved for too long. The
// reason is no movement: its text counts seconds in some states.
func (w *watcher) checkStall(before followed, now *followed) {
	if now.Refresh == nil || now.Done {
		return
	}
	if moves(before.Status, now.Status) {
		now.moved, now.pause = now.Elapsed, rest(before.Status, now.Status)
		return
	}
	now.moved, now.pause = before.moved, before.pause
	if w.o.Stall > 0 && now.Elapsed-now.moved >= w.o.Stall+now.pause {
		now.Done = true
		now.Err = w.fail(now.Status, ErrRefreshStalled, nil)
	}
}

// rest is how long AWS was asked to do nothing after this change: while it bakes,
// and after a checkpoint. At first sight of a refresh any checkpoint that it has
// come to may be the one that it rests at.
func rest(before, now Status) time.Duration {
	p := now.Refresh.Preferences
	if p == nil {
		return 0
	}
	switch {
	case now.Status == types.InstanceRefreshStatusBaking:
		return time.Duration(aws.ToInt32(p.BakeTime)) * time.Second
	case now.Status == types.InstanceRefreshStatusInProgress && now.Checkpoint > before.Checkpoint:
		return time.Duration(aws.ToInt32(p.CheckpointDelay)) * time.Second
	}
	return 0
}
