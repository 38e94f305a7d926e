package awstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// What was deregistered can be restored for as long as a rule keeps it.
func ExampleRegion_RecycleBin() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.RecycleBin(awstest.RetentionRule{Images: true, For: 7 * 24 * time.Hour})
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	client := ec2.NewFromConfig(region.Config())

	if _, err := client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(region.Images()), "images")
	if _, err := client.RestoreImageFromRecycleBin(ctx, &ec2.RestoreImageFromRecycleBinInput{ImageId: &id}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(*region.Images()[0].Name, "is", region.Images()[0].State)
	// Output:
	// 0 images
	// golden is available
}
