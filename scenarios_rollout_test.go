package readyami_test

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// rolloutScenarios are about the order of the groups, and what a refresh may
// leave.
var rolloutScenarios = []scenario{
	{name: "shared-template", begin: func(t *testing.T) *world { return sharedTemplate(t, "web-b") }},
	{name: "set-default", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.SetDefault = true
		return w
	}},
	{name: "rollout-careful", begin: func(t *testing.T) *world { return sharedTemplate(t, "web-b", "web-c") }},
	{name: "rollout-region-by-region", begin: func(t *testing.T) *world {
		w := sharedTemplate(t, "web-b", "web-c")
		w.Rollout.Order = plan.OrderTargetByTarget
		return w
	}},
	{name: "rollout-all-at-once", begin: func(t *testing.T) *world {
		w := sharedTemplate(t, "web-b", "web-c")
		w.Rollout.Order = plan.OrderAllAtOnce
		return w
	}},
	{name: "preferences-of-aws", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Preferences = nil
		return w
	}},
	{name: "preferences-launch-before-terminate", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Preferences = (*plan.Preferences)(asg.LaunchBeforeTerminate())
		return w
	}},
	{name: "protected-instance", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Preferences.ScaleInProtectedInstances = asgtypes.ScaleInProtectedInstancesIgnore
		w.protect(*w.describeGroup("eu-west-1", "web").Instances[0].InstanceId, true)
		return w
	}, acts: []act{
		{name: "first", says: asg.ErrNotReplaced},
		{name: "again", says: asg.ErrNotReplaced},
		{name: "unprotected", change: func(w *world) { w.protect(w.protected(), false) }},
	}},
	{name: "last-checkpoint", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.SetDefault = true
		w.Preferences.MaxHealthyPercentage = new(int32(150))
		w.Preferences.CheckpointPercentages, w.Preferences.CheckpointDelay = []int32{50}, new(int32(60))
		return w
	}, acts: []act{{name: "first", says: asg.ErrNotReplaced}, {name: "again", says: asg.ErrNotReplaced}}},
	{name: "group-cannot-start", begin: func(t *testing.T) *world {
		w := sharedTemplate(t, "web-b", "web-c")
		w.Rollout.Order = plan.OrderTargetByTarget
		w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if in, ok := call.Input.(*autoscaling.StartInstanceRefreshInput); ok && *in.AutoScalingGroupName == "web-b" {
				return nil, &smithy.GenericAPIError{Code: "LimitExceeded", Message: "You have already reached a limit"}
			}
			return next(ctx)
		})
		return w
	}, acts: []act{{name: "first", says: errAny}}},
	{name: "version-cannot-be-launched", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.inject(awstest.Refuse(awstest.Match{Operation: "RunInstances", Region: "eu-west-1"}, 1,
			"UnauthorizedOperation", "You are not authorized to perform this operation."))
		return w
	}, acts: []act{{name: "first", says: asg.ErrLaunchRefused}}},
}

// sharedTemplate is a world where further groups of eu-west-1 launch from the
// template of "web".
func sharedTemplate(t *testing.T, groups ...string) *world {
	w := newWorld(t)
	for _, name := range groups {
		w.group("eu-west-1", name, w.templateOf("eu-west-1").id(), "1")
	}
	w.settle()
	w.Targets[0].Groups = append(w.Targets[0].Groups, groups...)
	return w
}

func (w *world) protect(instanceID string, on bool) {
	w.t.Helper()
	_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).SetInstanceProtection(w.t.Context(), &autoscaling.SetInstanceProtectionInput{
		AutoScalingGroupName: new("web"), InstanceIds: []string{instanceID}, ProtectedFromScaleIn: &on,
	})
	require.NoError(w.t, err)
}

// protected is the instance of "web" in eu-west-1 that is.
func (w *world) protected() string {
	w.t.Helper()
	members := w.describeGroup("eu-west-1", "web").Instances
	i := slices.IndexFunc(members, func(i asgtypes.Instance) bool { return *i.ProtectedFromScaleIn })
	require.NotEqual(w.t, -1, i)
	return *members[i].InstanceId
}
