package ami_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// What an image is to an account decides what can be done with it.
func ExampleCategory() {
	ctx, cloud := context.Background(), awstest.New()
	region := cloud.Region("eu-west-1")
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for _, id := range []string{
		region.OwnImage(awstest.ImageSeed{Name: "web 1"}),
		region.ForeignImage("222222222222", "base 1", true),
		region.PublicImage("al2023"),
		region.MarketplaceImage("appliance", "abc123"),
	} {
		image, err := ami.Get(ctx, api, id)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(aws.ToString(image.Name), ami.Category(*image, awstest.DefaultAccount))
	}
	// Output:
	// web 1 private
	// base 1 shared-with-me
	// al2023 public
	// appliance marketplace
}

// What AWS will not copy is known before the call.
func ExampleCopyable() {
	ctx, cloud := context.Background(), awstest.New()
	id := cloud.Region("eu-west-1").MarketplaceImage("appliance", "abc123")
	image, err := ami.Get(ctx, ec2.NewFromConfig(cloud.Config("eu-west-1")), id)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(errors.Is(ami.Copyable(*image, awstest.DefaultAccount), ami.ErrUnsupported))
	// Output: true
}

func ExampleDeprecated() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image, err := ami.Get(ctx, api, cloud.Region("eu-west-1").PublicImage("al2023"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// AWS deprecates a public image two years after it was made.
	for _, years := range []int{1, 3} {
		fmt.Println(years, ami.Deprecated(*image, time.Now().AddDate(years, 0, 0)))
	}
	// Output:
	// 1 false
	// 3 true
}

// A base image is named by the parameter that its publisher keeps, so that the
// same line is right in every Region.
func ExampleResolve() {
	ctx, cloud := context.Background(), awstest.New()
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		cfg := cloud.Config(region)
		image, err := ami.Resolve(ctx, ec2.NewFromConfig(cfg), ssm.NewFromConfig(cfg),
			"ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(region, image.Architecture, aws.ToString(image.ImageOwnerAlias))
	}
	// Output:
	// eu-west-1 arm64 amazon
	// us-east-1 arm64 amazon
}

func ExampleFormat() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image, err := ami.Get(ctx, api, cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{100}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	// What differs from run to run is not shown here.
	image.ImageId, image.CreationDate = new("ami-0123456789abcdef0"), nil
	for _, m := range image.BlockDeviceMappings {
		m.Ebs.SnapshotId = new("snap-0123456789abcdef0")
	}
	fmt.Print(ami.Format(*image))
	// Output:
	// ami-0123456789abcdef0 "web 1"
	//   state        available
	//   owner        123456789012, not public
	//   platform     x86_64, Linux/UNIX, hvm, uefi-preferred
	//   features     ENA, SR-IOV simple
	//   protection   disabled
	//   root         ebs, /dev/xvda
	//   disk         /dev/xvda, 8 GiB, gp3, 3000 IOPS, 125 MiB/s, snap-0123456789abcdef0
	//   disk         /dev/sdb, 100 GiB, gp3, 3000 IOPS, 125 MiB/s, snap-0123456789abcdef0
}
