package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// The manual way begins with an instance that somebody has set up.
func ExampleRegion_PreparedInstance() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	id := region.PreparedInstance(awstest.InstanceSeed{
		DataGiB: []int32{100},
		Tags:    map[string]string{"Name": "builder"},
	})

	client := ec2.NewFromConfig(region.Config())
	out, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{InstanceId: &id, Name: new("golden-1")})
	if err != nil {
		fmt.Println(err)
		return
	}
	image, _ := region.Image(*out.ImageId)
	for _, m := range image.BlockDeviceMappings {
		fmt.Println(*m.DeviceName, *m.Ebs.VolumeSize, "GiB")
	}
	// Output:
	// /dev/xvda 8 GiB
	// /dev/sdb 100 GiB
}

func ExampleRegion_Instances() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.PreparedInstance(awstest.InstanceSeed{})
	region.PreparedInstance(awstest.InstanceSeed{Type: "m7i.large", Stopped: true})

	for _, i := range region.Instances() {
		fmt.Println(i.InstanceType, i.State.Name)
	}
	// Output:
	// t3.micro running
	// m7i.large stopped
}

// CreateImage reboots a running instance unless it is told not to.
func ExampleRegion_Reboots() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	id := region.PreparedInstance(awstest.InstanceSeed{})
	for name, noReboot := range map[string]*bool{"by default": nil, "told not to": new(true)} {
		if _, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{
			InstanceId: &id, Name: &name, NoReboot: noReboot,
		}); err != nil {
			fmt.Println(err)
			return
		}
	}

	fmt.Println(region.Reboots(id))
	// Output: 1
}

// Every Region of every account has a default VPC with a subnet in each zone.
func ExampleRegion_Network() {
	network := awstest.New().Region("eu-west-1").Network()

	fmt.Println(network.Zones)
	fmt.Println(len(network.Subnets), "subnets,", len(network.SecurityGroups), "security group, key pairs", network.KeyPairs)
	// Output:
	// [eu-west-1a eu-west-1b eu-west-1c]
	// 3 subnets, 1 security group, key pairs [default]
}

// What a launch names must exist.
func ExampleRegion_KeyPair() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.KeyPair("my-key")

	image := region.PublicImage("al2023-base")
	out, err := ec2.NewFromConfig(region.Config()).RunInstances(context.Background(), &ec2.RunInstancesInput{
		ImageId: &image, InstanceType: "t2.micro", KeyName: new("my-key"), MinCount: new(int32(1)), MaxCount: new(int32(1)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.Instances[0].KeyName)
	// Output: my-key
}

func ExampleRegion_SecurityGroup() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	web := region.SecurityGroup("web")

	image := region.PublicImage("al2023-base")
	out, err := ec2.NewFromConfig(region.Config()).RunInstances(context.Background(), &ec2.RunInstancesInput{
		ImageId: &image, InstanceType: "t2.micro", SecurityGroupIds: []string{web}, MinCount: new(int32(1)), MaxCount: new(int32(1)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range out.Instances[0].SecurityGroups {
		fmt.Println(*g.GroupName)
	}
	// Output: web
}
