//go:build emulator

package emulator_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/launchtemplate"
)

func TestResolveSaysWhatAVersionMeans(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	template := launchtemplate.Ref{ID: w.template(home, "my-launch-template")}
	image := w.image(home, "next")
	_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: image,
	})
	require.NoError(t, err)

	for spelled, want := range map[string]struct {
		number int64
		image  string
	}{
		launchtemplate.LatestVersion:  {2, image},
		launchtemplate.DefaultVersion: {1, baseImage},
		"1":                           {1, baseImage},
	} {
		got, err := launchtemplate.Resolve(t.Context(), api, template, spelled)
		require.NoError(t, err, spelled)
		assert.Equal(t, want.number, got.Number, spelled)
		assert.Equal(t, want.image, got.ImageID, spelled)
	}

	_, err = launchtemplate.Resolve(t.Context(), api, template, "7")
	assert.ErrorIs(t, err, launchtemplate.ErrNotFound)
	_, err = launchtemplate.Resolve(t.Context(), api, launchtemplate.Ref{Name: "nobody"}, "1")
	assert.ErrorIs(t, err, launchtemplate.ErrNotFound)
}

func TestCreateLeavesATemplateOfThatName(t *testing.T) {
	w := start(t)
	id := w.template(home, "my-launch-template")
	_, err := launchtemplate.Create(t.Context(), w.clients(home).EC2, launchtemplate.CreateInput{
		Name: "my-launch-template", Data: &types.RequestLaunchTemplateData{ImageId: new(baseImage)},
	})
	assert.ErrorIs(t, err, launchtemplate.ErrNameTaken)
	assert.Len(t, w.readVersions(home, id), 1)
}

func TestTemplatesAndVersionsAreFound(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	template := launchtemplate.Ref{ID: w.template(home, "my-launch-template")}
	other := w.template(home, "another-template")
	image := w.image(home, "next")
	next, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: image, Description: "web 42",
	})
	require.NoError(t, err)

	var templates []string
	for one, err := range launchtemplate.All(t.Context(), api) {
		require.NoError(t, err)
		templates = append(templates, one.ID)
	}
	assert.ElementsMatch(t, []string{template.ID, other}, templates)
	read, err := launchtemplate.Describe(t.Context(), api, launchtemplate.Ref{Name: "my-launch-template"})
	require.NoError(t, err)
	assert.Equal(t, template.ID, read.ID)
	assert.Equal(t, int64(1), read.Default)
	assert.Equal(t, int64(2), read.Latest)

	var versions []*launchtemplate.Version
	for v, err := range launchtemplate.Versions(t.Context(), api, template) {
		require.NoError(t, err)
		versions = append(versions, v)
	}
	require.Len(t, versions, 2)
	assert.Equal(t, []launchtemplate.Change{{Path: "ImageId", Before: strconv.Quote(baseImage), After: strconv.Quote(image)}}, launchtemplate.Diff(&next.Source, &next.Version))

	found, err := launchtemplate.VersionsUsingImage(t.Context(), api, image)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, int64(2), found[0].Version.Number)
	assert.True(t, found[0].Latest)
	assert.False(t, found[0].Default)
}

func TestUsesOfATemplateAreItsInstances(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	template := w.template(home, "my-launch-template")
	out, err := w.ec2(home).RunInstances(t.Context(), &ec2.RunInstancesInput{
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")},
		MinCount:       new(int32(1)), MaxCount: new(int32(1)),
	})
	require.NoError(t, err)
	uses, err := launchtemplate.Uses(t.Context(), api, launchtemplate.Ref{ID: template}, nil)
	require.NoError(t, err)
	assert.Equal(t, []launchtemplate.Use{{Version: "1", Number: 1, By: "instance", ID: *out.Instances[0].InstanceId}}, uses)
}

func TestDiffReadsWhatTheServerHas(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	template := launchtemplate.Ref{ID: w.template(home, "my-launch-template")}
	next, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
		Template: template, Source: 1, ImageID: w.image(home, "next"),
		Change: func(d *types.RequestLaunchTemplateData) {
			d.InstanceType, d.EbsOptimized = types.InstanceTypeT3Small, new(true)
		},
	})
	require.NoError(t, err)
	one, err := launchtemplate.Resolve(t.Context(), api, template, launchtemplate.DefaultVersion)
	require.NoError(t, err)
	two, err := launchtemplate.Resolve(t.Context(), api, template, launchtemplate.LatestVersion)
	require.NoError(t, err)

	changes := launchtemplate.Diff(one, two)
	assert.Equal(t, []launchtemplate.Change{
		{Path: "EbsOptimized", After: "true"},
		{Path: "ImageId", Before: strconv.Quote(baseImage), After: strconv.Quote(next.Version.ImageID)},
		{Path: "InstanceType", Before: `"t2.micro"`, After: `"t3.small"`},
	}, changes)
	assert.Empty(t, launchtemplate.Diff(two, &next.Version), "read back as it was answered")
}

func TestResolveImageSaysWhatAVersionLaunches(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	template := launchtemplate.Ref{ID: w.template(home, "my-launch-template")}
	image := w.image(home, "next")
	_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{Template: template, Source: 1, ImageID: image})
	require.NoError(t, err)
	for spelled, want := range map[string]string{launchtemplate.DefaultVersion: baseImage, launchtemplate.LatestVersion: image} {
		got, err := launchtemplate.ResolveImage(t.Context(), api, template, spelled)
		require.NoError(t, err, spelled)
		assert.Equal(t, want, got.ID, spelled)
		assert.Empty(t, got.Alias, spelled)
	}
	_, err = launchtemplate.ResolveImage(t.Context(), api, template, "7")
	assert.ErrorIs(t, err, launchtemplate.ErrNotFound)
}

// TestPruneDeletesNothingThatIsUsed has six versions: the default, one that an
// instance runs, one that a group launches, one that is protected, the newest,
// and the second, which nobody needs. That moto cannot delete it is the difference
// "DeleteLaunchTemplateVersions is not there".
func TestPruneDeletesNothingThatIsUsed(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	id := w.template(home, "my-launch-template")
	for _, name := range []string{"two", "three", "four", "five", "six"} {
		_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
			Template: launchtemplate.Ref{ID: id}, Source: 1, ImageID: w.image(home, name),
		})
		require.NoError(t, err)
	}
	out, err := w.ec2(home).RunInstances(t.Context(), &ec2.RunInstancesInput{
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &id, Version: new("3")},
		MinCount:       new(int32(1)), MaxCount: new(int32(1)),
	})
	require.NoError(t, err)
	in := launchtemplate.PruneInput{
		Template: launchtemplate.Ref{ID: id}, Keep: 1, Protect: []int64{5},
		Users: []launchtemplate.UsesFunc{func(context.Context, launchtemplate.Template) ([]launchtemplate.Use, error) {
			return []launchtemplate.Use{{Version: "4", By: "group", ID: "web"}}, nil
		}},
	}
	plan, err := launchtemplate.PlanPrune(t.Context(), api, in)
	require.NoError(t, err)
	assert.Equal(t, []int64{2}, plan.Delete)
	assert.Equal(t, []launchtemplate.KeptVersion{
		{Version: 1, Why: []string{"default", "not made by this package"}},
		{Version: 3, Why: []string{"instance " + *out.Instances[0].InstanceId}},
		{Version: 4, Why: []string{"group web"}},
		{Version: 5, Why: []string{"protected"}},
		{Version: 6, Why: []string{"latest", "newest 1"}},
	}, plan.Kept)

	in.Plan = plan
	once := ec2.NewFromConfig(w.Config(home), func(o *ec2.Options) { o.RetryMaxAttempts = 1 }) // moto fails as if it would pass
	done, err := launchtemplate.Prune(t.Context(), once, in)
	require.Error(t, err, "see the differences")
	assert.Equal(t, []int64{2}, done.Failed, "it is said which")
	assert.Empty(t, done.Deleted)
	assert.Len(t, w.readVersions(home, id), 6)
}
