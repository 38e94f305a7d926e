package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/awstest"
)

// A refresh that AWS is slow to begin has no start time and no numbers yet: a
// tool that reads them without a look at nil stops here.
func ExampleRegion_HoldPending() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.Group(awstest.GroupSeed{Name: "web", Size: 2})
	release := region.HoldPending("web")

	client := autoscaling.NewFromConfig(region.Config())
	ctx := context.Background()
	_, err := client.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		out, err := client.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web")})
		if err != nil {
			fmt.Println(err)
			return
		}
		refresh := out.InstanceRefreshes[0]
		fmt.Println(refresh.Status, "- has numbers:", refresh.StartTime != nil && refresh.PercentageComplete != nil && refresh.InstancesToUpdate != nil)
		release()
	}
	// Output:
	// Pending - has numbers: false
	// Successful - has numbers: true
}
