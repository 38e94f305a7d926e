package awstest

import (
	"fmt"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// progress is how far a refresh is, as AWS shows it.
type progress struct {
	percentage, toUpdate *int32
	pools                *astypes.InstanceRefreshProgressDetails // nil: the group has no warm pool
}

// freeze keeps what progress answers as it is.
func (r *refresh) freeze(p progress) { r.frozen, r.shown = true, p }

// nothingDone is the progress of a refresh that is to replace so many instances.
func (r *refresh) nothingDone(live, warm int) progress {
	p := progress{percentage: new(int32(0)), toUpdate: new(int32(live + warm))}
	if r.group.pool != nil {
		p.pools = poolProgress(0, live, 0, warm)
	}
	return p
}

func poolProgress(live, liveLeft, warm, warmLeft int) *astypes.InstanceRefreshProgressDetails {
	return &astypes.InstanceRefreshProgressDetails{
		LivePoolProgress: &astypes.InstanceRefreshLivePoolProgress{PercentageComplete: new(int32(live)), InstancesToUpdate: new(int32(liveLeft))},
		WarmPoolProgress: &astypes.InstanceRefreshWarmPoolProgress{PercentageComplete: new(int32(warm)), InstancesToUpdate: new(int32(warmLeft))},
	}
}

// share is done of total in percent; nothing to do is all of it.
func share(done, total int) int {
	if total == 0 {
		return 100
	}
	return 100 * done / total
}

// progress: what is launched counts when it is ready, and while Pending there is
// nothing to count. Percentages are of capacity, and the instances to update are
// counted. In a rollback the percentage goes down to zero, and the instances to
// update are those that never were.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
func (r *refresh) progress() progress {
	t, warm := &r.group.tally, r.group.pool.tally()
	left := t.outdated + t.standby
	switch {
	case r.frozen || r.status == astypes.InstanceRefreshStatusPending:
		return r.shown
	case r.back != nil:
		p := progress{new(int32(0)), r.back.InstancesToUpdateOnRollback, r.back.ProgressDetailsOnRollback}
		left := min(t.ready-t.updated, r.undoing)
		p.percentage = new(int32(fall(int(*r.back.PercentageCompleteOnRollback), left+warm.outdated, r.undoing+r.poolTotal)))
		if was := p.pools; was != nil {
			live, pool := int(*was.LivePoolProgress.PercentageComplete), int(*was.WarmPoolProgress.PercentageComplete)
			p.pools = poolProgress(fall(live, left, r.undoing), int(*was.LivePoolProgress.InstancesToUpdate),
				fall(pool, warm.outdated, r.poolTotal), int(*was.WarmPoolProgress.InstancesToUpdate))
		}
		return p
	}
	done := max(min(r.ready, r.total-left), 0)
	warmDone := max(min(warm.updated, r.poolTotal-warm.outdated), 0)
	toUpdate := t.stale + t.away
	p := progress{percentage: new(int32(share(done+warmDone, r.total+r.poolTotal))), toUpdate: new(int32(toUpdate + warm.outdated))}
	if r.group.pool != nil {
		p.pools = poolProgress(share(done, r.total), toUpdate, share(warmDone, r.poolTotal), warm.outdated)
	}
	return p
}

// fall is what is left of a percentage when so much of what was done is not
// undone yet.
func fall(percentage, left, total int) int {
	if total == 0 {
		return 0
	}
	return percentage * left / total
}

// statusReason says what the refresh is waiting for.
func (r *refresh) statusReason() string {
	if left := r.bakesUntil.Sub(r.group.now); r.status == astypes.InstanceRefreshStatusBaking {
		return fmt.Sprintf("Waiting for bake time to finish before continuing. There are %d seconds left.", left/time.Second)
	}
	if !r.replacing {
		return r.reason
	}
	if why := r.paused(); why != "" {
		return why
	}
	members := r.group.members
	for i := len(members) - 1; i >= 0; i-- { // the newest are at the end
		if m := members[i]; m.refresh == r && m.live() && !m.outdated && !m.ready() {
			return r.awaiting(m)
		}
	}
	return r.stuckBy
}

// awaiting says what the refresh is waiting for a new member for.
func (r *refresh) awaiting(m *member) string {
	if m.state == astypes.LifecycleStateInService && m.checked {
		return "Waiting for instances to warm up before continuing. For example: " + m.id + " is warming up."
	}
	return "Waiting for remaining instances to be available. For example: " + m.id +
		" has insufficient data to evaluate its health with Amazon EC2."
}
