//go:build emulator

package emulator_test

import (
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

	found, err := launchtemplate.VersionsOf(t.Context(), api, image)
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
