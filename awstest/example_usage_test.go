package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// What still refers to an image is asked for before the image is removed.
func ExampleRegion_Recipe() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	id := region.OwnImage(awstest.ImageSeed{Name: "golden-1"})
	region.Recipe("web", id)
	region.ContainerRecipe("builder", id)

	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	out, err := client.DescribeImageReferences(context.Background(), &ec2.DescribeImageReferencesInput{
		ImageIds: []string{id}, IncludeAllResourceTypes: new(true),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range out.ImageReferences {
		fmt.Println(r.ResourceType, *r.Arn)
	}
	// Output:
	// imagebuilder:ImageRecipe arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/web/1.0.0
	// imagebuilder:ContainerRecipe arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/builder/1.0.0
}

// A container recipe names the image of the instances that build it.
func ExampleRegion_ContainerRecipe() {
	region := awstest.New().Region("eu-west-1")
	fmt.Println(region.ContainerRecipe("builder", region.PublicImage("base")))
	// Output: arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/builder/1.0.0
}

// A report about the use of an image can come to nothing; the waiter of the SDK
// does not notice.
func ExampleRegion_FailUsageReports() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.FailUsageReports("internal error")
	id := region.OwnImage(awstest.ImageSeed{Name: "golden-1"})

	ctx := context.Background()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	if _, err := client.CreateImageUsageReport(ctx, &ec2.CreateImageUsageReportInput{ImageId: &id, ResourceTypes: bothTypes}); err != nil {
		fmt.Println(err)
		return
	}
	out, err := client.DescribeImageUsageReports(ctx, &ec2.DescribeImageUsageReportsInput{ImageIds: []string{id}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, report := range out.ImageUsageReports {
		fmt.Println(*report.State, *report.StateReason)
	}
	// Output: error internal error
}
