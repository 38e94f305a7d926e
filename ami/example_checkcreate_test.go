package ami_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// An instance is asked about before anything is written.
func ExampleCheckCreate() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.CreateInput{
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}), Name: "MyReadyToUseAMI", Reboot: ami.NoReboot,
	}
	fmt.Println("can be imaged:", ami.CheckCreate(ctx, api, in) == nil)

	if _, err := api.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{in.InstanceID}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("wrong state:", errors.Is(ami.CheckCreate(ctx, api, in), ami.ErrInstanceState))
	// Output:
	// can be imaged: true
	// wrong state: true
}

// An instance in service is not stopped for its image: its group would replace it.
func ExampleCheckCreateStopped() {
	ctx, cloud := context.Background(), awstest.New()
	cfg := cloud.Config("eu-west-1")
	cloud.Region("eu-west-1").Group(awstest.GroupSeed{Name: "web", Size: 1})
	groups := autoscaling.NewFromConfig(cfg)
	out, err := groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		fmt.Println(err)
		return
	}

	err = ami.CheckCreateStopped(ctx, ec2.NewFromConfig(cfg), ami.CreateInput{
		InstanceID: *out.AutoScalingGroups[0].Instances[0].InstanceId, Name: "MyReadyToUseAMI", AutoScaling: groups,
	})
	fmt.Println("group member:", errors.Is(err, ami.ErrGroupMember))
	// Output:
	// group member: true
}
