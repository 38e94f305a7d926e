package region_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// often is for Examples, where nothing takes its time.
func often(o *region.Options) { o.Poll = ami.Schedule{Min: time.Millisecond, Max: time.Millisecond} }

// Copies carry no permissions: each is configured in its own Region.
func ExampleConfigure() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	var images []region.ConfigureInput
	for _, name := range []string{"eu-west-1", "us-east-1"} {
		images = append(images, region.ConfigureInput{
			Target: region.Target{Region: name},
			ConfigureInput: ami.ConfigureInput{
				ImageID: cloud.Region(name).OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
				Tags:    map[string]string{"team": "web"},
				Share:   ami.Permissions{Accounts: []string{"210987654321"}},
			},
		})
	}
	results, err := region.Configure(ctx, pool, images, often)
	for _, r := range results {
		fmt.Println(r.Target, "shared with", r.Result.Permissions.Accounts)
	}
	fmt.Println(err)
	// Output:
	// eu-west-1 shared with [210987654321]
	// us-east-1 shared with [210987654321]
	// <nil>
}

// The counterpart of Configure, with the same input.
func ExampleUnconfigure() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1", SharedWith: []string{"210987654321"}})
	results, err := region.Unconfigure(ctx, pool, []region.ConfigureInput{{
		Target:         region.Target{Region: "eu-west-1"},
		ConfigureInput: ami.ConfigureInput{ImageID: image, Share: ami.Permissions{Accounts: []string{"210987654321"}}},
	}}, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("shared with", len(results[0].Result.Permissions.Accounts), "accounts")
	// Output: shared with 0 accounts
}

// Before anything is copied: which copies could not be shared?
func ExampleCheckShareable() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	err := region.CheckShareable(ctx, pool, []region.Destination{
		{Target: region.Target{Region: "eu-west-1"}, Encrypted: true, KMSKeyID: cloud.Region("eu-west-1").Key(awstest.KeySeed{})},
		{Target: region.Target{Region: "us-east-1"}, Encrypted: true}, // by the default key of the Region
	})
	fmt.Println(errors.Is(err, ami.ErrUnshareableKey), "writes:", len(cloud.Writes()))
	// Output: true writes: 0
}
