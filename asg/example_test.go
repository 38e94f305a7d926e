package asg_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// The shell line that this stands for:
//
//	aws autoscaling create-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-template LaunchTemplateName=my-launch-template,Version=1 \
//	  --min-size 1 --max-size 5 --desired-capacity 2 --vpc-zone-identifier subnet-…
//
// Run twice it fails; Create finds what it made.
func ExampleCreate() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))

	in := asg.CreateInput{
		Name:     "my-asg",
		Template: &asg.TemplateSpec{ID: templateID, Version: "1"},
		MinSize:  1,
		MaxSize:  5,
		Desired:  new(int32(2)),
		Subnets:  cloud.Region("eu-west-1").Network().Subnets[:1],
	}
	for range 2 {
		made, err := asg.Create(ctx, client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(made.Name, "adopted", made.Adopted)
	}
	in.MaxSize = 10
	_, err := asg.Create(ctx, client, in)
	fmt.Println("other sizes:", errors.Is(err, asg.ErrNameTaken))
	// Output:
	// my-asg adopted false
	// my-asg adopted true
	// other sizes: true
}

// The shell line that this stands for:
//
//	aws autoscaling create-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-configuration-name my-launch-config --min-size 1 --max-size 5 \
//	  --desired-capacity 2 --vpc-zone-identifier subnet-…
func ExampleCreate_launchConfiguration() {
	ctx := context.Background()
	cloud, _ := exampleCloud()
	region := cloud.Region("eu-west-1")
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	if _, err := client.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("my-launch-config"),
		ImageId:                 new(region.OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
		InstanceType:            new("t2.micro"),
	}); err != nil {
		fmt.Println(err)
		return
	}
	made, err := asg.Create(ctx, client, asg.CreateInput{
		Name:                "my-asg",
		LaunchConfiguration: "my-launch-config",
		MinSize:             1,
		MaxSize:             5,
		Desired:             new(int32(2)),
		Subnets:             region.Network().Subnets[:1],
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := asg.Describe(ctx, client, []string{made.Name})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(made.Name, "launches from", asg.SourceOf(groups[0]).LaunchConfiguration)
	// Output:
	// my-asg launches from my-launch-config
}

// The shell line that this stands for:
//
//	aws autoscaling update-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-template LaunchTemplateName=my-launch-template,Version=2 --max-size 8
//
// It is for changes without a refresh: what runs stays as it is.
func ExampleUpdate() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)

	in := asg.UpdateInput{
		Group:    "my-asg",
		Template: &asg.TemplateSpec{ID: templateID, Version: "2"},
		MaxSize:  new(int32(8)),
	}
	for range 2 {
		done, err := asg.Update(ctx, client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("changed", done.Changed, "from version", done.Before.Template.Version, "to", done.After.Template.Version)
	}
	// Output:
	// changed true from version 1 to 2
	// changed false from version 2 to 2
}

// The shell line that this stands for:
//
//	aws autoscaling update-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-configuration-name my-launch-config
func ExampleUpdate_launchConfiguration() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	if _, err := client.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("my-launch-config"),
		ImageId:                 new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
		InstanceType:            new("t2.micro"),
	}); err != nil {
		fmt.Println(err)
		return
	}
	done, err := asg.Update(ctx, client, asg.UpdateInput{Group: "my-asg", LaunchConfiguration: "my-launch-config"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("from version", done.Before.Template.Version, "to", done.After.LaunchConfiguration)
	// Output:
	// from version 1 to my-launch-config
}

// What does a group launch from, and can a refresh of it be rolled back? Only
// where the version is spelled as a number.
func ExampleSourceOf() {
	for _, version := range []string{"7", "$Latest"} {
		source := asg.SourceOf(types.AutoScalingGroup{LaunchTemplate: &types.LaunchTemplateSpecification{
			LaunchTemplateId: new("lt-0a0a0a0a0a0a0a0a0"), Version: &version,
		}})
		number, ok := source.Template.Number()
		fmt.Println(source.Template.Version, number, ok)
	}
	// Output:
	// 7 7 true
	// $Latest 0 false
}

// A group that is not there is an error that names it, never an empty list.
func ExampleDescribe() {
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	_, err := asg.Describe(context.Background(), client, []string{"my-asg", "my-ags"})
	if errors.Is(err, asg.ErrNotFound) {
		e, _ := errors.AsType[*asg.Error](err)
		fmt.Println("no such group:", e.IDs)
	}
	// Output:
	// no such group: [my-ags]
}

// Which groups follow $Latest, and so would launch a new version at once?
func ExampleAll() {
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	for g, err := range asg.All(context.Background(), client) {
		if err != nil {
			fmt.Println(err)
			return
		}
		version := asg.SourceOf(g).Template.Version
		fmt.Println(*g.AutoScalingGroupName, version, "floats:", version == "$Latest")
	}
	// Output:
	// my-asg 1 floats: false
}

// Preferences are checked before anything is made that a refresh is for.
func ExampleCheckPreferences() {
	err := asg.CheckPreferences(&types.RefreshPreferences{MaxHealthyPercentage: new(int32(110))})
	fmt.Println(errors.Is(err, asg.ErrInvalidInput))
	fmt.Println(err)
	// Output:
	// true
	// asg.CheckPreferences: invalid input: Preferences.MaxHealthyPercentage needs MinHealthyPercentage
}

// A version goes out, and the same call by another process, or after a lost
// response, finds the refresh instead of starting a second one.
func ExampleStartRefresh() {
	ctx := context.Background()
	cloud, templateID := exampleCloud(awstest.WithTiming(awstest.Realistic))
	client := exampleGroup(cloud, templateID)

	in := asg.RefreshInput{
		Group: "my-asg", TemplateID: templateID, Version: 2,
		Preferences: &types.RefreshPreferences{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(200))},
	}
	for range 2 {
		started, err := asg.StartRefresh(ctx, client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("adopted", started.Adopted)
	}
	in.Version = 1
	_, err := asg.StartRefresh(ctx, client, in)
	fmt.Println("another version:", errors.Is(err, asg.ErrRefreshInProgress))
	// Output:
	// adopted false
	// adopted true
	// another version: true
}

// A refresh is followed to its end, with each change.
func ExampleWatch() {
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	subject := exampleRefresh(client, templateID)

	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for s, err := range asg.Watch(ctx, client, []asg.RefreshKey{subject}, quickly) {
		switch {
		case err != nil: // the watch ended: ctx, or AWS may not be read
			fmt.Println(err)
		case s.Err != nil: // this refresh did not succeed
			fmt.Println(s.Group, s.Err)
		case s.Done:
			fmt.Println(s.Group, s.Status, s.Percentage)
		}
	}
	// Output:
	// my-asg Successful 100
}

// An image whose instances never become healthy: the wait ends with what AWS
// says, and the group still launches the version before.
func ExampleWait() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	cloud.NeverHealthy(awstest.ImageMatch{Name: "image of version 2"})
	client := exampleGroup(cloud, templateID)

	_, err := asg.Wait(ctx, client, []asg.RefreshKey{exampleRefresh(client, templateID)}, quickly)
	fmt.Println("failed:", errors.Is(err, asg.ErrRefreshFailed))
	groups, err := asg.Describe(ctx, client, []string{"my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the group launches version", asg.SourceOf(groups[0]).Template.Version)
	// Output:
	// failed: true
	// the group launches version 1
}

// Did this version go out before, and how did that end?
func ExampleRefreshes() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	if _, err := asg.Wait(ctx, client, []asg.RefreshKey{exampleRefresh(client, templateID)}, quickly); err != nil {
		fmt.Println(err)
		return
	}
	for r, err := range asg.Refreshes(ctx, client, "my-asg") {
		if err != nil {
			fmt.Println(err)
			return
		}
		if *r.DesiredConfiguration.LaunchTemplate.Version == "2" {
			fmt.Println("version 2 ended", r.Status)
			break
		}
	}
	// Output:
	// version 2 ended Successful
}

// A refresh to an image that has gone fails; the activities of the group say why.
func ExampleFailedActivities() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	exampleRemoveImages(cloud)

	// Scaling out launches from the version that the group has.
	if _, err := asg.Update(ctx, client, asg.UpdateInput{Group: "my-asg", Desired: new(int32(2))}); err != nil {
		fmt.Println(err)
		return
	}
	failed, err := asg.FailedActivities(ctx, client, "my-asg", time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("launches failed:", len(failed) > 0)
	// Output:
	// launches failed: true
}

// Terminal tells the statuses in which nothing more will come.
func ExampleTerminal() {
	for _, s := range []types.InstanceRefreshStatus{types.InstanceRefreshStatusBaking, types.InstanceRefreshStatusRollbackSuccessful} {
		fmt.Println(s, asg.Terminal(s))
	}
	// Output:
	// Baking false
	// RollbackSuccessful true
}

// quickly reads as often as a fake cloud allows.
func quickly(o *asg.Options) { o.Poll = asg.Schedule{Min: time.Millisecond, Max: time.Millisecond} }

// exampleCloud has a launch template with versions 1 and 2.
func exampleCloud(opts ...awstest.Option) (cloud *awstest.Cloud, templateID string) {
	ctx := context.Background()
	cloud = awstest.New(opts...)
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	data := func(version string) *ec2types.RequestLaunchTemplateData {
		return &ec2types.RequestLaunchTemplateData{
			ImageId:      new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "image of version " + version})),
			InstanceType: ec2types.InstanceTypeT2Micro,
		}
	}
	made, err := client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("my-launch-template"), LaunchTemplateData: data("1"),
	})
	if err != nil {
		panic(err)
	}
	templateID = *made.LaunchTemplate.LaunchTemplateId
	if _, err := client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &templateID, LaunchTemplateData: data("2"),
	}); err != nil {
		panic(err)
	}
	return cloud, templateID
}

// exampleGroup makes the group my-asg of version 1.
func exampleGroup(cloud *awstest.Cloud, templateID string) *autoscaling.Client {
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	_, err := asg.Create(context.Background(), client, asg.CreateInput{
		Name: "my-asg", Template: &asg.TemplateSpec{ID: templateID, Version: "1"}, MinSize: 1, MaxSize: 5,
		Subnets: cloud.Region("eu-west-1").Network().Subnets[:1],
	})
	if err != nil {
		panic(err)
	}
	cloud.Advance(10 * time.Minute) // its instances come up
	return client
}

// exampleRefresh starts a refresh of my-asg to version 2.
func exampleRefresh(client *autoscaling.Client, templateID string) asg.RefreshKey {
	started, err := asg.StartRefresh(context.Background(), client, asg.RefreshInput{Group: "my-asg", TemplateID: templateID, Version: 2})
	if err != nil {
		panic(err)
	}
	return asg.RefreshKey{Group: "my-asg", ID: started.RefreshID}
}

// exampleRemoveImages deregisters every image of the account.
func exampleRemoveImages(cloud *awstest.Cloud) {
	ctx := context.Background()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	out, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"self"}})
	if err != nil {
		panic(err)
	}
	for _, i := range out.Images {
		if _, err := client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: i.ImageId}); err != nil {
			panic(err)
		}
	}
}
