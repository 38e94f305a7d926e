package asg_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// spec names a template by its id.
func spec(id, version string) *types.LaunchTemplateSpecification {
	out := &types.LaunchTemplateSpecification{LaunchTemplateId: &id}
	if version != "" {
		out.Version = &version
	}
	return out
}

// policy is a policy of three overrides: the base template, a template of its
// own, and an image of its own.
func (f *fleet) policy(version string) *types.MixedInstancesPolicy {
	f.t.Helper()
	if f.large == "" {
		f.large = f.Region(home).Template(awstest.TemplateSeed{Name: "web-large", ImageID: f.imageNamed("large")})
		f.ForgetCalls()
	}
	own := version
	if version == "2" { // the other template has one alone
		own = "1"
	}
	return &types.MixedInstancesPolicy{
		LaunchTemplate: &types.LaunchTemplate{
			LaunchTemplateSpecification: spec(f.templateID, version),
			Overrides: []types.LaunchTemplateOverrides{
				{InstanceType: new("t3.small")},
				{InstanceType: new("t3.large"), LaunchTemplateSpecification: spec(f.large, own)},
				{InstanceType: new("t3.medium"), ImageId: new(f.imageNamed("medium"))},
			},
		},
		InstancesDistribution: &types.InstancesDistribution{OnDemandBaseCapacity: new(int32(1)), SpotAllocationStrategy: new("capacity-optimized")},
	}
}

// image is an image of that name, the same each time.
func (f *fleet) imageNamed(name string) string {
	f.t.Helper()
	for _, i := range f.Region(home).Images() {
		if *i.Name == name {
			return *i.ImageId
		}
	}
	return f.Region(home).OwnImage(awstest.ImageSeed{Name: name})
}

// mixed makes a group with that policy.
func (f *fleet) mixed(name, version string) {
	f.t.Helper()
	in := f.input(name)
	in.Template, in.Policy = nil, f.policy(version)
	_, err := asg.Create(f.t.Context(), f, in)
	require.NoError(f.t, err)
	f.ForgetCalls()
}

// launches are the templates of a group as it spells them, the base first.
func (f *fleet) launches(name string) []string {
	f.t.Helper()
	return launchesOf(f.read(name))
}

func launchesOf(g types.AutoScalingGroup) (out []string) {
	all := []*types.LaunchTemplateSpecification{g.LaunchTemplate}
	if g.MixedInstancesPolicy != nil {
		all = append(all, g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification)
		for _, o := range g.MixedInstancesPolicy.LaunchTemplate.Overrides {
			all = append(all, o.LaunchTemplateSpecification)
		}
	}
	for _, t := range all {
		if t != nil {
			out = append(out, *t.LaunchTemplateName+" "+*t.Version)
		}
	}
	return out
}

func TestCreateMixedInstances(t *testing.T) {
	f := start(t)
	in := f.input("web")
	in.Template, in.Policy = nil, f.policy("1")
	made, err := asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	assert.False(t, made.Adopted)
	got := f.read("web").MixedInstancesPolicy
	require.Len(t, got.LaunchTemplate.Overrides, 3)
	assert.Equal(t, "web-large", *got.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.LaunchTemplateName)
	assert.Equal(t, f.imageNamed("medium"), *got.LaunchTemplate.Overrides[2].ImageId)
	assert.Equal(t, int32(1), *got.InstancesDistribution.OnDemandBaseCapacity)

	f.ForgetCalls()
	made, err = asg.Create(t.Context(), f.restart(), in)
	require.NoError(t, err)
	assert.True(t, made.Adopted)
	in.Policy = got // as AWS shows it, with both names and all defaults
	made, err = asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	assert.True(t, made.Adopted)
	assert.Empty(t, f.Writes())
	assert.NotNil(t, got.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName, "what is passed in stays as it is")

	for name, change := range map[string]func(*types.MixedInstancesPolicy){
		"another base version": func(p *types.MixedInstancesPolicy) { p.LaunchTemplate.LaunchTemplateSpecification.Version = new("2") },
		"another version of an override": func(p *types.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.Version = new("$Latest")
		},
		"another image": func(p *types.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides[2].ImageId = new(f.imageNamed("large"))
		},
		"another type":  func(p *types.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].InstanceType = new("t3.nano") },
		"one less":      func(p *types.MixedInstancesPolicy) { p.LaunchTemplate.Overrides = p.LaunchTemplate.Overrides[:2] },
		"another share": func(p *types.MixedInstancesPolicy) { p.InstancesDistribution.OnDemandBaseCapacity = new(int32(2)) },
	} {
		in.Policy = f.policy("1")
		change(in.Policy)
		_, err := asg.Create(t.Context(), f, in)
		assert.ErrorIs(t, err, asg.ErrNameTaken, name)
	}
	_, err = asg.Create(t.Context(), f, f.input("web"))
	require.ErrorIs(t, err, asg.ErrNameTaken, "a plain template")
	assert.Empty(t, f.Writes())

	in.Name, in.Policy = "other", nil
	in.Customize = func(r *autoscaling.CreateAutoScalingGroupInput) { r.MixedInstancesPolicy = got }
	_, err = asg.Create(t.Context(), f, in)
	require.NoError(t, err, "by Customize too a policy goes as it was read")
}

// TestUpdateMixedInstances sends the whole policy back, with what changes.
func TestUpdateMixedInstances(t *testing.T) {
	f := start(t)
	f.mixed("web", "1")
	before := f.read("web")
	f.ForgetCalls()
	done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: before.MixedInstancesPolicy})
	require.NoError(t, err)
	assert.False(t, done.Changed, "as it was read it is the same")
	assert.Empty(t, f.Writes())

	next, err := asg.WithVersions(before.MixedInstancesPolicy, func(s asg.TemplateSpec) (int64, error) {
		if s.ID == f.templateID {
			return 2, nil
		}
		n, _ := s.Number()
		return n, nil
	})
	require.NoError(t, err)
	for i := range 2 {
		f.ForgetCalls()
		done, err = asg.Update(t.Context(), f.restart(), asg.UpdateInput{Group: "web", Policy: next})
		require.NoError(t, err)
		assert.Equal(t, i == 0, done.Changed)
		assert.Len(t, f.Writes(), 1-i, "no refresh")
	}
	after := f.read("web")
	assert.Equal(t, []string{"web 2", "web-large 1"}, f.launches("web"))
	assert.Equal(t, before.Instances, after.Instances)
	want := before.MixedInstancesPolicy
	want.LaunchTemplate.LaunchTemplateSpecification.Version = new("2")
	assert.Equal(t, want, after.MixedInstancesPolicy, "nothing else changes")

	t.Run("one that chooses by attributes", func(t *testing.T) {
		p := f.policy("1")
		p.LaunchTemplate.Overrides = []types.LaunchTemplateOverrides{{InstanceRequirements: &types.InstanceRequirements{
			VCpuCount: &types.VCpuCountRequest{Min: new(int32(1))}, MemoryMiB: &types.MemoryMiBRequest{Min: new(int32(512))},
		}}}
		done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: p})
		require.NoError(t, err, "which a refresh to a version cannot do")
		assert.True(t, done.Changed)
	})
	t.Run("from a plain template", func(t *testing.T) {
		f.group("plain")
		done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "plain", Policy: f.policy("2")})
		require.NoError(t, err)
		assert.Equal(t, "1", done.Before.Template.Version)
		assert.NotNil(t, done.After.MixedInstancesPolicy)
		assert.Equal(t, []string{"web 2", "web-large 1"}, f.launches("plain"))
	})
	t.Run("a highest price that goes", func(t *testing.T) {
		p := f.policy("1")
		p.InstancesDistribution.SpotMaxPrice = new("")
		for i := range 2 {
			done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: p})
			require.NoError(t, err)
			assert.Equal(t, i == 0, done.Changed)
		}
	})
}

func TestMixedInstancesInvalid(t *testing.T) {
	f := start(t)
	f.mixed("web", "1")
	for says, change := range map[string]func(*types.MixedInstancesPolicy){
		"Policy has no launch template": func(p *types.MixedInstancesPolicy) { p.LaunchTemplate = nil },
		`Policy: Template.Version "newest"`: func(p *types.MixedInstancesPolicy) {
			p.LaunchTemplate.LaunchTemplateSpecification.Version = new("newest")
		},
		"Policy: Template needs an ID": func(p *types.MixedInstancesPolicy) {
			p.LaunchTemplate.Overrides[1].LaunchTemplateSpecification = &types.LaunchTemplateSpecification{}
		},
	} {
		in := f.input("new")
		in.Template, in.Policy = nil, f.policy("1")
		change(in.Policy)
		_, err := asg.Create(t.Context(), f, in)
		assert.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, says)
		_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: in.Policy})
		assert.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, says)
	}
	in := f.input("new")
	in.Policy = f.policy("1")
	_, err := asg.Create(t.Context(), f, in)
	assert.ErrorContains(t, err, "not 2")
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: in.Policy, LaunchConfiguration: "old"})
	assert.ErrorContains(t, err, "two of Template, Policy and LaunchConfiguration")
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{Name: "web"}})
	assert.ErrorIs(t, err, asg.ErrMixedInstances)
	assert.Empty(t, f.Writes())
}

// TestUpdateFrom has somebody else change the group between the decision and the
// update.
func TestUpdateFrom(t *testing.T) {
	f := start(t)
	f.group("web")
	from := asg.SourceOf(f.read("web"))
	to := &asg.TemplateSpec{ID: f.templateID, Version: "2"}
	for i := range 2 { // the second finds it done
		done, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", From: &from, Template: to})
		require.NoError(t, err)
		assert.Equal(t, i == 0, done.Changed)
	}
	_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "$Latest"}})
	require.NoError(t, err)
	f.ForgetCalls()
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", From: &from, Template: to})
	require.ErrorIs(t, err, asg.ErrOtherVersion)
	assert.Equal(t, "it launches from "+f.templateID+" version $Latest", failure(t, err).Reason)
	assert.Empty(t, f.Writes())
}
