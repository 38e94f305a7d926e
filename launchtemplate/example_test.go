package launchtemplate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// The shell line that this stands for:
//
//	aws ec2 create-launch-template --launch-template-name my-launch-template \
//	  --version-description v1 --launch-template-data '{"ImageId":"ami-…",
//	  "InstanceType":"t2.micro","KeyName":"…","SecurityGroupIds":["sg-…"]}'
//
// Run twice it fails; Create finds what it made.
func ExampleCreate() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.KeyPair("my-key-pair")
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	in := launchtemplate.CreateInput{
		Name:        "my-launch-template",
		Description: "v1",
		Data: &types.RequestLaunchTemplateData{
			ImageId:          new(region.OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
			InstanceType:     types.InstanceTypeT2Micro,
			KeyName:          new("my-key-pair"),
			SecurityGroupIds: []string{region.SecurityGroup("web")},
		},
	}
	for range 2 {
		made, err := launchtemplate.Create(ctx, client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("version", made.Version, "adopted", made.Adopted)
	}
	in.Data.InstanceType = types.InstanceTypeT3Micro
	_, err := launchtemplate.Create(ctx, client, in)
	fmt.Println("another input:", errors.Is(err, launchtemplate.ErrNameTaken))
	// Output:
	// version 1 adopted false
	// version 1 adopted true
	// another input: true
}

// A new image for a template: $Default becomes a number first, so that nobody
// can change what the new version is made from.
func ExampleNextVersion() {
	ctx := context.Background()
	client, template := exampleTemplate()

	from, err := launchtemplate.Resolve(ctx, client, template, launchtemplate.DefaultVersion)
	if err != nil {
		fmt.Println(err)
		return
	}
	in := launchtemplate.NextVersionInput{
		Template:      template,
		Source:        from.Number,
		SourceVersion: from,
		ImageID:       "ami-0b0b0b0b0b0b0b0b0",
		Description:   "golden image of May",
	}
	next, err := launchtemplate.NextVersion(ctx, client, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _, _ := strings.Cut(next.Version.Description, " [")
	fmt.Println("version", next.Version.Number, next.Version.ImageID, next.Version.Data.InstanceType, text)

	// The same again, as after a lost response, makes nothing.
	again, err := launchtemplate.NextVersion(ctx, client, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("version", again.Version.Number, "adopted", again.Adopted)
	// Output:
	// version 2 ami-0b0b0b0b0b0b0b0b0 t2.micro golden image of May
	// version 2 adopted true
}

// What the next version would hold can be seen, and checked, before it exists.
func ExampleNextVersionData() {
	ctx := context.Background()
	client, template := exampleTemplate()
	from, err := launchtemplate.Resolve(ctx, client, template, launchtemplate.DefaultVersion)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := launchtemplate.NextVersionData(launchtemplate.NextVersionInput{
		Template: template, Source: from.Number, SourceVersion: from, ImageID: "ami-0b0b0b0b0b0b0b0b0",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*data.ImageId, data.InstanceType)
	latest, err := launchtemplate.Resolve(ctx, client, template, launchtemplate.LatestVersion)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("$Latest is still", latest.Number)
	// Output:
	// ami-0b0b0b0b0b0b0b0b0 t2.micro
	// $Latest is still 1
}

// A template whose extra disk comes from a snapshot cannot get another image
// blindly: the image may bring that disk itself.
func ExampleNextVersion_pinnedSnapshot() {
	ctx := context.Background()
	client := ec2.NewFromConfig(awstest.New().Config("eu-west-1"))
	made, err := launchtemplate.Create(ctx, client, launchtemplate.CreateInput{
		Name: "my-launch-template",
		Data: &types.RequestLaunchTemplateData{
			ImageId: new("ami-0a0a0a0a0a0a0a0a0"),
			BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/sdf"),
				Ebs:        &types.LaunchTemplateEbsBlockDeviceRequest{SnapshotId: new("snap-0a0a0a0a0a0a0a0a0")},
			}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = launchtemplate.NextVersion(ctx, client, launchtemplate.NextVersionInput{
		Template: launchtemplate.Ref{ID: made.TemplateID},
		Source:   1,
		ImageID:  "ami-0b0b0b0b0b0b0b0b0",
	})
	if errors.Is(err, launchtemplate.ErrPinnedSnapshot) {
		e, _ := errors.AsType[*launchtemplate.Error](err)
		fmt.Println("not without the image:", e.Reason)
	}
	// Output:
	// not without the image: version 1 pins /dev/sdf
}

// What is on $Latest launches a version as soon as it is made; what is on
// $Default waits for SetDefault.
func ExampleResolve() {
	ctx := context.Background()
	client, template := exampleTemplate()
	if _, err := launchtemplate.NextVersion(ctx, client, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: "ami-0b0b0b0b0b0b0b0b0",
	}); err != nil {
		fmt.Println(err)
		return
	}
	for _, version := range []string{launchtemplate.LatestVersion, launchtemplate.DefaultVersion} {
		v, err := launchtemplate.Resolve(ctx, client, template, version)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(version, "is", v.Number, "with", v.ImageID)
	}
	// Output:
	// $Latest is 2 with ami-0b0b0b0b0b0b0b0b0
	// $Default is 1 with ami-0a0a0a0a0a0a0a0a0
}

func ExampleSetDefault() {
	ctx := context.Background()
	client, template := exampleTemplate()
	next, err := launchtemplate.NextVersion(ctx, client, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: "ami-0b0b0b0b0b0b0b0b0",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	moved, err := launchtemplate.SetDefault(ctx, client, template, next.Version.Number)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("$Default was", moved.Before, "and is", moved.After)
	// Output:
	// $Default was 1 and is 2
}

// Which versions still refer to an image?
func ExampleVersions() {
	ctx := context.Background()
	client, template := exampleTemplate()
	if _, err := launchtemplate.NextVersion(ctx, client, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: "ami-0b0b0b0b0b0b0b0b0",
	}); err != nil {
		fmt.Println(err)
		return
	}
	for v, err := range launchtemplate.Versions(ctx, client, template) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if v.ImageID == "ami-0a0a0a0a0a0a0a0a0" {
			fmt.Println("version", v.Number, "default", v.Default)
		}
	}
	// Output:
	// version 1 default true
}

// exampleTemplate is a template with one version, in a cloud of its own.
func exampleTemplate() (*ec2.Client, launchtemplate.Ref) {
	client := ec2.NewFromConfig(awstest.New().Config("eu-west-1"))
	made, err := launchtemplate.Create(context.Background(), client, launchtemplate.CreateInput{
		Name: "my-launch-template",
		Data: &types.RequestLaunchTemplateData{ImageId: new("ami-0a0a0a0a0a0a0a0a0"), InstanceType: types.InstanceTypeT2Micro},
	})
	if err != nil {
		panic(err)
	}
	return client, launchtemplate.Ref{ID: made.TemplateID}
}

// Anything else than the image is changed in the same way: what Change does not
// touch stays, and a version that is so already is not made again.
func ExampleNextVersion_change() {
	ctx := context.Background()
	client, template := exampleTemplate()
	in := launchtemplate.NextVersionInput{
		Template: template,
		Source:   1,
		ImageID:  "ami-0b0b0b0b0b0b0b0b0",
		Change: func(data *types.RequestLaunchTemplateData) {
			data.InstanceType = types.InstanceTypeT3Small
			data.MetadataOptions = &types.LaunchTemplateInstanceMetadataOptionsRequest{
				HttpTokens: types.LaunchTemplateHttpTokensStateRequired,
			}
		},
	}
	next, err := launchtemplate.NextVersion(ctx, client, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range launchtemplate.Diff(&next.Source, &next.Version) {
		fmt.Println(change)
	}
	in.Source = next.Version.Number
	next, err = launchtemplate.NextVersion(ctx, client, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("unchanged:", next.Unchanged, "version", next.Version.Number)
	// Output:
	// ImageId: "ami-0a0a0a0a0a0a0a0a0" to "ami-0b0b0b0b0b0b0b0b0"
	// InstanceType: "t2.micro" to "t3.small"
	// MetadataOptions.HttpTokens: not set to "required"
	// unchanged: true version 2
}
