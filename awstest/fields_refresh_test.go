package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/awstest"
)

// twoGroups are "web" and "other", alike but for their names, of two instances
// each. They may shrink to none and grow to four.
func (w *fieldWorld) twoGroups() (web awstest.SeededGroup) {
	for _, name := range []string{"other", "web"} {
		web = w.region.Group(awstest.GroupSeed{Name: name, Size: 2, Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.MinSize, in.DesiredCapacity = new(int32(0)), new(int32(2))
		}})
	}
	w.ids["other"], w.ids["second"] = "other", web.Instances[1]
	return web
}

// both makes a call for each of the two groups.
func both[In any](w *fieldWorld, in func(name *string) *In) {
	for _, name := range []string{"other", "web"} {
		w.do(in(&name))
	}
}

// refreshBoth starts a refresh of both groups to the version after theirs, which
// is in progress.
func (w *fieldWorld) refreshBoth() {
	w.twoGroups()
	both(w, func(name *string) *autoscaling.StartInstanceRefreshInput {
		template := w.region.Template(awstest.TemplateSeed{Name: "next-of-" + *name, ImageID: w.region.PublicImage("next")})
		return &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: name, DesiredConfiguration: &astypes.DesiredConfiguration{
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")},
		}}
	})
	time.Sleep(time.Minute)
}

// refreshes looks at all refreshes of both groups.
func refreshes(w *fieldWorld) any {
	return [][]astypes.InstanceRefresh{w.region.Refreshes("web"), w.region.Refreshes("other")}
}

// pools looks at the warm pools of both groups.
func pools(w *fieldWorld) (out any) {
	var all []any
	for _, name := range []string{"other", "web"} {
		all = append(all, w.do(&autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: &name}))
	}
	return all
}

func init() {
	processes := func(w *fieldWorld) (*string, []string) {
		w.twoGroups()
		return new("web"), []string{"Launch"}
	}
	change := fieldValues{"AutoScalingGroupName": made("other"), "ScalingProcesses": "Terminate"}
	fields(func(w *fieldWorld) *autoscaling.SuspendProcessesInput {
		name, some := processes(w)
		return &autoscaling.SuspendProcessesInput{AutoScalingGroupName: name, ScalingProcesses: some}
	}, change)
	fields(func(w *fieldWorld) *autoscaling.ResumeProcessesInput {
		name, some := processes(w)
		both(w, func(name *string) *autoscaling.SuspendProcessesInput {
			return &autoscaling.SuspendProcessesInput{AutoScalingGroupName: name}
		})
		return &autoscaling.ResumeProcessesInput{AutoScalingGroupName: name, ScalingProcesses: some}
	}, change)

	fields(func(w *fieldWorld) *autoscaling.EnterStandbyInput {
		web := w.twoGroups()
		return &autoscaling.EnterStandbyInput{
			AutoScalingGroupName: new("web"), InstanceIds: web.Instances[:1], ShouldDecrementDesiredCapacity: new(false),
		}
	}, fieldValues{
		"AutoScalingGroupName":           refused{"ValidationError", made("other")},
		"InstanceIds":                    made("second"),
		"ShouldDecrementDesiredCapacity": true,
	})
	fields(func(w *fieldWorld) *autoscaling.ExitStandbyInput {
		web := w.twoGroups()
		w.do(&autoscaling.EnterStandbyInput{
			AutoScalingGroupName: new("web"), InstanceIds: web.Instances, ShouldDecrementDesiredCapacity: new(true),
		})
		time.Sleep(time.Minute)
		return &autoscaling.ExitStandbyInput{AutoScalingGroupName: new("web"), InstanceIds: web.Instances[:1]}
	}, fieldValues{
		"AutoScalingGroupName": refused{"ValidationError", made("other")},
		"InstanceIds":          made("second"),
	})
}

func init() {
	withPools := func(w *fieldWorld) {
		w.twoGroups()
		both(w, func(name *string) *autoscaling.PutWarmPoolInput {
			return &autoscaling.PutWarmPoolInput{AutoScalingGroupName: name}
		})
		time.Sleep(10 * time.Minute)
	}
	fields(func(w *fieldWorld) *autoscaling.PutWarmPoolInput {
		w.twoGroups()
		return &autoscaling.PutWarmPoolInput{AutoScalingGroupName: new("web")}
	}, fieldValues{
		"AutoScalingGroupName":               made("other"),
		"InstanceReusePolicy.ReuseOnScaleIn": true,
		"MaxGroupPreparedCapacity":           3,
		"MinSize":                            3,
		"PoolState":                          "Running",
	})
	fields(func(w *fieldWorld) *autoscaling.DescribeWarmPoolInput {
		withPools(w)
		first := w.do(&autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: new("web"), MaxRecords: new(int32(1))})
		w.ids["token"] = *first.(*autoscaling.DescribeWarmPoolOutput).NextToken
		return &autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: new("web")}
	}, fieldValues{
		"AutoScalingGroupName": made("other"),
		"MaxRecords":           1,
		"NextToken":            made("token"),
	})
	fields(func(w *fieldWorld) *autoscaling.DeleteWarmPoolInput {
		withPools(w)
		return &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)}
	}, fieldValues{
		"AutoScalingGroupName": made("other"),
		"ForceDelete":          refused{"ResourceInUse", false},
	}, pools)
}

func init() {
	fields(func(w *fieldWorld) *autoscaling.CancelInstanceRefreshInput {
		w.refreshBoth()
		return &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")}
	}, fieldValues{
		"AutoScalingGroupName":          made("other"),
		"WaitForTransitioningInstances": false,
	}, refreshes)
	fields(func(w *fieldWorld) *autoscaling.RollbackInstanceRefreshInput {
		w.refreshBoth()
		return &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")}
	}, fieldValues{"AutoScalingGroupName": made("other")}, refreshes)
	fields(func(w *fieldWorld) *autoscaling.DescribeInstanceRefreshesInput {
		w.refreshBoth()
		time.Sleep(3 * time.Hour)
		w.do(&autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
		first := w.do(&autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web"), MaxRecords: new(int32(1))})
		w.ids["token"] = *first.(*autoscaling.DescribeInstanceRefreshesOutput).NextToken
		w.ids["newest"] = *w.region.Refreshes("web")[0].InstanceRefreshId
		return &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web")}
	}, fieldValues{
		"AutoScalingGroupName": made("other"),
		"InstanceRefreshIds":   made("newest"),
		"MaxRecords":           1,
		"NextToken":            made("token"),
	})
}
