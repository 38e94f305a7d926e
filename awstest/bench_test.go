package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
)

// BenchmarkCall is one call through the real client to the fake and back.
func BenchmarkCall(b *testing.B) {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := &ec2.DescribeImagesInput{ImageIds: []string{cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web"})}}
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
