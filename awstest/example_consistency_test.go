package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// A tool that reads what it has just made must not take NotFound for an answer,
// nor miss that the snapshots come later still.
func ExampleWithConsistency() {
	cloud := awstest.New(awstest.WithConsistency(awstest.Consistency{UnseenReads: 1, BareReads: 1}))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	made, _ := client.CreateImage(context.Background(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web")})
	for range 3 {
		out, err := client.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}})
		if err != nil {
			fmt.Println(code(err))
			continue
		}
		fmt.Println("found, with its snapshot:", out.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId != nil)
	}
	// Output:
	// InvalidAMIID.NotFound
	// found, with its snapshot: false
	// found, with its snapshot: true
}

// A page without images is not the last one: only the missing token says so.
func ExampleConsistency_emptyPages() {
	cloud := awstest.New(awstest.WithConsistency(awstest.Consistency{EmptyPages: true}))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web"})
	for p := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{}); p.HasMorePages(); {
		page, err := p.NextPage(context.Background())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page.Images), "more:", page.NextToken != nil)
	}
	// Output:
	// 0 more: true
	// 1 more: false
}

// A launch template may not be found by the name it was made
// with, for a while.
func ExampleConsistency_templates() {
	cloud := awstest.New(awstest.WithConsistency(awstest.Consistency{UnseenReads: 1}))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	_, _ = client.CreateLaunchTemplate(context.Background(), templateInput("web"))
	for range 2 {
		_, err := client.DescribeLaunchTemplates(context.Background(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"web"}})
		fmt.Println(code(err))
	}
	// Output:
	// InvalidLaunchTemplateName.NotFoundException
	// ok
}
