package awstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/awstest"
)

// An application that is broken is nothing to EC2: only a group that asks its
// load balancer, too, replaces the instance.
func ExampleCloud_Behave() {
	cloud := awstest.New()
	cloud.Behave(awstest.ImageMatch{Name: "web-*"}, awstest.Behavior{NeverHealthy: true, Application: true})
	region := cloud.Region("eu-west-1")
	id := region.OwnImage(awstest.ImageSeed{Name: "web-42"})
	for _, checks := range []string{"EC2", "ELB"} {
		region.Group(awstest.GroupSeed{Name: checks, ImageID: id, Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.HealthCheckType = new(checks)
		}})
		fmt.Println(checks, "healthy:", region.Capacity(checks).Ready)
	}
	// Output:
	// EC2 healthy: 1
	// ELB healthy: 0
}

// A slow image is no bad image, unless the grace period of the group is too
// short for it.
func ExampleRegion_Behave() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	id := region.OwnImage(awstest.ImageSeed{Name: "slow"})
	region.Behave(id, awstest.Behavior{Boot: 10 * time.Minute})
	region.Group(awstest.GroupSeed{Name: "web", ImageID: id})

	fmt.Println("ready:", region.Capacity("web").Ready)
	cloud.Advance(11 * time.Minute)
	fmt.Println("ready:", region.Capacity("web").Ready, "after", len(region.Activities("web")), "launch")
	// Output:
	// ready: 0
	// ready: 1 after 1 launch
}

// A lifecycle hook holds an instance back until somebody has looked at it.
func ExampleRegion_LifecycleActions() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.Group(awstest.GroupSeed{Name: "web", Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.LifecycleHookSpecificationList = []types.LifecycleHookSpecification{
			{LifecycleHookName: new("smoke-test"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING")},
		}
	}})
	waiting := region.LifecycleActions("web")[0]
	fmt.Println(waiting.Hook, "holds back", region.Groups()[0].Instances[0].LifecycleState)

	client := autoscaling.NewFromConfig(region.Config())
	_, err := client.CompleteLifecycleAction(context.Background(), &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: &waiting.Hook, InstanceId: &waiting.InstanceID, LifecycleActionResult: new("CONTINUE"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("in service:", region.Capacity("web").InService)
	// Output:
	// smoke-test holds back Pending:Wait
	// in service: 1
}
