package ami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// A disk that was written by hand, or restored from a backup, becomes an image
// that current instance types can launch; the second call finds it.
func ExampleRegister() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	volume := cloud.Region("eu-west-1").Instances()[0].BlockDeviceMappings[0].Ebs.VolumeId
	disk, err := api.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: volume})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := ami.RegisterInput{
		Name:           "MyReadyToUseAMI",
		Architecture:   types.ArchitectureValuesX8664,
		BootMode:       types.BootModeValuesUefiPreferred,
		RootDeviceName: "/dev/xvda",
		Mappings: []types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: disk.SnapshotId}},
		},
	}
	for range 2 {
		made, err := ami.Register(ctx, api, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		images, err := ami.Wait(ctx, api, []string{made.ImageID})
		if err != nil {
			fmt.Println(err)
			return
		}
		img := images[0]
		fmt.Println(img.State, img.Architecture, img.VirtualizationType, "ENA:", *img.EnaSupport, "adopted:", made.Adopted)
	}
	in.Architecture = types.ArchitectureValuesArm64
	_, err = ami.Register(ctx, api, in)
	fmt.Println(err != nil, cloud.Count("RegisterImage"), "image")
	// Output:
	// available x86_64 hvm ENA: true adopted: false
	// available x86_64 hvm ENA: true adopted: true
	// true 1 image
}
