package awstest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

// BenchmarkInsideGroupsByPages reads 1,000 groups of 20 instances in ten pages,
// without the SDK's client in front of it.
func BenchmarkInsideGroupsByPages(b *testing.B) {
	c := New()
	region := c.Region("eu-west-1")
	template := region.Template(TemplateSeed{Name: "web"})
	for i := range 1000 {
		region.Group(GroupSeed{Name: fmt.Sprint("group-", i), Size: 20, TemplateID: template})
	}
	s := c.stores[place{DefaultAccount, "eu-west-1"}]
	b.ReportAllocs()
	for b.Loop() {
		seen := 0
		for in := (&autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: new(int32(100))}); ; {
			out, err := dispatch(&request{store: s, service: "Auto Scaling", op: "DescribeAutoScalingGroups"}, in)
			if err != nil {
				b.Fatal(err)
			}
			page := out.(*autoscaling.DescribeAutoScalingGroupsOutput)
			seen += len(page.AutoScalingGroups)
			if in.NextToken = page.NextToken; in.NextToken == nil {
				break
			}
		}
		if seen != 1000 {
			b.Fatal(seen)
		}
	}
}
