package asg_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

func template(id, version string) *types.LaunchTemplateSpecification {
	t := &types.LaunchTemplateSpecification{LaunchTemplateId: &id}
	if version != "" {
		t.Version = &version
	}
	return t
}

// policy has an override for each template besides the base, and one without.
func policy(base *types.LaunchTemplateSpecification, more ...*types.LaunchTemplateSpecification) *types.MixedInstancesPolicy {
	p := &types.MixedInstancesPolicy{
		LaunchTemplate:        &types.LaunchTemplate{LaunchTemplateSpecification: base, Overrides: []types.LaunchTemplateOverrides{{InstanceType: new("t3.micro")}}},
		InstancesDistribution: &types.InstancesDistribution{OnDemandBaseCapacity: new(int32(1))},
	}
	for _, t := range more {
		p.LaunchTemplate.Overrides = append(p.LaunchTemplate.Overrides, types.LaunchTemplateOverrides{
			InstanceType: new("t4g.micro"), WeightedCapacity: new("2"), LaunchTemplateSpecification: t,
		})
	}
	return p
}

func TestWithVersions(t *testing.T) {
	base, arm := template("lt-x86", "$Latest"), template("lt-arm", "")
	base.LaunchTemplateName = new("x86")
	before := policy(base, arm)
	var asked []string
	after, err := asg.WithVersions(before, func(s asg.TemplateSpec) (int64, error) {
		asked = append(asked, s.String())
		return int64(len(asked)) + 6, nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"lt-x86 version $Latest", "lt-arm version $Default"}, asked)
	assert.Equal(t, policy(template("lt-x86", "7"), template("lt-arm", "8")), after, "all the rest is as it was")
	assert.Equal(t, policy(base, template("lt-arm", "")), before, "what was passed in is not changed")

	no := errors.New("no such template")
	for _, at := range []int{1, 2} {
		n := 0
		_, err = asg.WithVersions(before, func(asg.TemplateSpec) (int64, error) {
			if n++; n == at {
				return 0, no
			}
			return 1, nil
		})
		assert.Equal(t, no, err)
	}
	_, err = asg.WithVersions(before, func(asg.TemplateSpec) (int64, error) { return 0, nil })
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.ErrorContains(t, err, "lt-x86")
	for _, p := range []*types.MixedInstancesPolicy{nil, {}, {LaunchTemplate: &types.LaunchTemplate{}}} {
		_, err = asg.WithVersions(p, nil)
		require.ErrorIs(t, err, asg.ErrInvalidInput)
	}
}

func TestStartRefreshRefusesPolicies(t *testing.T) {
	f := start(t)
	good := func() *types.MixedInstancesPolicy { return policy(template("lt-x86", "7"), template("lt-arm", "8")) }
	for want, change := range map[string]func(*asg.RefreshInput){
		"Policy and TemplateID":       func(in *asg.RefreshInput) { in.TemplateID = "lt-1" },
		"Policy and TemplateID or":    func(in *asg.RefreshInput) { in.Version = 1 },
		"has no launch template":      func(in *asg.RefreshInput) { in.Policy.LaunchTemplate.LaunchTemplateSpecification = nil },
		`version "$Default" of lt-x8`: func(in *asg.RefreshInput) { in.Policy.LaunchTemplate.LaunchTemplateSpecification.Version = nil },
		`version "$Latest" of lt-arm`: func(in *asg.RefreshInput) {
			in.Policy.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.Version = new("$Latest")
		},
		"by its id or by its name": func(in *asg.RefreshInput) {
			in.Policy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName = new("x86")
		},
		"InstanceRequirements": func(in *asg.RefreshInput) {
			in.Policy.LaunchTemplate.Overrides[0].InstanceRequirements = &types.InstanceRequirements{}
		},
		"override 0 has none":     func(in *asg.RefreshInput) { in.Strategy = types.RefreshStrategyReplaceRootVolume },
		"an image in every":       func(in *asg.RefreshInput) { in.Strategy, in.Policy.LaunchTemplate.Overrides = "ReplaceRootVolume", nil },
		"ReplaceRootVolume needs": func(in *asg.RefreshInput) { in.Strategy, in.Policy = "ReplaceRootVolume", nil },
		`Strategy "rolling"`:      func(in *asg.RefreshInput) { in.Strategy = "rolling" },
	} {
		in := asg.RefreshInput{Group: "web", Policy: good()}
		change(&in)
		_, err := asg.StartRefresh(t.Context(), f, in)
		assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, f.Calls())
}

func TestOutdatedInstances(t *testing.T) {
	instance := func(id, instanceType string, t *types.LaunchTemplateSpecification) types.Instance {
		return types.Instance{InstanceId: &id, InstanceType: &instanceType, LaunchTemplate: t, LifecycleState: types.LifecycleStateInService}
	}
	mixed := policy(template("lt-x86", "7"), template("lt-arm", "8"))
	images := policy(template("lt-x86", "7"))
	images.LaunchTemplate.Overrides[0].ImageId = new("ami-2")
	attributes := policy(template("lt-x86", "7"))
	attributes.LaunchTemplate.Overrides = []types.LaunchTemplateOverrides{{InstanceRequirements: &types.InstanceRequirements{}}}
	plain := policy(template("lt-x86", "7"))
	plain.LaunchTemplate.Overrides = nil
	in := func(state types.LifecycleState) types.Instance {
		i := instance("i", "t3.micro", template("lt-x86", "6"))
		i.LifecycleState = state
		return i
	}
	with := func(image string) types.Instance {
		i := instance("i", "t3.micro", template("lt-x86", "7"))
		if image != "" {
			i.ImageId = &image
		}
		return i
	}
	single := asg.LaunchSource{Template: &asg.TemplateSpec{ID: "lt-x86", Name: "x86", Version: "7"}}
	for name, tt := range map[string]struct {
		source asg.LaunchSource
		i      types.Instance
		from   bool
	}{
		"same number":               {single, instance("i", "t3.micro", template("lt-x86", "7")), true},
		"another number":            {single, instance("i", "t3.micro", template("lt-x86", "6")), false},
		"another template":          {single, instance("i", "t3.micro", template("lt-arm", "7")), false},
		"none":                      {single, instance("i", "t3.micro", nil), false},
		"not a number":              {asg.LaunchSource{Template: &asg.TemplateSpec{ID: "lt-x86", Version: "$Latest"}}, instance("i", "t3.micro", template("lt-x86", "$Latest")), false},
		"terminating":               {single, in(types.LifecycleStateTerminatingWait), true},
		"detaching":                 {single, in(types.LifecycleStateDetaching), true},
		"in standby":                {single, in(types.LifecycleStateStandby), false},
		"pending":                   {single, in(types.LifecycleStatePending), false},
		"leaving the warm pool":     {single, in(types.LifecycleStateWarmedTerminating), true},
		"in the warm pool":          {single, in(types.LifecycleStateWarmedStopped), false},
		"base of the policy":        {asg.LaunchSource{MixedInstancesPolicy: mixed}, instance("i", "t3.micro", template("lt-x86", "7")), true},
		"override of the policy":    {asg.LaunchSource{MixedInstancesPolicy: mixed}, instance("i", "t4g.micro", template("lt-arm", "8")), true},
		"base in place of override": {asg.LaunchSource{MixedInstancesPolicy: mixed}, instance("i", "t4g.micro", template("lt-x86", "7")), false},
		"type that is not in it":    {asg.LaunchSource{MixedInstancesPolicy: mixed}, instance("i", "m5.large", template("lt-x86", "7")), false},
		"policy without overrides":  {asg.LaunchSource{MixedInstancesPolicy: plain}, instance("i", "m5.large", template("lt-x86", "7")), true},
		"chosen by attributes":      {asg.LaunchSource{MixedInstancesPolicy: attributes}, instance("i", "m5.large", template("lt-x86", "7")), true},
		"image of the override":     {asg.LaunchSource{MixedInstancesPolicy: images}, with("ami-2"), true},
		"another image":             {asg.LaunchSource{MixedInstancesPolicy: images}, with("ami-1"), false},
		"image not told":            {asg.LaunchSource{MixedInstancesPolicy: images}, with(""), true},
		"launch configuration":      {asg.LaunchSource{LaunchConfiguration: "one"}, types.Instance{InstanceId: new("i"), LaunchConfigurationName: new("one")}, true},
		"another configuration":     {asg.LaunchSource{LaunchConfiguration: "one"}, types.Instance{InstanceId: new("i"), LaunchConfigurationName: new("two")}, false},
		"nothing":                   {asg.LaunchSource{}, types.Instance{InstanceId: new("i")}, false},
	} {
		var want []string
		if !tt.from {
			want = []string{"i"}
		}
		assert.Equal(t, want, asg.OutdatedInstances(tt.source, []types.Instance{tt.i}), name)
	}
}

func TestLaunchSourceString(t *testing.T) {
	for want, s := range map[string]asg.LaunchSource{
		"lt-1 version 7":                             {Template: &asg.TemplateSpec{ID: "lt-1", Name: "web", Version: "7"}},
		"web version $Default":                       {Template: &asg.TemplateSpec{Name: "web"}},
		"a mixed instances policy of lt-1 version 7": {MixedInstancesPolicy: policy(template("lt-1", "7"))},
		"a mixed instances policy":                   {MixedInstancesPolicy: &types.MixedInstancesPolicy{}},
		"launch configuration old":                   {LaunchConfiguration: "old"},
		"nothing":                                    {},
	} {
		assert.Equal(t, want, s.String())
	}
}
