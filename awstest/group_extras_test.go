package awstest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestGroupTagsReachWhatIsLaunchedLater(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	local := groupTag("web", "local", "x")
	local.PropagateAtLaunch = new(false)
	_, err := f.as.CreateOrUpdateTags(t.Context(), &autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{groupTag("web", "team", "b"), groupTag("web", "new", "1"), local}})
	require.NoError(t, err)
	f.scale(2)
	f.describe()
	tags := func(i int) map[string]string {
		out := map[string]string{}
		for _, tag := range f.region.Instances()[i].Tags {
			out[*tag.Key] = *tag.Value
		}
		return out
	}
	assert.Equal(t, "a", tags(0)["team"], "what runs stays as it is")
	assert.NotContains(t, tags(0), "new")
	assert.Equal(t, "b", tags(1)["team"])
	assert.Equal(t, "1", tags(1)["new"])
	assert.NotContains(t, tags(1), "local")
	assert.Equal(t, "web", tags(1)["aws:autoscaling:groupName"])

	_, err = f.as.DeleteTags(t.Context(), &autoscaling.DeleteTagsInput{Tags: []astypes.Tag{
		{ResourceId: new("web"), ResourceType: new("auto-scaling-group"), Key: new("team")},
		{ResourceId: new("web"), ResourceType: new("auto-scaling-group"), Key: new("never there")},
	}})
	require.NoError(t, err)
	require.Len(t, f.describe().Tags, 2)
}

func TestGroupTagsAreFoundByFilters(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	f.region.Group(awstest.GroupSeed{Name: "api"})
	plain := groupTag("api", "team", "a*")
	plain.PropagateAtLaunch = new(false)
	_, err := f.as.CreateOrUpdateTags(t.Context(), &autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{groupTag("api", "stage", "prod"), plain}})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		filters []astypes.Filter
		want    []string
	}{
		"all":         {nil, []string{"api/stage", "api/team", "web/team"}},
		"of a group":  {[]astypes.Filter{{Name: new("auto-scaling-group"), Values: []string{"api"}}}, []string{"api/stage", "api/team"}},
		"key":         {[]astypes.Filter{{Name: new("key"), Values: []string{"team", "none"}}}, []string{"api/team", "web/team"}},
		"value":       {[]astypes.Filter{{Name: new("value"), Values: []string{"a*"}}}, []string{"api/team"}},
		"propagated":  {[]astypes.Filter{{Name: new("propagate-at-launch"), Values: []string{"false"}}}, []string{"api/team"}},
		"all of them": {[]astypes.Filter{{Name: new("key"), Values: []string{"team"}}, {Name: new("auto-scaling-group"), Values: []string{"web"}}}, []string{"web/team"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			pages := autoscaling.NewDescribeTagsPaginator(f.as, &autoscaling.DescribeTagsInput{Filters: test.filters, MaxRecords: new(int32(1))})
			for pages.HasMorePages() {
				out, err := pages.NextPage(t.Context())
				require.NoError(t, err)
				assert.LessOrEqual(t, len(out.Tags), 1)
				for _, tag := range out.Tags {
					got = append(got, *tag.ResourceId+"/"+*tag.Key)
				}
			}
			assert.Equal(t, test.want, got)
		})
	}
	_, err = f.as.DescribeTags(t.Context(), &autoscaling.DescribeTagsInput{Filters: []astypes.Filter{{Name: new("color"), Values: []string{"red"}}}})
	assert.ErrorContains(t, err, "Filter type color is not correct")
}

func TestGroupTagErrorsChangeNothing(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	var many []astypes.Tag
	for i := range 50 {
		many = append(many, groupTag("web", fmt.Sprint("k", i), ""))
	}
	for name, test := range map[string]struct {
		tags []astypes.Tag
		code string
	}{
		"unknown group":  {[]astypes.Tag{groupTag("web", "x", ""), groupTag("other", "x", "")}, "ValidationError"},
		"no group":       {[]astypes.Tag{{Key: new("x")}}, "ValidationError"},
		"reserved":       {[]astypes.Tag{groupTag("web", "aws:x", "")}, "ValidationError"},
		"twice":          {[]astypes.Tag{groupTag("web", "x", ""), groupTag("web", "x", "")}, "ValidationError"},
		"more than many": {many, "LimitExceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.as.CreateOrUpdateTags(t.Context(), &autoscaling.CreateOrUpdateTagsInput{Tags: test.tags})
			assert.Equal(t, test.code, codeOf(err))
			assert.Len(t, f.describe().Tags, 1)
		})
	}
}

func TestTargetGroupsAreAttachedAndDetached(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	states := func() (out []string) {
		all, err := f.as.DescribeLoadBalancerTargetGroups(t.Context(), &autoscaling.DescribeLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		for _, s := range all.LoadBalancerTargetGroups {
			out = append(out, *s.State)
		}
		return out
	}
	a, b := targetARN("a"), targetARN("b")
	attach := func(arns ...string) error {
		_, err := f.as.AttachLoadBalancerTargetGroups(t.Context(), &autoscaling.AttachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web"), TargetGroupARNs: arns})
		return err
	}
	detach := func(arns ...string) error {
		_, err := f.as.DetachLoadBalancerTargetGroups(t.Context(), &autoscaling.DetachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web"), TargetGroupARNs: arns})
		return err
	}
	require.NoError(t, attach(a, b))
	require.NoError(t, attach(a), "it is there already")
	assert.Equal(t, []string{"Adding", "Adding"}, states())
	assert.Equal(t, []string{"InService", "InService"}, states())
	assert.Equal(t, []string{a, b}, f.describe().TargetGroupARNs)
	require.NoError(t, detach(a))
	assert.Equal(t, []string{b}, f.describe().TargetGroupARNs)
	assert.Equal(t, []string{"Removing", "InService"}, states())
	assert.Equal(t, []string{"InService"}, states())
	assert.ErrorContains(t, detach(a), "not attached")
	assert.Equal(t, "ValidationError", codeOf(attach("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123456789abcdef")), "another Region's")
	assert.Equal(t, "ValidationError", codeOf(attach("web")))
	assert.Equal(t, "ValidationError", codeOf(attach(make([]string, 11)...)))
	for n := range 5 {
		var ten []string
		for i := range 10 {
			ten = append(ten, targetARN(fmt.Sprintf("t-%d-%d", n, i)))
		}
		if err := attach(ten...); n < 4 {
			require.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, "at most 50 target groups")
		}
	}
}

func TestAccountLimits(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithQuotas(awstest.Quotas{Groups: 3, LaunchConfigurations: 4}))
	region := cloud.Region(home)
	region.Group(awstest.GroupSeed{Name: "web"})
	client := autoscaling.NewFromConfig(cloud.Config(home))
	for _, name := range []string{"a", "b"} {
		_, err := client.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
			LaunchConfigurationName: new(name), ImageId: new(region.PublicImage("base")), InstanceType: new("t3.micro"),
		})
		require.NoError(t, err)
	}
	out, err := client.DescribeAccountLimits(t.Context(), &autoscaling.DescribeAccountLimitsInput{})
	require.NoError(t, err)
	assert.Equal(t, []int32{3, 4, 1, 2}, []int32{*out.MaxNumberOfAutoScalingGroups, *out.MaxNumberOfLaunchConfigurations,
		*out.NumberOfAutoScalingGroups, *out.NumberOfLaunchConfigurations})
	out, err = autoscaling.NewFromConfig(awstest.New().Config(home)).DescribeAccountLimits(t.Context(), &autoscaling.DescribeAccountLimitsInput{})
	require.NoError(t, err)
	assert.Equal(t, int32(500), *out.MaxNumberOfAutoScalingGroups)
}
