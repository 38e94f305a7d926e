package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	startRefresh    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html"
	refreshDefaults = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html"
	refreshPrefs    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html"
	refreshOverview = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html"
	skipMatching    = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html"
	cancelRefresh   = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html"
	rollBackRefresh = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html"
	describeRefresh = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html"
	putWarmPool     = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html"
)

// refreshOf starts a refresh of a group.
func (l *lab) refreshOf(group string, desired *astypes.DesiredConfiguration, prefs *astypes.RefreshPreferences) (id string, err error) {
	out, err := l.scaling().StartInstanceRefresh(l.ctx, &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: &group, DesiredConfiguration: desired, Preferences: prefs,
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.InstanceRefreshId), nil
}

// second is the second version of the group's template.
func (l *lab) second(group string) *astypes.DesiredConfiguration {
	return &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
		LaunchTemplateId: l.describeGroup(group).LaunchTemplate.LaunchTemplateId, Version: new("2"),
	}}
}

// newest is the newest refresh of a group.
func (l *lab) newest(group string) astypes.InstanceRefresh {
	out, err := l.scaling().DescribeInstanceRefreshes(l.ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &group})
	l.do(err)
	l.that(len(out.InstanceRefreshes) > 0, "no refresh is described")
	return out.InstanceRefreshes[0]
}

// ended waits for the newest refresh to end in a state.
func (l *lab) ended(group string, status astypes.InstanceRefreshStatus) (r astypes.InstanceRefresh) {
	l.until("refresh of "+group, func() bool {
		r = l.newest(group)
		return r.EndTime != nil
	})
	l.that(r.Status == status, "it ended %s: %s", r.Status, aws.ToString(r.StatusReason))
	return r
}

// running is a group of one instance with a refresh to the second version that
// does not end for as long as the new instance warms up.
func (l *lab) running(prefs *astypes.RefreshPreferences) (group, id string) {
	group = l.group(ofOne)
	if prefs == nil {
		prefs = &astypes.RefreshPreferences{InstanceWarmup: new(int32(600))}
	}
	id, err := l.refreshOf(group, l.second(group), prefs)
	l.do(err)
	return group, id
}

// launches is the version that a group launches.
func (l *lab) launches(group string) string {
	if t := l.describeGroup(group).LaunchTemplate; t != nil {
		return aws.ToString(t.Version)
	}
	return ""
}

var refreshCases = []Case{
	{"refresh/unknown group", "What does not exist is not refreshed.", startRefresh, func(l *lab) {
		_, err := l.refreshOf(l.name(), nil, nil)
		l.refused(err, "ValidationError")
	}},
	{"refresh/defaults", "A refresh shows the preferences that hold, also those that were not sent.", refreshDefaults, func(l *lab) {
		group := l.group(nil)
		_, err := l.refreshOf(group, nil, nil)
		l.do(err)
		p := l.newest(group).Preferences
		l.that(p != nil && aws.ToInt32(p.MinHealthyPercentage) == 90 && p.MaxHealthyPercentage == nil, "preferences %v", p)
		l.that(p.SkipMatching != nil && !*p.SkipMatching && p.AutoRollback != nil && !*p.AutoRollback, "skips %v, rolls back %v", p.SkipMatching, p.AutoRollback)
		l.that(p.ScaleInProtectedInstances == astypes.ScaleInProtectedInstancesWait && p.StandbyInstances == astypes.StandbyInstancesWait, "preferences %v", p)
	}},
	{"refresh/maximum alone", "A maximum healthy percentage comes with a minimum.", refreshPrefs, func(l *lab) {
		_, err := l.refreshOf(l.group(nil), nil, &astypes.RefreshPreferences{MaxHealthyPercentage: new(int32(110))})
		l.refused(err, "ValidationError")
	}},
	{"refresh/percentages too far apart", "The two are at most 100 apart.", refreshPrefs, func(l *lab) {
		_, err := l.refreshOf(l.group(nil), nil, &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(50)), MaxHealthyPercentage: new(int32(200))})
		l.refused(err, "ValidationError")
	}},
	{"refresh/checkpoints", "Checkpoints ascend.", refreshPrefs, func(l *lab) {
		_, err := l.refreshOf(l.group(nil), nil, &astypes.RefreshPreferences{CheckpointPercentages: []int32{50, 20}})
		l.refused(err, "ValidationError")
	}},
	{"refresh/delay without checkpoints", "A checkpoint delay needs checkpoints.", refreshPrefs, func(l *lab) {
		_, err := l.refreshOf(l.group(nil), nil, &astypes.RefreshPreferences{CheckpointDelay: new(int32(60))})
		l.refused(err, "ValidationError")
	}},
	{"refresh/version unknown", "A desired configuration is tested.", startRefresh, func(l *lab) {
		group := l.group(nil)
		desired := l.second(group)
		desired.LaunchTemplate.Version = new("7")
		_, err := l.refreshOf(group, desired, nil)
		l.refused(err, "ValidationError")
	}},
	{"refresh/auto rollback to nothing", "What has no desired configuration cannot be told to roll back.", rollBackRefresh, func(l *lab) {
		_, err := l.refreshOf(l.group(nil), nil, &astypes.RefreshPreferences{AutoRollback: new(true)})
		l.refused(err, "ValidationError", "IrreversibleInstanceRefresh")
	}},
	{"refresh/one at a time", "A refresh blocks another.", startRefresh, func(l *lab) {
		group, _ := l.running(nil)
		_, err := l.refreshOf(group, nil, nil)
		l.refused(err, "InstanceRefreshInProgress")
	}},
	{"refresh/locks the template", "A refresh to a desired configuration blocks changes of what the group launches.", updateGroup, func(l *lab) {
		group, _ := l.running(nil)
		update := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &group, LaunchTemplate: l.second(group).LaunchTemplate}
		_, err := l.scaling().UpdateAutoScalingGroup(l.ctx, update)
		l.refused(err, "ValidationError")
		_, err = l.scaling().UpdateAutoScalingGroup(l.ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &group, MaxSize: new(int32(3))})
		l.do(err)
	}},
	{"refresh/blocks a warm pool", "A refresh blocks changes of the warm pool.", putWarmPool, func(l *lab) {
		group, _ := l.running(nil)
		_, err := l.scaling().PutWarmPool(l.ctx, &autoscaling.PutWarmPoolInput{AutoScalingGroupName: &group})
		l.refused(err, "InstanceRefreshInProgress")
	}},
	{"refresh/success", "Instances are replaced, and the group gets the desired configuration with the last of them.", refreshOverview, func(l *lab) {
		group := l.group(ofOne)
		before := *l.describeGroup(group).Instances[0].InstanceId
		_, err := l.refreshOf(group, l.second(group), &astypes.RefreshPreferences{InstanceWarmup: new(int32(0)), MinHealthyPercentage: new(int32(0))})
		l.do(err)
		l.that(l.launches(group) == "1", "the group is on version %s at the start", l.launches(group))
		r := l.ended(group, astypes.InstanceRefreshStatusSuccessful)
		l.that(aws.ToInt32(r.PercentageComplete) == 100 && aws.ToInt32(r.InstancesToUpdate) == 0, "at %d %%, %d to update", aws.ToInt32(r.PercentageComplete), aws.ToInt32(r.InstancesToUpdate))
		l.that(l.launches(group) == "2", "the group is on version %s at the end", l.launches(group))
		for _, i := range l.describeGroup(group).Instances {
			if i.LifecycleState == astypes.LifecycleStateInService {
				l.that(*i.InstanceId != before && aws.ToString(i.LaunchTemplate.Version) == "2", "%s is on version %s", *i.InstanceId, aws.ToString(i.LaunchTemplate.Version))
			}
		}
	}},
	{"refresh/skip matching", "With skip matching, an instance that matches is left alone.", skipMatching, func(l *lab) {
		group := l.group(ofOne)
		before := *l.describeGroup(group).Instances[0].InstanceId
		_, err := l.refreshOf(group, nil, &astypes.RefreshPreferences{SkipMatching: new(true)})
		l.do(err)
		l.ended(group, astypes.InstanceRefreshStatusSuccessful)
		l.that(*l.describeGroup(group).Instances[0].InstanceId == before, "it was replaced")
	}},
	{"refresh/newest first", "Refreshes are listed from the newest.", describeRefresh, func(l *lab) {
		group := l.group(nil)
		first, err := l.refreshOf(group, nil, nil)
		l.do(err)
		l.ended(group, astypes.InstanceRefreshStatusSuccessful)
		second, err := l.refreshOf(group, nil, nil)
		l.do(err)
		out, err := l.scaling().DescribeInstanceRefreshes(l.ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &group})
		l.do(err)
		l.that(len(out.InstanceRefreshes) == 2 && *out.InstanceRefreshes[0].InstanceRefreshId == second && *out.InstanceRefreshes[1].InstanceRefreshId == first,
			"%d refreshes, or in another order", len(out.InstanceRefreshes))
	}},
	{"refresh/cancel", "A cancelled refresh leaves the group as it is, and cannot be cancelled again.", cancelRefresh, func(l *lab) {
		group, id := l.running(nil)
		out, err := l.scaling().CancelInstanceRefresh(l.ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &group})
		l.do(err)
		l.that(aws.ToString(out.InstanceRefreshId) == id, "cancelled %s, not %s", aws.ToString(out.InstanceRefreshId), id)
		l.ended(group, astypes.InstanceRefreshStatusCancelled)
		l.that(l.launches(group) == "1", "the group is on version %s", l.launches(group))
		_, err = l.scaling().CancelInstanceRefresh(l.ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &group})
		l.refused(err, "ActiveInstanceRefreshNotFound")
	}},
	{"refresh/cancel none", "Where no refresh is active, none is cancelled.", cancelRefresh, func(l *lab) {
		_, err := l.scaling().CancelInstanceRefresh(l.ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new(l.group(nil))})
		l.refused(err, "ActiveInstanceRefreshNotFound")
	}},
	{"refresh/roll back", "A refresh that is rolled back ends with the group as it was.", rollBackRefresh, func(l *lab) {
		group, id := l.running(&astypes.RefreshPreferences{InstanceWarmup: new(int32(0)), MinHealthyPercentage: new(int32(0)), BakeTime: new(int32(3600))})
		l.until("baking", func() bool {
			r := l.newest(group)
			l.that(r.EndTime == nil, "it ended %s", r.Status)
			return r.Status == astypes.InstanceRefreshStatusBaking
		})
		l.that(l.launches(group) == "1", "the group is on version %s while it bakes", l.launches(group))
		out, err := l.scaling().RollbackInstanceRefresh(l.ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: &group})
		l.do(err)
		l.that(aws.ToString(out.InstanceRefreshId) == id, "rolled back %s, not %s", aws.ToString(out.InstanceRefreshId), id)
		r := l.ended(group, astypes.InstanceRefreshStatusRollbackSuccessful)
		l.that(r.RollbackDetails != nil && aws.ToInt32(r.RollbackDetails.PercentageCompleteOnRollback) == 100, "details %v", r.RollbackDetails)
		l.that(l.launches(group) == "1" && aws.ToInt32(r.PercentageComplete) == 0, "version %s, at %d %%", l.launches(group), aws.ToInt32(r.PercentageComplete))
		for _, i := range l.describeGroup(group).Instances {
			if i.LifecycleState == astypes.LifecycleStateInService {
				l.that(aws.ToString(i.LaunchTemplate.Version) == "1", "%s is on version %s", *i.InstanceId, aws.ToString(i.LaunchTemplate.Version))
			}
		}
	}},
	{"refresh/roll back none", "Where no refresh is active, none is rolled back.", rollBackRefresh, func(l *lab) {
		_, err := l.scaling().RollbackInstanceRefresh(l.ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new(l.group(nil))})
		l.refused(err, "ActiveInstanceRefreshNotFound")
	}},
	{"refresh/irreversible", "A refresh without a desired configuration has nothing to roll back from.", rollBackRefresh, func(l *lab) {
		group := l.group(ofOne)
		_, err := l.refreshOf(group, nil, &astypes.RefreshPreferences{InstanceWarmup: new(int32(600))})
		l.do(err)
		_, err = l.scaling().RollbackInstanceRefresh(l.ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: &group})
		l.refused(err, "IrreversibleInstanceRefresh")
	}},
}
