package awstest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/awstest"
)

// A rollout tool is tested for the bad day: the new image does not start up.
func ExampleRegion_Group() {
	cloud := awstest.New()
	cloud.NeverHealthy(awstest.ImageMatch{Name: "broken"})
	region := cloud.Region("eu-west-1")
	group := region.Group(awstest.GroupSeed{Name: "web", Size: 3})
	broken := region.Template(awstest.TemplateSeed{Name: "broken", ImageID: region.PublicImage("broken")})

	client := autoscaling.NewFromConfig(region.Config())
	ctx := context.Background()
	_, err := client.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: &group.Name,
		DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: &types.LaunchTemplateSpecification{
			LaunchTemplateId: &broken, Version: new("1"),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := client.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &group.Name})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out.InstanceRefreshes[0].Status)
	fmt.Println("ready:", region.Capacity("web").Ready, "of", region.Capacity("web").Desired)
	fmt.Println("still on its own template:", *region.Groups()[0].LaunchTemplate.LaunchTemplateId == group.TemplateID)
	// Output:
	// Failed
	// ready: 2 of 3
	// still on its own template: true
}

// What a rollout has done is read from the world, past the clients.
func ExampleRegion_Activities() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.Group(awstest.GroupSeed{Name: "web", Size: 1})

	client := autoscaling.NewFromConfig(region.Config())
	_, err := client.StartInstanceRefresh(context.Background(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(region.Refreshes("web")[0].Status)
	for _, a := range region.Activities("web") {
		what, _, _ := strings.Cut(*a.Description, ":")
		_, why, _ := strings.Cut(*a.Cause, "Z ")
		why, _, _ = strings.Cut(why, ".")
		fmt.Println(a.StatusCode, "-", what, "-", why)
	}
	template := region.Templates()[0]
	fmt.Println(*template.LaunchTemplateName, "has", len(region.TemplateVersions(*template.LaunchTemplateId)), "version")
	// Output:
	// Successful
	// Successful - Launching a new EC2 instance - an instance was launched in response to an instance refresh
	// Successful - Terminating EC2 instance - an instance was taken out of service in response to an instance refresh
	// Successful - Launching a new EC2 instance - a user request created an AutoScalingGroup changing the desired capacity from 0 to 1
	// web has 1 version
}
