package awstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/readyami/readyami/awstest"
)

// A preflight check asks KMS who manages a key before an image is shared: what
// is encrypted with AWS's own key cannot be.
func ExampleRegion_Key() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	region.Key(awstest.KeySeed{Alias: "alias/golden", Accounts: []string{"222222222222"}})

	client := kms.NewFromConfig(region.Config())
	for _, name := range []string{"alias/golden", "alias/aws/ebs", "alias/other"} {
		out, err := client.DescribeKey(context.Background(), &kms.DescribeKeyInput{KeyId: &name})
		if err != nil {
			fmt.Println(name, code(err))
			continue
		}
		fmt.Println(name, out.KeyMetadata.KeyManager)
	}
	// Output:
	// alias/golden CUSTOMER
	// alias/aws/ebs AWS
	// alias/other NotFoundException
}

// EC2 takes any key. That it does not work shows later, in the state of the
// image.
func ExampleRegion_DisableKey() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	key := region.Key(awstest.KeySeed{Alias: "alias/golden"})
	source := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	client := ec2.NewFromConfig(region.Config())
	encrypt := func(name string) {
		out, err := client.CopyImage(context.Background(), &ec2.CopyImageInput{
			Name: &name, SourceImageId: &source, SourceRegion: new("eu-west-1"), Encrypted: new(true), KmsKeyId: &key,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		image, _ := region.Image(*out.ImageId)
		fmt.Println(name, image.State)
	}
	region.DisableKey("alias/golden")
	encrypt("too early")
	region.EnableKey("alias/golden")
	encrypt("encrypted")
	// Output:
	// too early failed
	// encrypted available
}

// A group launches nothing from an encrypted image as long as its account's Auto
// Scaling role has no grant for the key.
func ExampleRegion_GrantKey() {
	cloud := awstest.New()
	owner, consumer := cloud.Region("eu-west-1"), cloud.Account("222222222222").Region("eu-west-1")
	key := owner.Key(awstest.KeySeed{Accounts: []string{"222222222222"}})
	image := owner.OwnImage(awstest.ImageSeed{Name: "golden", Encrypted: true, KeyID: key, SharedWith: []string{"222222222222"}})
	consumer.Group(awstest.GroupSeed{Name: "web", ImageID: image, Size: 2})

	for _, a := range consumer.Activities("web")[:1] {
		fmt.Println(a.StatusCode, *a.StatusMessage)
	}
	fmt.Println(consumer.Capacity("web").Ready, "of", consumer.Capacity("web").Desired)

	owner.GrantKey(key, awstest.AutoScalingRole("222222222222"))
	cloud.Advance(time.Minute) // until the group tries again
	fmt.Println(consumer.Capacity("web").Ready, "of", consumer.Capacity("web").Desired)
	// Output:
	// Failed Client.InternalError: Client error on launch. Launching EC2 instance failed.
	// 0 of 2
	// 2 of 2
}
