package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// fleetOf is n groups of 20 instances from one template.
func fleetOf(t testing.TB, n int, timing awstest.Timing) (*awstest.Region, *autoscaling.Client) {
	cloud := awstest.New(awstest.WithTiming(timing))
	region := cloud.Region(home)
	template := region.Template(awstest.TemplateSeed{Name: "web"})
	for i := range n {
		region.Group(awstest.GroupSeed{Name: fmt.Sprintf("group-%d", i), Size: 20, TemplateID: template})
	}
	return region, autoscaling.NewFromConfig(region.Config())
}

func BenchmarkGroupsByPages(b *testing.B) {
	_, client := fleetOf(b, 1000, awstest.Instant)
	for b.Loop() {
		pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(client, &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: new(int32(100))})
		n := 0
		for pages.HasMorePages() {
			page, err := pages.NextPage(b.Context())
			require.NoError(b, err)
			n += len(page.AutoScalingGroups)
		}
		require.Equal(b, 1000, n)
	}
}

// All refreshes of a large fleet at once cost wall time of the order of a
// second: nothing in the world is quadratic.
func TestManyRefreshesAtOnce(t *testing.T) {
	begun := time.Now() // of the real clock: inside of the bubble it is 2000
	defer func() { t.Logf("took %s", time.Since(begun)) }()
	synctest.Test(t, func(t *testing.T) {
		const groups = 1000
		_, client := fleetOf(t, groups, awstest.Realistic)
		for i := range groups {
			_, err := client.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new(fmt.Sprintf("group-%d", i))})
			require.NoError(t, err)
		}
		time.Sleep(2 * time.Hour) // the instances that were replaced are forgotten by then, too
		for i := range groups {
			out, err := client.DescribeInstanceRefreshes(t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new(fmt.Sprintf("group-%d", i))})
			require.NoError(t, err)
			assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, out.InstanceRefreshes[0].Status)
		}
	})
}
