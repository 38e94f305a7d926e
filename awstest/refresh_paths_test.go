package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// versions counts the group's instances by template version.
func (f *fleet) versions() string {
	n := map[string]int{}
	for _, i := range f.describe().Instances {
		n["v"+*i.LaunchTemplate.Version]++
	}
	return strings.TrimPrefix(fmt.Sprint(n), "map")
}

// trace runs the refresh to its end and tells when its state, percentage or
// count to update changed, in seconds from the start.
func (f *fleet) trace(during func(astypes.InstanceRefresh)) (lines []string) {
	f.t.Helper()
	begun := time.Now()
	last := ""
	f.run(func(_ awstest.Capacity, r astypes.InstanceRefresh) {
		line := string(r.Status)
		if r.PercentageComplete != nil {
			line += fmt.Sprintf(" %d%% %d left", *r.PercentageComplete, *r.InstancesToUpdate)
		}
		if line != last {
			lines = append(lines, fmt.Sprintf("%.0f %s", time.Since(begun).Seconds(), line))
			last = line
		}
		if during != nil {
			during(r)
		}
	})
	return lines
}

func TestRefreshPausesAtCheckpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		f.start(f.version("next"), &astypes.RefreshPreferences{
			MinHealthyPercentage: new(int32(50)), CheckpointPercentages: []int32{10, 50, 100}, CheckpointDelay: new(int32(600)),
		})
		assert.Equal(t, []string{
			"0 Pending",
			"5 InProgress 0% 3 left",
			"50 InProgress 25% 3 left",
			"650 InProgress 25% 2 left", // another ten minutes after the first checkpoint
			"695 InProgress 50% 2 left",
			"1295 InProgress 50% 0 left",
			"1340 Successful 100% 0 left",
		}, f.trace(nil))
		assert.Equal(t, "[v2:4]", f.versions())
	})
}

func TestLastCheckpointMayLeaveTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		f.start(f.version("next"), &astypes.RefreshPreferences{CheckpointPercentages: []int32{50}})
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		assert.Equal(t, []int32{50, 2}, []int32{*end.PercentageComplete, *end.InstancesToUpdate})
		assert.Equal(t, int32(3600), *end.Preferences.CheckpointDelay, "AWS's default, which the last one does not wait for")
		assert.Equal(t, "[v1:2 v2:2]", f.versions())
		assert.Equal(t, "2", *f.describe().LaunchTemplate.Version)
	})
}

func TestRefreshBakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.start(f.version("next"), &astypes.RefreshPreferences{BakeTime: new(int32(300))})
		assert.Equal(t, []string{"0 Pending", "5 InProgress 0% 0 left", "50 Baking 100% 0 left", "350 Successful 100% 0 left"},
			f.trace(func(r astypes.InstanceRefresh) {
				if r.Status == astypes.InstanceRefreshStatusBaking {
					assert.Contains(t, *r.StatusReason, "Waiting for bake time to finish before continuing. There are ")
					assert.Equal(t, "1", *f.describe().LaunchTemplate.Version)
				}
			}))
	})
}

func TestRefreshSkipsWhatMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		next := f.version("next")
		f.start(next, &astypes.RefreshPreferences{CheckpointPercentages: []int32{50}})
		f.run(anyway)
		require.Equal(t, "[v1:1 v2:1]", f.versions())
		kept := f.describe().Instances[1]
		require.Equal(t, "2", *kept.LaunchTemplate.Version)

		f.start(next, &astypes.RefreshPreferences{SkipMatching: new(true)})
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Equal(t, "[v2:2]", f.versions())
		assert.Equal(t, *kept.InstanceId, *f.describe().Instances[0].InstanceId)

		begun := time.Now()
		f.start(next, &astypes.RefreshPreferences{SkipMatching: new(true)})
		assert.Equal(t, 5*time.Second, f.run(anyway).EndTime.Sub(begun), "nothing to do")
		f.start(next, nil)
		f.run(anyway)
		assert.NotEqual(t, *kept.InstanceId, *f.describe().Instances[0].InstanceId, "all are replaced without it")
	})
}

func TestFailedRefreshRollsBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		f.start(f.version("bad"), &astypes.RefreshPreferences{AutoRollback: new(true)})
		lines := f.trace(nil)
		assert.Equal(t, []string{"0 Pending", "5 InProgress 0% 3 left", "3650 RollbackInProgress 0% 3 left"}, lines[:3])
		end := f.read()
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackSuccessful, end.Status)
		assert.Contains(t, *end.RollbackDetails.RollbackReason, "is unhealthy")
		assert.Equal(t, "[v1:4]", f.versions())
		assert.Equal(t, "1", *f.describe().LaunchTemplate.Version)
	})
}

func TestRollbackByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		before := f.group.Instances
		f.start(f.version("next"), nil)
		rolled := false
		lines := f.trace(func(r astypes.InstanceRefresh) {
			if !rolled && r.PercentageComplete != nil && *r.PercentageComplete == 50 {
				rolled = true
				out, err := f.as.RollbackInstanceRefresh(t.Context(), &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")})
				require.NoError(t, err)
				assert.Equal(t, f.refresh, *out.InstanceRefreshId)
			}
		})
		assert.Equal(t, []string{
			"0 Pending",
			"5 InProgress 0% 3 left",
			"50 InProgress 25% 2 left",
			"95 InProgress 50% 1 left",
			"96 RollbackInProgress 50% 1 left",
		}, lines[:5])
		assert.Equal(t, "RollbackSuccessful 0% 1 left", strings.SplitN(lines[len(lines)-1], " ", 2)[1])
		assert.Equal(t, "[v1:4]", f.versions())
		assert.Contains(t, before, *f.describe().Instances[0].InstanceId, "what was never replaced is left alone")
		assert.Equal(t, "1", *f.describe().LaunchTemplate.Version)
		end := f.read()
		assert.Equal(t, []int32{50, 1}, []int32{*end.RollbackDetails.PercentageCompleteOnRollback, *end.RollbackDetails.InstancesToUpdateOnRollback})
	})
}

func TestRollbackFailsWhenTheOldImageIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		old := f.region.OwnImage(awstest.ImageSeed{Name: "old"})
		f.group = f.region.Group(awstest.GroupSeed{Name: "own", ImageID: old, Size: 2})
		_, err := f.ec2.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: new(old)})
		require.NoError(t, err)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		bad := f.version("bad")
		out, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("own"), DesiredConfiguration: bad, Preferences: &astypes.RefreshPreferences{AutoRollback: new(true)},
		})
		require.NoError(t, err)
		require.NotNil(t, out.InstanceRefreshId)
		time.Sleep(3 * time.Hour)
		end := f.region.Refreshes("own")[0]
		assert.Equal(t, astypes.InstanceRefreshStatusRollbackFailed, end.Status)
		assert.Contains(t, *end.StatusReason, old)
		assert.Equal(t, 1, f.region.Capacity("own").Live)
	})
}

func TestCancelWaitsForWhatIsUnderWay(t *testing.T) {
	for _, waits := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 2, wholeSeconds)
			f.start(f.version("next"), nil)
			time.Sleep(10 * time.Second)
			for range 2 {
				_, err := f.as.CancelInstanceRefresh(t.Context(), &autoscaling.CancelInstanceRefreshInput{
					AutoScalingGroupName: new("web"), WaitForTransitioningInstances: new(waits),
				})
				if err != nil {
					var none *astypes.ActiveInstanceRefreshNotFoundFault
					assert.ErrorAs(t, err, &none, "the second time")
				}
			}
			_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
			if waits {
				assert.Equal(t, "InstanceRefreshInProgress", codeOf(err))
				end := f.run(anyway)
				assert.Equal(t, astypes.InstanceRefreshStatusCancelled, end.Status)
				assert.Equal(t, 30*time.Second, end.EndTime.Sub(*end.StartTime), "until the terminated one is gone")
				assert.Equal(t, "Cancelled due to user request.", *end.StatusReason)
				assert.Equal(t, "[v1:1 v2:1]", f.versions(), "what was replaced stays")
			} else {
				assert.NoError(t, err)
				assert.Equal(t, astypes.InstanceRefreshStatusCancelled, f.read().Status)
			}
			assert.Equal(t, "1", *f.describe().LaunchTemplate.Version)
		})
	}
}

func TestCancelledAndRolledBackStatesAreSeenOnce(t *testing.T) {
	f := newFleet(t, 2, awstest.SeenOnce)
	states := func() (seen []astypes.InstanceRefreshStatus) {
		for range 3 {
			seen = append(seen, f.read().Status)
		}
		return seen
	}
	f.start(f.version("next"), nil)
	_, err := f.as.RollbackInstanceRefresh(t.Context(), &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)
	assert.Equal(t, []astypes.InstanceRefreshStatus{"RollbackInProgress", "RollbackSuccessful", "RollbackSuccessful"}, states())
	f.start(nil, nil)
	_, err = f.as.CancelInstanceRefresh(t.Context(), &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)
	assert.Equal(t, []astypes.InstanceRefreshStatus{"Cancelling", "Cancelled", "Cancelled"}, states())
}

func TestWhatCannotBeRolledBack(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	rollBack := func() error {
		_, err := f.as.RollbackInstanceRefresh(t.Context(), &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")})
		return err
	}
	var none *astypes.ActiveInstanceRefreshNotFoundFault
	assert.ErrorAs(t, rollBack(), &none)
	f.start(nil, nil)
	var irreversible *astypes.IrreversibleInstanceRefreshFault
	assert.ErrorAs(t, rollBack(), &irreversible, "no desired configuration")
	for range 3 {
		f.read()
	}
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web"), Version: new("$Default")},
	})
	require.NoError(t, err)
	next := f.version("next")
	_, err = f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: new("web"), DesiredConfiguration: next, Preferences: &astypes.RefreshPreferences{AutoRollback: new(true)},
	})
	assert.Equal(t, "ValidationError", codeOf(err))
	f.start(next, nil)
	assert.ErrorAs(t, rollBack(), &irreversible, "the group is on $Default")
}

func TestPreferencesThatWaitAreChecked(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	for name, prefs := range map[string]*astypes.RefreshPreferences{
		"descending":     {CheckpointPercentages: []int32{50, 20}},
		"twice":          {CheckpointPercentages: []int32{50, 50}},
		"above 100":      {CheckpointPercentages: []int32{101}},
		"delay alone":    {CheckpointDelay: new(int32(1))},
		"delay too long": {CheckpointPercentages: []int32{50}, CheckpointDelay: new(int32(172801))},
		"bake too long":  {BakeTime: new(int32(172801))},
		"no way back":    {AutoRollback: new(true)},
	} {
		_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web"), Preferences: prefs})
		assert.Equal(t, "ValidationError", codeOf(err), name)
	}
}

func TestGroupOnAParameterTakesAPlainRefreshOnly(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	_, err := ssm.NewFromConfig(f.cloud.Config(home)).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: new("/app/ami"), Value: new(f.region.PublicImage("first")), Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"),
	})
	require.NoError(t, err)
	template := f.region.Template(awstest.TemplateSeed{Name: "aliased", ImageID: "resolve:ssm:/app/ami"})
	f.region.Group(awstest.GroupSeed{Name: "on-parameter", TemplateID: template})

	start := func(in autoscaling.StartInstanceRefreshInput) error {
		in.AutoScalingGroupName = new("on-parameter")
		_, err := f.as.StartInstanceRefresh(t.Context(), &in)
		return err
	}
	assert.Equal(t, "ValidationError", codeOf(start(autoscaling.StartInstanceRefreshInput{DesiredConfiguration: f.version("next")})))
	assert.Equal(t, "ValidationError", codeOf(start(autoscaling.StartInstanceRefreshInput{Preferences: &astypes.RefreshPreferences{SkipMatching: new(true)}})))
	require.NoError(t, start(autoscaling.StartInstanceRefreshInput{}))
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.region.Refreshes("on-parameter")[0].Status)
}

// A group that grows is short of a checkpoint that it has passed, and comes to it
// once more.
func TestCheckpointIsReachedAgainByAGroupThatGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 10, wholeSeconds) // at most 20
		f.start(f.version("next"), &astypes.RefreshPreferences{
			MinHealthyPercentage: new(int32(80)), CheckpointPercentages: []int32{20, 100}, CheckpointDelay: new(int32(600)),
		})
		var pauses []string
		at := ""
		f.run(func(_ awstest.Capacity, r astypes.InstanceRefresh) {
			reason := ""
			if r.StatusReason != nil && strings.Contains(*r.StatusReason, "checkpoint at 20 %") {
				reason = f.versions()
			}
			if reason == "[v1:8 v2:2]" && at == "" {
				f.scale(20)
			}
			if reason != "" && at == "" {
				pauses = append(pauses, reason)
			}
			at = reason
		})
		assert.Equal(t, []string{"[v1:8 v2:2]", "[v1:6 v2:14]"}, pauses)
		assert.Equal(t, "[v2:20]", f.versions())
	})
}
