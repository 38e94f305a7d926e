package awstest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(completeLifecycleAction, "AutoScalingGroupName", "LifecycleHookName", "LifecycleActionResult", "InstanceId", "LifecycleActionToken")
	handle(recordLifecycleActionHeartbeat, "AutoScalingGroupName", "LifecycleHookName", "InstanceId", "LifecycleActionToken")
}

// lifecycleAction is one instance waiting for one hook.
type lifecycleAction struct {
	hook    *astypes.LifecycleHook // as it was when the wait began
	member  *member
	token   string
	started time.Time
	beats   int // how often a heartbeat has put the timeout off
}

// LifecycleAction is an instance that waits for a lifecycle hook.
type LifecycleAction struct {
	Hook       string
	Transition string // autoscaling:EC2_INSTANCE_LAUNCHING or …_TERMINATING
	InstanceID string
	Token      string
	Since      time.Time
}

// LifecycleActions lists the instances of a group that wait for a lifecycle
// hook, oldest first, with the tokens that AWS would send to the notification
// target.
func (r *Region) LifecycleActions(group string) (out []LifecycleAction) {
	r.do(func(s *store) {
		g := s.groups.byName[group]
		if g == nil {
			return
		}
		for _, m := range g.everyone() {
			for _, a := range m.actions {
				out = append(out, LifecycleAction{
					Hook: *a.hook.LifecycleHookName, Transition: *a.hook.LifecycleTransition, InstanceID: m.id, Token: a.token, Since: a.started,
				})
			}
		}
	})
	return out
}

// await puts the member into a wait state for the hooks of a transition, which
// all begin at once; then is what follows them. It is false when there are none.
func (m *member) await(transition string, state astypes.LifecycleState, then func()) bool {
	g := m.group
	for _, h := range g.hooks {
		if *h.LifecycleTransition != transition || g.deleting {
			continue
		}
		a := &lifecycleAction{hook: h, member: m, token: g.newUUID("lifecycle"), started: g.now}
		m.actions = append(m.actions, a)
		a.expect()
	}
	if len(m.actions) == 0 {
		return false
	}
	a := m.launching
	if m.ending != nil {
		a = m.ending
	}
	a.status, a.progress = astypes.ScalingActivityStatusCodeMidLifecycleAction, 40
	m.goOn = then
	m.change(func() { m.state = state })
	return true
}

// expect lets the hook time out: after its heartbeat timeout, and at the latest
// after the global one.
func (a *lifecycleAction) expect() {
	g, beat := a.member.group, a.beats
	last := a.started.Add(time.Duration(*a.hook.GlobalTimeout) * time.Second)
	wait := min(time.Duration(*a.hook.HeartbeatTimeout)*time.Second, last.Sub(g.now))
	g.after(wait, func() {
		if a.beats == beat && slices.Contains(a.member.actions, a) {
			a.complete(*a.hook.DefaultResult, "Heartbeat Timeout")
		}
	})
}

// complete ends the wait for one hook. ABANDON ends that for all others, too,
// and an instance that is being launched.
func (a *lifecycleAction) complete(result, why string) {
	m := a.member
	m.actions = slices.DeleteFunc(m.actions, func(o *lifecycleAction) bool { return o == a })
	switch {
	case result == resultAbandon && *a.hook.LifecycleTransition == hookLaunching:
		m.actions = nil
		m.abandon("Instance failed to complete user's Lifecycle Action: Lifecycle Action with token " + a.token + " was abandoned: " + why)
	case result == resultAbandon:
		m.actions = nil
		m.goOn()
	case len(m.actions) == 0:
		m.goOn()
	}
}

// abandon gives a launch up.
func (m *member) abandon(message string) {
	g := m.group
	m.launching.cancelled(g.now)
	m.launching.explain(message)
	if m.pooled() {
		g.holdPool()
	} else {
		g.hold(m.units())
	}
	m.end(g.at("an instance was taken out of service in response to an abandoned lifecycle action."))
	if r := g.active; r != nil && m.refresh == r {
		r.stalled(message)
	}
}

// waiting finds the action that a call is about, by instance or by token.
func (r *request) waiting(group, hook, instance, token *string) (*lifecycleAction, error) {
	g, err := r.findGroup(group)
	if err != nil {
		return nil, err
	}
	if instance == nil && token == nil {
		return nil, validation("Either the instance id or the lifecycle action token must be specified")
	}
	if g.hook(*hook) == nil {
		return nil, validation("No Lifecycle Hook found with name '%s' for the Auto Scaling group %s", *hook, g.name)
	}
	for _, m := range g.everyone() {
		for _, a := range m.actions {
			if *a.hook.LifecycleHookName == *hook && (instance == nil || *instance == m.id) && (token == nil || *token == a.token) {
				return a, nil
			}
		}
	}
	if instance == nil {
		return nil, validation("No active Lifecycle Action found with token %s", *token)
	}
	return nil, validation("No active Lifecycle Action found with instance ID %s", *instance)
}

func completeLifecycleAction(r *request, in *autoscaling.CompleteLifecycleActionInput) (*autoscaling.CompleteLifecycleActionOutput, error) {
	if result := *in.LifecycleActionResult; result != resultContinue && result != resultAbandon {
		return nil, validation("'%s' is not a valid LifecycleActionResult. Valid values are CONTINUE and ABANDON", result)
	}
	a, err := r.waiting(in.AutoScalingGroupName, in.LifecycleHookName, in.InstanceId, in.LifecycleActionToken)
	if err != nil {
		return nil, err
	}
	a.complete(*in.LifecycleActionResult, "Lifecycle Action Completed with ABANDON Result")
	return &autoscaling.CompleteLifecycleActionOutput{}, nil
}

// recordLifecycleActionHeartbeat lets the heartbeat timeout begin anew.
func recordLifecycleActionHeartbeat(r *request, in *autoscaling.RecordLifecycleActionHeartbeatInput) (*autoscaling.RecordLifecycleActionHeartbeatOutput, error) {
	a, err := r.waiting(in.AutoScalingGroupName, in.LifecycleHookName, in.InstanceId, in.LifecycleActionToken)
	if err != nil {
		return nil, err
	}
	a.beats++
	a.expect()
	return &autoscaling.RecordLifecycleActionHeartbeatOutput{}, nil
}
