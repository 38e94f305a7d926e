package conformance

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	createGroup    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html"
	updateGroup    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html"
	deleteGroup    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html"
	describeGroups = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html"
	setCapacity    = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html"
	suspend        = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html"
	standby        = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html"
	maintenance    = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-maintenance-policy.html"
	warmPools      = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html"
)

var groupCases = []Case{
	{"group/defaults", "A group answers AWS's defaults, and its template by id and name with the version as it was given.", createGroup, func(l *lab) {
		g := l.describeGroup(l.group(nil))
		l.that(aws.ToInt32(g.DesiredCapacity) == 0 && aws.ToInt32(g.DefaultCooldown) == 300, "desired %d, cooldown %d",
			aws.ToInt32(g.DesiredCapacity), aws.ToInt32(g.DefaultCooldown))
		l.that(aws.ToString(g.HealthCheckType) == "EC2" && aws.ToInt32(g.HealthCheckGracePeriod) == 0, "health check %s, grace period %d",
			aws.ToString(g.HealthCheckType), aws.ToInt32(g.HealthCheckGracePeriod))
		t := g.LaunchTemplate
		l.that(t != nil && aws.ToString(t.LaunchTemplateId) != "" && aws.ToString(t.LaunchTemplateName) != "" && aws.ToString(t.Version) == "1", "template %v", t)
	}},
	{"group/name twice", "A name is taken once.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.AutoScalingGroupName = new(l.group(nil))
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "AlreadyExists")
	}},
	{"group/name with a colon", "A name has no colon.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.AutoScalingGroupName = new(l.name() + ":1")
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "ValidationError")
	}},
	{"group/no source", "A group is launched from something.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.LaunchTemplate = nil
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "ValidationError")
	}},
	{"group/template unknown", "The template is tested when the group is made.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.LaunchTemplate = &astypes.LaunchTemplateSpecification{LaunchTemplateId: new("lt-0123456789abcdef0"), Version: new("1")}
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "ValidationError")
	}},
	{"group/version unknown", "So is the version.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.LaunchTemplate.Version = new("7")
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "ValidationError")
	}},
	{"group/sizes", "The desired capacity is between the bounds.", createGroup, func(l *lab) {
		in := l.groupInput()
		in.DesiredCapacity = new(int32(3))
		_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
		l.refused(err, "ValidationError")
	}},
	{"group/unknown names", "Names that no group has are left out.", describeGroups, func(l *lab) {
		out, err := l.scaling().DescribeAutoScalingGroups(l.ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{l.name()}})
		l.do(err)
		l.that(len(out.AutoScalingGroups) == 0, "%d groups", len(out.AutoScalingGroups))
	}},
	{"group/filter by tag", "Groups are found by the tags that they have.", describeGroups, func(l *lab) {
		value := l.name()
		name := l.group(func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.Tags = append(in.Tags, astypes.Tag{Key: new("app"), Value: &value, PropagateAtLaunch: new(false)})
		})
		out, err := l.scaling().DescribeAutoScalingGroups(l.ctx, &autoscaling.DescribeAutoScalingGroupsInput{
			Filters: []astypes.Filter{{Name: new("tag:app"), Values: []string{value}}},
		})
		l.do(err)
		l.that(len(out.AutoScalingGroups) == 1 && *out.AutoScalingGroups[0].AutoScalingGroupName == name, "%d groups", len(out.AutoScalingGroups))
	}},
	{"group/update unknown", "What does not exist is not updated.", updateGroup, func(l *lab) {
		_, err := l.scaling().UpdateAutoScalingGroup(l.ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new(l.name()), MaxSize: new(int32(1))})
		l.refused(err, "ValidationError")
	}},
	{"group/update the version", "A group keeps the version as it is spelled.", updateGroup, func(l *lab) {
		name := l.group(nil)
		t := l.describeGroup(name).LaunchTemplate
		_, err := l.scaling().UpdateAutoScalingGroup(l.ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &name, LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: t.LaunchTemplateId, Version: new("$Latest")},
		})
		l.do(err)
		l.that(aws.ToString(l.describeGroup(name).LaunchTemplate.Version) == "$Latest", "version %s", aws.ToString(l.describeGroup(name).LaunchTemplate.Version))
	}},
	{"group/capacity out of bounds", "A capacity outside of the bounds is refused.", setCapacity, func(l *lab) {
		name := l.group(nil)
		_, err := l.scaling().SetDesiredCapacity(l.ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &name, DesiredCapacity: new(int32(3))})
		l.refused(err, "ValidationError")
	}},
	{"group/maintenance policy", "A maintenance policy has both percentages, and -1 takes it back.", maintenance, func(l *lab) {
		name := l.group(func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(150))}
		})
		p := l.describeGroup(name).InstanceMaintenancePolicy
		l.that(p != nil && aws.ToInt32(p.MinHealthyPercentage) == 100 && aws.ToInt32(p.MaxHealthyPercentage) == 150, "policy %v", p)
		update := func(least, most *int32) error {
			_, err := l.scaling().UpdateAutoScalingGroup(l.ctx, &autoscaling.UpdateAutoScalingGroupInput{
				AutoScalingGroupName: &name, InstanceMaintenancePolicy: &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: least, MaxHealthyPercentage: most},
			})
			return err
		}
		l.refused(update(new(int32(90)), nil), "ValidationError")
		l.do(update(new(int32(-1)), new(int32(-1))))
		l.that(l.describeGroup(name).InstanceMaintenancePolicy == nil, "the policy is still there")
	}},
	{"group/suspend", "A suspended process is named with who suspended it.", suspend, func(l *lab) {
		name := l.group(nil)
		_, err := l.scaling().SuspendProcesses(l.ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: &name, ScalingProcesses: []string{"Launch"}})
		l.do(err)
		got := l.describeGroup(name).SuspendedProcesses
		l.that(len(got) == 1 && aws.ToString(got[0].ProcessName) == "Launch" && strings.HasPrefix(aws.ToString(got[0].SuspensionReason), "User suspended at "), "%v", got)
		_, err = l.scaling().ResumeProcesses(l.ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: &name})
		l.do(err)
		l.that(len(l.describeGroup(name).SuspendedProcesses) == 0, "it is still suspended")
	}},
	{"group/process unknown", "A process that there is not cannot be suspended.", suspend, func(l *lab) {
		_, err := l.scaling().SuspendProcesses(l.ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new(l.group(nil)), ScalingProcesses: []string{"Sleep"}})
		l.refused(err, "ValidationError")
	}},
	{"group/resolved version", "An instance carries the number of the version that it was launched with.", createGroup, func(l *lab) {
		name := l.group(func(in *autoscaling.CreateAutoScalingGroupInput) {
			ofOne(in)
			in.LaunchTemplate.Version = new("$Latest")
		})
		i := l.describeGroup(name).Instances[0]
		l.that(i.LaunchTemplate != nil && aws.ToString(i.LaunchTemplate.Version) == "2", "launched with %v", i.LaunchTemplate)
		l.that(aws.ToString(i.HealthStatus) == "Healthy", "it is %s", aws.ToString(i.HealthStatus))
	}},
	{"group/standby", "An instance in standby is replaced unless the capacity is lowered, and raises it when it is back.", standby, func(l *lab) {
		name := l.group(ofOne)
		ids := []string{*l.describeGroup(name).Instances[0].InstanceId}
		_, err := l.scaling().EnterStandby(l.ctx, &autoscaling.EnterStandbyInput{AutoScalingGroupName: &name, InstanceIds: ids, ShouldDecrementDesiredCapacity: new(true)})
		l.do(err)
		l.that(aws.ToInt32(l.describeGroup(name).DesiredCapacity) == 0, "desired %d", aws.ToInt32(l.describeGroup(name).DesiredCapacity))
		l.until("standby", func() bool { return l.describeGroup(name).Instances[0].LifecycleState == astypes.LifecycleStateStandby })
		_, err = l.scaling().ExitStandby(l.ctx, &autoscaling.ExitStandbyInput{AutoScalingGroupName: &name, InstanceIds: ids})
		l.do(err)
		l.that(aws.ToInt32(l.describeGroup(name).DesiredCapacity) == 1, "desired %d", aws.ToInt32(l.describeGroup(name).DesiredCapacity))
		l.until("in service again", func() bool { return l.inService(name) == 1 })
	}},
	{"group/standby of what is not in service", "Only an instance in standby comes out of it.", standby, func(l *lab) {
		name := l.group(ofOne)
		_, err := l.scaling().ExitStandby(l.ctx, &autoscaling.ExitStandbyInput{
			AutoScalingGroupName: &name, InstanceIds: []string{*l.describeGroup(name).Instances[0].InstanceId},
		})
		l.refused(err, "ValidationError")
	}},
	{"group/delete in use", "A group with instances is deleted only by force.", deleteGroup, func(l *lab) {
		_, err := l.scaling().DeleteAutoScalingGroup(l.ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new(l.group(ofOne))})
		l.refused(err, "ResourceInUse", "ScalingActivityInProgress")
	}},
	{"group/warm pool", "A warm pool is stopped and as large as the group may still grow, and its instances are none of the group's.", warmPools, func(l *lab) {
		name := l.group(func(in *autoscaling.CreateAutoScalingGroupInput) { in.MaxSize = new(int32(1)) })
		_, err := l.scaling().PutWarmPool(l.ctx, &autoscaling.PutWarmPoolInput{AutoScalingGroupName: &name})
		l.do(err)
		l.until("warm pool", func() bool {
			out, err := l.scaling().DescribeWarmPool(l.ctx, &autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: &name})
			l.do(err)
			l.that(out.WarmPoolConfiguration != nil, "there is none")
			return len(out.Instances) == 1 && out.Instances[0].LifecycleState == astypes.LifecycleStateWarmedStopped
		})
		g := l.describeGroup(name)
		l.that(len(g.Instances) == 0 && aws.ToInt32(g.WarmPoolSize) == 1, "%d instances, warm pool of %d", len(g.Instances), aws.ToInt32(g.WarmPoolSize))
		_, err = l.scaling().DeleteWarmPool(l.ctx, &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: &name})
		l.refused(err, "ResourceInUse", "ScalingActivityInProgress")
	}},
}
