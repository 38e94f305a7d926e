package awstest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func ancestry(t *testing.T, client *ec2.Client, id string) []ec2types.ImageAncestryEntry {
	t.Helper()
	out, err := client.GetImageAncestry(t.Context(), &ec2.GetImageAncestryInput{ImageId: &id})
	require.NoError(t, err)
	return out.ImageAncestryEntries
}

func TestAncestryGoesBackToTheBaseImage(t *testing.T) {
	cloud := awstest.Start(t)
	here, there := ec2.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Config(away))
	base := cloud.Region(home).PublicImage("base")
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{ImageID: base})
	baked, err := here.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden")})
	require.NoError(t, err)
	copied := copyTo(t, there, ec2.CopyImageInput{Name: new("golden"), SourceImageId: baked.ImageId, SourceRegion: new(home)})
	_, err = here.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: baked.ImageId})
	require.NoError(t, err)

	got := ancestry(t, there, copied)

	require.Len(t, got, 3, "a deregistered parent stays")
	assert.Equal(t, []string{copied, *baked.ImageId, base}, []string{*got[0].ImageId, *got[1].ImageId, *got[2].ImageId})
	assert.Equal(t, []string{*baked.ImageId, home}, []string{*got[0].SourceImageId, *got[0].SourceImageRegion})
	assert.Equal(t, []string{base, home}, []string{*got[1].SourceImageId, *got[1].SourceImageRegion})
	assert.Nil(t, got[2].SourceImageId)
	assert.Nil(t, got[2].SourceImageRegion)
	assert.Equal(t, "amazon", *got[2].ImageOwnerAlias)
	assert.Nil(t, got[0].ImageOwnerAlias)
	assert.NotNil(t, got[0].CreationDate)
}

func TestAncestryEnds(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)

	// Registering records no parent.
	disk := readImage(t, client, region.OwnImage(awstest.ImageSeed{Name: "first"})).BlockDeviceMappings[0].Ebs.SnapshotId
	registered, err := client.RegisterImage(t.Context(), &ec2.RegisterImageInput{Name: new("registered"), BlockDeviceMappings: device("/dev/sda1", &ec2types.EbsBlockDevice{SnapshotId: disk})})
	require.NoError(t, err)
	assert.Len(t, ancestry(t, client, *registered.ImageId), 1)

	// What Amazon's own image was made of is not told.
	amazon := cloud.Account(awstest.AmazonAccount).Region(home)
	seed := amazon.OwnImage(awstest.ImageSeed{Name: "seed", OwnerAlias: "amazon"})
	theirs := ec2.NewFromConfig(cloud.Account(awstest.AmazonAccount).Config(home))
	assert.Len(t, ancestry(t, theirs, seed), 1)

	// Fifty at most, the image itself among them.
	last := region.OwnImage(awstest.ImageSeed{Name: "generation"})
	for n := range 60 {
		last = copyTo(t, client, ec2.CopyImageInput{Name: new(fmt.Sprintf("generation %d", n)), SourceImageId: &last, SourceRegion: new(home)})
	}
	got := ancestry(t, client, last)
	assert.Len(t, got, 50)
	assert.Equal(t, last, *got[0].ImageId)
}

func TestAncestryRefuses(t *testing.T) {
	s := newScene(t)
	gone := s.region.OwnImage(awstest.ImageSeed{Name: "gone"})
	_, err := s.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &gone})
	require.NoError(t, err)
	for id, code := range map[string]string{
		unknownAMI: "InvalidAMIID.NotFound", "ami-x": "InvalidAMIID.Malformed", s.private: "InvalidAMIID.NotFound", gone: "InvalidAMIID.NotFound",
	} {
		_, err := s.GetImageAncestry(t.Context(), &ec2.GetImageAncestryInput{ImageId: &id})
		requireCode(t, err, code, id)
	}
	_, err = s.GetImageAncestry(t.Context(), &ec2.GetImageAncestryInput{ImageId: &s.own, DryRun: new(true)})
	requireCode(t, err, "DryRunOperation", "")
}
