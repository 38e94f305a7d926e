package asg_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// Before a version is created, and with it a new $Latest: can the group launch the
// image, with every type that its overrides name?
func ExampleCheckLaunch() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image, _ := cloud.Region("eu-west-1").Image(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "golden", RootGiB: 20}))

	checked, err := asg.CheckLaunch(ctx, client, asg.CheckLaunchInput{
		Image: image,
		Data: &ec2types.RequestLaunchTemplateData{
			BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/xvda"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(8))},
			}},
		},
		Group: types.AutoScalingGroup{
			AutoScalingGroupName: new("my-asg"),
			MixedInstancesPolicy: &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
				LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: new("lt-0123456789abcdef0"), Version: new("3")},
				Overrides:                   []types.LaunchTemplateOverrides{{InstanceType: new("m5.large")}, {InstanceType: new("m7g.large")}},
			}},
		},
	})
	if checked == nil {
		fmt.Println(err) // the check itself has failed
		return
	}
	fmt.Println("refused:", errors.Is(err, asg.ErrLaunchRefused))
	for _, f := range checked.Findings {
		fmt.Println(f.Code, "-", f.Detail)
	}
	// Output:
	// refused: true
	// asg.Architecture - the image is x86_64, and m7g.large
	// asg.VolumeSize - /dev/xvda has 8 GiB, and its snapshot 20 GiB
}
