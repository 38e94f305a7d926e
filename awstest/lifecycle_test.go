package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func (f *fleet) hook(name, transition string, change func(*autoscaling.PutLifecycleHookInput)) {
	f.t.Helper()
	in := &autoscaling.PutLifecycleHookInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: new(name), LifecycleTransition: new("autoscaling:EC2_INSTANCE_" + transition),
	}
	if change != nil {
		change(in)
	}
	_, err := f.as.PutLifecycleHook(f.t.Context(), in)
	require.NoError(f.t, err)
}

func (f *fleet) complete(hook, result, id string) error {
	_, err := f.as.CompleteLifecycleAction(f.t.Context(), &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: new(hook), LifecycleActionResult: new(result), InstanceId: new(id),
	})
	return err
}

func TestLaunchWaitsForItsHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.hook("one", "LAUNCHING", nil)
		f.hook("two", "LAUNCHING", nil)
		f.scale(2)
		time.Sleep(time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 1, "Pending:Wait": 1}, f.states())
		assert.Equal(t, astypes.ScalingActivityStatusCodeMidLifecycleAction, f.region.Activities("web")[0].StatusCode)
		id := f.region.LifecycleActions("web")[0].InstanceID
		require.NoError(t, f.complete("one", "CONTINUE", id))
		assert.Equal(t, 1, f.states()["Pending:Wait"], "the other has not answered")
		assert.ErrorContains(t, f.complete("one", "CONTINUE", id), "No active Lifecycle Action found with instance ID "+id)
		require.NoError(t, f.complete("two", "CONTINUE", id))
		time.Sleep(time.Minute)
		assert.Equal(t, map[astypes.LifecycleState]int{"InService": 2}, f.states())
		assert.Equal(t, astypes.ScalingActivityStatusCodeSuccessful, f.region.Activities("web")[0].StatusCode)
	})
}

func TestAbandonedLaunchIsReplaced(t *testing.T) {
	for name, message := range map[string]string{
		"abandoned": "was abandoned: Lifecycle Action Completed with ABANDON Result",
		"timed out": "was abandoned: Heartbeat Timeout",
		"deleted":   "was abandoned: Lifecycle Hook was deleted",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, wholeSeconds)
				f.hook("one", "LAUNCHING", nil)
				f.hook("two", "LAUNCHING", func(in *autoscaling.PutLifecycleHookInput) { in.HeartbeatTimeout = new(int32(7200)) })
				f.scale(2)
				time.Sleep(time.Minute)
				id := f.region.LifecycleActions("web")[0].InstanceID
				switch name {
				case "abandoned":
					require.NoError(t, f.complete("one", "ABANDON", id))
				case "deleted":
					_, err := f.as.DeleteLifecycleHook(t.Context(), &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: new("web"), LifecycleHookName: new("one")})
					require.NoError(t, err)
				case "timed out":
					time.Sleep(58 * time.Minute)
					assert.Equal(t, 1, f.states()["Pending:Wait"], "the default is an hour")
					time.Sleep(2 * time.Minute)
				}
				var launch astypes.Activity
				for _, a := range f.region.Activities("web") {
					if a.StatusMessage != nil {
						launch = a
					}
				}
				require.NotNil(t, launch.StatusMessage)
				assert.Contains(t, *launch.StatusMessage, message)
				assert.Equal(t, astypes.ScalingActivityStatusCodeCancelled, launch.StatusCode)
				assert.Contains(t, *launch.Description, id)
				time.Sleep(2 * time.Minute)
				var waits []string
				for _, a := range f.region.LifecycleActions("web") {
					waits = append(waits, a.InstanceID)
				}
				assert.NotEmpty(t, waits, "another is launched")
				assert.NotContains(t, waits, id)
			})
		})
	}
}

func TestHookThatContinuesByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.hook("one", "LAUNCHING", func(in *autoscaling.PutLifecycleHookInput) {
			in.DefaultResult, in.HeartbeatTimeout = new("CONTINUE"), new(int32(60))
		})
		f.scale(2)
		time.Sleep(75 * time.Second)
		_, err := f.as.RecordLifecycleActionHeartbeat(t.Context(), &autoscaling.RecordLifecycleActionHeartbeatInput{
			AutoScalingGroupName: new("web"), LifecycleHookName: new("one"), LifecycleActionToken: new(f.region.LifecycleActions("web")[0].Token),
		})
		require.NoError(t, err)
		time.Sleep(50 * time.Second)
		assert.Equal(t, 1, f.states()["Pending:Wait"], "a heartbeat puts it off")
		time.Sleep(time.Minute)
		assert.Equal(t, 2, f.states()["InService"])
	})
}

func TestTerminationWaitsForItsHook(t *testing.T) {
	for _, result := range []string{"CONTINUE", "ABANDON"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 2, wholeSeconds)
			f.hook("bye", "TERMINATING", nil)
			f.sizes(1, -1, 1)
			time.Sleep(time.Minute)
			assert.Equal(t, map[astypes.LifecycleState]int{"InService": 1, "Terminating:Wait": 1}, f.states())
			waits := f.region.LifecycleActions("web")[0]
			assert.Equal(t, "autoscaling:EC2_INSTANCE_TERMINATING", waits.Transition)
			for _, i := range f.region.Instances() {
				assert.Equal(t, "running", string(i.State.Name), "it runs on while it is waited for")
			}
			require.NoError(t, f.complete("bye", result, waits.InstanceID))
			assert.Equal(t, 1, f.states()["Terminating:Proceed"])
			time.Sleep(time.Minute)
			assert.Equal(t, map[astypes.LifecycleState]int{"InService": 1}, f.states())
			assert.Equal(t, astypes.ScalingActivityStatusCodeSuccessful, f.region.Activities("web")[0].StatusCode)
		})
	}
}

func TestForcedDeletionWaitsForNoHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.hook("bye", "TERMINATING", nil)
		f.sizes(1, -1, 1)
		time.Sleep(time.Minute)
		_, err := f.as.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		assert.Empty(t, f.region.Groups())
	})
}

func TestRefreshWaitsForHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.hook("hello", "LAUNCHING", func(in *autoscaling.PutLifecycleHookInput) {
			in.DefaultResult, in.HeartbeatTimeout = new("CONTINUE"), new(int32(600))
		})
		begun := time.Now()
		f.start(f.version("v2"), nil)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Greater(t, time.Since(begun), 10*time.Minute)
	})
}

func TestHooksOfTheCreatingCall(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	create := func(result string) error {
		_, err := f.as.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new("api"), MinSize: new(int32(1)), MaxSize: new(int32(1)), VPCZoneIdentifier: new(f.region.Network().Subnets[0]),
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID)},
			LifecycleHookSpecificationList: []astypes.LifecycleHookSpecification{
				{LifecycleHookName: new("hello"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"), DefaultResult: new(result)},
			},
		})
		return err
	}
	assert.ErrorContains(t, create("MAYBE"), "MAYBE")
	assert.Len(t, f.region.Groups(), 1)
	require.NoError(t, create("CONTINUE"))
	assert.Len(t, f.region.LifecycleActions("api"), 1, "its first instance waits")
	out, err := f.as.DescribeLifecycleHooks(t.Context(), &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: new("api")})
	require.NoError(t, err)
	assert.Equal(t, []astypes.LifecycleHook{{
		AutoScalingGroupName: new("api"), LifecycleHookName: new("hello"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
		DefaultResult: new("CONTINUE"), HeartbeatTimeout: new(int32(3600)), GlobalTimeout: new(int32(172800)),
	}}, out.LifecycleHooks)
}

func TestHookErrors(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	f.hook("hello", "LAUNCHING", nil)
	f.hook("hello", "LAUNCHING", func(in *autoscaling.PutLifecycleHookInput) {
		in.LifecycleTransition, in.HeartbeatTimeout = nil, new(int32(30))
	})
	for name, change := range map[string]func(*autoscaling.PutLifecycleHookInput){
		"group":      func(in *autoscaling.PutLifecycleHookInput) { in.AutoScalingGroupName = new("other") },
		"name":       func(in *autoscaling.PutLifecycleHookInput) { in.LifecycleHookName = new("a b") },
		"transition": func(in *autoscaling.PutLifecycleHookInput) { in.LifecycleTransition = new("launch") },
		"none":       func(in *autoscaling.PutLifecycleHookInput) { in.LifecycleTransition = nil },
		"result":     func(in *autoscaling.PutLifecycleHookInput) { in.DefaultResult = new("continue") },
		"too short":  func(in *autoscaling.PutLifecycleHookInput) { in.HeartbeatTimeout = new(int32(29)) },
		"too long":   func(in *autoscaling.PutLifecycleHookInput) { in.HeartbeatTimeout = new(int32(7201)) },
	} {
		in := &autoscaling.PutLifecycleHookInput{AutoScalingGroupName: new("web"), LifecycleHookName: new("new"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING")}
		change(in)
		_, err := f.as.PutLifecycleHook(t.Context(), in)
		assert.Equal(t, "ValidationError", codeOf(err), name)
	}
	for n := range 49 {
		f.hook(fmt.Sprint("h", n), "TERMINATING", nil)
	}
	_, err := f.as.PutLifecycleHook(t.Context(), &autoscaling.PutLifecycleHookInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: new("new"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
	})
	assert.Equal(t, "LimitExceeded", codeOf(err))
	_, err = f.as.DeleteLifecycleHook(t.Context(), &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: new("web"), LifecycleHookName: new("none")})
	assert.Equal(t, "ValidationError", codeOf(err))
	assert.Equal(t, "ValidationError", codeOf(f.complete("hello", "MAYBE", f.group.Instances[0])))
	assert.Equal(t, "ValidationError", codeOf(f.complete("none", "CONTINUE", f.group.Instances[0])))
	_, err = f.as.CompleteLifecycleAction(t.Context(), &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: new("hello"), LifecycleActionResult: new("CONTINUE"),
	})
	assert.ErrorContains(t, err, "Either the instance id or the lifecycle action token")
}
