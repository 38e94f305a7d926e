package awstest

import (
	"slices"
	"strconv"

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
	checked   bool // its first health check has passed
	warm      bool // its warm-up is over
	protected bool // from scale-in
	template  *astypes.LaunchTemplateSpecification
	config    string   // the launch configuration, where there is no template
	choice    choice   // it was launched by
	refresh   *refresh // that launched it; nil: none
	outdated  bool     // the active refresh is to replace it

	launching, ending *activity
}

// live is true until the member is on its way out.
func (m *member) live() bool {
	return m.state == astypes.LifecycleStatePending || m.state == astypes.LifecycleStateInService
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

	// These count instances, whatever they weigh.
	members int // live
	stale   int // live, and to be replaced
	pending int // being launched
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
	case astypes.LifecycleStatePending:
		t.pending += one
	case astypes.LifecycleStateTerminating:
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
			spec.spot = spot
			i, err = g.launch(spec)
		}
		if code, _ := apiParts(err); code != noCapacity {
			break
		}
	}
	return c, i, err
}

// launchOne starts an instance and returns the units of capacity that it is.
func (g *group) launchOne(cause string) (int, error) {
	a := g.begin("Launching a new EC2 instance", cause)
	c, i, err := g.try(g.launchesFrom())
	if err != nil {
		a.failed(g.now, launchProblem(err)+" Launching EC2 instance failed.")
		return 0, err
	}
	m := &member{
		instance:  i,
		group:     g,
		state:     astypes.LifecycleStatePending,
		protected: aws.ToBool(g.NewInstancesProtectedFromScaleIn),
		config:    c.config,
		choice:    c,
		launching: a,
	}
	if t := i.spec.template; t != nil {
		m.template = &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: new(t.id), LaunchTemplateName: new(t.name), Version: new(strconv.FormatInt(t.version, 10)),
		}
	}
	if g.active != nil && g.active.launches() {
		m.refresh = g.active
		g.hasten(&i.sight)
	}
	a.about(m, 30)
	g.members = append(g.members, m)
	m.count(1)
	i.onState, i.member = m.ec2State, m
	return m.units(), nil
}

// ec2State follows what EC2 does with the instance.
func (m *member) ec2State() {
	g := m.group
	switch m.instance.state {
	case ec2types.InstanceStateNameRunning:
		if m.state == astypes.LifecycleStatePending {
			m.inService()
		}
	case ec2types.InstanceStateNameStopping, ec2types.InstanceStateNameStopped, ec2types.InstanceStateNameShuttingDown:
		if m.live() { // somebody else did that
			m.fail("in response to an EC2 health check indicating it has been terminated or stopped.")
		}
	case ec2types.InstanceStateNameTerminated:
		m.count(-1)
		m.state = astypes.LifecycleStateTerminated
		g.members = slices.DeleteFunc(g.members, func(o *member) bool { return o == m })
		m.ending.succeeded(g.now)
		m.instance.onState, m.instance.member = nil, nil
		g.leave()
		g.wake()
	}
}

func (m *member) inService() {
	g := m.group
	m.change(func() { m.state = astypes.LifecycleStateInService })
	warmup := aws.ToInt32(g.DefaultInstanceWarmup)
	if m.refresh != nil {
		warmup = aws.ToInt32(m.refresh.prefs.InstanceWarmup)
	}
	m.launching.status = astypes.ScalingActivityStatusCodeWaitingForInstanceWarmup
	m.launching.progress = 50
	g.after(g.pause(warmup), func() {
		m.launching.succeeded(g.now)
		if m.live() {
			m.change(func() { m.warm = true })
		}
	})
	g.soon(g.jitter(g.timing.HealthCheck, m.id+"/health"), m.check)
}

// check is the first health check. One that does not pass counts when the
// grace period is over.
func (m *member) check() {
	switch {
	case !m.live() || m.unhealthy:
	case !m.neverHealthy:
		m.change(func() { m.checked = true })
	default:
		grace := m.launching.started.Add(m.group.pause(aws.ToInt32(m.group.HealthCheckGracePeriod)))
		m.group.after(grace.Sub(m.group.now), func() {
			if m.live() {
				m.fail("in response to an ELB system health check failure.")
			}
		})
	}
}

// fail makes the member unhealthy: it is taken out, and replaced after a pause.
func (m *member) fail(why string) {
	g := m.group
	m.change(func() { m.unhealthy = true })
	g.hold(m.units())
	m.end(g.at("an instance was taken out of service %s", why))
	if r := g.active; r != nil && m.refresh == r {
		r.stalled("Instance " + m.id + " is unhealthy.")
	}
}

// end terminates the member.
func (m *member) end(cause string) {
	g := m.group
	m.ending = g.begin("Terminating EC2 instance: "+m.id, cause)
	m.ending.about(m, 50)
	m.change(func() { m.state = astypes.LifecycleStateTerminating })
	if m.launching.ended.IsZero() {
		m.launching.cancelled(g.now)
	}
	g.terminate(m.instance)
	if g.active != nil {
		g.hasten(&m.sight)
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
