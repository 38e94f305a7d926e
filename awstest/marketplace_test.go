package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestMarketplaceImages(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	ctx := t.Context()
	id := region.MarketplaceImage("firewall", "abc123")
	code := []ec2types.ProductCode{{ProductCodeId: new("abc123"), ProductCodeType: "marketplace"}}

	image := readImage(t, client, id)
	assert.Equal(t, code, image.ProductCodes)
	assert.Equal(t, "aws-marketplace", *image.ImageOwnerAlias)
	assert.Equal(t, awstest.MarketplaceAccount, *image.OwnerId)
	assert.Equal(t, "aws-marketplace/firewall", *image.ImageLocation)
	assert.True(t, *image.Public)
	assert.Equal(t, awstest.CategoryMarketplace, region.ImageCategory(id))
	assert.Equal(t, []string{id}, seenImages(t, client, ec2.DescribeImagesInput{Owners: []string{"aws-marketplace"}}))
	for filter, value := range map[string]string{"product-code": "abc*", "product-code.type": "marketplace", "owner-alias": "aws-marketplace"} {
		assert.Equal(t, []string{id}, seenImages(t, client, ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: &filter, Values: []string{value}}}}), filter)
	}
	region.OwnImage(awstest.ImageSeed{Name: "free"})
	assert.Empty(t, seenImages(t, client, ec2.DescribeImagesInput{Owners: []string{"self"},
		Filters: []ec2types.Filter{{Name: new("product-code.type"), Values: []string{"*"}}}}))

	run := &ec2.RunInstancesInput{ImageId: &id, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"}
	_, err := client.RunInstances(ctx, run)
	requireCode(t, err, "OptInRequired", "you need to accept terms and subscribe")
	_, err = client.CopyImage(ctx, &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &id, SourceRegion: new(home)})
	requireCode(t, err, "InvalidRequest", "Images from AWS Marketplace cannot be copied to another AWS account")

	cloud.Account(awstest.DefaultAccount).Subscribe("abc123")
	launched, err := client.RunInstances(ctx, run)
	require.NoError(t, err)
	_, err = clientOf(cloud, stranger, home).RunInstances(ctx, run)
	requireCode(t, err, "OptInRequired", "")

	made, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: launched.Instances[0].InstanceId, Name: new("mine")})
	require.NoError(t, err)
	mine := readImage(t, client, *made.ImageId)
	assert.Equal(t, code, mine.ProductCodes)
	assert.Nil(t, mine.ImageOwnerAlias)
	copied := copyTo(t, client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: made.ImageId, SourceRegion: new(home)})
	assert.Equal(t, code, readImage(t, client, copied).ProductCodes, "within one account it may be copied")
	snapshot := rootSnapshot(t, client, copied)
	codes, err := client.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{SnapshotId: &snapshot, Attribute: "productCodes"})
	require.NoError(t, err)
	assert.Equal(t, code, codes.ProductCodes)

	shareImage(t, client, copied, user(stranger))
	_, err = clientOf(cloud, stranger, home).CopyImage(ctx, &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &copied, SourceRegion: new(home)})
	requireCode(t, err, "InvalidRequest", "AWS Marketplace")
}

func TestVerifiedProviders(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	amazon := cloud.Region(home).PublicImage("base")
	vault := cloud.Account(third).Region(home).OwnImage(awstest.ImageSeed{Name: "backup", OwnerAlias: "aws-backup-vault", SharedWith: []string{awstest.DefaultAccount}})
	assert.Equal(t, []string{amazon}, seenImages(t, client, ec2.DescribeImagesInput{Owners: []string{"amazon"}}))
	assert.Equal(t, []string{vault}, seenImages(t, client, ec2.DescribeImagesInput{Owners: []string{"aws-backup-vault"}}))
	assert.Equal(t, []string{amazon, vault}, seenImages(t, client, ec2.DescribeImagesInput{Owners: []string{"amazon", third}}))
	assert.Equal(t, "aws-backup-vault", *readImage(t, client, vault).ImageOwnerAlias)
	assert.NotNil(t, readImage(t, client, amazon).DeprecationTime, "a public image has one")
	_, err := client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &amazon})
	requireCode(t, err, "AuthFailure", "Not authorized")
}
