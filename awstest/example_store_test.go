package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// storeGolden stores an image in the bucket "images" of a Region.
func storeGolden(region *awstest.Region) (imageID string) {
	region.Bucket("images")
	imageID = region.OwnImage(awstest.ImageSeed{Name: "golden"})
	_, err := ec2.NewFromConfig(region.Config()).CreateStoreImageTask(context.Background(), &ec2.CreateStoreImageTaskInput{ImageId: &imageID, Bucket: new("images")})
	if err != nil {
		fmt.Println(err)
	}
	return imageID
}

// A bucket of another account is used if its policy allows that.
func ExampleRegion_Bucket() {
	cloud := awstest.New()
	cloud.Account("222222222222").Region("eu-west-1").Bucket("theirs", awstest.DefaultAccount)
	region := cloud.Region("eu-west-1")
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	client := ec2.NewFromConfig(region.Config())
	for _, bucket := range []string{"theirs", "nobodys"} {
		_, err := client.CreateStoreImageTask(context.Background(), &ec2.CreateStoreImageTaskInput{ImageId: &id, Bucket: &bucket})
		fmt.Println(bucket, err == nil)
	}
	// Output:
	// theirs true
	// nobodys false
}

func ExampleRegion_StoredImages() {
	region := awstest.New().Region("eu-west-1")
	id := storeGolden(region)
	for _, o := range region.StoredImages("images") {
		fmt.Println(o.Name, o.Key == id+".bin")
	}
	// Output: golden true
}

// Images cross partitions as objects: the copy between the buckets is the user's.
func ExampleRegion_CopyStoredImage() {
	cloud := awstest.New()
	home, gov := cloud.Region("eu-west-1"), cloud.Region("us-gov-west-1")
	key := storeGolden(home) + ".bin"
	gov.Bucket("images-gov")
	home.CopyStoredImage("images", key, gov, "images-gov")
	client := ec2.NewFromConfig(gov.Config())
	if _, err := client.CreateRestoreImageTask(context.Background(), &ec2.CreateRestoreImageTaskInput{Bucket: new("images-gov"), ObjectKey: &key}); err != nil {
		fmt.Println(err)
	}
	for _, i := range gov.Images() {
		fmt.Println(*i.Name, i.State)
	}
	// Output: golden available
}

func ExampleRegion_DeleteStoredImage() {
	region := awstest.New().Region("eu-west-1")
	region.DeleteStoredImage("images", storeGolden(region)+".bin")
	fmt.Println(len(region.StoredImages("images")))
	// Output: 0
}

func ExampleRegion_FailStoreImages() {
	region := awstest.New().Region("eu-west-1")
	region.FailStoreImages("The snapshot is not accessible.")
	storeGolden(region)
	out, err := ec2.NewFromConfig(region.Config()).DescribeStoreImageTasks(context.Background(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, task := range out.StoreImageTaskResults {
		fmt.Println(*task.StoreTaskState, *task.StoreTaskFailureReason)
	}
	// Output: Failed The snapshot is not accessible.
}
