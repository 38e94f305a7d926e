package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// groups are the Auto Scaling groups of a store and what they are made from.
type groups struct {
	byName  map[string]*group
	order   []*group // oldest first
	gone    []*group // deleted ones, for their activities
	configs launchConfigurations
}

// group is one Auto Scaling group. What a caller sets is in groupSettings; the
// rest is its life.
type group struct {
	groupSettings
	*store
	name         string
	arn          string
	created      time.Time
	tags         []astypes.TagDescription
	targetGroups []*targetGroup
	subnets      []*subnet
	placed       []int // live members, by index in subnets

	members     []*member // oldest first
	tally       tally     // what the members count up to
	holding     int       // more than zero: refreshes are kept Pending
	pool        *warmPool // nil: none
	hooks       []*astypes.LifecycleHook
	suspensions []astypes.SuspendedProcess
	held        int    // capacity that a failure keeps missing for a while
	deleting    bool   // and gone when its last member is
	era         int    // of what is held; see release
	woken       bool   // a look at the capacity is due
	request     string // the sentence about who asked for the capacity that is not reached yet
	activities  []*activity
	refreshes   []*refresh // oldest first
	active      *refresh   // the one that is not over; nil: none
}

// findGroup finds a group by name.
func (s *store) findGroup(name *string) (*group, error) {
	if g := s.groups.byName[aws.ToString(name)]; g != nil {
		return g, nil
	}
	return nil, validation("AutoScalingGroup name not found - AutoScalingGroup '%s' not found", aws.ToString(name))
}

// changeable finds a group that is not on its way out.
func (s *store) changeable(name *string) (*group, error) {
	g, err := s.findGroup(name)
	if err == nil && g.deleting {
		return nil, validation("AutoScalingGroup '%s' is pending delete", g.name)
	}
	return g, err
}

func (s *store) addGroup(g *group) {
	if s.groups.byName == nil {
		s.groups.byName = map[string]*group{}
	}
	s.groups.byName[g.name] = g
	s.groups.order = append(s.groups.order, g)
}

// checkName is Auto Scaling's rule for the names of groups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
func checkName(name string) error {
	outside := func(r rune) bool { return r < 33 || r > 126 || r == ':' }
	if len(name) < 1 || len(name) > 255 || strings.ContainsFunc(name, outside) {
		return validation("1 validation error detected: Value '%s' at 'autoScalingGroupName' failed to satisfy constraint: "+
			"Member must be 1 to 255 printable ASCII characters without colon", name)
	}
	return nil
}

// desired is the capacity that the group keeps.
func (g *group) desired() int { return int(aws.ToInt32(g.DesiredCapacity)) }

// wake makes the group look at its capacity once all else that happens at this
// instant has happened.
func (g *group) wake() {
	if g.woken {
		return
	}
	g.woken = true
	g.after(0, func() {
		g.woken = false
		switch r := g.active; {
		case g.deleting:
		case r != nil && r.replacing && r.paused() == "":
			r.step()
		case r != nil && r.settling:
			r.settle()
		case r != nil && r.status == astypes.InstanceRefreshStatusCancelling:
		default:
			g.balance()
			g.tendPool()
		}
	})
}

// hold keeps n instances missing until the group tries again: they could not be
// launched, or what was launched has failed.
func (g *group) hold(n int) {
	pause := g.timing.Retry
	if pause == 0 {
		pause = time.Minute
	}
	g.held += n
	era := g.era
	g.after(pause, func() {
		if g.era == era {
			g.held -= n
			g.wake()
		}
	})
}

// release ends all that hold has begun: what the group launches from now on is
// another configuration, which has not failed.
func (g *group) release() {
	g.held = 0
	g.era++
}

// pause is how long something takes that a caller has set in seconds: a
// warm-up, a grace period. Under [Instant] nothing takes any time.
func (c *Cloud) pause(seconds int32) time.Duration {
	if c.timing == Instant || c.timing.SeenOnce {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// soon is transition for what no answer shows: under SeenOnce it does not wait
// to be seen.
func (c *Cloud) soon(d time.Duration, do func()) {
	if c.timing.SeenOnce {
		d = 0
	}
	c.after(d, do)
}
