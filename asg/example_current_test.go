package asg_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// parametrizedGroup has the group my-asg, whose template takes its image from the
// parameter /golden, and what points the parameter at another image.
func parametrizedGroup() (as *autoscaling.Client, client *ec2.Client, release func(image string)) {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	release = func(image string) {
		_, err := ssm.NewFromConfig(region.Config()).PutParameter(ctx, &ssm.PutParameterInput{
			Name: new("/golden"), Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"), Overwrite: new(true),
			Value: new(region.OwnImage(awstest.ImageSeed{Name: image})),
		})
		if err != nil {
			panic(err)
		}
	}
	release("golden-1")
	template := region.Template(awstest.TemplateSeed{Name: "my-launch-template", Data: &ec2types.RequestLaunchTemplateData{
		ImageId: new("resolve:ssm:/golden"), InstanceType: ec2types.InstanceTypeT3Micro,
	}})
	return exampleGroup(cloud, template), ec2.NewFromConfig(region.Config()), release
}

// A group whose template names a parameter takes no numbered version: the parameter is
// what changes, and the group is refreshed to it.
func ExampleRefreshCurrent() {
	ctx := context.Background()
	as, client, release := parametrizedGroup()
	release("golden-2")
	for range 2 {
		done, err := asg.RefreshCurrent(ctx, as, client, asg.RefreshCurrentInput{Group: "my-asg", Preferences: asg.LaunchBeforeTerminate()}, quickly)
		if err != nil {
			fmt.Println(err)
			return
		}
		images, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{done.Current[0].ImageID}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("refreshed %t, all instances run %s\n", done.RefreshID != "", *images.Images[0].Name)
	}
	// Output:
	// refreshed true, all instances run golden-2
	// refreshed false, all instances run golden-2
}

// Before that: what would be replaced, and what the refresh would meet.
func ExamplePreflightCurrent() {
	as, client, release := parametrizedGroup()
	release("golden-2")
	ready, err := asg.PreflightCurrent(context.Background(), as, client, asg.RefreshCurrentInput{Group: "my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(ready.Outdated), "instance is outdated, at least", ready.MinInService, "in service")
	for _, f := range ready.Findings {
		fmt.Println(f)
	}
	// Output:
	// 1 instance is outdated, at least 0 in service
	// no instance may be in service for a while: of 1; see LaunchBeforeTerminate
	// rollback is not available: the refresh has no desired configuration
}

// A pool with instances is deleted only if they may be terminated.
func ExampleDeleteWarmPool() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	if _, err := asg.PutWarmPool(ctx, client, asg.PutWarmPoolInput{Group: "my-asg", MaxGroupPreparedCapacity: new(int32(3))}); err != nil {
		fmt.Println(err)
		return
	}
	cloud.Advance(10 * time.Minute) // its instances are made ready

	for _, force := range []bool{false, true} {
		done, err := asg.DeleteWarmPool(ctx, client, asg.DeleteWarmPoolInput{Group: "my-asg", Force: force}, quickly)
		if err != nil {
			e := err.(*asg.Error)
			fmt.Println(e.Code(), len(e.IDs), "instances:", e.Hint)
			continue
		}
		fmt.Println("deleted", done.Changed)
	}
	// Output:
	// asg.WarmPoolInUse 2 instances: set Force to terminate them
	// deleted true
}
