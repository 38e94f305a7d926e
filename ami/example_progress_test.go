package ami_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// Half of the time that the image takes has passed.
func ExampleProgress() {
	timing := awstest.Instant
	timing.Image = time.Hour
	ctx, cloud := context.Background(), awstest.New(awstest.WithTiming(timing))
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	made, err := ami.Create(ctx, api, ami.CreateInput{
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}), Name: "MyReadyToUseAMI", Reboot: ami.NoReboot,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cloud.Advance(30 * time.Minute)
	image, err := ami.Get(ctx, api, made.ImageID)
	if err != nil {
		fmt.Println(err)
		return
	}
	progress, err := ami.Progress(ctx, api, *image)
	fmt.Println(image.State, progress, err)
	// Output:
	// pending 50% <nil>
}

// AWS gives the reason of a failed image as text.
func ExampleHint() {
	fmt.Println(ami.Hint(types.Image{StateReason: &types.StateReason{
		Code: new("Client.InvalidSnapshot.NotFound"), Message: new("The snapshot does not exist."),
	}}))
	// Output:
	// a snapshot of the image was deleted
}
