package awstest_test

import (
	"context"
	"fmt"

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
