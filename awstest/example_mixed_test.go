package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// A group that prefers Graviton falls back to x86, whose image comes from the
// base template: a rollout has to renew both.
func ExampleRegion_LackCapacity() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	arm := region.OwnImage(awstest.ImageSeed{Name: "web-arm64", Architecture: ec2types.ArchitectureValuesArm64})
	region.Template(awstest.TemplateSeed{Name: "web-arm64", ImageID: arm, InstanceType: "t4g.micro"})
	group := region.Group(awstest.GroupSeed{Name: "web", Size: 1, MaxSize: 2, Overrides: []types.LaunchTemplateOverrides{
		{InstanceType: new("t4g.micro"), LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateName: new("web-arm64"), Version: new("1")}},
		{InstanceType: new("t3.micro")},
	}})

	region.LackCapacity("t4g.micro")
	client := autoscaling.NewFromConfig(region.Config())
	_, err := client.SetDesiredCapacity(context.Background(), &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &group.Name, DesiredCapacity: new(int32(2)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range region.Groups()[0].Instances {
		fmt.Println(*i.InstanceType, "of", *i.LaunchTemplate.LaunchTemplateName, "version", *i.LaunchTemplate.Version)
	}
	// Output:
	// t4g.micro of web-arm64 version 1
	// t3.micro of web version 1
}
