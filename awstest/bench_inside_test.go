package awstest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// crowd is a Region with many images, as a call finds it: these benchmarks are
// of the fake alone, without the SDK's client in front of it.
func crowd(n int) (*Cloud, func(*ec2.DescribeImagesInput) *ec2.DescribeImagesOutput) {
	c := New()
	c.Region("eu-west-1").do(func(s *store) {
		for i := range n {
			s.seedImage(ImageSeed{Name: fmt.Sprintf("image-%05d", i), Tags: map[string]string{
				"app": fmt.Sprint("app-", i%1000), "stage": []string{"prod", "test"}[i%2],
			}})
		}
	})
	s := c.stores[place{DefaultAccount, "eu-west-1"}]
	return c, func(in *ec2.DescribeImagesInput) *ec2.DescribeImagesOutput {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.step()
		out, err := dispatch(&request{store: s, service: "EC2", op: "DescribeImages"}, in)
		if err != nil {
			panic(err)
		}
		return out.(*ec2.DescribeImagesOutput)
	}
}

func BenchmarkInsideByID(b *testing.B) {
	c, describe := crowd(10_000)
	in := &ec2.DescribeImagesInput{ImageIds: []string{*c.Region("eu-west-1").Images()[5000].ImageId}}
	b.ReportAllocs()
	for b.Loop() {
		if len(describe(in).Images) != 1 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkInsideThreeFilters(b *testing.B) {
	_, describe := crowd(10_000)
	in := &ec2.DescribeImagesInput{Filters: []ec2types.Filter{
		{Name: new("tag:app"), Values: []string{"app-77"}},
		{Name: new("state"), Values: []string{"available"}},
		{Name: new("name"), Values: []string{"image-00077"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if len(describe(in).Images) != 1 {
			b.Fatal("not found")
		}
	}
}

// The same with nothing but tags and patterns: ten candidates of ten thousand.
func BenchmarkInsideThreeTagFilters(b *testing.B) {
	_, describe := crowd(10_000)
	in := &ec2.DescribeImagesInput{Filters: []ec2types.Filter{
		{Name: new("tag:app"), Values: []string{"app-77"}},
		{Name: new("tag:stage"), Values: []string{"test"}},
		{Name: new("name"), Values: []string{"image-0?077"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if len(describe(in).Images) != 10 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkInsideAllPages(b *testing.B) {
	_, describe := crowd(10_000)
	b.ReportAllocs()
	for b.Loop() {
		seen := 0
		for in := (&ec2.DescribeImagesInput{MaxResults: new(int32(1000))}); ; {
			out := describe(in)
			seen += len(out.Images)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		if seen != 10_000 {
			b.Fatal(seen)
		}
	}
}

// A cloud and the first thing in it.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := New()
		c.Config("eu-west-1")
		c.Region("eu-west-1").Network()
	}
}
