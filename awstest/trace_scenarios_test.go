package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// scenario is one refresh of the group "web" that is traced to its end.
type scenario struct {
	name, about string
	size        int32
	prepare     func(*tracer)
	desired     func(*tracer) *astypes.DesiredConfiguration // nil: a new version with a good image
	prefs       *astypes.RefreshPreferences
	events      []event
}

// bad goes to an image whose application is broken.
func bad(f *tracer) *astypes.DesiredConfiguration {
	f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
	return f.version("bad")
}

func watching(prefs astypes.RefreshPreferences) *astypes.RefreshPreferences {
	prefs.AlarmSpecification = &astypes.AlarmSpecification{Alarms: []string{"errors"}}
	return &prefs
}

// protect protects the first instance from scale-in, or ends that.
func protect(on bool) func(*tracer) {
	return func(f *tracer) {
		_, err := f.as.SetInstanceProtection(f.t.Context(), &autoscaling.SetInstanceProtectionInput{
			AutoScalingGroupName: new("web"), InstanceIds: f.group.Instances[:1], ProtectedFromScaleIn: new(on),
		})
		require.NoError(f.t, err)
	}
}

func cancel(waits bool) func(*tracer) {
	return func(f *tracer) {
		_, err := f.as.CancelInstanceRefresh(f.t.Context(), &autoscaling.CancelInstanceRefreshInput{
			AutoScalingGroupName: new("web"), WaitForTransitioningInstances: new(waits),
		})
		require.NoError(f.t, err)
	}
}

func rollBack(f *tracer) {
	_, err := f.as.RollbackInstanceRefresh(f.t.Context(), &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(f.t, err)
}

// onOwnImage puts the group on an image of the account's own, which can be
// removed.
func onOwnImage(f *tracer) {
	f.group = f.region.Group(awstest.GroupSeed{
		Name: "web", ImageID: f.region.OwnImage(awstest.ImageSeed{Name: "old"}), Size: 2,
	})
}

var scenarios = []scenario{
	{
		name: "success", about: "Three instances, AWS's defaults.", size: 3,
	},
	{
		name: "checkpointed", about: "Four instances, pauses of ten minutes at 25 % and 50 %; a checkpoint at 10 % is skipped.", size: 4,
		prefs: &astypes.RefreshPreferences{CheckpointPercentages: []int32{10, 25, 50, 100}, CheckpointDelay: new(int32(600))},
	},
	{
		name: "baked", about: "Two instances, five minutes of bake time.", size: 2,
		prefs: &astypes.RefreshPreferences{BakeTime: new(int32(300))},
	},
	{
		name: "alarm in bake", about: "An alarm is raised during the bake time, and the refresh rolls back by itself.", size: 2,
		prepare: func(f *tracer) { f.region.SetAlarm("errors", awstest.AlarmOK) },
		prefs:   watching(astypes.RefreshPreferences{BakeTime: new(int32(600)), AutoRollback: new(true)}),
		events: []event{
			in(astypes.InstanceRefreshStatusBaking, "the alarm is raised", func(f *tracer) { f.region.SetAlarm("errors", awstest.AlarmRaised) }),
		},
	},
	{
		name: "stall", about: "The application of the new image is broken: an hour of trying, then Failed.", size: 3,
		desired: bad,
	},
	{
		name: "auto-rollback", about: "The same, told to roll back.", size: 3,
		desired: bad, prefs: &astypes.RefreshPreferences{AutoRollback: new(true)},
	},
	{
		name: "manual rollback", about: "Rolled back by hand with two of four instances replaced.", size: 4,
		events: []event{at(110*time.Second, "RollbackInstanceRefresh", rollBack)},
	},
	{
		name: "rollback fails, old image gone", about: "The image that the group is on is deregistered in the middle, and there is no way back.", size: 2,
		prepare: func(f *tracer) {
			_, err := f.as.DeleteAutoScalingGroup(f.t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
			require.NoError(f.t, err)
			_, err = f.ec2.DeleteLaunchTemplate(f.t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: new("web")})
			require.NoError(f.t, err)
			time.Sleep(5 * time.Minute)
			onOwnImage(f)
		},
		events: []event{
			at(60*time.Second, "the old image is deregistered", func(f *tracer) {
				_, err := f.ec2.DeregisterImage(f.t.Context(), &ec2.DeregisterImageInput{ImageId: new(f.group.ImageID)})
				require.NoError(f.t, err)
			}),
			at(61*time.Second, "RollbackInstanceRefresh", rollBack),
		},
	},
	{
		name: "cancel, waiting", about: "Cancelled in the middle: what is under way comes to its end first.", size: 3,
		events: []event{at(60*time.Second, "CancelInstanceRefresh", cancel(true))},
	},
	{
		name: "cancel, not waiting", about: "Cancelled in the middle, at once.", size: 3,
		events: []event{at(60*time.Second, "CancelInstanceRefresh", cancel(false))},
	},
	{
		name: "protected", about: "A protected instance is waited for until its protection is gone, half an hour later.", size: 3,
		prepare: protect(true),
		events:  []event{at(30*time.Minute, "the protection is removed", protect(false))},
	},
	{
		name: "standby", about: "An instance in standby is waited for until it is back in service, and then replaced.", size: 3,
		prepare: func(f *tracer) {
			f.sizes(1, -1, -1)
			require.NoError(f.t, f.enterStandby(true, f.group.Instances[0]))
			time.Sleep(time.Minute)
		},
		events: []event{at(30*time.Minute, "ExitStandby", func(f *tracer) { require.NoError(f.t, f.exitStandby(f.group.Instances[0])) })},
	},
	{
		name: "warm pool", about: "Two instances in service and two stopped in the warm pool, which come after.", size: 2,
		prepare: func(f *tracer) {
			require.NoError(f.t, f.putPool(autoscaling.PutWarmPoolInput{}))
			time.Sleep(5 * time.Minute)
		},
	},
	{
		name: "skip matching", about: "One of three instances is on the new version already, and stays.", size: 3,
		prepare: func(f *tracer) {
			f.start(f.version("next"), &astypes.RefreshPreferences{CheckpointPercentages: []int32{33}})
			f.run(anyway)
		},
		desired: func(*tracer) *astypes.DesiredConfiguration { return nil },
		prefs:   &astypes.RefreshPreferences{SkipMatching: new(true)},
	},
	{
		name: "one instance, defaults", about: "A group of one has nobody in service for a while.", size: 1,
	},
	{
		name: "one instance, launch before terminate", about: "A group of one that may have two for a while.", size: 1,
		prefs: percentages(100, 200),
	},
}
