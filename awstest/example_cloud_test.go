package awstest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
)

// A real client of the SDK works on the cloud, with nothing else replaced.
func ExampleNew() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	out, err := client.DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{
		RegionNames: []string{"eu-west-1", "us-east-1"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range out.Regions {
		fmt.Println(*r.RegionName, *r.OptInStatus)
	}
	// Output:
	// eu-west-1 opt-in-not-required
	// us-east-1 opt-in-not-required
}

// Who calls is decided by the credentials: every account exists.
func ExampleCloud_Account() {
	cloud := awstest.New()
	for _, cfg := range []func() *sts.Client{
		func() *sts.Client { return sts.NewFromConfig(cloud.Config("eu-west-1")) },
		func() *sts.Client { return sts.NewFromConfig(cloud.Account("222222222222").Config("eu-west-1")) },
	} {
		who, err := cfg().GetCallerIdentity(context.Background(), nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(*who.Account)
	}
	// Output:
	// 123456789012
	// 222222222222
}

// A Region that the account has not opted in to answers as AWS does: like bad
// credentials.
func ExampleWithDisabledRegions() {
	cloud := awstest.New(awstest.WithDisabledRegions("eu-west-3"))
	client := ec2.NewFromConfig(cloud.Config("eu-west-3"))

	_, err := client.DescribeRegions(context.Background(), nil)
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		fmt.Println(api.ErrorCode())
	}
	// Output: AuthFailure
}

// The ledger counts every attempt that reaches the cloud.
func ExampleCloud_Count() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for range 3 {
		if _, err := client.DescribeRegions(context.Background(), nil); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(cloud.Count("DescribeRegions"), cloud.Count("DescribeImages"))
	// Output: 3 0
}

// What came before is forgotten, so that a test can count one step alone.
func ExampleCloud_ForgetCalls() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	_, _ = client.DescribeRegions(context.Background(), nil)
	cloud.ForgetCalls()
	_, _ = client.DescribeRegions(context.Background(), nil)
	fmt.Println(cloud.Count("DescribeRegions"))
	// Output: 1
}

// With inputs kept, a test can look at what was asked.
func ExampleWithInputs() {
	cloud := awstest.New(awstest.WithInputs())
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	_, _ = client.DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{AllRegions: new(true)})

	for _, call := range cloud.Calls() {
		in := call.Input.(*ec2.DescribeRegionsInput)
		fmt.Println(call.Operation, call.Region, *in.AllRegions)
	}
	// Output: DescribeRegions eu-west-1 true
}

// The cloud's clock goes on by itself, and faster when it is asked to.
func ExampleCloud_Advance() {
	cloud := awstest.New()
	before := cloud.Now()
	cloud.Advance(24 * time.Hour)
	fmt.Println(cloud.Now().Sub(before).Round(time.Hour))
	// Output: 24h0m0s
}

// What the fake does not model it refuses by name, so that no test passes
// because the fake looked away.
func ExampleUnmodelled() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	_, err := client.DescribeVpnGateways(context.Background(), nil)
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	if unmodelled, ok := errors.AsType[*awstest.Unmodelled](err); ok {
		fmt.Println(unmodelled)
	}
	// Output:
	// true
	// awstest: EC2 DescribeVpnGateways is not modelled
}
