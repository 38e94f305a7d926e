package awstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestInstancesTellTheirImage(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: id, Tags: map[string]string{"app": "web"}})
	_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
	require.NoError(t, err)

	out, err := client.DescribeInstanceImageMetadata(t.Context(), &ec2.DescribeInstanceImageMetadataInput{InstanceIds: []string{instance}})

	require.NoError(t, err)
	require.Len(t, out.InstanceImageMetadata, 1)
	got := out.InstanceImageMetadata[0]
	assert.Equal(t, instance, *got.InstanceId)
	assert.Equal(t, ec2types.InstanceStateNameRunning, got.State.Name)
	assert.Equal(t, "eu-west-1a", *got.AvailabilityZone)
	assert.Equal(t, "euw1-az1", *got.ZoneId)
	assert.Equal(t, "web", *got.Tags[0].Value)
	assert.Equal(t, awstest.DefaultAccount, *got.OwnerId)
	assert.NotNil(t, got.LaunchTime)
	assert.Equal(t, id, *got.ImageMetadata.ImageId)
	assert.Equal(t, "golden", *got.ImageMetadata.Name)
	assert.Equal(t, ec2types.ImageStateDeregistered, got.ImageMetadata.State)
	assert.Equal(t, awstest.DefaultAccount, *got.ImageMetadata.OwnerId)
	assert.False(t, *got.ImageMetadata.IsPublic)
	assert.NotEmpty(t, *got.ImageMetadata.CreationDate)

	for id, code := range map[string]string{unknownInstance: "InvalidInstanceID.NotFound", "i-x": "InvalidInstanceID.Malformed"} {
		_, err := client.DescribeInstanceImageMetadata(t.Context(), &ec2.DescribeInstanceImageMetadataInput{InstanceIds: []string{id}})
		requireCode(t, err, code, id)
	}
	for size, name := range map[int32]string{0: "none", 1001: "too many"} {
		_, err := client.DescribeInstanceImageMetadata(t.Context(), &ec2.DescribeInstanceImageMetadataInput{MaxResults: &size})
		requireCode(t, err, "InvalidParameterValue", "maxResults")
		_ = name
	}
}

func TestInstanceImageFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithPageSize(1))
		client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
		own := region.PreparedInstance(awstest.InstanceSeed{ImageID: region.OwnImage(awstest.ImageSeed{Name: "golden"}), Type: "m5.large", Tags: map[string]string{"app": "web"}})
		base := region.PreparedInstance(awstest.InstanceSeed{Stopped: true})
		for _, c := range []struct {
			name, value string
			want        []string
		}{
			{"availability-zone", "eu-west-1a", []string{own, base}},
			{"image-allowed", "true", []string{own, base}},
			{"image-allowed", "false", nil},
			{"instance-id", own, []string{own}},
			{"instance-state-name", "stopped", []string{base}},
			{"instance-type", "m5.*", []string{own}},
			{"launch-time", "2000-01-01T*", []string{own, base}},
			{"owner-alias", "amazon", []string{base}},
			{"owner-id", awstest.DefaultAccount, []string{own}},
			{"tag:app", "web", []string{own}},
			{"tag-key", "app", []string{own}},
			{"zone-id", "euw1-az1", []string{own, base}},
		} {
			var got []string
			pages := ec2.NewDescribeInstanceImageMetadataPaginator(client, &ec2.DescribeInstanceImageMetadataInput{
				Filters: []ec2types.Filter{{Name: &c.name, Values: []string{c.value}}}})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				require.NoError(t, err)
				for _, i := range page.InstanceImageMetadata {
					got = append(got, *i.InstanceId)
				}
			}
			assert.Equal(t, c.want, got, c.name)
		}
	})
}
