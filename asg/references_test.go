package asg_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// configured makes a group of a launch configuration.
func (f *fleet) configured(group, configuration string) {
	f.t.Helper()
	in := f.input(group)
	in.Template, in.LaunchConfiguration = nil, configuration
	_, err := asg.Create(f.t.Context(), f, in)
	require.NoError(f.t, err)
	f.ForgetCalls()
}

// parameter lets a Systems Manager parameter stand for an image.
func (f *fleet) parameter(name, imageID string) {
	f.t.Helper()
	_, err := ssm.NewFromConfig(f.Cloud.Config(home)).PutParameter(f.t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &imageID, Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"), Overwrite: new(true),
	})
	require.NoError(f.t, err)
}

// references are those to the images of these names, a line each.
func (f *fleet) references(images ...string) (out []string) {
	f.t.Helper()
	var ids []string
	for _, name := range images {
		ids = append(ids, f.imageNamed(name))
	}
	refs, err := asg.References(f.t.Context(), f, f.ec2, ids)
	require.NoError(f.t, err)
	for _, r := range refs {
		assert.Contains(f.t, ids, r.Image)
		line := r.String()
		for id, name := range map[string]string{f.templateID: "lt-web", f.large: "lt-large"} {
			if id != "" {
				line = strings.ReplaceAll(line, id, name)
			}
		}
		if r.Version != 0 {
			line += fmt.Sprint(" = ", r.Version)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// TestReferences has an image referred to by every path but a refresh.
func TestReferences(t *testing.T) {
	f := start(t, awstest.WithPageSize(1))
	f.spell("by-number", "1")
	f.spell("by-latest", "$Latest")
	f.spell("by-default", "$Default")
	f.spell("by-nothing", "")
	f.mixed("mixed", "1")
	f.configuration("old")
	f.configured("configured", "old")
	f.configuration("idle")

	assert.Equal(t, []string{
		"group by-default by lt-web version $Default = 1", "group by-nothing by lt-web version $Default = 1",
		"group by-number by lt-web version 1 = 1", "group mixed by lt-web version 1 = 1",
	}, f.references("one"))
	assert.Equal(t, []string{"group by-latest by lt-web version $Latest = 2"}, f.references("two"))
	assert.Equal(t, []string{"override of group mixed by lt-large version 1 = 1"}, f.references("large"))
	assert.Equal(t, []string{"override of group mixed by its image"}, f.references("medium"))
	assert.Equal(t, []string{"group configured by launch configuration old"}, f.references("image of old"))
	assert.Equal(t, []string{"launch configuration idle"}, f.references("image of idle"), "it can be used any time")
	assert.Empty(t, f.references("another"))
	assert.Len(t, f.references("large", "medium", "another"), 2)

	f.addVersion("three")
	f.setDefault("2")
	assert.Equal(t, []string{"group by-latest by lt-web version $Latest = 3"}, f.references("three"), "they are resolved at the time of the call")
	assert.Equal(t, []string{"group by-default by lt-web version $Default = 2", "group by-nothing by lt-web version $Default = 2"}, f.references("two"))
}

func TestReferencesOfRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, awstest.WithPageSize(1), awstest.WithConsistency(awstest.Consistency{EmptyPages: true}))
		f.group("plain")
		f.mixed("mixed", "1")
		_, err := asg.StartRefresh(t.Context(), f, asg.RefreshInput{Group: "plain", TemplateID: f.templateID, Version: 2})
		require.NoError(t, err)
		p := f.policy("2")
		p.LaunchTemplate.Overrides[2].ImageId = new(f.imageNamed("refreshed"))
		_, err = asg.StartRefresh(t.Context(), f, asg.RefreshInput{Group: "mixed", Policy: p})
		require.NoError(t, err)
		assert.Equal(t, []string{"instance refresh mixed by lt-web version 2 = 2", "instance refresh plain by lt-web version 2 = 2"}, f.references("two"))
		assert.Equal(t, []string{"override of instance refresh mixed by its image"}, f.references("refreshed"))
		assert.Contains(t, f.references("one"), "group plain by lt-web version 1 = 1", "what it would be rolled back to")

		_, err = f.CancelInstanceRefresh(t.Context(), &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("mixed")})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		assert.Empty(t, f.references("refreshed"), "one that has ended")
		assert.Equal(t, []string{"group plain by lt-web version 2 = 2"}, f.references("two"), "one that has succeeded has changed the group")
	})
}

func TestReferencesBehindParameters(t *testing.T) {
	f := start(t)
	f.parameter("/golden", f.imageNamed("golden"))
	id := f.Region(home).Template(awstest.TemplateSeed{Name: "alias", Data: &ec2types.RequestLaunchTemplateData{ImageId: new("resolve:ssm:/golden")}})
	for _, name := range []string{"a", "b"} {
		in := f.input(name)
		in.Template = &asg.TemplateSpec{ID: id, Version: "$Latest"}
		_, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
	}
	f.ForgetCalls()
	assert.Len(t, f.references("golden"), 2)
	assert.Equal(t, 2, f.Count("DescribeLaunchTemplateVersions"), "a version is read once, and its parameter")
	f.parameter("/golden", f.imageNamed("newer"))
	assert.Empty(t, f.references("golden"))
	assert.Len(t, f.references("newer"), 2)

	f.Inject(alterInput(func(in *ec2.DescribeLaunchTemplateVersionsInput) { in.ResolveAlias = nil }))
	_, err := asg.References(t.Context(), f, f.ec2, []string{"ami-1"})
	require.ErrorIs(t, err, asg.ErrSSMImage, "not known is not none")
}

// TestReferencesOfARefreshThatSucceedsMeanwhile has a refresh end between any two
// calls of the search.
func TestReferencesOfARefreshThatSucceedsMeanwhile(t *testing.T) {
	for n := 1; n <= 3; n++ { // the groups, the refreshes, the groups again
		t.Run(fmt.Sprint("after call ", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				_, err := asg.StartRefresh(t.Context(), f, asg.RefreshInput{Group: "web", TemplateID: f.templateID, Version: 2})
				require.NoError(t, err)
				calls := 0
				f.Inject(func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					out, err := next(ctx)
					if calls++; calls == n {
						time.Sleep(time.Hour)
					}
					return out, err
				})
				refs, err := asg.References(t.Context(), f, f.ec2, []string{f.imageNamed("two")})
				require.NoError(t, err)
				assert.NotEmpty(t, refs)
			})
		})
	}
}

func TestReferencesWhatGoesAwayIsNone(t *testing.T) {
	f := start(t)
	f.spell("web", "1")
	f.spell("other", "2")
	f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 1, "ValidationError", "AutoScalingGroup name not found"))
	f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
		if f.Count("DescribeAutoScalingGroups") > 1 {
			out.AutoScalingGroups = slices.DeleteFunc(out.AutoScalingGroups, func(g types.AutoScalingGroup) bool { return *g.AutoScalingGroupName == "web" })
		}
	}))
	assert.Empty(t, f.references("one"))
	assert.Len(t, f.references("two"), 1)

	_, err := f.ec2.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &f.templateID})
	require.NoError(t, err)
	assert.Empty(t, f.references("two"), "the group launches nothing any more")
}

func TestReferencesInvalid(t *testing.T) {
	f := start(t)
	_, err := asg.References(t.Context(), f, f.ec2, []string{"ami-1", "golden"})
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.ErrorContains(t, err, `"golden"`)
	refs, err := asg.References(t.Context(), f, f.ec2, nil)
	require.NoError(t, err)
	assert.Empty(t, refs)
	assert.Empty(t, f.Calls())
}

func TestUses(t *testing.T) {
	f := start(t)
	f.spell("web", "$Latest")
	f.mixed("mixed", "1")
	uses, err := asg.Uses(t.Context(), f)
	require.NoError(t, err)
	var of []string
	for _, u := range uses {
		for _, name := range []string{"web", "web-large", "none"} {
			if u.IsOf(map[string]string{"web": f.templateID, "web-large": f.large}[name], name) {
				of = append(of, fmt.Sprint(u.By, " ", u.Group, ": ", name, " ", u.Template.Version))
			}
		}
	}
	assert.ElementsMatch(t, []string{"group web: web $Latest", "group mixed: web 1", "override of group mixed: web-large 1"}, of)
	assert.Len(t, uses, 4, "and an image")
}

func TestConfiguration(t *testing.T) {
	f := start(t, awstest.WithConsistency(awstest.Consistency{EmptyPages: true}))
	f.configuration("old")
	c, err := asg.Configuration(t.Context(), f, "old")
	require.NoError(t, err)
	assert.Equal(t, f.imageNamed("image of old"), *c.ImageId)
	_, err = asg.Configuration(t.Context(), f, "none")
	require.ErrorIs(t, err, asg.ErrNotFound)
	assert.Equal(t, "none", failure(t, err).ID)
	f.ForgetCalls()
	_, err = asg.Configuration(t.Context(), f, "")
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.Empty(t, f.Calls())
}
