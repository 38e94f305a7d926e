package asg_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// Several instance types, On-Demand for the first instance and Spot for half of
// the rest. The policy can be given again as AWS shows it.
func ExampleCreate_mixedInstances() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	in := asg.CreateInput{
		Name: "my-asg",
		Policy: &types.MixedInstancesPolicy{
			LaunchTemplate: &types.LaunchTemplate{
				LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: &templateID, Version: new("1")},
				Overrides:                   []types.LaunchTemplateOverrides{{InstanceType: new("t3.large")}, {InstanceType: new("t3a.large")}},
			},
			InstancesDistribution: &types.InstancesDistribution{
				OnDemandBaseCapacity:                new(int32(1)),
				OnDemandPercentageAboveBaseCapacity: new(int32(50)),
				SpotAllocationStrategy:              new("price-capacity-optimized"),
			},
		},
		MinSize: 1,
		MaxSize: 5,
		Subnets: cloud.Region("eu-west-1").Network().Subnets[:1],
	}
	for range 2 {
		made, err := asg.Create(ctx, client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("adopted", made.Adopted)
		groups, err := asg.Describe(ctx, client, []string{"my-asg"})
		if err != nil {
			fmt.Println(err)
			return
		}
		in.Policy = asg.SourceOf(groups[0]).MixedInstancesPolicy
	}
	fmt.Println(len(in.Policy.LaunchTemplate.Overrides), "types")
	// Output:
	// adopted false
	// adopted true
	// 2 types
}

// A new version without a refresh, for a group whose policy names two templates:
// the whole policy goes back with one number changed.
func ExampleUpdate_mixedInstances() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleMixedGroup(cloud, templateID, "1")
	groups, err := asg.Describe(ctx, client, []string{"my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	policy, err := asg.WithVersions(groups[0].MixedInstancesPolicy, func(t asg.TemplateSpec) (int64, error) {
		if t.ID == templateID {
			return 2, nil
		}
		n, _ := t.Number() // stays
		return n, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	done, err := asg.Update(ctx, client, asg.UpdateInput{Group: "my-asg", Policy: policy})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("changed", done.Changed)
	uses, err := asg.Uses(ctx, client)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, u := range uses {
		fmt.Println(u.By, u.Template.Name, u.Template.Version)
	}
	// Output:
	// changed true
	// group my-launch-template 2
	// override of group my-arm-template 1
}

// The fleet of a team, whatever its groups are called.
func ExampleFind() {
	ctx := context.Background()
	cloud := awstest.New()
	for name, team := range map[string]string{"shop-blue": "shop", "shop-green": "shop", "shop-lab": "lab"} {
		cloud.Region("eu-west-1").Group(awstest.GroupSeed{Name: name, Tags: map[string]string{"team": team}})
	}
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	n := 0
	for g, err := range asg.Find(ctx, client, asg.FindInput{Name: "shop-*", Tags: map[string]string{"team": "shop"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
		if asg.SourceOf(g).LaunchConfiguration != "" {
			fmt.Println(*g.AutoScalingGroupName, "has to be migrated")
		}
	}
	fmt.Println(n, "groups")
	// Output:
	// 2 groups
}

// A group on $Latest would launch the next version as soon as it is made. Pinned,
// it does so when it is refreshed, and follows $Latest again afterwards.
func ExamplePin() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client, ec2api := exampleGroup(cloud, templateID), ec2.NewFromConfig(cloud.Config("eu-west-1"))
	if _, err := asg.Update(ctx, client, asg.UpdateInput{
		Group: "my-asg", Template: &asg.TemplateSpec{ID: templateID, Version: "$Latest"},
	}); err != nil {
		fmt.Println(err)
		return
	}

	pinned, err := asg.Pin(ctx, client, ec2api, "my-asg")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pinned.Before.Template.Version, "is", pinned.After.Template.Version)
	// … a version is made, and the group is refreshed to it …
	restored, err := asg.Unpin(ctx, client, ec2api, asg.UnpinInput{Group: "my-asg", Original: pinned.Before})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("again", restored.After.Template.Version)
	// Output:
	// $Latest is 2
	// again $Latest
}

// After a rollout that was rolled back, $Latest is the version that failed: the
// group stays on its number.
func ExampleUnpin() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client, ec2api := exampleGroup(cloud, templateID), ec2.NewFromConfig(cloud.Config("eu-west-1")) // on version 1 of 2
	_, err := asg.Unpin(ctx, client, ec2api, asg.UnpinInput{
		Group:    "my-asg",
		Original: asg.LaunchSource{Template: &asg.TemplateSpec{ID: templateID, Version: "$Latest"}},
	})
	if errors.Is(err, asg.ErrOtherVersion) {
		fmt.Println("it stays pinned")
	}
	// Output:
	// it stays pinned
}

// Who would launch another version if the default of the template moved?
func ExampleUses() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleMixedGroup(cloud, templateID, "$Default")
	uses, err := asg.Uses(ctx, client)
	if err != nil {
		fmt.Println("not known, so it stays:", err)
		return
	}
	for _, u := range uses {
		if _, pinned := u.Template.Number(); u.IsOf(templateID, "my-launch-template") && !pinned {
			fmt.Println(u.By, u.Group, "follows", u.Template.Version)
		}
	}
	// Output:
	// group my-asg follows $Default
}

// Before an image is removed: which groups could not launch any more?
func ExampleReferences() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client, ec2api := exampleMixedGroup(cloud, templateID, "1"), ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for name, image := range map[string]string{"in the override": exampleImage(cloud, "arm"), "of version 2": exampleImage(cloud, "image of version 2")} {
		refs, err := asg.References(ctx, client, ec2api, []string{image})
		if err != nil {
			fmt.Println("not known, so it stays:", err)
			return
		}
		if len(refs) == 0 {
			fmt.Println("the image", name, "may go")
		}
		for _, r := range refs {
			fmt.Println("the image", name, "stays:", r.By, r.Group)
		}
	}
	// Unordered output:
	// the image in the override stays: override of group my-asg
	// the image of version 2 may go
}

// What a group launches by its launch configuration.
func ExampleConfiguration() {
	ctx := context.Background()
	client := exampleConfiguration()
	for _, name := range []string{"my-launch-config", "my-lanch-config"} {
		c, err := asg.Configuration(ctx, client, name)
		if errors.Is(err, asg.ErrNotFound) {
			fmt.Println(name, "does not exist")
			continue
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, "launches", *c.InstanceType)
	}
	// Output:
	// my-launch-config launches t3.micro
	// my-lanch-config does not exist
}

// What Auto Scaling takes for granted is spelled out: a template that has only
// what the configuration shows would have basic monitoring.
func ExampleTemplateData() {
	c, err := asg.Configuration(context.Background(), exampleConfiguration(), "my-launch-config")
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := asg.TemplateData(*c)
	if errors.Is(err, asg.ErrNotEquivalent) {
		fmt.Println("it has to be rebuilt by hand:", err)
		return
	}
	fmt.Println(data.InstanceType, "detailed monitoring:", *data.Monitoring.Enabled)
	for _, m := range data.BlockDeviceMappings {
		fmt.Println(*m.DeviceName, *m.Ebs.VolumeSize, "GiB, goes with its instance:", *m.Ebs.DeleteOnTermination)
	}
	// Output:
	// t3.micro detailed monitoring: true
	// /dev/sdf 20 GiB, goes with its instance: true
}

// exampleConfiguration is a client where there is my-launch-config.
func exampleConfiguration() *autoscaling.Client {
	cloud := awstest.New()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	if _, err := client.CreateLaunchConfiguration(context.Background(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("my-launch-config"),
		ImageId:                 new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
		InstanceType:            new("t3.micro"),
		BlockDeviceMappings:     []types.BlockDeviceMapping{{DeviceName: new("/dev/sdf"), Ebs: &types.Ebs{VolumeSize: new(int32(20))}}},
	}); err != nil {
		panic(err)
	}
	return client
}

// exampleMixedGroup makes the group my-asg of a policy that spells the version of
// the template so, and has an override with version 1 of another one.
func exampleMixedGroup(cloud *awstest.Cloud, templateID, version string) *autoscaling.Client {
	region := cloud.Region("eu-west-1")
	arm := region.Template(awstest.TemplateSeed{Name: "my-arm-template", InstanceType: "t4g.large", ImageID: region.OwnImage(awstest.ImageSeed{Name: "arm", Architecture: "arm64"})})
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	_, err := asg.Create(context.Background(), client, asg.CreateInput{
		Name: "my-asg",
		Policy: &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
			LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: &templateID, Version: &version},
			Overrides: []types.LaunchTemplateOverrides{
				{InstanceType: new("t3.large")},
				{InstanceType: new("t4g.large"), LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: &arm, Version: new("1")}},
			},
		}},
		MinSize: 1, MaxSize: 5, Subnets: region.Network().Subnets[:1],
	})
	if err != nil {
		panic(err)
	}
	return client
}

func exampleImage(cloud *awstest.Cloud, name string) string {
	for _, i := range cloud.Region("eu-west-1").Images() {
		if *i.Name == name {
			return *i.ImageId
		}
	}
	panic(name)
}
