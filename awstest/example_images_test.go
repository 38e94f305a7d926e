package awstest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
)

// The base image that instances are prepared from is Amazon's.
func ExampleRegion_PublicImage() {
	cloud := awstest.New()
	id := cloud.Region("eu-west-1").PublicImage("al2023-base")

	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	out, err := client.DescribeImages(context.Background(), &ec2.DescribeImagesInput{Owners: []string{"amazon"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, image := range out.Images {
		fmt.Println(*image.Name, *image.ImageOwnerAlias, *image.ImageId == id)
	}
	// Output: al2023-base amazon true
}

// An image that is there before the test begins, such as last week's.
func ExampleRegion_OwnImage() {
	cloud := awstest.New()
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{
		Name:    "golden-1",
		RootGiB: 20,
		Tags:    map[string]string{"app": "web"},
	})

	for _, image := range cloud.Region("eu-west-1").Images() {
		fmt.Println(*image.Name, *image.BlockDeviceMappings[0].Ebs.VolumeSize, "GiB", image.State)
	}
	// Output: golden-1 20 GiB available
}

// An image of another account can be used only when it is shared.
func ExampleRegion_ForeignImage() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	for _, id := range []string{
		region.ForeignImage("222222222222", "shared", true),
		region.ForeignImage("222222222222", "private", false),
	} {
		image, ok := region.Image(id)
		if !ok {
			fmt.Println("not visible")
			continue
		}
		fmt.Println(*image.Name, "of", *image.OwnerId)
	}
	// Output:
	// shared of 222222222222
	// not visible
}

// A shared image can be launched. To copy it takes more: its snapshots.
func ExampleRegion_Share() {
	cloud := awstest.New()
	owner := cloud.Account("222222222222").Region("eu-west-1")
	id := owner.OwnImage(awstest.ImageSeed{Name: "golden"})
	owner.Share(id, awstest.DefaultAccount)

	_, err := ec2.NewFromConfig(cloud.Config("eu-west-1")).CopyImage(context.Background(), &ec2.CopyImageInput{
		Name: new("copy"), SourceImageId: &id, SourceRegion: new("eu-west-1"),
	})
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		fmt.Println(api.ErrorMessage())
	}
	// Output: You do not have permission to access the storage of this ami
}

// After a run, the test looks at what stands: in every state, unlike
// DescribeImages.
func ExampleRegion_Images() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	if _, err := client.DisableImage(context.Background(), &ec2.DisableImageInput{ImageId: &id}); err != nil {
		fmt.Println(err)
		return
	}

	listed, err := client.DescribeImages(context.Background(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("listed:", len(listed.Images))
	for _, image := range region.Images() {
		fmt.Println("stands:", *image.Name, image.State)
	}
	// Output:
	// listed: 0
	// stands: golden disabled
}

func ExampleRegion_Image() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})

	image, ok := region.Image(id)
	fmt.Println(ok, *image.Name)
	_, ok = region.Image("ami-00000000000000000")
	fmt.Println(ok)
	// Output:
	// true golden
	// false
}

// Snapshots outlive the image that they were made for, unless it is asked for.
func ExampleRegion_Snapshots() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	for name, remove := range map[string]*bool{"kept": nil, "removed": new(true)} {
		id := region.OwnImage(awstest.ImageSeed{Name: name})
		if _, err := client.DeregisterImage(context.Background(), &ec2.DeregisterImageInput{
			ImageId: &id, DeleteAssociatedSnapshots: remove,
		}); err != nil {
			fmt.Println(err)
			return
		}
	}

	fmt.Println(len(region.Images()), "images,", len(region.Snapshots()), "snapshot")
	// Output: 0 images, 1 snapshot
}

// Whether an image was made of a running instance without a reboot cannot be
// read from AWS afterwards. Here it can.
func ExampleRegion_CrashConsistent() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	instance := region.PreparedInstance(awstest.InstanceSeed{})
	for _, noReboot := range []bool{true, false} {
		out, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{
			InstanceId: &instance,
			Name:       new(fmt.Sprintf("golden (no-reboot %v)", noReboot)),
			NoReboot:   &noReboot,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("no reboot:", noReboot, "crash-consistent:", region.CrashConsistent(*out.ImageId))
	}
	fmt.Println("reboots:", region.Reboots(instance))
	// Output:
	// no reboot: true crash-consistent: true
	// no reboot: false crash-consistent: false
	// reboots: 1
}

// AWS does not document every code. A tool that depends on one is found out by
// trying the others.
func ExampleWithUnconfirmed() {
	cloud := awstest.New(awstest.WithUnconfirmed(awstest.Unconfirmed{CreateImageState: "IncorrectInstanceState"}))
	region := cloud.Region("eu-west-1")
	client := ec2.NewFromConfig(region.Config())
	id := region.PreparedInstance(awstest.InstanceSeed{})
	if _, err := client.TerminateInstances(context.Background(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}}); err != nil {
		fmt.Println(err)
		return
	}

	_, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{InstanceId: &id, Name: new("golden")})
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		fmt.Println(api.ErrorCode())
	}
	// Output: IncorrectInstanceState
}
