package awstest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
)

// A fault sees each attempt and decides what becomes of it. This one makes a
// Region slow.
func ExampleCloud_Inject() {
	cloud := awstest.New()
	cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Region == "ap-northeast-1" {
			time.Sleep(time.Millisecond)
			fmt.Println("slow:", call.Operation)
		}
		return next(ctx)
	})
	for _, region := range []string{"eu-west-1", "ap-northeast-1"} {
		_, _ = ec2.NewFromConfig(cloud.Config(region)).DescribeRegions(context.Background(), nil)
	}
	// Output: slow: DescribeRegions
}

// The call takes effect, its answer is lost, and the SDK sends it again.
func ExampleLoseResponse() {
	cloud := awstest.New(awstest.WithFault(
		awstest.LoseResponse(awstest.Match{Operation: "CreateLaunchTemplate"}),
	))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"), noBackoff)

	_, err := client.CreateLaunchTemplate(context.Background(), templateInput("web"))
	// The SDK's client token makes the second call find what the first made.
	fmt.Println(err, cloud.Count("CreateLaunchTemplate"))
	// Output: <nil> 2
}

// Nothing retries this one: the caller does not know, but AWS has done it.
func ExampleLoseResponseForGood() {
	cloud := awstest.New(awstest.WithFault(
		awstest.LoseResponseForGood(awstest.Match{Operation: "CreateLaunchTemplate"}),
	))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	_, err := client.CreateLaunchTemplate(context.Background(), templateInput("web"))
	fmt.Println("failed:", err != nil)
	out, _ := client.DescribeLaunchTemplates(context.Background(), nil)
	fmt.Println("made:", len(out.LaunchTemplates))
	// Output:
	// failed: true
	// made: 1
}

// From the first write on the process is gone. What it had sent is done.
func ExampleCrashAtWrite() {
	crash, restart := awstest.CrashAtWrite(1, true)
	cloud := awstest.New(awstest.WithFault(crash))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	_, err := client.CreateLaunchTemplate(context.Background(), templateInput("web"))
	fmt.Println("write failed:", err != nil)
	_, err = client.DescribeLaunchTemplates(context.Background(), nil)
	fmt.Println("read failed:", err != nil)

	restart()
	out, _ := client.DescribeLaunchTemplates(context.Background(), nil)
	fmt.Println("found by the next process:", len(out.LaunchTemplates))
	// Output:
	// write failed: true
	// read failed: true
	// found by the next process: 1
}

// The second DescribeRegions is denied, all others go through.
func ExampleRefuse() {
	cloud := awstest.New(awstest.WithFault(awstest.Refuse(
		awstest.Match{Operation: "DescribeRegions"}, 2, "UnauthorizedOperation", "You are not authorized to perform this operation.",
	)))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for range 3 {
		_, err := client.DescribeRegions(context.Background(), nil)
		fmt.Println(code(err))
	}
	// Output:
	// ok
	// UnauthorizedOperation
	// ok
}

// The credentials hold for two reads and then expire.
func ExampleExpireCredentials() {
	cloud := awstest.New(awstest.WithFault(awstest.ExpireCredentials(awstest.Match{}, 3)))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for range 3 {
		_, err := client.DescribeRegions(context.Background(), nil)
		fmt.Println(code(err))
	}
	// Output:
	// ok
	// ok
	// RequestExpired
}

// Half of the calls are throttled; the SDK's retries get the others through.
func ExampleThrottle() {
	cloud := awstest.New(awstest.WithFault(awstest.Throttle(awstest.Match{Operation: "DescribeRegions"}, 2)))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"), noBackoff)
	for range 3 {
		_, err := client.DescribeRegions(context.Background(), nil)
		fmt.Println(code(err))
	}
	fmt.Println(cloud.Count("DescribeRegions"), "attempts")
	// Output:
	// ok
	// ok
	// ok
	// 5 attempts
}

// noBackoff spares an Example, which runs in real time, the SDK's pauses.
func noBackoff(o *ec2.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// code is AWS's code of an error, or "ok".
func code(err error) string {
	if err == nil {
		return "ok"
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return err.Error()
}

func templateInput(name string) *ec2.CreateLaunchTemplateInput {
	return &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &name,
		LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Micro},
	}
}
