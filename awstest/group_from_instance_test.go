package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGroupOfAnInstance: Auto Scaling makes a launch configuration of it, of the
// group's name, without its block devices.
func TestGroupOfAnInstance(t *testing.T) {
	region, client, in := launchWorld(t)
	region.KeyPair("mine")
	in.KeyName, in.UserData, in.SubnetId = new("mine"), new("d2Vi"), &region.Network().Subnets[1]
	in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: new("web")}
	in.BlockDeviceMappings = device("/dev/sdf", &ec2types.EbsBlockDevice{VolumeSize: new(int32(3))})
	in.TagSpecifications = tags("instance", "app", "web")
	ran, err := client.RunInstances(t.Context(), in)
	require.NoError(t, err)
	i := ran.Instances[0]
	groups := autoscaling.NewFromConfig(region.Config())
	create := &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: new("web"), MinSize: new(int32(1)), MaxSize: new(int32(2)), InstanceId: i.InstanceId}
	_, err = groups.CreateAutoScalingGroup(t.Context(), create)
	require.NoError(t, err)

	read, err := groups.DescribeLaunchConfigurations(t.Context(), &autoscaling.DescribeLaunchConfigurationsInput{})
	require.NoError(t, err)
	lc := read.LaunchConfigurations[0]
	assert.Equal(t, "web", *lc.LaunchConfigurationName)
	assert.Equal(t, []any{*in.ImageId, "t3.micro", "mine", "d2Vi", *i.IamInstanceProfile.Arn, false},
		[]any{*lc.ImageId, *lc.InstanceType, *lc.KeyName, *lc.UserData, *lc.IamInstanceProfile, *lc.InstanceMonitoring.Enabled})
	assert.Equal(t, []string{*i.SecurityGroups[0].GroupId}, lc.SecurityGroups)
	assert.Empty(t, lc.BlockDeviceMappings)

	g := region.Groups()[0]
	assert.Equal(t, "web", *g.LaunchConfigurationName)
	assert.Equal(t, *in.SubnetId, *g.VPCZoneIdentifier)
	require.Len(t, g.Instances, 1)
	assert.NotEqual(t, *i.InstanceId, *g.Instances[0].InstanceId, "the instance itself does not join")
	member := readInstance(t, client, *g.Instances[0].InstanceId)
	assert.Equal(t, i.IamInstanceProfile, member.IamInstanceProfile)
	assert.Len(t, member.BlockDeviceMappings, 1)
	assert.Equal(t, "d2Vi", *instanceAttribute(t, client, *member.InstanceId, "userData").UserData.Value)

	for name, test := range map[string]struct {
		set     func(*autoscaling.CreateAutoScalingGroupInput)
		message string
	}{
		"name taken":       {func(in *autoscaling.CreateAutoScalingGroupInput) {}, "already exists"},
		"no such instance": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.InstanceId = new(unknownInstance) }, "The instance ID '" + unknownInstance + "' does not exist"},
		"two sources": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchConfigurationName = new("web") },
			"Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter."},
		"sizes": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.MinSize = new(int32(9)) }, "Max bound"},
	} {
		again := *create
		if name != "name taken" {
			again.AutoScalingGroupName = new("other")
		}
		test.set(&again)
		_, err := groups.CreateAutoScalingGroup(t.Context(), &again)
		require.ErrorContains(t, err, test.message, name)
	}
	read, err = groups.DescribeLaunchConfigurations(t.Context(), &autoscaling.DescribeLaunchConfigurationsInput{})
	require.NoError(t, err)
	assert.Len(t, read.LaunchConfigurations, 1, "a refused group leaves no launch configuration")
}

func TestLaunchConfigurationOfAnInstance(t *testing.T) {
	region, client, in := launchWorld(t)
	ran, err := client.RunInstances(t.Context(), in)
	require.NoError(t, err)
	groups := autoscaling.NewFromConfig(region.Config())
	_, err = groups.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: new("like"),
		InstanceId: ran.Instances[0].InstanceId, InstanceType: new("t3.large"), KeyName: new("default")})
	require.NoError(t, err)
	read, err := groups.DescribeLaunchConfigurations(t.Context(), &autoscaling.DescribeLaunchConfigurationsInput{})
	require.NoError(t, err)
	lc := read.LaunchConfigurations[0]
	assert.Equal(t, []any{*in.ImageId, "t3.large", "default"}, []any{*lc.ImageId, *lc.InstanceType, *lc.KeyName}, "what the call says wins")
	_, err = groups.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: new("bare")})
	requireCode(t, err, "ValidationError", "either the InstanceID parameter or both the ImageId and InstanceType")
}

// TestGroupsOfSpotInstances: by a launch configuration's price and by a
// template; a warm pool has none, and a policy has its own way.
func TestGroupsOfSpotInstances(t *testing.T) {
	region, client, in := launchWorld(t)
	ctx := t.Context()
	groups := autoscaling.NewFromConfig(region.Config())
	lc := &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: new("spot"), ImageId: in.ImageId, InstanceType: new("t3.micro"), SpotPrice: new("0.05")}
	_, err := groups.CreateLaunchConfiguration(ctx, lc)
	require.NoError(t, err)
	made, err := client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("spot"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
		ImageId: in.ImageId, InstanceType: "t3.micro", InstanceMarketOptions: &ec2types.LaunchTemplateInstanceMarketOptionsRequest{MarketType: "spot"}}})
	require.NoError(t, err)
	template := &astypes.LaunchTemplateSpecification{LaunchTemplateId: made.LaunchTemplate.LaunchTemplateId, Version: new("1")}
	create := func(name string, set func(*autoscaling.CreateAutoScalingGroupInput)) error {
		g := &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: &name, MinSize: new(int32(1)), MaxSize: new(int32(1)), VPCZoneIdentifier: &region.Network().Subnets[0]}
		set(g)
		_, err := groups.CreateAutoScalingGroup(ctx, g)
		return err
	}
	require.NoError(t, create("by-price", func(g *autoscaling.CreateAutoScalingGroupInput) { g.LaunchConfigurationName = new("spot") }))
	require.NoError(t, create("by-template", func(g *autoscaling.CreateAutoScalingGroupInput) { g.LaunchTemplate = template }))
	for _, g := range region.Groups() {
		require.Len(t, g.Instances, 1)
		assert.Equal(t, ec2types.InstanceLifecycleTypeSpot, readInstance(t, client, *g.Instances[0].InstanceId).InstanceLifecycle, *g.AutoScalingGroupName)
		_, err := groups.PutWarmPool(ctx, &autoscaling.PutWarmPoolInput{AutoScalingGroupName: g.AutoScalingGroupName})
		requireCode(t, err, "ValidationError", "Spot")
	}
	err = create("mixed", func(g *autoscaling.CreateAutoScalingGroupInput) {
		g.MixedInstancesPolicy = &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{LaunchTemplateSpecification: template}}
	})
	requireWords(t, err, "InvalidQueryParameter", "Incompatible launch template: You cannot use a launch template that is set to request Spot Instances "+
		"(InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy. Add a different launch template to the group and try again.")
	for _, price := range []string{"0", "0.0009", "cheap"} {
		lc.LaunchConfigurationName, lc.SpotPrice = new("other"), &price
		_, err = groups.CreateLaunchConfiguration(ctx, lc)
		requireCode(t, err, "ValidationError", "invalid spot instance price")
	}
	read, err := groups.DescribeLaunchConfigurations(ctx, &autoscaling.DescribeLaunchConfigurationsInput{})
	require.NoError(t, err)
	assert.Equal(t, "0.05", *read.LaunchConfigurations[0].SpotPrice)
}
