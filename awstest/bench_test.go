package awstest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"github.com/readyami/readyami/awstest"
)

// BenchmarkCall is one call through the real client to the fake and back.
func BenchmarkCall(b *testing.B) {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	benchmarkCall(b, client, cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web"}))
}

// BenchmarkCallOfNothing is the same call to nothing: an answer made beforehand,
// right behind the retries. It is what the SDK itself costs, and the scale for
// the figures of another machine.
func BenchmarkCallOfNothing(b *testing.B) {
	out := &ec2.DescribeImagesOutput{}
	answer := middleware.FinalizeMiddlewareFunc("answer", func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (
		middleware.FinalizeOutput, middleware.Metadata, error,
	) {
		return middleware.FinalizeOutput{Result: out}, middleware.Metadata{}, nil
	})
	benchmarkCall(b, ec2.NewFromConfig(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(answer, "Retry", middleware.After)
		}},
	}), "ami-0123456789abcdef0")
}

func benchmarkCall(b *testing.B, client *ec2.Client, imageID string) {
	in := &ec2.DescribeImagesInput{ImageIds: []string{imageID}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.DescribeImages(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew is the start of a cloud.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		awstest.New().Config("eu-west-1")
	}
}
