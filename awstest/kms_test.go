package awstest_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func keysOf(cloud *awstest.Cloud, account, region string) *kms.Client {
	return kms.NewFromConfig(cloud.Account(account).Config(region))
}

func describeKey(t *testing.T, client *kms.Client, name string) *kmstypes.KeyMetadata {
	t.Helper()
	out, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &name})
	require.NoError(t, err)
	return out.KeyMetadata
}

func TestDescribeKey(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	arn := region.Key(awstest.KeySeed{Alias: "alias/golden", Description: "images"})
	client := keysOf(cloud, awstest.DefaultAccount, home)
	id := arn[len("arn:aws:kms:eu-west-1:123456789012:key/"):]
	want := &kmstypes.KeyMetadata{
		AWSAccountId: new(awstest.DefaultAccount), Arn: &arn, KeyId: &id, Description: new("images"),
		CreationDate: describeKey(t, client, arn).CreationDate, Enabled: true, KeyState: "Enabled", KeyManager: "CUSTOMER",
		//lint:ignore SA1019 AWS still answers it, beside KeySpec
		KeySpec: "SYMMETRIC_DEFAULT", CustomerMasterKeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS",
		MultiRegion: new(false), EncryptionAlgorithms: []kmstypes.EncryptionAlgorithmSpec{"SYMMETRIC_DEFAULT"},
	}
	for _, name := range []string{arn, id, "alias/golden", "arn:aws:kms:eu-west-1:123456789012:alias/golden"} {
		assert.Equal(t, want, describeKey(t, client, name), name)
	}

	region.DisableKey("alias/golden")
	assert.False(t, describeKey(t, client, id).Enabled)
	assert.Equal(t, kmstypes.KeyStateDisabled, describeKey(t, client, id).KeyState)
	region.EnableKey(id)
	assert.Equal(t, want, describeKey(t, client, id))

	own := describeKey(t, client, "alias/aws/ebs")
	assert.Equal(t, kmstypes.KeyManagerTypeAws, own.KeyManager)
	assert.Contains(t, *own.Description, "EBS")
	assert.Empty(t, *describeKey(t, client, "alias/aws/s3").Description)
	assert.Equal(t, own, describeKey(t, client, *own.Arn), "it is there from then on")
	assert.NotEqual(t, own.Arn, describeKey(t, keysOf(cloud, awstest.DefaultAccount, away), "alias/aws/ebs").Arn)
	assert.NotEqual(t, own.Arn, describeKey(t, keysOf(cloud, stranger, home), "alias/aws/ebs").Arn)
}

func TestDescribeKeyRefuses(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	arn := region.Key(awstest.KeySeed{Alias: "alias/golden", Accounts: []string{stranger}})
	client := keysOf(cloud, awstest.DefaultAccount, home)
	granted := region.Key(awstest.KeySeed{Grants: []string{"arn:aws:iam::" + third + ":role/deploy", awstest.AutoScalingRole("444444444444")}})
	ask := func(client *kms.Client, name string) error {
		_, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &name})
		return err
	}
	for name, message := range map[string]string{
		"alias/other":                                        "Alias arn:aws:kms:eu-west-1:123456789012:alias/other is not found.",
		"1234abcd-12ab-34cd-56ef-1234567890ab":               "Key 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist",
		"arn:aws:kms:eu-west-1:999999999999:key/x":           "Key 'arn:aws:kms:eu-west-1:999999999999:key/x' does not exist",
		"arn:aws:kms:us-east-1:123456789012:alias/golden":    "Invalid arn us-east-1",
		"arn:aws-cn:kms:eu-west-1:123456789012:alias/golden": "is not found",
		"arn:aws:s3:::bucket":                                "Invalid arn",
		"arn:aws:kms:eu-west-1:123456789012:policy/x":        "does not exist",
		"arn:aws:kms": "does not exist",
	} {
		err := ask(client, name)
		requireCode(t, err, "NotFoundException", message)
		_, ok := errors.AsType[*kmstypes.NotFoundException](err)
		assert.True(t, ok, "as the SDK models it")
	}
	requireCode(t, ask(keysOf(cloud, awstest.DefaultAccount, away), arn), "NotFoundException", "Invalid arn eu-west-1")

	require.NoError(t, ask(keysOf(cloud, stranger, home), arn))
	requireCode(t, ask(keysOf(cloud, stranger, home), "alias/golden"), "NotFoundException", "Alias arn:aws:kms:eu-west-1:222222222222:alias/golden is not found.")
	requireCode(t, ask(keysOf(cloud, third, home), arn), "AccessDeniedException", "is not authorized to perform: kms:DescribeKey on resource: "+arn)
	require.NoError(t, ask(keysOf(cloud, third, home), granted))
	requireCode(t, ask(keysOf(cloud, "444444444444", home), granted), "AccessDeniedException", "kms:DescribeKey")
	requireCode(t, ask(keysOf(cloud, stranger, home), *describeKey(t, client, "alias/aws/ebs").Arn), "AccessDeniedException", "kms:DescribeKey")
}

func TestSeedsOfImagesMakeTheirKey(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	client := keysOf(cloud, awstest.DefaultAccount, home)
	for _, name := range []string{"alias/made", "1234abcd-12ab-34cd-56ef-1234567890ab"} {
		region.OwnImage(awstest.ImageSeed{Name: "one " + name[:5], Encrypted: true, KeyID: name})
		first := describeKey(t, client, name)
		assert.Equal(t, kmstypes.KeyManagerTypeCustomer, first.KeyManager)
		assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-", *first.KeyId)
		region.OwnImage(awstest.ImageSeed{Name: "two " + name[:5], Encrypted: true, KeyID: name})
		assert.Equal(t, first, describeKey(t, client, name), "the same for the next image")
		snapshots := region.Snapshots()
		for _, s := range snapshots[len(snapshots)-2:] {
			assert.Equal(t, *first.Arn, *s.KmsKeyId)
		}
	}
}

func TestKeySeedsAreChecked(t *testing.T) {
	region := awstest.Start(t).Region(home)
	arn := region.Key(awstest.KeySeed{ID: "one", Alias: "alias/golden"})
	assert.Equal(t, "arn:aws:kms:eu-west-1:123456789012:key/one", arn)
	for name, mistake := range map[string]func(){
		"alias twice":     func() { region.Key(awstest.KeySeed{Alias: "alias/golden"}) },
		"id twice":        func() { region.Key(awstest.KeySeed{ID: "one"}) },
		"no alias":        func() { region.Key(awstest.KeySeed{Alias: "golden"}) },
		"alias of AWS's":  func() { region.Key(awstest.KeySeed{Alias: "alias/aws/ebs"}) },
		"unknown key":     func() { region.GrantKey("alias/other") },
		"AWS's own":       func() { region.DisableKey("alias/aws/ebs") },
		"another account": func() { region.EnableKey("arn:aws:kms:eu-west-1:222222222222:key/one") },
	} {
		assert.Panics(t, mistake, name)
	}
}
