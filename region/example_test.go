package region_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// One image, in every target. The target that has it already costs nothing.
func ExampleCopy() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	results, err := region.Copy(ctx, pool, region.CopyInput{
		Source:        region.Target{Region: "eu-west-1"},
		SourceImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
		Name:          "MyReadyToUseAMI",
		Targets: []region.Destination{
			{Target: region.Target{Region: "us-east-1"}},
			{Target: region.Target{Region: "eu-west-1"}},
			{Target: region.Target{Region: "ap-south-1"}, Encrypted: true, UseRegionDefaultKey: true},
		},
	})
	for _, r := range results {
		fmt.Println(r.Target, r.Image.State, "adopted:", r.Adopted)
	}
	fmt.Println(cloud.Count("CopyImage"), "copies", err)
	// Output:
	// us-east-1 available adopted: false
	// eu-west-1 available adopted: true
	// ap-south-1 available adopted: false
	// 2 copies <nil>
}

// A target that fails stops no other one, and the same call again copies only
// what is missing.
func ExampleCopy_failed() {
	ctx, cloud := context.Background(), awstest.New()
	in := region.CopyInput{
		Source:        region.Target{Region: "eu-west-1"},
		SourceImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"}),
		Name:          "web 1",
		Targets: []region.Destination{
			{Target: region.Target{Region: "eu-west-2"}},
			{Target: region.Target{Region: "eu-west-3"}},
		},
	}
	cloud.FailImages(awstest.ImageMatch{Region: "eu-west-3"}, "Server.InternalError", "Internal error")
	for range 2 {
		cloud.ForgetCalls()
		results, err := region.Copy(ctx, region.NewClientPool(region.OneAccount(cloud.Config(""))), in)
		for _, r := range results {
			fmt.Println(r.Target, "good:", r.Err == nil)
		}
		fmt.Println("all good:", err == nil, "copies:", cloud.Count("CopyImage"))
		cloud.ForgetScripts()
	}
	// Output:
	// eu-west-2 good: true
	// eu-west-3 good: false
	// all good: false copies: 2
	// eu-west-2 good: true
	// eu-west-3 good: true
	// all good: true copies: 1
}

// What is wrong with a target is known before anything is written.
func ExampleClientPool_Preflight() {
	ctx := context.Background()
	cloud := awstest.New(awstest.WithDisabledRegions("eu-south-1"))
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))

	targets, err := pool.Preflight(ctx, []region.Target{{Region: "eu-west-1"}, {Region: "eu-south-1"}})
	fmt.Println(targets[0])
	fmt.Println(errors.Is(err, region.ErrRegionNotEnabled))
	fmt.Println(err)
	// Output:
	// 123456789012/eu-west-1
	// true
	// region.Preflight 123456789012 eu-south-1: the account has not enabled the Region: state not-opted-in
}

// All that works in a target shares its clients, and so keeps to AWS's rates.
func ExampleClientPool_Clients() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	first, err := pool.Clients(ctx, region.Target{Region: "eu-west-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := pool.Clients(ctx, region.Target{Region: "eu-west-1"})
	fmt.Println(first == again, err)
	_, err = pool.Clients(ctx, region.Target{Region: "Ireland"})
	fmt.Println(err)
	// Output:
	// true <nil>
	// region.Clients Ireland: invalid input: Region: "Ireland" is no Region
}

// Each account may have credentials of its own, such as a role that is assumed.
func ExampleNewClientPool() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(func(_ context.Context, t region.Target) (aws.Config, error) {
		return cloud.Account(t.Account).Config(t.Region), nil
	})
	for _, account := range []string{"111111111111", "222222222222"} {
		clients, err := pool.Clients(ctx, region.Target{Account: account, Region: "eu-west-1"})
		if err != nil {
			fmt.Println(err)
			return
		}
		out, err := clients.EC2.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"self"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(clients.Target, len(out.Images), "images")
	}
	// Output:
	// 111111111111/eu-west-1 0 images
	// 222222222222/eu-west-1 0 images
}

// With one account its configuration is enough; a target that names another
// account is found out.
func ExampleOneAccount() {
	cloud := awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("eu-west-1")))
	_, err := pool.Preflight(context.Background(), []region.Target{{Account: "222222222222", Region: "eu-west-1"}})
	fmt.Println(errors.Is(err, region.ErrWrongAccount))
	// Output: true
}

func ExampleTarget_String() {
	fmt.Println(region.Target{Account: "123456789012", Region: "eu-west-1"})
	fmt.Println(region.Target{Region: "eu-west-1"})
	// Output:
	// 123456789012/eu-west-1
	// eu-west-1
}

// Only what failed is copied again; nothing is called in the other targets.
func ExampleRetryFailed() {
	ctx, cloud := context.Background(), awstest.New()
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	in := region.CopyInput{
		Source:        region.Target{Region: "eu-west-1"},
		SourceImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"}),
		Name:          "web 1",
		Targets: []region.Destination{
			{Target: region.Target{Region: "eu-west-2"}},
			{Target: region.Target{Region: "eu-west-3"}},
		},
	}
	cloud.FailImages(awstest.ImageMatch{Region: "eu-west-3"}, "Server.InternalError", "Internal error")
	results, err := region.Copy(ctx, pool, in)
	fmt.Println(errors.Is(err, ami.ErrFailed), results[0].Err == nil, results[1].Err == nil)

	cloud.ForgetScripts()
	cloud.ForgetCalls()
	results, err = region.RetryFailed(ctx, pool, in, results)
	fmt.Println(err, results[0].Err == nil, results[1].Err == nil)
	fmt.Println(cloud.Count("CopyImage"), "copy")
	// Output:
	// true true false
	// <nil> true true
	// 1 copy
}
