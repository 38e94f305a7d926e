package conformance

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// scaling is a client of Auto Scaling at home.
func (l *lab) scaling() *autoscaling.Client { return autoscaling.NewFromConfig(l.env.Home) }

// launchable is a template with two versions that launch what the instance to be
// imaged was launched from.
func (l *lab) launchable() (id string) {
	out, err := l.home.DescribeInstances(l.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{l.env.InstanceID}})
	l.do(err)
	l.that(len(out.Reservations) == 1 && len(out.Reservations[0].Instances) == 1, "the instance %s is not described", l.env.InstanceID)
	like := out.Reservations[0].Instances[0]
	id = l.template(&ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new(l.name()),
		TagSpecifications:  l.tagged(nil, types.ResourceTypeLaunchTemplate),
		LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: like.ImageId, InstanceType: like.InstanceType},
	})
	_, err = l.home.CreateLaunchTemplateVersion(l.ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &id, SourceVersion: new("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{
			UserData: new("IyEvYmluL3NoCg=="),
		},
	})
	l.do(err)
	return id
}

// groupInput is an empty group on version 1 of a new template.
func (l *lab) groupInput() *autoscaling.CreateAutoScalingGroupInput {
	zones, err := l.home.DescribeAvailabilityZones(l.ctx, &ec2.DescribeAvailabilityZonesInput{})
	l.do(err)
	var tags []astypes.Tag
	if t := l.env.Tag; t.Key != nil {
		tags = []astypes.Tag{{Key: t.Key, Value: t.Value, PropagateAtLaunch: new(true)}}
	}
	return &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: new(l.name()),
		MinSize:              new(int32(0)),
		MaxSize:              new(int32(2)),
		Tags:                 tags,
		AvailabilityZones:    []string{*zones.AvailabilityZones[0].ZoneName},
		LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(l.launchable()), Version: new("1")},
	}
}

// group makes a group, which is removed with its instances at the end.
func (l *lab) group(change func(*autoscaling.CreateAutoScalingGroupInput)) (name string) {
	in := l.groupInput()
	if change != nil {
		change(in)
	}
	_, err := l.scaling().CreateAutoScalingGroup(l.ctx, in)
	l.do(err)
	name = *in.AutoScalingGroupName
	l.later(func(ctx context.Context) error { return l.removeGroup(ctx, name) })
	if n := in.DesiredCapacity; n != nil {
		l.until(fmt.Sprint("group ", name, " in service"), func() bool { return l.inService(name) == int(*n) })
	}
	return name
}

// removeGroup deletes a group and waits until it is gone, so that its template
// can go next.
func (l *lab) removeGroup(ctx context.Context, name string) error {
	_, err := l.scaling().DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &name, ForceDelete: new(true)})
	if err != nil {
		return err
	}
	cleaning := *l
	cleaning.ctx = ctx
	for {
		out, err := l.scaling().DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
		if err != nil || len(out.AutoScalingGroups) == 0 {
			return err
		}
		if err := cleaning.sleep(); err != nil {
			return err
		}
	}
}

// describeGroup is the one group.
func (l *lab) describeGroup(name string) astypes.AutoScalingGroup {
	out, err := l.scaling().DescribeAutoScalingGroups(l.ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	l.do(err)
	l.that(len(out.AutoScalingGroups) == 1, "the group %s is not described", name)
	return out.AutoScalingGroups[0]
}

// inService counts the instances in service.
func (l *lab) inService(name string) (n int) {
	for _, i := range l.describeGroup(name).Instances {
		if i.LifecycleState == astypes.LifecycleStateInService {
			n++
		}
	}
	return n
}

// ofOne has the group keep one instance.
func ofOne(in *autoscaling.CreateAutoScalingGroupInput) {
	in.MinSize, in.DesiredCapacity = new(int32(0)), new(int32(1))
}
