package awstest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// warmPool is the instances that a group keeps prepared. They are none of the
// group's own until its capacity grows.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
type warmPool struct {
	config  astypes.WarmPoolConfiguration
	members []*member // oldest first
	held    bool      // a launch has failed: the next is after a pause
}

// poolTally is what the members of a warm pool add up to.
type poolTally struct {
	live, ready, outdated, pending, ending int
	updated                                int // ready, and not to be replaced
}

func (p *warmPool) tally() (t poolTally) {
	if p == nil {
		return t
	}
	for _, m := range p.members {
		switch {
		case m.ending != nil:
			t.ending++
			continue
		case m.warming():
			t.pending++
		default:
			t.ready++
			if !m.outdated {
				t.updated++
			}
		}
		t.live++
		if m.outdated {
			t.outdated++
		}
	}
	return t
}

// poolSize is how many instances the warm pool is to have now.
func (g *group) poolSize() int {
	if g.pool == nil || g.pool.config.Status == astypes.WarmPoolStatusPendingDelete {
		return 0
	}
	most := g.pool.config.MaxGroupPreparedCapacity
	if most == nil {
		most = g.MaxSize
	}
	return max(int(*most)-g.desired(), int(aws.ToInt32(g.pool.config.MinSize)), 0)
}

// tendPool keeps the warm pool at its size.
func (g *group) tendPool() {
	if g.pool == nil || g.deleting {
		return
	}
	size, t := g.poolSize(), g.pool.tally()
	g.launchWarm(size-t.live, g.at("an instance was launched into the warm pool in response to a difference between desired and actual capacity of the warm pool."))
	if t.live > size && !g.suspended(processTerminate) {
		n := t.live - size
		for _, m := range slices.Clone(g.pool.members) {
			if n > 0 && m.ending == nil {
				n--
				m.end(g.at("an instance was taken out of the warm pool in response to a difference between desired and actual capacity of the warm pool."))
			}
		}
	}
	if g.pool.config.Status == astypes.WarmPoolStatusPendingDelete && len(g.pool.members) == 0 {
		g.pool = nil
	}
}

// launchWarm starts n instances in the warm pool. After one that cannot be
// launched there is a pause.
func (g *group) launchWarm(n int, cause string) {
	p := g.pool
	for range n {
		if p.held || g.suspended(processLaunch) {
			return
		}
		_, err := g.launchAs(g.begin("Launching a new EC2 instance into warm pool", cause), astypes.LifecycleStateWarmedPending)
		if err == nil {
			continue
		}
		g.holdPool()
		if g.active != nil {
			g.active.stalled(launchProblem(err))
		}
	}
}

// holdPool pauses launches into the warm pool.
func (g *group) holdPool() {
	p := g.pool
	p.held = true
	g.after(max(g.timing.Retry, time.Second), func() {
		p.held = false
		g.wake()
	})
}

// warmed follows what EC2 does with an instance of the warm pool: it runs once,
// and then is as the pool keeps its instances. Before that come the hooks of a
// transition, a launch or, for what returns to the pool, a termination.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html
func (m *member) warmed(transition string) {
	g := m.group
	if m.ending != nil || m.state == astypes.LifecycleStateWarmedPendingWait && !m.instance.gone() {
		return
	}
	p := g.pool
	switch running, stopped := m.in(ec2types.InstanceStateNameRunning), m.in(ec2types.InstanceStateNameStopped); {
	case running && m.state == astypes.LifecycleStateWarmedPending && m.await(transition, astypes.LifecycleStateWarmedPendingWait, func() {
		m.change(func() { m.state = astypes.LifecycleStateWarmedPendingProceed })
		m.warmed(transition)
	}):
	case running && p.config.PoolState == astypes.WarmPoolStateRunning:
		m.prepared(astypes.LifecycleStateWarmedRunning)
	case running && m.warming():
		_ = g.stop(m.instance) // it is running
		if g.active != nil {
			g.hasten(&m.sight)
		}
	case stopped && p.config.PoolState == astypes.WarmPoolStateHibernated:
		m.prepared(astypes.LifecycleStateWarmedHibernated)
	case stopped:
		m.prepared(astypes.LifecycleStateWarmedStopped)
	case m.instance.gone():
		m.end(g.at("an instance was taken out of the warm pool %s", sawStopped))
	}
}

// prepared is called when an instance is as the pool keeps it.
func (m *member) prepared(state astypes.LifecycleState) {
	g := m.group
	m.change(func() { m.state = state })
	m.launching.succeeded(g.now)
	if r := g.active; r != nil && m.refresh == r {
		r.progressed()
	}
}

// draw takes a prepared instance out of the warm pool and puts it in service,
// whatever it was launched from; only a refresh renews it. It is false when
// there is none.
func (g *group) draw(cause string) bool {
	if g.pool == nil {
		return false
	}
	i := slices.IndexFunc(g.pool.members, func(m *member) bool {
		return m.ending == nil && !m.warming() && !m.outdated
	})
	if i < 0 {
		return false
	}
	m := g.pool.members[i]
	g.pool.members = slices.Delete(g.pool.members, i, i+1)
	m.launching = g.begin("Launching a new EC2 instance from warm pool: "+m.id, cause)
	m.launching.status = astypes.ScalingActivityStatusCodePreInService
	m.launching.about(m, 30)
	g.members = append(g.members, m)
	m.state = astypes.LifecycleStatePending
	m.checked, m.proven, m.warm = false, false, false
	m.count(1)
	if m.in(ec2types.InstanceStateNameRunning) {
		g.transition(&m.sight, 0, m.ec2State)
	} else {
		_ = g.start(m.instance) // it is stopped
	}
	if g.active != nil {
		g.hasten(&m.sight)
	}
	g.wake()
	return true
}

// keep puts a member that a smaller group does not need into the warm pool. It
// is false when that is not wanted or the pool is full.
func (m *member) keep(cause string) bool {
	g := m.group
	if g.pool == nil || g.active != nil || g.pool.config.InstanceReusePolicy == nil ||
		!aws.ToBool(g.pool.config.InstanceReusePolicy.ReuseOnScaleIn) || g.pool.tally().live >= g.poolSize() || !m.in(ec2types.InstanceStateNameRunning) {
		return false
	}
	a := g.begin("Moving EC2 instance to warm pool: "+m.id, cause)
	a.about(m, 50)
	m.launching.cancelled(g.now)
	m.change(func() { m.state = astypes.LifecycleStateWarmedPending })
	m.launching = a
	g.members = slices.DeleteFunc(g.members, func(o *member) bool { return o == m })
	g.pool.members = append(g.pool.members, m)
	m.warmed(hookTerminating)
	return true
}

// everyone is all members, those of the warm pool among them.
func (g *group) everyone() []*member {
	all := slices.Clone(g.members)
	if g.pool != nil {
		all = append(all, g.pool.members...)
	}
	return all
}
