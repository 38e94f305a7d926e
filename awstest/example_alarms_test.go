package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/awstest"
)

// A new image passes every health check and makes users unhappy: an alarm says
// so while the refresh bakes, and the refresh goes back.
func ExampleRegion_SetAlarm() {
	cloud := awstest.New(awstest.WithTiming(awstest.SeenOnce))
	region := cloud.Region("eu-west-1")
	group := region.Group(awstest.GroupSeed{Name: "web", Size: 2})
	region.SetAlarm("errors", awstest.AlarmOK)
	next := region.Template(awstest.TemplateSeed{Name: "next", ImageID: region.PublicImage("next")})

	client := autoscaling.NewFromConfig(region.Config())
	ctx := context.Background()
	_, err := client.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: &group.Name,
		DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: &types.LaunchTemplateSpecification{
			LaunchTemplateId: &next, Version: new("1"),
		}},
		Preferences: &types.RefreshPreferences{
			AutoRollback: new(true), BakeTime: new(int32(600)),
			AlarmSpecification: &types.AlarmSpecification{Alarms: []string{"errors"}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		out, err := client.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &group.Name})
		if err != nil {
			fmt.Println(err)
			return
		}
		refresh := out.InstanceRefreshes[0]
		fmt.Println(refresh.Status)
		if refresh.Status == types.InstanceRefreshStatusBaking {
			region.SetAlarm("errors", awstest.AlarmRaised)
		}
		if refresh.EndTime != nil {
			fmt.Println(*refresh.RollbackDetails.RollbackReason)
			break
		}
	}
	fmt.Println("on its own template again:", *region.Groups()[0].Instances[0].LaunchTemplate.LaunchTemplateId == group.TemplateID)
	// Output:
	// Pending
	// InProgress
	// Baking
	// RollbackInProgress
	// RollbackSuccessful
	// The CloudWatch alarm errors is in the ALARM state.
	// on its own template again: true
}
