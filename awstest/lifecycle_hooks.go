package awstest

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(putLifecycleHook, "AutoScalingGroupName", "LifecycleHookName", "LifecycleTransition", "DefaultResult",
		"HeartbeatTimeout", "NotificationMetadata", "NotificationTargetARN", "RoleARN")
	handle(describeLifecycleHooks, "AutoScalingGroupName", "LifecycleHookNames")
	handle(deleteLifecycleHook, "AutoScalingGroupName", "LifecycleHookName")
}

const (
	hookLaunching   = "autoscaling:EC2_INSTANCE_LAUNCHING"
	hookTerminating = "autoscaling:EC2_INSTANCE_TERMINATING"
	resultContinue  = "CONTINUE"
	resultAbandon   = "ABANDON"

	maxHooks       = 50
	defaultTimeout = 3600   // seconds: one hour
	longestWait    = 172800 // seconds: two days
)

var hookName = regexp.MustCompile(`^[A-Za-z0-9_/-]{1,255}$`)

// hookOf is a hook with what a call sets laid over it, checked.
func (g *group) hookOf(have *astypes.LifecycleHook, in astypes.LifecycleHookSpecification) (*astypes.LifecycleHook, error) {
	out := &astypes.LifecycleHook{DefaultResult: new(resultAbandon), HeartbeatTimeout: new(int32(defaultTimeout))}
	if have != nil {
		out = clone(have)
	}
	overlay(out, convert[astypes.LifecycleHook](in))
	out.AutoScalingGroupName = new(g.name)
	if aws.ToString(out.NotificationTargetARN) == "" { // the empty one takes it back
		out.NotificationTargetARN = nil
	}
	switch t := aws.ToString(out.LifecycleTransition); {
	case !hookName.MatchString(*out.LifecycleHookName):
		return nil, validation("1 validation error detected: Value '%s' at 'lifecycleHookName' failed to satisfy constraint", *out.LifecycleHookName)
	case t != hookLaunching && t != hookTerminating:
		return nil, validation("'%s' is not a valid LifecycleTransition. Valid values are %s and %s", t, hookLaunching, hookTerminating)
	case *out.DefaultResult != resultContinue && *out.DefaultResult != resultAbandon:
		return nil, validation("'%s' is not a valid DefaultResult. Valid values are CONTINUE and ABANDON", *out.DefaultResult)
	case *out.HeartbeatTimeout < 30 || *out.HeartbeatTimeout > 7200:
		return nil, validation("HeartbeatTimeout must be between 30 and 7200 seconds")
	}
	out.GlobalTimeout = new(min(longestWait, 100**out.HeartbeatTimeout))
	return out, nil
}

// setHook adds a hook or takes the place of the one of its name.
func (g *group) setHook(in astypes.LifecycleHookSpecification) error {
	at := slices.IndexFunc(g.hooks, func(h *astypes.LifecycleHook) bool { return *h.LifecycleHookName == *in.LifecycleHookName })
	var have *astypes.LifecycleHook
	if at >= 0 {
		have = g.hooks[at]
	}
	hook, err := g.hookOf(have, in)
	switch {
	case err != nil:
		return err
	case at >= 0:
		g.hooks[at] = hook
	case len(g.hooks) >= maxHooks:
		return &astypes.LimitExceededFault{Message: new("Exceeded the maximum number of lifecycle hooks for the group " + g.name)}
	default:
		g.hooks = append(g.hooks, hook)
	}
	return nil
}

// putLifecycleHook makes a hook or changes the one that is there; what is not
// sent stays. Actions that are under way go by what it was.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
func putLifecycleHook(r *request, in *autoscaling.PutLifecycleHookInput) (*autoscaling.PutLifecycleHookOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &autoscaling.PutLifecycleHookOutput{}, g.setHook(convert[astypes.LifecycleHookSpecification](*in))
}

func describeLifecycleHooks(r *request, in *autoscaling.DescribeLifecycleHooksInput) (*autoscaling.DescribeLifecycleHooksOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeLifecycleHooksOutput{}
	for _, h := range g.hooks {
		if len(in.LifecycleHookNames) == 0 || slices.Contains(in.LifecycleHookNames, *h.LifecycleHookName) {
			out.LifecycleHooks = append(out.LifecycleHooks, *clone(h))
		}
	}
	slices.SortFunc(out.LifecycleHooks, func(a, b astypes.LifecycleHook) int { return cmp.Compare(*a.LifecycleHookName, *b.LifecycleHookName) })
	return out, nil
}

// deleteLifecycleHook completes what waits for the hook: launches are abandoned,
// terminations go on.
func deleteLifecycleHook(r *request, in *autoscaling.DeleteLifecycleHookInput) (*autoscaling.DeleteLifecycleHookOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.hook(*in.LifecycleHookName) == nil {
		return nil, validation("No Lifecycle Hook found with name '%s' for the Auto Scaling group %s", *in.LifecycleHookName, g.name)
	}
	g.hooks = slices.DeleteFunc(g.hooks, func(h *astypes.LifecycleHook) bool { return *h.LifecycleHookName == *in.LifecycleHookName })
	for _, m := range g.everyone() {
		for _, a := range slices.Clone(m.actions) {
			if *a.hook.LifecycleHookName != *in.LifecycleHookName {
				continue
			}
			if *a.hook.LifecycleTransition == hookLaunching {
				a.complete(resultAbandon, "Lifecycle Hook was deleted")
			} else {
				a.complete(resultContinue, "")
			}
		}
	}
	return &autoscaling.DeleteLifecycleHookOutput{}, nil
}

func (g *group) hook(name string) *astypes.LifecycleHook {
	for _, h := range g.hooks {
		if *h.LifecycleHookName == name {
			return h
		}
	}
	return nil
}
