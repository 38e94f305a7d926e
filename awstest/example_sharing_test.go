package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// An image that is shared with a unit of an organization is there for whoever is
// in it, and gone for whoever leaves.
func ExampleCloud_Organization() {
	cloud := awstest.New()
	org := cloud.Organization("o-exampleorg", awstest.DefaultAccount)
	apps := org.Unit("ou-root-examples", "222222222222")
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{apps.ARN()}})

	see := func(account string) {
		client := ec2.NewFromConfig(cloud.Account(account).Config("eu-west-1"))
		_, err := client.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
		fmt.Println(account, code(err))
	}
	see("222222222222")
	see("333333333333")
	apps.Add("333333333333")
	org.Leave("222222222222")
	see("222222222222")
	see("333333333333")
	// Output:
	// 222222222222 ok
	// 333333333333 InvalidAMIID.NotFound
	// 222222222222 InvalidAMIID.NotFound
	// 333333333333 ok
}

// What a tool has made of an image is asked by its category.
func ExampleRegion_ImageCategory() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	image := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	fmt.Println(region.ImageCategory(image))

	_, err := client.ModifyImageAttribute(context.Background(), &ec2.ModifyImageAttributeInput{
		ImageId:          &image,
		LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{UserId: new("222222222222")}}},
	})
	fmt.Println(code(err), region.ImageCategory(image))
	fmt.Println(region.ImageCategory(region.PublicImage("base")))
	// Output:
	// private
	// ok shared
	// public
}

// A tool that publishes images is tried in an account that may have one only.
// Block public access is on at first, as AWS has it.
func ExampleWithQuotas() {
	cloud := awstest.New(awstest.WithQuotas(awstest.Quotas{PublicImages: 1}))
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	ctx := context.Background()
	publish := func(name string) {
		_, err := client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
			ImageId:          new(region.OwnImage(awstest.ImageSeed{Name: name})),
			LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{Group: types.PermissionGroupAll}}},
		})
		fmt.Println(name, code(err))
	}
	publish("blocked")
	_, err := client.DisableImageBlockPublicAccess(ctx, nil)
	fmt.Println("unblock:", code(err))
	publish("first")
	publish("second")
	// Output:
	// blocked OperationNotPermitted
	// unblock: ok
	// first ok
	// second ResourceLimitExceeded
}

// An account whose organization decides about public access cannot change it.
func ExampleRegion_DeclarePublicAccessBlocked() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.DeclarePublicAccessBlocked()

	client := ec2.NewFromConfig(region.Config())
	state, err := client.GetImageBlockPublicAccessState(context.Background(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*state.ImageBlockPublicAccessState, "by", state.ManagedBy)
	_, err = client.DisableImageBlockPublicAccess(context.Background(), nil)
	fmt.Println(code(err))
	// Output:
	// block-new-sharing by declarative-policy
	// DeclarativePolicyViolation
}

// An image of the Marketplace is seen by all, launched by subscribers, and
// copied by nobody.
func ExampleRegion_MarketplaceImage() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	image := region.MarketplaceImage("firewall", "5hexample")
	ctx := context.Background()

	launch := &ec2.RunInstancesInput{ImageId: &image, InstanceType: types.InstanceTypeT3Micro, MinCount: new(int32(1)), MaxCount: new(int32(1))}
	_, err := client.RunInstances(ctx, launch)
	fmt.Println("launch:", code(err))
	cloud.Account(awstest.DefaultAccount).Subscribe("5hexample")
	_, err = client.RunInstances(ctx, launch)
	fmt.Println("launch, subscribed:", code(err))
	_, err = client.CopyImage(ctx, &ec2.CopyImageInput{Name: new("mine"), SourceImageId: &image, SourceRegion: new("eu-west-1")})
	fmt.Println("copy:", code(err))
	// Output:
	// launch: OptInRequired
	// launch, subscribed: ok
	// copy: InvalidRequest
}
