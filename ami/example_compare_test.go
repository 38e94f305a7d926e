package ami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// What a copy should have kept, and has not.
func ExampleCompare() {
	source := types.Image{Architecture: types.ArchitectureValuesArm64, BootMode: types.BootModeValuesUefi}
	copied := types.Image{Architecture: types.ArchitectureValuesArm64}
	for _, d := range ami.Compare(source, copied) {
		fmt.Println(d)
	}
	// Output: BootMode is "", want "uefi"
}

// Whether a copy stands already is found out before anything is written.
func ExampleFindCopy() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("us-east-1"))
	in := ami.CopyInput{
		SourceImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-2"}),
		SourceRegion:  "eu-west-1",
		Name:          "web-2",
	}
	found, err := ami.FindCopy(ctx, client, in)
	fmt.Println("before:", found != nil, err)
	if _, err := ami.Copy(ctx, client, in); err != nil {
		fmt.Println(err)
		return
	}
	found, err = ami.FindCopy(ctx, client, in)
	fmt.Println("after:", found != nil, err)
	fmt.Println("by its intent:", found.Intent == in.Intent())
	// Output:
	// before: false <nil>
	// after: true <nil>
	// by its intent: true
}

// An image is read back and held against what it should be.
func ExampleVerify() {
	ctx := context.Background()
	cloud := awstest.New()
	eu := cloud.Region("eu-west-1")
	id := eu.OwnImage(awstest.ImageSeed{Name: "web-2", Tags: map[string]string{"team": "web"}})
	source, _ := eu.Image(id)

	differences, err := ami.Verify(ctx, ec2.NewFromConfig(eu.Config()), ami.VerifyInput{
		ImageID: id, Source: source, Tags: map[string]string{"team": "shop"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range differences {
		fmt.Println(d)
	}
	// Output:
	// team Tags is "web", want "shop"
	// /dev/xvda team Tags is "", want "shop"
}
