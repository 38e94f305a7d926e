package ami_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// What a copy leaves behind is given to it in its own Region, once.
func ExampleConfigure() {
	ctx, cloud := context.Background(), awstest.New()
	api, keys := ec2.NewFromConfig(cloud.Config("eu-west-1")), kms.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.ConfigureInput{
		ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
		Tags:    map[string]string{"team": "web"},
		Share: ami.Permissions{
			Accounts:      []string{"210987654321"},
			Organizations: []string{"arn:aws:organizations::123456789012:organization/o-exampleorgid"},
		},
		Protect: ami.ProtectWithCooldown,
	}
	for range 2 {
		done, err := ami.Configure(ctx, api, keys, in, often)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(done.Written), "changes, protection", *done.Image.DeregistrationProtection)
		fmt.Println(done.Warnings[0])
	}
	// Output:
	// 4 changes, protection enabled-with-cooldown
	// arn:aws:organizations::123456789012:organization/o-exampleorgid: cannot copy the image
	// 0 changes, protection enabled-with-cooldown
	// arn:aws:organizations::123456789012:organization/o-exampleorgid: cannot copy the image
}

// What would be refused at the end is known before anything is written.
func ExampleCheckConfigure() {
	ctx, cloud := context.Background(), awstest.New()
	api, keys := ec2.NewFromConfig(cloud.Config("eu-west-1")), kms.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.ConfigureInput{
		ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
		Share:   ami.Permissions{Public: true},
	}
	if err := in.Check("eu-west-1"); err != nil { // makes no call
		fmt.Println(err)
		return
	}
	err := ami.CheckConfigure(ctx, api, keys, in, often)
	if e, ok := errors.AsType[*ami.Error](err); ok && errors.Is(err, ami.ErrPublicImage) {
		fmt.Println(e.Reason)
	}
	fmt.Println("writes:", len(cloud.Writes()))
	// Output:
	// block public access for AMIs: block-new-sharing, managed by account
	// writes: 0
}

// Before an image is made: could it be shared afterwards?
func ExampleCheckShareable() {
	ctx, cloud := context.Background(), awstest.New()
	api, keys := ec2.NewFromConfig(cloud.Config("eu-west-1")), kms.NewFromConfig(cloud.Config("eu-west-1"))
	golden := cloud.Region("eu-west-1").Key(awstest.KeySeed{Alias: "alias/golden"})
	for _, use := range []ami.KeyUse{{}, {Encrypted: true}, {Encrypted: true, KMSKeyID: golden}} {
		err := ami.CheckShareable(ctx, api, keys, use)
		fmt.Println("unshareable:", errors.Is(err, ami.ErrUnshareableKey))
	}
	// Output:
	// unshareable: false
	// unshareable: true
	// unshareable: false
}

// All that was given is taken back; the cooldown of a protection goes on.
func ExampleUnconfigure() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.ConfigureInput{
		ImageID:     cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
		Share:       ami.Permissions{Accounts: []string{"210987654321"}},
		DeprecateAt: time.Now().AddDate(0, 6, 0),
		Protect:     ami.ProtectWithCooldown,
	}
	if _, err := ami.Configure(ctx, api, nil, in, often); err != nil {
		fmt.Println(err)
		return
	}
	done, err := ami.Unconfigure(ctx, api, in, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("shared with:", len(done.Permissions.Accounts), "deprecated:", done.Image.DeprecationTime != nil)
	for _, w := range done.Warnings {
		fmt.Println(w.Code)
	}
	// Output:
	// shared with: 0 deprecated: false
	// ami.Cooldown
}

// An account loses the image and its snapshots; the others keep both.
func ExampleUnshare() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{
		Name: "MyReadyToUseAMI", SharedWith: []string{"210987654321", "345678901234"},
	})
	done, err := ami.Unshare(ctx, api, image, ami.Permissions{Accounts: []string{"345678901234"}}, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("still shared with", done.Permissions.Accounts)
	// Output: still shared with [210987654321]
}
