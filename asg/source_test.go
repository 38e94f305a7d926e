package asg_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/asg"
)

func TestSourceOf(t *testing.T) {
	policy := &types.MixedInstancesPolicy{}
	for _, tt := range []struct {
		group types.AutoScalingGroup
		want  asg.LaunchSource
	}{
		{types.AutoScalingGroup{}, asg.LaunchSource{}},
		{types.AutoScalingGroup{LaunchConfigurationName: new("old")}, asg.LaunchSource{LaunchConfiguration: "old"}},
		{types.AutoScalingGroup{MixedInstancesPolicy: policy}, asg.LaunchSource{MixedInstancesPolicy: policy}},
		{
			types.AutoScalingGroup{LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: new("lt-1"), LaunchTemplateName: new("web")}},
			asg.LaunchSource{Template: &asg.TemplateSpec{ID: "lt-1", Name: "web"}},
		},
	} {
		assert.Equal(t, tt.want, asg.SourceOf(tt.group))
	}
}

func TestTemplateSpecNumber(t *testing.T) {
	for version, want := range map[string]int64{"": 0, "$Latest": 0, "$Default": 0, "0": 0, "-3": 0, "12": 12} {
		n, ok := asg.TemplateSpec{Version: version}.Number()
		assert.Equal(t, want != 0, ok, version)
		if ok {
			assert.Equal(t, want, n)
		}
	}
}
