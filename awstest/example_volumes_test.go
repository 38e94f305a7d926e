package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// A disk that stays when its instance goes costs until somebody deletes it: the
// clean-up under test has to find it.
func ExampleCloud_Leaks_volumes() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	ran, err := client.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: new(region.PublicImage("base")), InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1)),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(100)), DeleteOnTermination: new(false)}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{*ran.Instances[0].InstanceId}}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("left over:", len(cloud.Leaks()))

	free := []ec2types.Filter{{Name: new("status"), Values: []string{"available"}}}
	left, err := client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: free})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range left.Volumes {
		fmt.Println("a volume of", *v.Size, "GiB")
		if _, err := client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: v.VolumeId}); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("left over:", len(cloud.Leaks()))
	// Output:
	// left over: 1
	// a volume of 100 GiB
	// left over: 0
}
