package region_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// The key of a copy's snapshots is read back.
func ExampleVerifyCopy() {
	ctx := context.Background()
	cloud := awstest.New()
	for _, alias := range []string{"alias/web", "alias/other"} {
		cloud.Region("us-east-1").Key(awstest.KeySeed{Alias: alias})
	}
	source := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "storefront-2"})
	pool := region.NewClientPool(region.OneAccount(cloud.Config("eu-west-1")))
	copies, err := region.Copy(ctx, pool, region.CopyInput{
		Source: region.Target{Region: "eu-west-1"}, SourceImageID: source, Name: "storefront-2",
		Targets: []region.Destination{{Target: region.Target{Region: "us-east-1"}, Encrypted: true, KMSKeyID: "alias/web"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	home, err := pool.Clients(ctx, region.Target{Region: "eu-west-1"})
	if err != nil {
		log.Fatal(err)
	}
	original, err := ami.Get(ctx, home.EC2, source)
	if err != nil {
		log.Fatal(err)
	}
	there, err := pool.Clients(ctx, region.Target{Region: "us-east-1"})
	if err != nil {
		log.Fatal(err)
	}

	for _, key := range []string{"alias/web", "alias/other"} {
		err := region.VerifyCopy(ctx, there, *copies[0].Image, region.VerifyCopyInput{Source: *original, KMSKeyID: key})
		fmt.Printf("%s: differs %t\n", key, errors.Is(err, ami.ErrDiffers))
	}
	// Output:
	// alias/web: differs false
	// alias/other: differs true
}

// A key that cannot be used is found before a copy is made.
func ExampleCheckKey() {
	ctx := context.Background()
	cloud := awstest.New()
	cloud.Region("us-east-1").Key(awstest.KeySeed{Alias: "alias/web"})
	pool := region.NewClientPool(region.OneAccount(cloud.Config("us-east-1")))
	clients, err := pool.Clients(ctx, region.Target{Region: "us-east-1"})
	if err != nil {
		log.Fatal(err)
	}

	for _, name := range []string{"alias/web", "alias/none"} {
		err := region.CheckKey(ctx, clients, name)
		fmt.Printf("%s: unusable %t\n", name, errors.Is(err, region.ErrKeyUnusable))
	}
	// Output:
	// alias/web: unusable false
	// alias/none: unusable true
}
