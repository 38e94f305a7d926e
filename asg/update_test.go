package asg_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestUpdateTemplate(t *testing.T) {
	f := start(t)
	f.group("web")
	before := f.read("web")
	f.ForgetCalls()
	in := asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"}, MaxSize: new(int32(5))}
	done, err := asg.Update(t.Context(), f, in)
	require.NoError(t, err)
	assert.True(t, done.Changed)
	assert.Equal(t, "1", done.Before.Template.Version)
	assert.Equal(t, "2", done.After.Template.Version)
	require.Len(t, f.Writes(), 1, "no refresh")
	sent := f.Writes()[0].Input.(*autoscaling.UpdateAutoScalingGroupInput)
	assert.Nil(t, sent.MaxSize, "only what differs is sent")
	after := f.read("web")
	assert.Equal(t, "2", *after.LaunchTemplate.Version)
	assert.Equal(t, before.Instances, after.Instances)

	f.ForgetCalls()
	again, err := asg.Update(t.Context(), f.restart(), in)
	require.NoError(t, err)
	assert.False(t, again.Changed)
	assert.Equal(t, again.Before, again.After)
	assert.Empty(t, f.Writes())
}

func TestUpdateFields(t *testing.T) {
	f := start(t)
	f.configuration("old")
	f.group("web")
	steps := []struct {
		in    asg.UpdateInput
		check func(types.AutoScalingGroup)
	}{
		{asg.UpdateInput{MinSize: new(int32(2)), MaxSize: new(int32(8)), Desired: new(int32(3))}, func(g types.AutoScalingGroup) {
			assert.Equal(t, []int32{2, 8, 3}, []int32{*g.MinSize, *g.MaxSize, *g.DesiredCapacity})
		}},
		{asg.UpdateInput{Subnets: f.subnets[1:2]}, func(g types.AutoScalingGroup) {
			assert.Equal(t, f.subnets[1], *g.VPCZoneIdentifier)
		}},
		{asg.UpdateInput{HealthCheckType: "ELB", HealthCheckGracePeriod: new(time.Minute), DefaultInstanceWarmup: new(time.Duration(0))}, func(g types.AutoScalingGroup) {
			assert.Equal(t, "ELB", *g.HealthCheckType)
			assert.Equal(t, int32(60), *g.HealthCheckGracePeriod)
			assert.Equal(t, int32(0), *g.DefaultInstanceWarmup)
		}},
		{asg.UpdateInput{LaunchConfiguration: "old"}, func(g types.AutoScalingGroup) {
			assert.Equal(t, asg.LaunchSource{LaunchConfiguration: "old"}, asg.SourceOf(g))
		}},
		{asg.UpdateInput{Customize: func(r *autoscaling.UpdateAutoScalingGroupInput) { r.MaxSize = new(int32(9)) }}, func(g types.AutoScalingGroup) {
			assert.Equal(t, int32(9), *g.MaxSize)
		}},
	}
	for _, step := range steps {
		step.in.Group = "web"
		done, err := asg.Update(t.Context(), f, step.in)
		require.NoError(t, err)
		assert.True(t, done.Changed)
		step.check(f.read("web"))
		f.ForgetCalls()
		done, err = asg.Update(t.Context(), f, step.in)
		require.NoError(t, err)
		assert.False(t, done.Changed, "%+v", step.in)
		assert.Empty(t, f.Writes())
	}
}

func TestUpdateSubnetsInAnyOrder(t *testing.T) {
	f := start(t)
	f.group("web")
	zones := f.read("web").AvailabilityZones
	require.Len(t, zones, 2)
	done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", AvailabilityZones: []string{zones[1], zones[0]}})
	require.NoError(t, err)
	assert.False(t, done.Changed)
	done, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Subnets: []string{f.subnets[1], f.subnets[0]}})
	require.NoError(t, err)
	assert.False(t, done.Changed)
}

func TestUpdateAfterLostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "UpdateAutoScalingGroup"}))
		in := asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web", Version: "2"}}
		_, err := asg.Update(t.Context(), f, in)
		require.Error(t, err)
		f.ForgetCalls()
		done, err := asg.Update(t.Context(), f.restart(), in)
		require.NoError(t, err)
		assert.False(t, done.Changed)
		assert.Equal(t, "2", done.After.Template.Version)
		assert.Empty(t, f.Writes())
	})
}

func TestUpdateDuringRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started, err := asg.StartRefresh(t.Context(), f, asg.RefreshInput{Group: "web", TemplateID: f.templateID, Version: 2})
		require.NoError(t, err)
		_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "$Latest"}})
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, []string{started.RefreshID}, failure(t, err).IDs)
		assert.NotEmpty(t, failure(t, err).State)

		done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", MaxSize: new(int32(9))})
		require.NoError(t, err, "sizes may change")
		assert.True(t, done.Changed)
	})
}

// TestUpdateDuringPlainRefresh has a refresh without a desired configuration: it
// is not in the way, so AWS refused for another reason.
func TestUpdateDuringPlainRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		_, err := f.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "none"}})
		assert.ErrorContains(t, err, "ValidationError")
		assert.NotErrorIs(t, err, asg.ErrRefreshInProgress)
	})
}

func TestUpdateErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		tests := map[string]struct {
			in   asg.UpdateInput
			is   error
			says string
		}{
			"no group":            {asg.UpdateInput{}, asg.ErrInvalidInput, "Group is required"},
			"two sources":         {asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web"}, LaunchConfiguration: "old"}, asg.ErrInvalidInput, "two of Template"},
			"two names":           {asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web", ID: "lt-1"}}, asg.ErrInvalidInput, "both ID and Name"},
			"no version":          {asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web", Version: "-1"}}, asg.ErrInvalidInput, `Version "-1"`},
			"a maximum too small": {asg.UpdateInput{Group: "web", MaxSize: new(int32(0))}, asg.ErrInvalidInput, "MinSize 1 and MaxSize 0"},
			"a desired too large": {asg.UpdateInput{Group: "web", Desired: new(int32(6))}, asg.ErrInvalidInput, "Desired 6"},
			"half a second":       {asg.UpdateInput{Group: "web", HealthCheckGracePeriod: new(time.Second / 2)}, asg.ErrInvalidInput, "HealthCheckGracePeriod 500ms"},
			"an unknown group":    {asg.UpdateInput{Group: "none", MaxSize: new(int32(9))}, asg.ErrNotFound, "none"},
			"an unknown template": {asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "none"}}, nil, "ValidationError"},
		}
		for name, tt := range tests {
			_, err := asg.Update(t.Context(), f, tt.in)
			e := failure(t, err)
			assert.Equal(t, tt.is, e.Kind, name)
			assert.ErrorContains(t, err, tt.says)
			assert.Equal(t, "asg.Update", e.Op)
		}
		f.ForgetCalls()

		f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			for i := range out.AutoScalingGroups {
				out.AutoScalingGroups[i].MixedInstancesPolicy = &types.MixedInstancesPolicy{}
			}
		}))
		_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web"}})
		require.ErrorIs(t, err, asg.ErrMixedInstances)
		assert.Empty(t, f.Writes())
	})
}

// TestUpdateOfGroupThatGoes has a group deleted between the read and the write.
func TestUpdateOfGroupThatGoes(t *testing.T) {
	f := start(t)
	f.group("web")
	reads := 0
	f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
		if reads++; reads > 1 {
			out.AutoScalingGroups = nil
		}
	}))
	f.Inject(awstest.Refuse(awstest.Match{Operation: "UpdateAutoScalingGroup"}, 0, "ValidationError", "AutoScalingGroup name not found"))
	_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", MaxSize: new(int32(9))})
	require.ErrorIs(t, err, asg.ErrNotFound)
	assert.True(t, strings.Contains(err.Error(), "AutoScalingGroup name not found"), "AWS's words stay")
}

// TestUpdateOfTheDesiredCapacityType: AWS takes the default and does not show it.
func TestUpdateOfTheDesiredCapacityType(t *testing.T) {
	f := start(t)
	f.group("web")
	done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Customize: func(in *autoscaling.UpdateAutoScalingGroupInput) {
		in.DesiredCapacityType = new("units")
	}})
	require.NoError(t, err)
	assert.False(t, done.Changed)
	assert.Empty(t, f.Writes())
}
