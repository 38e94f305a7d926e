package awstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// By default everything is done by the first read. SeenOnce shows each state in
// between once, so that a test meets it without any waiting.
func ExampleWithTiming() {
	cloud := awstest.New(awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	id := createImage(cloud, client, "web-1")

	for range 2 {
		fmt.Println(stateOf(client, id))
	}
	// Output:
	// pending
	// available
}

// Durations follow the seed and the id of the thing: the same seed gives the
// same run, however the calls of several goroutines interleave.
func ExampleWithSeed() {
	took := func(seed uint64) time.Duration {
		cloud := awstest.New(awstest.WithTiming(awstest.Timing{Image: 5 * time.Minute, Jitter: 0.5}), awstest.WithSeed(seed))
		client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
		id := createImage(cloud, client, "web-1")
		d := time.Duration(0)
		for ; stateOf(client, id) == "pending"; d += 10 * time.Second {
			cloud.Advance(10 * time.Second)
		}
		return d
	}
	first := took(1)
	fmt.Println(took(1) == first, took(2) == first)
	// Output: true false
}

// Small pages exercise a tool's paging with a handful of things.
func ExampleWithPageSize() {
	cloud := awstest.New(awstest.WithPageSize(2))
	for i := range 3 {
		cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: fmt.Sprint("web-", i)})
	}
	pages := ec2.NewDescribeImagesPaginator(ec2.NewFromConfig(cloud.Config("eu-west-1")),
		&ec2.DescribeImagesInput{Owners: []string{"self"}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page.Images))
	}
	// Output:
	// 2
	// 1
}

// An image that ends in failed, with the reason that AWS gives.
func ExampleCloud_FailImages() {
	cloud := awstest.New()
	cloud.FailImages(awstest.ImageMatch{Region: "eu-west-1", Name: "web-*"}, "Client.InternalError", "Copy image failed with an internal error")
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	id := createImage(cloud, client, "web-1")
	image, _ := cloud.Region("eu-west-1").Image(id)
	fmt.Println(image.State, *image.StateReason.Code, *image.StateReason.Message)

	cloud.ForgetScripts() // what is made from now on does not fail
	fmt.Println(stateOf(client, createImage(cloud, client, "web-2")))
	// Output:
	// failed Client.InternalError Copy image failed with an internal error
	// available
}

// An application that is broken: the instances run, and their group finds them
// unhealthy.
func ExampleCloud_NeverHealthy() {
	cloud := awstest.New()
	cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
	eu := cloud.Region("eu-west-1")
	bad := createImage(cloud, ec2.NewFromConfig(eu.Config()), "web-2")

	group := eu.Group(awstest.GroupSeed{Name: "web", ImageID: bad, Size: 1})
	fmt.Printf("healthy: %d of 1\n", eu.Capacity(group.Name).Ready)
	// Output: healthy: 0 of 1
}

// Writes are the calls that may have changed something: a run that finds all
// done should have none.
func ExampleCloud_Writes() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	id := createImage(cloud, client, "web-1")
	_ = stateOf(client, id)

	for _, call := range cloud.Writes() {
		fmt.Println(call.Operation, call.Region)
	}
	// Output: CreateImage eu-west-1
}

// In a test, Start shows the last calls when the test has failed.
func ExampleStart() {
	var t awstest.TB = silent{} // in a test: its *testing.T
	cloud := awstest.Start(t)
	fmt.Println(len(cloud.Calls()))
	// Output: 0
}

type silent struct{}

func (silent) Helper()               {}
func (silent) Cleanup(func())        {}
func (silent) Failed() bool          { return false }
func (silent) Errorf(string, ...any) {}
func (silent) Logf(string, ...any)   {}

func createImage(cloud *awstest.Cloud, client *ec2.Client, name string) (id string) {
	out, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{
		InstanceId: new(cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})),
		Name:       &name,
		NoReboot:   new(true),
	})
	if err != nil {
		return err.Error()
	}
	return *out.ImageId
}

func stateOf(client *ec2.Client, id string) string {
	out, err := client.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil {
		return err.Error()
	}
	return string(out.Images[0].State)
}
