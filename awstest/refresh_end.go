package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// replaced is called when the last member has been exchanged.
func (r *refresh) replaced() {
	g := r.group
	if r.back != nil {
		r.end(astypes.InstanceRefreshStatusRollbackSuccessful, "")
		return
	}
	bake := aws.ToInt32(r.prefs.BakeTime)
	if bake == 0 {
		r.succeed()
		return
	}
	r.freeze(r.progress())
	r.status = astypes.InstanceRefreshStatusBaking
	r.bakesUntil = g.now.Add(time.Duration(bake) * time.Second)
	r.rest(bake, func() {
		if r.status == astypes.InstanceRefreshStatusBaking {
			r.succeed()
		}
	})
}

// succeed ends the refresh well. Only now the group itself gets the desired
// configuration.
func (r *refresh) succeed() {
	g := r.group
	if r.desired != nil {
		g.use(r.target)
	}
	whole := g.tally.outdated == 0 && g.pool.tally().outdated == 0 // else the last checkpoint left some as they are
	r.end(astypes.InstanceRefreshStatusSuccessful, "")
	if whole {
		r.freeze(progress{percentage: new(int32(100)), toUpdate: new(int32(0)), pools: r.shown.pools})
		if r.shown.pools != nil {
			r.shown.pools = poolProgress(100, 0, 100, 0)
		}
	}
}

// fail ends the refresh where it stands or, if it was told to, rolls it back.
// The group keeps its configuration.
func (r *refresh) fail(reason string) {
	switch {
	case r.back != nil:
		r.end(astypes.InstanceRefreshStatusRollbackFailed, reason)
	case aws.ToBool(r.prefs.AutoRollback):
		r.rollBack(reason)
	default:
		r.end(astypes.InstanceRefreshStatusFailed, reason)
	}
}

// end leaves the group to itself.
func (r *refresh) end(status astypes.InstanceRefreshStatus, reason string) {
	g := r.group
	r.freeze(r.progress())
	r.status, r.reason, r.ended = status, reason, g.now
	r.replacing, r.settling = false, false
	r.queue = nil
	g.active = nil
	for _, m := range g.everyone() {
		if m.outdated {
			m.change(func() { m.outdated = false })
		}
	}
	g.wake()
}
