package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func groupTag(group, key, value string) astypes.Tag {
	return astypes.Tag{
		ResourceId: new(group), ResourceType: new("auto-scaling-group"), Key: new(key), Value: new(value), PropagateAtLaunch: new(true),
	}
}

func targetARN(name string) string {
	return "arn:aws:elasticloadbalancing:" + home + ":123456789012:targetgroup/" + name + "/0123456789abcdef"
}

func init() {
	fields(func(w *fieldWorld) *autoscaling.CreateOrUpdateTagsInput {
		return &autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{groupTag(w.group("web").Name, "team", "a")}}
	}, fieldValues{"Tags": groupTag("web", "team", "b")})

	fields(func(w *fieldWorld) *autoscaling.DeleteTagsInput {
		w.group("web")
		w.do(&autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{groupTag("web", "team", "a"), groupTag("web", "stage", "b")}})
		return &autoscaling.DeleteTagsInput{Tags: []astypes.Tag{groupTag("web", "team", "a")}}
	}, fieldValues{"Tags": groupTag("web", "stage", "b")})

	fields(func(w *fieldWorld) *autoscaling.DescribeTagsInput {
		w.group("web")
		w.do(&autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{groupTag("web", "team", "a"), groupTag("web", "stage", "b")}})
		return &autoscaling.DescribeTagsInput{}
	}, fieldValues{
		"Filters":    astypes.Filter{Name: new("key"), Values: []string{"team"}},
		"MaxRecords": 1,
		"NextToken": func(w *fieldWorld) any {
			return w.do(&autoscaling.DescribeTagsInput{MaxRecords: new(int32(1))}).(*autoscaling.DescribeTagsOutput).NextToken
		},
	})

	targets := func(w *fieldWorld) any {
		return w.do(&autoscaling.DescribeLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web")})
	}
	fields(func(w *fieldWorld) *autoscaling.AttachLoadBalancerTargetGroupsInput {
		w.group("web")
		w.ids["other"] = w.group("other").Name
		return &autoscaling.AttachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web"), TargetGroupARNs: []string{targetARN("a")}}
	}, fieldValues{"AutoScalingGroupName": made("other"), "TargetGroupARNs": targetARN("b")}, targets)

	attached := func(w *fieldWorld) {
		for _, name := range []string{"web", "other"} {
			w.do(&autoscaling.AttachLoadBalancerTargetGroupsInput{
				AutoScalingGroupName: new(w.group(name).Name), TargetGroupARNs: []string{targetARN("a"), targetARN("b")},
			})
		}
	}
	fields(func(w *fieldWorld) *autoscaling.DetachLoadBalancerTargetGroupsInput {
		attached(w)
		return &autoscaling.DetachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web"), TargetGroupARNs: []string{targetARN("a")}}
	}, fieldValues{"AutoScalingGroupName": "other", "TargetGroupARNs": targetARN("b")}, targets)

	fields(func(w *fieldWorld) *autoscaling.DescribeLoadBalancerTargetGroupsInput {
		attached(w)
		w.do(&autoscaling.DetachLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("other"), TargetGroupARNs: []string{targetARN("a")}})
		return &autoscaling.DescribeLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web")}
	}, fieldValues{
		"AutoScalingGroupName": "other",
		"MaxRecords":           1,
		"NextToken": func(w *fieldWorld) any {
			return w.do(&autoscaling.DescribeLoadBalancerTargetGroupsInput{AutoScalingGroupName: new("web"), MaxRecords: new(int32(1))}).(*autoscaling.DescribeLoadBalancerTargetGroupsOutput).NextToken
		},
	})

	fields(func(*fieldWorld) *autoscaling.DescribeAccountLimitsInput {
		return &autoscaling.DescribeAccountLimitsInput{}
	}, nil)
}
