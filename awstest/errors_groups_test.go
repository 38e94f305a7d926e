package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// What AWS answers to calls about groups that go wrong, by code: the emulators
// get most of these otherwise.
func TestErrorsOfGroups(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	ctx := t.Context()
	configuration := func(name string) error {
		_, err := f.as.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
			LaunchConfigurationName: new(name), ImageId: new(f.region.PublicImage("base")), InstanceType: new("t3.micro"),
		})
		return err
	}
	require.NoError(t, configuration("lc"))
	create := func(change func(*autoscaling.CreateAutoScalingGroupInput)) error {
		in := &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new("new"), MinSize: new(int32(0)), MaxSize: new(int32(1)), VPCZoneIdentifier: new(f.region.Network().Subnets[0]),
		}
		change(in)
		_, err := f.as.CreateAutoScalingGroup(ctx, in)
		return err
	}
	capacity := func(group string, n int32) error {
		_, err := f.as.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new(group), DesiredCapacity: new(n)})
		return err
	}
	remove := func(group string) error {
		_, err := f.as.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new(group)})
		return err
	}
	removeConfiguration := func(name string) error {
		_, err := f.as.DeleteLaunchConfiguration(ctx, &autoscaling.DeleteLaunchConfigurationInput{LaunchConfigurationName: new(name)})
		return err
	}
	own := &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID)}
	for _, test := range []struct {
		name, code, text string
		call             func() error
	}{
		{"UpdateAutoScalingGroup unknown", "ValidationError", "AutoScalingGroup name not found - null", func() error {
			_, err := f.as.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("nope")})
			return err
		}},
		{"DeleteAutoScalingGroup unknown", "ValidationError", "AutoScalingGroup name not found", func() error { return remove("nope") }},
		{"CreateAutoScalingGroup duplicate", "AlreadyExists", "already exists", func() error {
			return create(func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.AutoScalingGroupName, in.LaunchTemplate = new("web"), own
			})
		}},
		{"CreateLaunchConfiguration duplicate", "AlreadyExists", "already exists", func() error { return configuration("lc") }},
		{"CreateAutoScalingGroup unknown launch configuration", "ValidationError", "Launch configuration name not found", func() error {
			return create(func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchConfigurationName = new("nope") })
		}},
		{"CreateAutoScalingGroup unknown launch template", "ValidationError", "You must use a valid fully-formed launch template.", func() error {
			return create(func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.LaunchTemplate = &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("nope")}
			})
		}},
		{"CreateAutoScalingGroup of nothing", "ValidationError", "Valid requests must contain either", func() error {
			return create(func(*autoscaling.CreateAutoScalingGroupInput) {})
		}},
		{"CreateAutoScalingGroup of both", "ValidationError", "Valid requests must contain either", func() error {
			return create(func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.LaunchConfigurationName, in.LaunchTemplate = new("lc"), own
			})
		}},
		{"SetDesiredCapacity above the maximum", "ValidationError", "above max value 4", func() error { return capacity("web", 5) }},
		{"SetDesiredCapacity unknown", "ValidationError", "AutoScalingGroup name not found", func() error { return capacity("nope", 1) }},
		{"DeleteAutoScalingGroup with instances", "ResourceInUse", "instances", func() error { return remove("web") }},
		{"DeleteLaunchConfiguration unknown", "ValidationError", "Launch configuration name not found", func() error { return removeConfiguration("nope") }},
		{"DeleteLaunchConfiguration in use", "ResourceInUse", "attached to AutoScalingGroup old", func() error {
			f.region.Group(awstest.GroupSeed{Name: "old", Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.LaunchTemplate, in.LaunchConfigurationName = nil, new("lc")
			}})
			return removeConfiguration("lc")
		}},
		{"AttachLoadBalancerTargetGroups unknown", "ValidationError", "AutoScalingGroup name not found", func() error {
			_, err := f.as.AttachLoadBalancerTargetGroups(ctx, &autoscaling.AttachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("nope"), TargetGroupARNs: []string{targetARN("a")}})
			return err
		}},
		{"DescribeLifecycleHooks unknown", "ValidationError", "AutoScalingGroup name not found", func() error {
			_, err := f.as.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: new("nope")})
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(f.region.Groups())
			err := test.call()
			assert.Equal(t, test.code, codeOf(err), "%v", err)
			assert.ErrorContains(t, err, test.text)
			assert.GreaterOrEqual(t, len(f.region.Groups()), before)
		})
	}
	out, err := f.as.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"nope"}})
	require.NoError(t, err)
	assert.Empty(t, out.AutoScalingGroups, "no error, an empty list")
}
