package awstest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// member is one instance of a group, as Auto Scaling sees it.
type member struct {
	*instance
	group     *group
	state     astypes.LifecycleState
	unhealthy bool
	ailment   string // why it is unhealthy
	failing   bool   // the group's own health check says so
	checked   bool   // its last health check has passed
	proven    bool   // one has passed since it was last launched or got another root volume
	warm      bool   // its warm-up is over
	protected bool   // from scale-in
	shown
	config   string   // the launch configuration, where there is no template
	choice   choice   // it was launched by
	refresh  *refresh // that launched it; nil: none
	outdated bool     // the active refresh is to replace it

	came    time.Time // into service, for the first time since it was launched or drawn
	looks   int       // how often its health checks have begun
	aged    bool      // it has lived for as long as the group allows
	actions []*lifecycleAction
	goOn    func() // what the last of the actions holds up

	launching, ending *activity
}

// shown is what answers show of a member and what stays as it is. It lies in one
// place: to read a fleet is to read memory, and its instances are all over it.
type shown struct {
	shownID, shownType                        string
	zone                                      zone
	templateID, templateName, templateVersion string // of the launch template; empty: there is none
}

// showMembers notes that an answer shows the members. But for SeenOnce nothing is
// ever pending, and their instances need not be fetched from memory.
func (c *Cloud) showMembers(members []*member) {
	if c.timing.SeenOnce {
		for _, m := range members {
			c.show(&m.sight)
		}
	}
}

// live is true until the member is on its way out.
func (m *member) live() bool {
	switch m.state {
	case astypes.LifecycleStatePending, astypes.LifecycleStatePendingWait, astypes.LifecycleStatePendingProceed,
		astypes.LifecycleStateInService:
		return true
	}
	return m.rooting()
}

// rooting is true while the root volume of a member is replaced.
func (m *member) rooting() bool {
	switch m.state {
	case astypes.LifecycleStateReplacingRootVolume, astypes.LifecycleStateReplacingRootVolumeWait,
		astypes.LifecycleStateReplacingRootVolumeProceed, astypes.LifecycleStateRootVolumeReplaced:
		return true
	}
	return false
}

// pooled is true for a member that is in the warm pool.
func (m *member) pooled() bool { return strings.HasPrefix(string(m.state), "Warmed:") }

// warming is true for a member on its way into the warm pool.
func (m *member) warming() bool {
	switch m.state {
	case astypes.LifecycleStateWarmedPending, astypes.LifecycleStateWarmedPendingWait, astypes.LifecycleStateWarmedPendingProceed:
		return true
	}
	return false
}

// in is true for a member whose instance is in a state.
func (m *member) in(state ec2types.InstanceStateName) bool { return m.instance.state == state }

// onStandby is true for a member that is kept and counts for nothing.
func (m *member) onStandby() bool {
	return m.state == astypes.LifecycleStateEnteringStandby || m.state == astypes.LifecycleStateStandby
}

// arrived is true once a member has come to where it was launched for.
func (m *member) arrived() bool {
	return m.state == astypes.LifecycleStateInService || m.onStandby() || m.pooled() && !m.warming()
}

// ready is in service, healthy, and warm: what a minimum healthy percentage
// counts.
func (m *member) ready() bool {
	return m.state == astypes.LifecycleStateInService && m.checked && m.warm && !m.unhealthy
}

// units is how much of the group's capacity the member is: 1 without weights.
func (m *member) units() int { return m.choice.units() }

// tally is what the members of a group add up to, in units of capacity. It is
// kept up to date by [member.change], so that no decision walks over all members.
type tally struct {
	live     int
	ready    int
	outdated int // live, and to be replaced
	leaving  int // to be replaced, and on their way out
	updated  int // ready, and not to be replaced
	standby  int // in standby, and to be replaced

	// These count instances, whatever they weigh.
	members int // live
	stale   int // live, and to be replaced
	away    int // in standby, and to be replaced
	pending int // being launched, or given another root volume
	ending  int // being terminated
}

func (m *member) count(one int) {
	t := &m.group.tally
	live := m.live()
	n := one * m.units()
	if live {
		t.live += n
		t.members += one
		m.group.place(m, one)
	}
	if m.ready() {
		t.ready += n
		if !m.outdated {
			t.updated += n
			if m.refresh != nil {
				m.refresh.ready += n
			}
		}
	}
	if m.outdated && live {
		t.outdated += n
		t.stale += one
	}
	switch m.state {
	case astypes.LifecycleStateEnteringStandby, astypes.LifecycleStateStandby:
		if m.outdated {
			t.standby += n
			t.away += one
		}
	case astypes.LifecycleStatePending, astypes.LifecycleStatePendingWait, astypes.LifecycleStatePendingProceed,
		astypes.LifecycleStateReplacingRootVolume, astypes.LifecycleStateReplacingRootVolumeWait,
		astypes.LifecycleStateReplacingRootVolumeProceed, astypes.LifecycleStateRootVolumeReplaced:
		t.pending += one
	case astypes.LifecycleStateTerminating, astypes.LifecycleStateTerminatingWait, astypes.LifecycleStateTerminatingProceed:
		t.ending += one
		if m.outdated {
			t.leaving += n
		}
	}
}

// change is the one way to change a member that is in its group.
func (m *member) change(how func()) {
	wasReady := m.ready()
	m.count(-1)
	how()
	m.count(1)
	if r := m.group.active; r != nil && m.refresh == r && !wasReady && m.ready() {
		r.progressed()
	}
	m.group.wake()
}

// launchSome starts instances until n units of capacity are filled, the last
// one perhaps by more than is missing. The first that cannot be launched is an
// activity that failed, and what is left has to wait.
func (g *group) launchSome(n int, cause string) {
	if g.suspended(processLaunch) {
		return
	}
	for n > 0 {
		units, err := g.launchOne(cause)
		if err != nil {
			g.hold(n)
			if g.active != nil {
				g.active.stalled(launchProblem(err))
			}
			return
		}
		n -= units
	}
}

// try launches by the first of the choices that there is capacity for. Any
// other fault is the end of it: what is broken in one override does not show as
// another's instance.
func (g *group) try(from specification) (c choice, i *instance, err error) {
	choices, spot := g.next(from)
	for _, c = range choices {
		var spec launchSpec
		if spec, err = g.specFor(c); err == nil {
			spec.spot = spec.spot || spot
			if err = g.imageProblem(spec.imageID); err == nil {
				i, err = g.launch(spec)
			}
		}
		if code, _ := apiParts(err); code != noCapacity {
			break
		}
	}
	return c, i, err
}

// launchOne puts one more instance in service, from the warm pool or a new one,
// and returns the units of capacity that it is.
func (g *group) launchOne(cause string) (int, error) {
	if g.draw(cause) {
		return 1, nil // warm pools and weights exclude one another
	}
	return g.launchAs(g.begin("Launching a new EC2 instance", cause), astypes.LifecycleStatePending)
}

// launchAs starts a new instance, a member of the group or of its warm pool.
func (g *group) launchAs(a *activity, state astypes.LifecycleState) (int, error) {
	c, i, err := g.try(g.launchesFrom())
	if err != nil {
		a.failed(g.now, launchProblem(err)+" Launching EC2 instance failed.")
		return 0, err
	}
	c = g.weigh(c, i.spec.instanceType)
	m := &member{
		instance:  i,
		group:     g,
		state:     state,
		protected: aws.ToBool(g.NewInstancesProtectedFromScaleIn),
		config:    c.config,
		choice:    c,
		launching: a,
		shown:     shown{shownID: i.id, shownType: i.spec.instanceType, zone: i.subnet.zone},
	}
	if t := i.spec.template; t != nil {
		m.templateID, m.templateName, m.templateVersion = t.id, t.name, strconv.FormatInt(t.version, 10)
	}
	if g.active != nil && g.active.launches() {
		m.refresh = g.active
		g.hasten(&i.sight)
		m.refresh.attend(m)
	}
	a.about(m, 30)
	if state == astypes.LifecycleStatePending {
		g.members = append(g.members, m)
		m.count(1)
	} else {
		g.pool.members = append(g.pool.members, m)
	}
	i.onState, i.member = m.ec2State, m
	return m.units(), nil
}

// ec2State follows what EC2 does with the instance.
func (m *member) ec2State() {
	g := m.group
	if m.pooled() && m.instance.state != ec2types.InstanceStateNameTerminated {
		m.warmed(hookLaunching)
		return
	}
	switch m.instance.state {
	case ec2types.InstanceStateNameRunning:
		if m.state == astypes.LifecycleStatePending {
			m.arrive()
		}
	case ec2types.InstanceStateNameStopping, ec2types.InstanceStateNameStopped, ec2types.InstanceStateNameShuttingDown:
		if m.live() && !g.suspended(processHealthCheck) { // somebody else did that
			m.fail(sawStopped)
		}
	case ec2types.InstanceStateNameTerminated:
		switch {
		case m.ending != nil:
			m.leave()
		case m.instance.failure != nil && (m.state == astypes.LifecycleStatePending || m.state == astypes.LifecycleStateWarmedPending):
			m.stillborn()
		} // else the group has not noticed
	}
}

// leave takes a member whose instance is gone out of its group.
func (m *member) leave() {
	g := m.group
	m.count(-1)
	same := func(o *member) bool { return o == m }
	if m.pooled() {
		g.pool.members = slices.DeleteFunc(g.pool.members, same)
	} else {
		g.members = slices.DeleteFunc(g.members, same)
	}
	m.state = astypes.LifecycleStateTerminated
	m.ending.succeeded(g.now)
	m.instance.onState, m.instance.member = nil, nil
	g.leave()
	g.wake()
}

// arrive puts a member in service that runs, after the hooks of a launch.
func (m *member) arrive() {
	g := m.group
	if m.await(hookLaunching, astypes.LifecycleStatePendingWait, func() {
		m.change(func() { m.state = astypes.LifecycleStatePendingProceed })
		g.transition(&m.sight, 0, func() {
			if m.state == astypes.LifecycleStatePendingProceed {
				m.inService()
			}
		})
		if g.active != nil {
			g.hasten(&m.sight)
		}
	}) {
		return
	}
	m.inService()
}

func (m *member) inService() {
	g := m.group
	m.came = g.now
	m.change(func() { m.state = astypes.LifecycleStateInService })
	warmup := aws.ToInt32(g.DefaultInstanceWarmup)
	if m.refresh != nil {
		warmup = aws.ToInt32(m.refresh.prefs.InstanceWarmup)
	}
	a := m.launching
	a.status, a.progress = astypes.ScalingActivityStatusCodeWaitingForInstanceWarmup, 50
	g.after(g.pause(warmup), func() {
		a.succeeded(g.now)
		if m.ending == nil && m.launching == a {
			m.change(func() { m.warm = true })
		}
	})
	m.observe()
	m.ages()
}

// fail makes the member unhealthy: it is taken out, and replaced after a pause.
func (m *member) fail(why string) {
	if m.unhealthy {
		return
	}
	m.change(func() { m.unhealthy, m.ailment = true, why })
	m.discard()
	if r := m.group.active; r != nil && m.refresh == r {
		r.stalled("Instance " + m.id + " is unhealthy.")
	}
}

// discard takes an unhealthy member out, unless the group is kept from it: at
// once when it runs no more or a refresh is at work, else in its turn.
func (m *member) discard() {
	g := m.group
	switch {
	case g.suspended(processReplaceUnhealthy) || g.suspended(processTerminate):
	case g.active != nil || m.stopped() || m.state != astypes.LifecycleStateInService:
		m.expel()
	default:
		g.wake()
	}
}

// expel takes a member out that is to be replaced: at once, unless its health
// checks have never passed. Then the launch has failed, and the next one may too.
func (m *member) expel() {
	g := m.group
	if m.failing && !m.proven {
		g.hold(m.units())
	}
	m.end(g.at("an instance was taken out of service %s", m.ailment))
}

// stillborn takes a member out whose instance has never come to run.
func (m *member) stillborn() {
	g := m.group
	m.launching.failed(g.now, "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: "+*m.instance.failure.Message)
	if m.pooled() {
		g.holdPool()
	} else {
		g.hold(m.units())
	}
	if r := g.active; r != nil && m.refresh == r {
		r.stalled(m.launching.message)
	}
	m.leave()
}

// end terminates the member.
func (m *member) end(cause string) {
	g := m.group
	what, next := "Terminating EC2 instance: ", astypes.LifecycleStateTerminating
	if m.pooled() {
		what, next = "Terminating EC2 instance from warm pool: ", astypes.LifecycleStateWarmedTerminating
	}
	m.ending = g.begin(what+m.id, cause)
	m.ending.about(m, 50)
	m.change(func() { m.state = next })
	if m.launching.ended.IsZero() {
		m.launching.cancelled(g.now)
	}
	m.actions = nil
	wait, proceed, there := astypes.LifecycleStateTerminatingWait, astypes.LifecycleStateTerminatingProceed, !m.stopped()
	if m.pooled() {
		wait, proceed, there = astypes.LifecycleStateWarmedTerminatingWait, astypes.LifecycleStateWarmedTerminatingProceed, !m.instance.gone()
	}
	if there && m.await(hookTerminating, wait, func() {
		m.change(func() { m.state = proceed })
		m.finish()
	}) {
		return
	}
	m.finish()
}

// finish terminates the instance of a member that nothing waits for.
func (m *member) finish() {
	g := m.group
	g.terminate(m.instance)
	if g.active != nil {
		g.hasten(&m.sight)
	}
	if m.instance.state == ec2types.InstanceStateNameTerminated { // long since
		m.leave()
	}
}

// launchProblem is what an activity says about a launch that failed.
func launchProblem(err error) string {
	_, message := apiParts(err)
	if message == "" {
		message = err.Error()
	}
	if message[len(message)-1] != '.' {
		message += "."
	}
	return message
}

// byAge orders members, oldest first.
func byAge(a, b *member) int { return a.launched.Compare(b.launched) }
