package asg_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestDescribe(t *testing.T) {
	f := start(t, awstest.WithPageSize(20))
	var names []string
	for i := range 60 {
		in := f.input(fmt.Sprintf("web-%02d", i))
		in.MinSize, in.Desired = 0, new(int32(0))
		_, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
		names = append(names, in.Name)
	}
	slices.Reverse(names)
	f.ForgetCalls()
	groups, err := asg.Describe(t.Context(), f, append(names, names[0]))
	require.NoError(t, err)
	require.Len(t, groups, 61)
	for i, g := range groups[:60] {
		assert.Equal(t, names[i], *g.AutoScalingGroupName)
	}
	assert.Equal(t, names[0], *groups[60].AutoScalingGroupName)
	assert.Equal(t, 4, f.Count("DescribeAutoScalingGroups"), "three pages of 50 names, one of 11")
	for _, call := range f.Calls() {
		assert.LessOrEqual(t, len(call.Input.(*autoscaling.DescribeAutoScalingGroupsInput).AutoScalingGroupNames), 50)
	}

	_, err = asg.Describe(t.Context(), f, []string{"web-00", "none", "web-01", "neither"})
	require.ErrorIs(t, err, asg.ErrNotFound)
	assert.Equal(t, []string{"none", "neither"}, failure(t, err).IDs)

	f.ForgetCalls()
	groups, err = asg.Describe(t.Context(), f, nil)
	require.NoError(t, err)
	assert.Empty(t, groups)
	_, err = asg.Describe(t.Context(), f, []string{"web-00", ""})
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.Empty(t, f.Calls())

	f.group("with-instances")
	require.NotEmpty(t, f.read("with-instances").Instances)
	names = append(names, "with-instances")
	var all []string
	for g, err := range asg.All(t.Context(), f) {
		require.NoError(t, err)
		assert.Empty(t, g.Instances)
		all = append(all, *g.AutoScalingGroupName)
	}
	assert.ElementsMatch(t, names, all)
	f.ForgetCalls()
	for range asg.All(t.Context(), f) {
		break
	}
	assert.Len(t, f.Calls(), 1)
}

func TestDescribeRefused(t *testing.T) {
	f := start(t)
	f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeAutoScalingGroups"}, 0, "AccessDenied", "no"))
	_, err := asg.Describe(t.Context(), f, []string{"web"})
	assert.ErrorContains(t, err, "AccessDenied")
	assert.Equal(t, "asg.Describe", failure(t, err).Op)
	n := 0
	for _, err := range asg.All(t.Context(), f) {
		assert.Equal(t, "asg.All", failure(t, err).Op)
		n++
	}
	assert.Equal(t, 1, n)
}
