package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestSuspendedProcessesHoldUpARefresh(t *testing.T) {
	for _, process := range []string{"InstanceRefresh", "Launch", "Terminate"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 2, wholeSeconds)
			f.suspend(process)
			f.start(f.version("next"), nil)
			time.Sleep(30 * time.Minute)
			r := f.read()
			assert.Equal(t, astypes.InstanceRefreshStatusInProgress, r.Status, process)
			assert.Contains(t, *r.StatusReason, process)
			assert.Equal(t, "[v1:2]", f.versions(), "nothing is replaced")
			f.resume(process)
			assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status, process)
		})
	}
}

// A pause may last; to be kept from launching or terminating may not.
func TestOnlyAPauseOutlastsTheStallTime(t *testing.T) {
	for process, status := range map[string]astypes.InstanceRefreshStatus{
		"InstanceRefresh": "InProgress", "Launch": "Failed", "Terminate": "Failed",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 3, wholeSeconds)
			f.start(f.version("next"), nil)
			time.Sleep(time.Minute)
			f.suspend(process)
			time.Sleep(5 * time.Hour)
			assert.Equal(t, status, f.read().Status, process)
			assert.Equal(t, 3, f.region.Capacity("web").Ready)
		})
	}
}

func TestRefreshEndsAfterFourteenDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.suspend("InstanceRefresh")
		f.start(f.version("next"), nil)
		time.Sleep(14*24*time.Hour + 4*time.Second)
		require.Equal(t, astypes.InstanceRefreshStatusInProgress, f.read().Status)
		time.Sleep(2 * time.Second)
		r := f.read()
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, r.Status)
		assert.Equal(t, 14*24*time.Hour, r.EndTime.Sub(*r.StartTime))
		assert.Contains(t, *r.StatusReason, "14 days")
	})
}

// The time after a checkpoint and that of baking are not spent replacing.
func TestRefreshMayWaitForLongerThanFourteenDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 8, wholeSeconds)
		f.start(f.version("next"), &astypes.RefreshPreferences{
			CheckpointPercentages: []int32{12, 25, 37, 50, 62, 75, 87, 100}, CheckpointDelay: new(int32(172800)), BakeTime: new(int32(172800)),
		})
		time.Sleep(17 * 24 * time.Hour)
		r := f.read()
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, r.Status)
		assert.Greater(t, r.EndTime.Sub(*r.StartTime), 16*24*time.Hour)
	})
}

func TestRefreshesAreForgottenAfterSixWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.start(nil, nil)
		ended := f.run(anyway).EndTime
		time.Sleep(6*7*24*time.Hour - time.Since(*ended))
		f.read()
		time.Sleep(time.Second)
		out, err := f.as.DescribeInstanceRefreshes(t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		assert.Empty(t, out.InstanceRefreshes)
	})
}

// What never starts is waited for as long as what is unhealthy.
func TestRefreshToWhatNeverStartsFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := wholeSeconds
		slow.InstanceStart = 24 * time.Hour
		f := newFleet(t, 2, slow)
		f.start(f.version("next"), nil)
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, end.Status)
		assert.Equal(t, time.Hour, end.EndTime.Sub(*end.StartTime))
		assert.Contains(t, *end.StatusReason, "has insufficient data to evaluate its health")
	})
}

func TestHeldRefreshStaysPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		release := f.region.HoldPending("web")
		again := f.region.HoldPending("web")
		f.start(f.version("next"), nil)
		time.Sleep(time.Hour)
		release()
		release()
		r := f.read()
		assert.Equal(t, astypes.InstanceRefreshStatusPending, r.Status, "held twice")
		assert.Nil(t, r.StartTime)
		assert.Nil(t, r.PercentageComplete)
		assert.Nil(t, r.InstancesToUpdate)
		again()
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)

		f.region.HoldPending("web")
		f.start(f.version("other"), nil)
		time.Sleep(time.Hour)
		cancel(true)(&tracer{fleet: f})
		assert.Equal(t, astypes.InstanceRefreshStatusCancelled, f.run(anyway).Status)
		f.region.HoldPending("nobody")()
	})
}

func TestRefreshNeedsAlarmsThatAreOK(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	f.region.SetAlarm("errors", awstest.AlarmInsufficientData)
	start := func(alarms ...string) error {
		_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("web"), Preferences: &astypes.RefreshPreferences{AlarmSpecification: &astypes.AlarmSpecification{Alarms: alarms}},
		})
		return err
	}
	assert.Equal(t, "ValidationError", codeOf(start("errors")))
	assert.Equal(t, "ValidationError", codeOf(start("unknown")))
	assert.Equal(t, "ValidationError", codeOf(start(make([]string, 11)...)))
	f.region.SetAlarm("errors", awstest.AlarmOK)
	require.NoError(t, start("errors"))
}

func TestAlarmsStopARefreshOrHoldItUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, wholeSeconds)
		f.region.SetAlarm("errors", awstest.AlarmOK)
		f.start(f.version("next"), watching(astypes.RefreshPreferences{}))
		time.Sleep(time.Minute)
		f.region.SetAlarm("errors", awstest.AlarmInsufficientData)
		time.Sleep(5 * time.Hour)
		r := f.read()
		assert.Equal(t, astypes.InstanceRefreshStatusInProgress, r.Status)
		assert.Equal(t, "Waiting for the CloudWatch alarm errors, which has insufficient data.", *r.StatusReason)
		assert.Equal(t, "[v1:1 v2:2]", f.versions())
		f.region.SetAlarm("errors", awstest.AlarmRaised)
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, f.read().Status, "it was not told to roll back")
		assert.Equal(t, "[v1:1 v2:2]", f.versions())

		f.region.SetAlarm("errors", awstest.AlarmOK)
		f.start(f.version("other"), watching(astypes.RefreshPreferences{}))
		time.Sleep(6 * time.Second)
		f.region.SetAlarm("errors", awstest.AlarmInsufficientData)
		time.Sleep(5 * time.Hour)
		f.region.SetAlarm("errors", awstest.AlarmOK)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
	})
}

// An alarm that is raised while the refresh is Pending ends it as it begins.
func TestAlarmBeforeTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.region.SetAlarm("errors", awstest.AlarmOK)
		f.start(f.version("next"), watching(astypes.RefreshPreferences{}))
		f.region.SetAlarm("errors", awstest.AlarmRaised)
		assert.Equal(t, astypes.InstanceRefreshStatusPending, f.read().Status)
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, end.Status)
		assert.Equal(t, "[v1:1]", f.versions())
	})
}

func TestStandbyInstancesWaitAreLeftOrTerminated(t *testing.T) {
	for choice, want := range map[astypes.StandbyInstances]struct {
		status   astypes.InstanceRefreshStatus
		versions string
	}{
		"Wait": {"Failed", "[v1:1 v2:2]"}, "Ignore": {"Successful", "[v1:1 v2:2]"}, "Terminate": {"Successful", "[v2:2]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 3, wholeSeconds)
			f.sizes(1, -1, -1)
			require.NoError(t, f.enterStandby(true, f.group.Instances[0]))
			time.Sleep(time.Minute)
			f.start(f.version("next"), &astypes.RefreshPreferences{StandbyInstances: choice})
			end := f.run(anyway)
			assert.Equal(t, want.status, end.Status, choice)
			assert.Equal(t, want.versions, f.versions(), choice)
			if choice == "Wait" {
				assert.Contains(t, *end.StatusReason, f.group.Instances[0]+" is in Standby")
				assert.Equal(t, []int32{66, 1}, []int32{*end.PercentageComplete, *end.InstancesToUpdate})
			} else {
				assert.Equal(t, int32(100), *end.PercentageComplete)
			}
		})
	}
}

// The floor of a pool is its own: of four, one may be missing.
func TestWarmPoolKeepsWithinThePercentages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{MinSize: new(int32(4)), PoolState: "Running"}))
		time.Sleep(5 * time.Minute)
		f.start(f.version("next"), percentages(75, 100))
		least, most := 4, 0
		f.run(func(c awstest.Capacity, _ astypes.InstanceRefresh) {
			least, most = min(least, f.warm()["Warmed:Running v1"]+f.warm()["Warmed:Running v2"]), max(most, c.Warm)
		})
		assert.Equal(t, []int{3, 4}, []int{least, most})
		assert.Equal(t, map[string]int{"Warmed:Running v2": 4}, f.warm())
	})
}

func TestRollbackRenewsTheWarmPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		require.NoError(t, f.putPool(autoscaling.PutWarmPoolInput{}))
		time.Sleep(5 * time.Minute)
		f.start(f.version("next"), &astypes.RefreshPreferences{BakeTime: new(int32(600))})
		time.Sleep(5 * time.Minute)
		require.Equal(t, map[string]int{"Warmed:Stopped v2": 1}, f.warm())
		rollBack(&tracer{fleet: f})
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, end.Status)
		assert.Equal(t, map[string]int{"Warmed:Stopped v1": 1}, f.warm())
		assert.Equal(t, "[v1:1]", f.versions())
		before := end.RollbackDetails.ProgressDetailsOnRollback
		assert.Equal(t, []int32{100, 100}, []int32{*before.LivePoolProgress.PercentageComplete, *before.WarmPoolProgress.PercentageComplete})
		assert.Equal(t, []int32{0, 0}, []int32{*end.ProgressDetails.LivePoolProgress.PercentageComplete, *end.ProgressDetails.WarmPoolProgress.PercentageComplete})
	})
}
