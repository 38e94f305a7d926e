package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// images asks for the account's images in a Region.
func images(account *awstest.Account, region string) string {
	out, err := ec2.NewFromConfig(account.Config(region)).DescribeImages(context.Background(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	if err != nil {
		return code(err)
	}
	return fmt.Sprint(len(out.Images), " images")
}

// A tool that delivers to many Regions meets one that the account does not have.
// Once the account has enabled it, the same run goes on.
func ExampleAccount_EnableRegion() {
	account := awstest.New().Account("222222222222")
	fmt.Println(images(account, "ap-southeast-5"))
	account.EnableRegion("ap-southeast-5")
	fmt.Println(images(account, "ap-southeast-5"))
	// Output:
	// AuthFailure
	// 0 images
}

// What an account has in a Region outlasts that it is disabled.
func ExampleAccount_DisableRegion() {
	account := awstest.New(awstest.WithEnabledRegions("eu-south-2")).Account("222222222222")
	account.Region("eu-south-2").OwnImage(awstest.ImageSeed{Name: "golden"})
	account.DisableRegion("eu-south-2")
	fmt.Println(images(account, "eu-south-2"))
	account.EnableRegion("eu-south-2")
	fmt.Println(images(account, "eu-south-2"))
	// Output:
	// AuthFailure
	// 1 images
}

// Tests that are about something else have their Regions from the start, in every
// account.
func ExampleWithEnabledRegions() {
	cloud := awstest.New(awstest.WithEnabledRegions("me-central-1"))
	for _, id := range []string{"111111111111", "222222222222"} {
		fmt.Println(images(cloud.Account(id), "me-central-1"), images(cloud.Account(id), "me-south-1"))
	}
	// Output:
	// 0 images AuthFailure
	// 0 images AuthFailure
}
