package region_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// A base image has a vulnerability: these are the images that were made of it,
// wherever they are.
func ExampleLineage() {
	ctx, cloud := context.Background(), awstest.New()
	home := cloud.Region("eu-west-1")
	instance := home.PreparedInstance(awstest.InstanceSeed{ImageID: home.PublicImage("base")})
	golden, err := ami.Create(ctx, ec2.NewFromConfig(home.Config()), ami.CreateInput{InstanceID: instance, Name: "golden", Reboot: ami.NoReboot})
	if err != nil {
		fmt.Println(err)
		return
	}
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	_, err = region.Copy(ctx, pool, region.CopyInput{
		Source: region.Target{Region: "eu-west-1"}, SourceImageID: golden.ImageID, Name: "golden",
		Targets: []region.Destination{{Target: region.Target{Region: "us-east-1"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	roots, err := region.Lineage(ctx, pool, region.LineageInput{Targets: []region.Target{{Region: "us-east-1"}, {Region: "eu-west-1"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, root := range roots {
		for depth, n := range root.All() {
			fmt.Printf("%s%s %s%s\n", strings.Repeat("- ", depth), n.Region, n.Name, n.OwnerAlias)
		}
	}
	// Output:
	// eu-west-1 amazon
	// - eu-west-1 golden
	// - - us-east-1 golden
}
