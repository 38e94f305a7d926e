package ami_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// What an image lacks can be read before anything is written.
func ExampleMissingAttributes() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.ConfigureInput{
		ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "storefront-2"}),
		Tags:    map[string]string{"tier": "gold"},
		Share:   ami.Permissions{Accounts: []string{"222222222222"}},
	}

	for range 2 {
		has, err := ami.MissingAttributes(ctx, client, in)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d missing, shared with %q\n", len(has.Missing), has.SharedWith)
		if _, err := ami.Configure(ctx, client, nil, in); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 3 missing, shared with []
	// 0 missing, shared with ["222222222222"]
}

// The intent of an image says what it is made from, whatever it is called.
func ExampleCreateInput_Intent() {
	in := ami.CreateInput{InstanceID: "i-0123456789abcdef0", Name: "storefront-2", Reboot: ami.NoReboot}
	renamed, revised := in, in
	renamed.Name, revised.Revision = "storefront-3", "1a2b3c"
	fmt.Println(in.Intent() == renamed.Intent(), in.Intent() == revised.Intent())
	// Output: true false
}
