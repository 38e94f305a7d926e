package ami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// An image goes from the commercial partition to GovCloud: no copy crosses
// partitions, an object in S3 does.
func ExampleRestoreFromS3() {
	ctx := context.Background()
	cloud := awstest.New()
	home, gov := cloud.Region("us-east-2"), cloud.Region("us-gov-east-1")
	home.Bucket("images")
	gov.Bucket("images-gov")
	image := home.OwnImage(awstest.ImageSeed{Name: "web 1", Tags: map[string]string{"team": "web"}})

	stored, err := ami.StoreToS3(ctx, ec2.NewFromConfig(home.Config()), ami.StoreToS3Input{ImageID: image, Bucket: "images"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := ami.WaitStoreToS3(ctx, ec2.NewFromConfig(home.Config()), ami.WatchStoreToS3Input{ImageIDs: []string{image}, Bucket: "images"}); err != nil {
		fmt.Println(err)
		return
	}
	// With S3, and credentials of either partition: download it, and upload it.
	home.CopyStoredImage("images", stored.ObjectKey, gov, "images-gov")

	in := ami.RestoreFromS3Input{Bucket: "images-gov", ObjectKey: stored.ObjectKey, Name: "web 1"}
	made, err := ami.RestoreFromS3(ctx, ec2.NewFromConfig(gov.Config()), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	images, err := ami.Wait(ctx, ec2.NewFromConfig(gov.Config()), []string{made.ImageID})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*images[0].Name, images[0].State, ami.Tag(images[0].Tags, "team"))
	again, err := ami.RestoreFromS3(ctx, ec2.NewFromConfig(gov.Config()), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("adopted:", again.Adopted)
	// Output:
	// web 1 available web
	// adopted: true
}

// AWS forgets tasks after 31 days, and does not notice that an object was deleted:
// S3 is asked whether it is there.
func ExampleStoreToS3() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("us-east-2")
	region.Bucket("images")
	image := region.OwnImage(awstest.ImageSeed{Name: "web 1"})
	in := ami.StoreToS3Input{ImageID: image, Bucket: "images", ObjectExists: func(_ context.Context, bucket, key string) (bool, error) {
		for _, o := range region.StoredImages(bucket) { // HeadObject of S3
			if o.Key == key {
				return true, nil
			}
		}
		return false, nil
	}}
	for _, what := range []string{"first", "again", "deleted"} {
		if what == "deleted" {
			region.DeleteStoredImage("images", image+".bin")
		}
		stored, err := ami.StoreToS3(ctx, ec2.NewFromConfig(region.Config()), in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(what, stored.ObjectKey == image+".bin", "adopted:", stored.Adopted)
	}
	// Output:
	// first true adopted: false
	// again true adopted: true
	// deleted true adopted: false
}

func ExampleWatchStoreToS3() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("us-east-2")
	region.Bucket("images")
	region.FailStoreImages("The snapshot is not accessible.")
	client := ec2.NewFromConfig(region.Config())
	image := region.OwnImage(awstest.ImageSeed{Name: "web 1"})
	if _, err := ami.StoreToS3(ctx, client, ami.StoreToS3Input{ImageID: image, Bucket: "images"}); err != nil {
		fmt.Println(err)
		return
	}
	for s, err := range ami.WatchStoreToS3(ctx, client, ami.WatchStoreToS3Input{ImageIDs: []string{image}, Bucket: "images"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.State, s.Reason)
	}
	// Output: Failed The snapshot is not accessible.
}

func ExampleWaitStoreToS3() {
	ctx := context.Background()
	region := awstest.New().Region("us-east-2")
	region.Bucket("images")
	client := ec2.NewFromConfig(region.Config())
	var ids []string
	for _, name := range []string{"web 1", "db 1"} {
		image := region.OwnImage(awstest.ImageSeed{Name: name})
		if _, err := ami.StoreToS3(ctx, client, ami.StoreToS3Input{ImageID: image, Bucket: "images"}); err != nil {
			fmt.Println(err)
			return
		}
		ids = append(ids, image)
	}
	tasks, err := ami.WaitStoreToS3(ctx, client, ami.WatchStoreToS3Input{ImageIDs: ids, Bucket: "images"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, task := range tasks {
		fmt.Println(task.ObjectKey == ids[i]+".bin", task.State, task.Progress)
	}
	// Output:
	// true Completed 100
	// true Completed 100
}

// What an image comes from, though the image that it was copied from is gone.
func ExampleAncestry() {
	ctx := context.Background()
	cloud := awstest.New()
	home, away := cloud.Region("eu-west-1"), cloud.Region("us-east-1")
	instance := home.PreparedInstance(awstest.InstanceSeed{ImageID: home.PublicImage("base")})
	baked, err := ami.Create(ctx, ec2.NewFromConfig(home.Config()), ami.CreateInput{InstanceID: instance, Name: "web 1", Reboot: ami.NoReboot})
	if err != nil {
		fmt.Println(err)
		return
	}
	copied, err := ami.Copy(ctx, ec2.NewFromConfig(away.Config()), ami.CopyInput{SourceImageID: baked.ImageID, SourceRegion: "eu-west-1", Name: "web 1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := ami.Deregister(ctx, ec2.NewFromConfig(home.Config()), baked.ImageID); err != nil {
		fmt.Println(err)
		return
	}
	chain, err := ami.Ancestry(ctx, ec2.NewFromConfig(away.Config()), copied.ImageID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range chain {
		fmt.Printf("%s, the one that is gone: %t, alias %q\n", a.Region, a.ImageID == baked.ImageID, a.OwnerAlias)
	}
	// Output:
	// us-east-1, the one that is gone: false, alias ""
	// eu-west-1, the one that is gone: true, alias ""
	// eu-west-1, the one that is gone: false, alias "amazon"
}
