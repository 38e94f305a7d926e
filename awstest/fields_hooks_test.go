package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/awstest"
)

// putHook gives a group a hook for launches.
func (w *fieldWorld) putHook(group, name string) {
	w.do(&autoscaling.PutLifecycleHookInput{
		AutoScalingGroupName: new(group), LifecycleHookName: new(name), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
	})
}

// waiters makes two groups with two hooks each and two instances that wait for
// both, and notes the first action of "web" and another one's instance and token.
func (w *fieldWorld) waiters() awstest.LifecycleAction {
	for _, name := range []string{"web", "other"} {
		w.group(name)
		for _, hook := range []string{"one", "two"} {
			w.putHook(name, hook)
		}
		w.do(&autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new(name), DesiredCapacity: new(int32(4))})
	}
	time.Sleep(time.Minute)
	all := w.region.LifecycleActions("web")
	w.ids["instance"], w.ids["token"] = all[2].InstanceID, all[2].Token
	return all[0]
}

func waiting(group string) func(w *fieldWorld) any {
	return func(w *fieldWorld) any { return w.region.LifecycleActions(group) }
}

func init() {
	hooks := func(w *fieldWorld) any {
		var out []any
		for _, g := range w.region.Groups() {
			out = append(out, w.do(&autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: g.AutoScalingGroupName}))
		}
		return out
	}
	fields(func(w *fieldWorld) *autoscaling.PutLifecycleHookInput {
		w.group("web")
		w.group("other")
		return &autoscaling.PutLifecycleHookInput{
			AutoScalingGroupName: new("web"), LifecycleHookName: new("one"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
		}
	}, fieldValues{
		"AutoScalingGroupName":  "other",
		"LifecycleHookName":     "two",
		"LifecycleTransition":   "autoscaling:EC2_INSTANCE_TERMINATING",
		"DefaultResult":         "CONTINUE",
		"HeartbeatTimeout":      60,
		"NotificationMetadata":  "m",
		"NotificationTargetARN": "arn:aws:sqs:eu-west-1:123456789012:q",
		"RoleARN":               "arn:aws:iam::123456789012:role/r",
	}, hooks)

	fields(func(w *fieldWorld) *autoscaling.DescribeLifecycleHooksInput {
		w.group("web")
		w.group("other")
		w.putHook("web", "one")
		w.putHook("web", "two")
		return &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: new("web")}
	}, fieldValues{"AutoScalingGroupName": "other", "LifecycleHookNames": "two"})

	fields(func(w *fieldWorld) *autoscaling.DeleteLifecycleHookInput {
		w.waiters()
		return &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: new("web"), LifecycleHookName: new("one")}
	}, fieldValues{"AutoScalingGroupName": "other", "LifecycleHookName": "two"}, hooks)

	fields(func(w *fieldWorld) *autoscaling.CompleteLifecycleActionInput {
		return &autoscaling.CompleteLifecycleActionInput{
			AutoScalingGroupName: new("web"), LifecycleHookName: new("one"), LifecycleActionResult: new("CONTINUE"), InstanceId: new(w.waiters().InstanceID),
		}
	}, fieldValues{
		"AutoScalingGroupName":  refused{"ValidationError", "other"},
		"LifecycleHookName":     "two",
		"LifecycleActionResult": "ABANDON",
		"InstanceId":            made("instance"),
		"LifecycleActionToken":  refused{"ValidationError", "00000000-0000-0000-0000-000000000000"},
	}, waiting("web"))

	fields(func(w *fieldWorld) *autoscaling.RecordLifecycleActionHeartbeatInput {
		token := w.waiters().Token
		time.Sleep(50 * time.Minute)
		return &autoscaling.RecordLifecycleActionHeartbeatInput{AutoScalingGroupName: new("web"), LifecycleHookName: new("one"), LifecycleActionToken: new(token)}
	}, fieldValues{
		"AutoScalingGroupName": refused{"ValidationError", "other"},
		"LifecycleHookName":    refused{"ValidationError", "two"}, // the token is of the other
		"InstanceId":           refused{"ValidationError", "i-00000000000000000"},
		"LifecycleActionToken": made("token"),
	}, waiting("web"))
}
