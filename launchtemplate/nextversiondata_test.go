package launchtemplate_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// TestNextVersionData is what NextVersion then creates.
func TestNextVersionData(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	ref := launchtemplate.Ref{ID: cloud.Region("eu-west-1").Template(awstest.TemplateSeed{Name: "web"})}
	source, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	in := launchtemplate.NextVersionInput{
		Template: ref, Source: 1, SourceVersion: source, ImageID: cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "next"}),
		Change: func(d *types.RequestLaunchTemplateData) { d.EbsOptimized = new(true) },
	}
	cloud.ForgetCalls()
	data, err := launchtemplate.NextVersionData(in)
	require.NoError(t, err)
	assert.Empty(t, cloud.Calls())
	next, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	assert.Equal(t, *next.Version.Data.ImageId, *data.ImageId)
	assert.Equal(t, next.Version.Data.InstanceType, data.InstanceType)
	assert.True(t, *data.EbsOptimized)
	assert.Nil(t, source.Data.EbsOptimized, "the source is not changed")

	for name, change := range map[string]func(*launchtemplate.NextVersionInput){
		"SourceVersion": func(in *launchtemplate.NextVersionInput) { in.SourceVersion = nil },
		"neither":       func(in *launchtemplate.NextVersionInput) { in.ImageID, in.Change = "", nil },
	} {
		bad := in
		change(&bad)
		_, err := launchtemplate.NextVersionData(bad)
		require.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
		assert.ErrorContains(t, err, name)
	}
}
