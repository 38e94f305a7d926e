//go:build emulator

package emulator_test

import (
	"testing"

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
