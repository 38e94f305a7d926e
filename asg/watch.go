package asg

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// WatchAPI is what [Watch] and [Wait] call.
type WatchAPI interface {
	autoscaling.DescribeInstanceRefreshesAPIClient
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeScalingActivitiesAPIClient
}

var _ WatchAPI = (*autoscaling.Client)(nil)

// idsPerCall is the page size of AWS: so many ids come back in one answer.
const idsPerCall = 50

// Watch follows refreshes until each has ended. It yields a status when a refresh
// is first read and whenever it has changed.
//
// Successful is the only end without Err. Failed, Cancelled, RollbackSuccessful
// and RollbackFailed are [ErrRefreshFailed], [ErrRefreshCancelled],
// [ErrRolledBack] and [ErrRollbackFailed], with AWS's reason; a refresh that AWS
// does not show, or not any more, is [ErrNotFound] after the grace period of the
// schedule. The other refreshes go on.
//
// Where Options.Stall is set, a refresh that has not moved for that long is
// [ErrRefreshStalled] and not followed any more; it is still active, and what
// becomes of it is the caller's to say: [Cancel], [Rollback], or another watch.
// A refresh that failed, was rolled back or has stalled comes with the scaling
// activities that failed, and its error with a hint at the cause where they, or
// suspended processes of the group, tell one.
//
// The error of the iterator means that the watch itself has ended: ctx did, or
// AWS refused to be read for a reason that does not pass. It names what was not
// done. ctx is the only deadline. Leaving the loop ends the watch and not the
// refreshes; the same watch can be walked again. No goroutine is started.
//
// AWS calls: DescribeInstanceRefreshes, one for each group a tick: AWS takes one
// group a call. Once where a refresh failed or stalled: DescribeScalingActivities;
// once where it stalled, or has left instances as they were:
// DescribeAutoScalingGroups; so once where a group is gone. IAM: autoscaling:DescribeInstanceRefreshes, and
// autoscaling:DescribeScalingActivities and autoscaling:DescribeAutoScalingGroups,
// without which the watch works and its errors tell less.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/check-status-instance-refresh.html
func Watch(ctx context.Context, api WatchAPI, keys []RefreshKey, optFns ...func(*Options)) iter.Seq2[*Status, error] {
	return watch(ctx, api, "asg.Watch", keys, newOptions(api, optFns))
}

func watch(ctx context.Context, api WatchAPI, op string, keys []RefreshKey, o Options) iter.Seq2[*Status, error] {
	keys = slices.Clone(keys)
	return func(yield func(*Status, error) bool) {
		for _, s := range keys {
			if s.Group == "" || s.ID == "" {
				yield(nil, fault.Invalid(op, o.place(), "RefreshKey %q must have a Group and an ID", s))
				return
			}
		}
		w := newWatcher(op, keys, o)
		if len(w.groups) == 0 {
			return
		}
		for _, err := range poll.Ticks(ctx, o.Poll) {
			if err != nil {
				yield(nil, w.ended(err))
				return
			}
			for i := range w.groups {
				if !w.tick(ctx, api, &w.groups[i], yield) {
					return
				}
			}
			w.groups = slices.DeleteFunc(w.groups, func(g watched) bool { return len(g.open) == 0 })
			if len(w.groups) == 0 {
				return
			}
		}
	}
}

// watcher is one walk of a watch.
type watcher struct {
	op     string
	o      Options
	start  time.Time
	groups []watched // in the order of the keys
}

// watched is one group and its refreshes that have not ended.
type watched struct {
	name string
	open []followed
}

// followed is a refresh as last read.
type followed struct {
	Status
	missing int           // reads in a row that did not show it
	moved   time.Duration // elapsed when it last moved
	pause   time.Duration // for which AWS then rests, because it was asked to
}

func newWatcher(op string, keys []RefreshKey, o Options) *watcher {
	w := &watcher{op: op, o: o, start: time.Now()}
	if !o.since.IsZero() {
		w.start = o.since
	}
	at := make(map[string]int)
	known := make(map[RefreshKey]bool, len(keys))
	for _, s := range keys {
		i, ok := at[s.Group]
		if !ok {
			i = len(w.groups)
			at[s.Group] = i
			w.groups = append(w.groups, watched{name: s.Group})
		}
		if !known[s] {
			known[s] = true
			w.groups[i].open = append(w.groups[i].open, followed{Status: Status{RefreshKey: s}})
		}
	}
	return w
}

// tick reads one group and yields what has changed; false ends the walk.
func (w *watcher) tick(ctx context.Context, api WatchAPI, g *watched, yield func(*Status, error) bool) bool {
	seen, err := w.read(ctx, api, g)
	if ctx.Err() != nil {
		yield(nil, w.ended(poll.Ended(ctx)))
		return false
	}
	if err != nil && !fault.Transient(err) && !fault.Is(err, codeValidation) {
		yield(nil, w.over(fault.Call(w.op, w.o.place(), "", err)))
		return false
	}
	elapsed := time.Since(w.start)
	left := g.open[:0]
	for _, before := range g.open {
		now := w.next(before, seen, err, elapsed)
		if now.Done && fault.Is(err, codeValidation) { // AWS has no other word for a group that is gone
			e := w.fail(now.Status, nil, err)
			e.Kind = refused(ctx, api, w.op, g.name, err, w.o).Kind
			now.Err = e
		}
		// What was never yielded has the percentage 0 here, and so differs.
		if changed(before.Status, now.Status) {
			w.explain(ctx, api, &now.Status)
			out := now.Status // what the caller keeps; now stays off the heap
			if !yield(&out, nil) {
				return false
			}
		}
		if !now.Done {
			left = append(left, now)
		}
	}
	g.open = left
	return true
}

// next is a refresh after a read that found seen, or that failed with err, which
// passes or is about this group alone.
func (w *watcher) next(before followed, seen map[string]types.InstanceRefresh, err error, elapsed time.Duration) followed {
	if r, ok := seen[before.ID]; ok {
		now := followed{Status: statusOf(before.RefreshKey, r, elapsed)}
		if kind := failure(now.Status.Status); kind != nil {
			now.Err = w.fail(now.Status, kind, nil)
		}
		w.checkStall(before, &now)
		return now
	}
	now := before
	now.Elapsed, now.LastErr = elapsed, err
	if now.Refresh == nil {
		now.Percentage, now.InstancesToUpdate = -1, -1
	}
	if err != nil && fault.Transient(err) {
		return now
	}
	// One read may be of an older state than the one before it.
	if now.missing++; now.Refresh == nil && elapsed < w.o.Poll.Grace || now.Refresh != nil && now.missing < 2 {
		return now
	}
	now.Done, now.LastErr = true, nil
	if err != nil {
		now.Err = w.fail(now.Status, nil, err)
	} else {
		now.Err = w.fail(now.Status, ErrNotFound, nil)
	}
	return now
}

// read describes the open refreshes of a group by id.
func (w *watcher) read(ctx context.Context, api WatchAPI, g *watched) (map[string]types.InstanceRefresh, error) {
	ids := make([]string, len(g.open))
	for i, s := range g.open {
		ids[i] = s.ID
	}
	seen := make(map[string]types.InstanceRefresh, len(ids))
	for batch := range slices.Chunk(ids, idsPerCall) {
		pages := autoscaling.NewDescribeInstanceRefreshesPaginator(api, &autoscaling.DescribeInstanceRefreshesInput{
			AutoScalingGroupName: new(g.name), // a mock may keep it
			InstanceRefreshIds:   batch,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return seen, err
			}
			for _, r := range page.InstanceRefreshes {
				seen[aws.ToString(r.InstanceRefreshId)] = r
			}
		}
	}
	return seen, nil
}
