package asg_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestFind(t *testing.T) {
	f := start(t, awstest.WithPageSize(1))
	for name, tags := range map[string]map[string]string{
		"web-blue":  {"env": "prod", "team": "web"},
		"web-green": {"env": "test", "team": "web"},
		"api-blue":  {"env": "prod", "team": ""},
		"a/web":     nil,
	} {
		in := f.input(name)
		in.Tags = tags
		_, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
	}
	for _, tt := range []struct {
		in   asg.FindInput
		want []string
	}{
		{asg.FindInput{Name: "web-*"}, []string{"web-blue", "web-green"}},
		{asg.FindInput{Name: "web-blue"}, []string{"web-blue"}},
		{asg.FindInput{Name: "???-blue"}, []string{"web-blue", "api-blue"}},
		{asg.FindInput{Name: "*"}, []string{"web-blue", "web-green", "api-blue"}},
		{asg.FindInput{Tags: map[string]string{"env": "prod"}}, []string{"web-blue", "api-blue"}},
		{asg.FindInput{Tags: map[string]string{"env": "prod", "team": "web"}}, []string{"web-blue"}},
		{asg.FindInput{Tags: map[string]string{"team": ""}}, []string{"api-blue"}},
		{asg.FindInput{Tags: map[string]string{"env": "PROD"}}, nil},
		{asg.FindInput{TagKeys: []string{"team"}}, []string{"web-blue", "web-green", "api-blue"}},
		{asg.FindInput{TagKeys: []string{"team", "cost"}}, nil},
		{asg.FindInput{Name: "web-*", Tags: map[string]string{"env": "test"}, TagKeys: []string{"team"}}, []string{"web-green"}},
	} {
		walk := asg.Find(t.Context(), f, tt.in)
		for range 2 {
			var got []string
			for g, err := range walk {
				require.NoError(t, err)
				assert.Empty(t, g.Instances)
				got = append(got, *g.AutoScalingGroupName)
			}
			assert.ElementsMatch(t, tt.want, got, "%+v", tt.in)
		}
	}

	t.Run("AWS leaves out what does not fit", func(t *testing.T) {
		f.ForgetCalls()
		for range asg.Find(t.Context(), f, asg.FindInput{Tags: map[string]string{"env": "test"}}) {
		}
		assert.Len(t, f.Calls(), 1, "one page of one group")
	})
	t.Run("an endpoint that takes no filters", func(t *testing.T) {
		f.Inject(alterInput(func(in *autoscaling.DescribeAutoScalingGroupsInput) { in.Filters = nil }))
		for g, err := range asg.Find(t.Context(), f, asg.FindInput{Tags: map[string]string{"env": "test"}, TagKeys: []string{"team"}}) {
			require.NoError(t, err)
			assert.Equal(t, "web-green", *g.AutoScalingGroupName)
		}
	})
}

func TestFindInvalid(t *testing.T) {
	f := start(t)
	for says, in := range map[string]asg.FindInput{
		"neither Name nor Tags":   {},
		"Name [ is no pattern":    {Name: "["},
		"a key of a tag is empty": {Tags: map[string]string{"": "x"}},
		"key of a tag is empty":   {TagKeys: []string{""}},
	} {
		n := 0
		for _, err := range asg.Find(t.Context(), f, in) {
			assert.ErrorIs(t, err, asg.ErrInvalidInput)
			assert.ErrorContains(t, err, says)
			n++
		}
		assert.Equal(t, 1, n)
	}
	assert.Empty(t, f.Calls())
}
