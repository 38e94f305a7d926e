package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestRefreshIsOverByTheFirstReadUnderInstantTiming(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region("eu-west-1")
	g := region.Group(awstest.GroupSeed{Name: "web", Size: 3})
	require.Len(t, g.Instances, 3)
	client := autoscaling.NewFromConfig(region.Config())

	_, err := client.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)
	out, err := client.DescribeInstanceRefreshes(t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)

	require.Len(t, out.InstanceRefreshes, 1)
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, out.InstanceRefreshes[0].Status)
	for _, i := range region.Groups()[0].Instances {
		assert.NotContains(t, g.Instances, *i.InstanceId)
	}
	assert.Len(t, region.Groups()[0].Instances, 3)
}

func TestRefreshShowsEachStateOnceUnderSeenOnce(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	region := cloud.Region("eu-west-1")
	region.Group(awstest.GroupSeed{Name: "web", Size: 3})
	client := autoscaling.NewFromConfig(region.Config())
	_, err := client.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)

	var seen []astypes.InstanceRefreshStatus
	for range 4 {
		out, err := client.DescribeInstanceRefreshes(t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		seen = append(seen, out.InstanceRefreshes[0].Status)
	}

	assert.Equal(t, []astypes.InstanceRefreshStatus{"Pending", "InProgress", "Successful", "Successful"}, seen)
}
