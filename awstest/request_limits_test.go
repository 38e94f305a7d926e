package awstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// A tool that reads many things by a filter has to do it in batches.
func TestFilterValuesAreLimited(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	var ids []string
	for n := range 200 {
		ids = append(ids, fmt.Sprintf("ami-%017x", n))
	}
	in := &ec2.DescribeImagesInput{Filters: filter("image-id", ids...)}
	_, err := client.DescribeImages(t.Context(), in)
	require.NoError(t, err)
	in.Filters = append(in.Filters, filter("state", "available")...)
	_, err = client.DescribeImages(t.Context(), in)
	assert.Equal(t, "FilterLimitExceeded", codeOf(err), "the values of all filters count")
}

// Lengths are in characters, not in bytes.
func TestDescriptionsAreCountedInCharacters(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	for length, code := range map[int]string{255: "", 256: "InvalidParameterValue"} {
		text := strings.Repeat("é", length)
		_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &image,
			Description: &ec2types.AttributeValue{Value: &text}})
		assert.Equal(t, code, codeOf(err))
		in := templateInput(fmt.Sprint("web-", length))
		in.VersionDescription = &text
		_, err = client.CreateLaunchTemplate(t.Context(), in)
		assert.Equal(t, code, codeOf(err))
	}
}

func TestTemplateNamedTwiceIsThereOnce(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	made, err := client.CreateLaunchTemplate(t.Context(), templateInput("web"))
	require.NoError(t, err)
	out, err := client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{
		LaunchTemplateIds: []string{*made.LaunchTemplate.LaunchTemplateId}, LaunchTemplateNames: []string{"web", "web"}})
	require.NoError(t, err)
	assert.Len(t, out.LaunchTemplates, 1)
}
