package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestDeleteTags(t *testing.T) {
	for name, c := range map[string]struct {
		tags []types.Tag
		left int
	}{
		"by key":                {[]types.Tag{{Key: new("team")}}, 1},
		"by key and value":      {[]types.Tag{{Key: new("team"), Value: new("web")}, {Key: new("env"), Value: new("prod")}}, 0},
		"another value":         {[]types.Tag{{Key: new("team"), Value: new("db")}}, 2},
		"an empty value":        {[]types.Tag{{Key: new("team"), Value: new("")}}, 2},
		"one that is not there": {[]types.Tag{{Key: new("nobody")}}, 2},
		"all":                   {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
			id := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web", Tags: map[string]string{"team": "web", "env": "prod"}})
			_, err := api.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{id}, Tags: c.tags})
			require.NoError(t, err)
			image, ok := cloud.Region("eu-west-1").Image(id)
			require.True(t, ok)
			assert.Len(t, image.Tags, c.left)

			_, err = api.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{id, "ami-00000000"}})
			require.ErrorContains(t, err, "InvalidAMIID.NotFound")
			image, _ = cloud.Region("eu-west-1").Image(id)
			assert.Len(t, image.Tags, c.left, "all or none")
		})
	}
	api := ec2.NewFromConfig(awstest.Start(t).Config("eu-west-1"))
	_, err := api.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{}})
	require.ErrorContains(t, err, "MissingParameter")
}
