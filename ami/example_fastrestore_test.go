package ami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// A rollout launches many instances in the zones of its groups. Fast snapshot
// restore is enabled before it and disabled after it, for AWS bills by the minute
// for every snapshot in every zone.
func ExampleEnableFastSnapshotRestore() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}})

	in := ami.FastSnapshotRestoreInput{ImageID: image, Zones: []string{"eu-west-1a", "euw1-az2"}}
	on, err := ami.EnableFastSnapshotRestore(context.Background(), client, in, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	billed := 0
	for _, f := range on.Restores {
		if f.Billed() {
			billed++
		}
	}
	fmt.Printf("billed: %d, $%.2f an hour\n", billed, 0.75*float64(billed))
	again, err := ami.EnableFastSnapshotRestore(context.Background(), client, in, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("written again:", again.Written)
	// Output:
	// billed: 4, $3.00 an hour
	// written again: 0
}

func ExampleDisableFastSnapshotRestore() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"})
	ctx := context.Background()
	if _, err := ami.EnableFastSnapshotRestore(ctx, client, ami.FastSnapshotRestoreInput{ImageID: image, Zones: []string{"eu-west-1a", "eu-west-1b"}}, often); err != nil {
		fmt.Println(err)
		return
	}
	off, err := ami.DisableFastSnapshotRestore(ctx, client, ami.FastSnapshotRestoreInput{ImageID: image}, often) // in all zones
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range off.Restores {
		fmt.Println(f.Zone, f.State)
	}
	// Output:
	// eu-west-1a disabled
	// eu-west-1b disabled
}

func ExampleWatchFastSnapshotRestore() {
	cloud := awstest.New(awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.FastSnapshotRestoreInput{
		ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"}),
		Zones:   []string{"eu-west-1a"},
	}
	ctx := context.Background()
	if _, err := ami.EnableFastSnapshotRestore(ctx, client, in, often); err != nil {
		fmt.Println(err)
		return
	}
	for s, err := range ami.WatchFastSnapshotRestore(ctx, client, in, often) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Zone, s.State)
	}
	// Output:
	// eu-west-1a optimizing
	// eu-west-1a enabled
}

// Instances are launched once their volumes are created with full performance.
func ExampleWaitFastSnapshotRestore() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.FastSnapshotRestoreInput{
		ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"}),
		Zones:   []string{"eu-west-1a", "eu-west-1b"},
	}
	ctx := context.Background()
	if _, err := ami.EnableFastSnapshotRestore(ctx, client, in, often); err != nil {
		fmt.Println(err)
		return
	}
	all, err := ami.WaitFastSnapshotRestore(ctx, client, in, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range all {
		fmt.Println(f.Zone, f.ZoneID, f.State)
	}
	// Output:
	// eu-west-1a euw1-az1 enabled
	// eu-west-1b euw1-az2 enabled
}
