package ami_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

const (
	consumer = "210987654321"
	another  = "345678901234"
	company  = "arn:aws:organizations::123456789012:organization/o-exampleorgid"
	unit     = "arn:aws:organizations::123456789012:ou/o-exampleorgid/ou-ab12-cd34ef56"
)

func keysOf(cloud *awstest.Cloud, region string) *kms.Client {
	return kms.NewFromConfig(cloud.Config(region))
}

// full asks for everything that an image can be given.
func full(id string) ami.ConfigureInput {
	return ami.ConfigureInput{
		ImageID:     id,
		Tags:        map[string]string{"team": "web", "tier": "front"},
		Share:       ami.Permissions{Accounts: []string{consumer, another}, Organizations: []string{company}, OrganizationalUnits: []string{unit}},
		DeprecateAt: time.Now().AddDate(1, 0, 0).Add(31 * time.Second),
		Protect:     ami.ProtectWithoutCooldown,
	}
}

// allOf is full as AWS shows it.
func allOf(t *testing.T, cloud *awstest.Cloud, id string, in ami.ConfigureInput) {
	t.Helper()
	api := client(cloud, here)
	img, ok := cloud.Region(here).Image(id)
	require.True(t, ok)
	assert.Equal(t, string(in.Protect), *img.DeregistrationProtection)
	assert.Equal(t, in.DeprecateAt.UTC().Round(time.Minute).Format("2006-01-02T15:04:05.000Z"), *img.DeprecationTime)
	for k, v := range in.Tags {
		assert.Equal(t, v, ami.Tag(img.Tags, k))
	}
	launch, err := api.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	var grantees []string
	for _, p := range launch.LaunchPermissions {
		for _, v := range []*string{p.UserId, p.OrganizationArn, p.OrganizationalUnitArn} {
			if v != nil {
				grantees = append(grantees, *v)
			}
		}
	}
	assert.ElementsMatch(t, []string{consumer, another, company, unit}, grantees)
	all := snapshots(t, cloud, here)
	require.Len(t, all, 2)
	for _, s := range all {
		for k, v := range in.Tags {
			assert.Equal(t, v, ami.Tag(s.Tags, k))
		}
		volume, err := api.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: s.SnapshotId, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
		require.NoError(t, err)
		grantees = nil
		for _, p := range volume.CreateVolumePermissions {
			grantees = append(grantees, *p.UserId)
		}
		assert.ElementsMatch(t, []string{consumer, another}, grantees)
	}
}

func TestConfigureGivesAllAndReadsItBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}})
		in := full(id)
		done, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		allOf(t, cloud, id, in)
		assert.Len(t, done.SnapshotIDs, 2)
		assert.Equal(t, []string{
			"tags", "deregistration protection", "deprecation",
			"permissions of " + done.SnapshotIDs[0], "permissions of " + done.SnapshotIDs[1], "launch permissions",
		}, done.Written)
		assert.ElementsMatch(t, in.Share.Accounts, done.Permissions.Accounts)
		assert.Equal(t, []ami.Finding{
			{Code: ami.FindingCannotCopy, Subjects: []string{company, unit}},
			{Code: ami.FindingLosesSight, Subjects: []string{consumer, another, company, unit}},
		}, done.Warnings)
		assert.Equal(t, company+", "+unit+": cannot copy the image", done.Warnings[0].String())

		cloud.ForgetCalls()
		done, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		assert.Empty(t, done.Written)
		assert.Empty(t, cloud.Writes(), "all is so already")
	})
}

// The consumer can launch the image and copy it, which takes its snapshots.
func TestConfigureLetsTheConsumerCopy(t *testing.T) {
	for _, launchOnly := range []bool{false, true} {
		t.Run(fmt.Sprint("launch only: ", launchOnly), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t)
				id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"})
				_, err := ami.Configure(t.Context(), client(cloud, here), nil, ami.ConfigureInput{
					ImageID: id, Share: ami.Permissions{Accounts: []string{consumer}}, LaunchOnly: launchOnly,
				})
				require.NoError(t, err)
				theirs := ec2.NewFromConfig(cloud.Account(consumer).Config(here))
				_, err = theirs.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: &id, SourceRegion: new(here), Name: new("ours")})
				assert.Equal(t, launchOnly, err != nil, "copy: %v", err)
				_, err = theirs.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
				assert.NoError(t, err)
			})
		})
	}
}

func TestConfigureAddsToWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", SharedWith: []string{consumer}, Tags: map[string]string{"team": "old", "kept": "yes"}})
		done, err := ami.Configure(t.Context(), client(cloud, here), nil, ami.ConfigureInput{
			ImageID: id, Tags: map[string]string{"team": "web"}, Share: ami.Permissions{Accounts: []string{another}},
		})
		require.NoError(t, err)
		assert.ElementsMatch(t, []string{consumer, another}, done.Permissions.Accounts)
		assert.Equal(t, "web", ami.Tag(done.Image.Tags, "team"))
		assert.Equal(t, "yes", ami.Tag(done.Image.Tags, "kept"))
	})
}

// A pending image cannot be shared: it is waited for.
func TestConfigureWaitsForTheImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		api := client(cloud, here)
		made, err := ami.Create(t.Context(), api, web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})))
		require.NoError(t, err)
		_, err = ami.Configure(t.Context(), api, nil, ami.ConfigureInput{ImageID: made.ImageID, Share: ami.Permissions{Accounts: []string{consumer}}})
		require.NoError(t, err)
	})
}

func TestConfigureRefusesBeforeTheFirstWrite(t *testing.T) {
	share := ami.Permissions{Accounts: []string{consumer}}
	tags := map[string]string{"team": "web"}
	many := map[string]string{}
	for i := range 40 {
		many[fmt.Sprint("k", i)] = "v"
	}
	for name, c := range map[string]struct {
		seed  awstest.ImageSeed
		input ami.ConfigureInput
		opts  []awstest.Option
		setup func(*testing.T, *awstest.Cloud)
		kind  error
		text  string
	}{
		"nothing":           {input: ami.ConfigureInput{}, kind: ami.ErrInvalidInput, text: "nothing is asked for"},
		"all is a word":     {input: ami.ConfigureInput{Share: ami.Permissions{Accounts: []string{"all"}}}, kind: ami.ErrInvalidInput, text: "Public"},
		"account":           {input: ami.ConfigureInput{Share: ami.Permissions{Accounts: []string{"12"}}}, kind: ami.ErrInvalidInput, text: "no account id"},
		"bare organization": {input: ami.ConfigureInput{Share: ami.Permissions{Organizations: []string{"o-exampleorgid"}}}, kind: ami.ErrInvalidInput, text: "no ARN"},
		"bare unit":         {input: ami.ConfigureInput{Share: ami.Permissions{OrganizationalUnits: []string{company}}}, kind: ami.ErrInvalidInput, text: "unit"},
		"quota":             {input: ami.ConfigureInput{Tags: tags, PublicQuota: -1}, kind: ami.ErrInvalidInput, text: "PublicQuota"},
		"protection":        {input: ami.ConfigureInput{Protect: "enabled"}, kind: ami.ErrInvalidInput, text: "Protect"},
		"tag of ours":       {input: ami.ConfigureInput{Tags: map[string]string{ami.TagIntent: "x"}}, kind: ami.ErrInvalidInput, text: ami.TagIntent},
		"too many tags":     {seed: awstest.ImageSeed{Tags: map[string]string{"a": "1", "b": "1", "c": "1", "d": "1", "e": "1", "f": "1", "g": "1", "h": "1", "i": "1", "j": "1", "k": "1"}}, input: ami.ConfigureInput{Tags: many}, kind: ami.ErrInvalidInput, text: "at most 50"},
		"past":              {input: ami.ConfigureInput{Tags: tags, DeprecateAt: time.Now().Add(-time.Hour)}, kind: ami.ErrInvalidInput, text: "past"},
		"too far":           {input: ami.ConfigureInput{Tags: tags, DeprecateAt: time.Now().AddDate(10, 0, 2)}, kind: ami.ErrInvalidInput, text: "10 years"},
		"too far in public": {
			input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}, DeprecateAt: time.Now().AddDate(2, 0, 2)},
			setup: unblock, kind: ami.ErrInvalidInput, text: "2 years",
		},
		"key of AWS":            {seed: awstest.ImageSeed{Encrypted: true}, input: ami.ConfigureInput{Tags: tags, Share: share}, kind: ami.ErrUnshareableKey},
		"public access blocked": {input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}}, kind: ami.ErrPublicImage, text: "block-new-sharing"},
		"public snapshots blocked": {
			input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}}, kind: ami.ErrPublicImage, text: "block-all-sharing",
			setup: func(t *testing.T, cloud *awstest.Cloud) {
				unblock(t, cloud)
				_, err := client(cloud, here).EnableSnapshotBlockPublicAccess(t.Context(), &ec2.EnableSnapshotBlockPublicAccessInput{State: types.SnapshotBlockPublicAccessStateBlockAllSharing})
				require.NoError(t, err)
			},
		},
		"public and encrypted": {
			seed:  awstest.ImageSeed{Encrypted: true, KeyID: "alias/golden"},
			input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}}, setup: unblock, kind: ami.ErrPublicImage, text: "encrypted",
		},
		"public with a product code": {
			seed:  awstest.ImageSeed{ProductCodes: []string{"abc"}},
			input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}}, setup: unblock, kind: ami.ErrPublicImage, text: "product code",
		},
		"public quota": {
			input: ami.ConfigureInput{Tags: tags, Share: ami.Permissions{Public: true}, PublicQuota: 1}, kind: ami.ErrPublicImage, text: "quota",
			setup: func(t *testing.T, cloud *awstest.Cloud) {
				unblock(t, cloud)
				cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "open", Public: true})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t, c.opts...)
			if c.setup != nil {
				c.setup(t, cloud)
			}
			c.seed.Name = "web 1"
			c.input.ImageID = cloud.Region(here).OwnImage(c.seed)
			cloud.ForgetCalls()
			_, err := ami.Configure(t.Context(), client(cloud, here), keysOf(cloud, here), c.input)
			require.ErrorIs(t, err, c.kind)
			assert.ErrorContains(t, err, c.text)
			assert.Empty(t, cloud.Writes())
			e, ok := errors.AsType[*ami.Error](err)
			require.True(t, ok)
			assert.Equal(t, "ami.Configure", e.Op)
			assert.Equal(t, here, e.Region)

			err = ami.CheckConfigure(t.Context(), client(cloud, here), keysOf(cloud, here), c.input)
			require.ErrorIs(t, err, c.kind, "the check alone")
			assert.Empty(t, cloud.Writes())
		})
	}
}

func unblock(t *testing.T, cloud *awstest.Cloud) {
	t.Helper()
	_, err := client(cloud, here).DisableImageBlockPublicAccess(t.Context(), &ec2.DisableImageBlockPublicAccessInput{})
	require.NoError(t, err)
}

func TestConfigurePublicByItsOwnWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		unblock(t, cloud)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"})
		done, err := ami.Configure(t.Context(), client(cloud, here), nil, ami.ConfigureInput{ImageID: id, Share: ami.Permissions{Public: true}})
		require.NoError(t, err)
		assert.True(t, *done.Image.Public)
		assert.True(t, done.Permissions.Public)
		_, err = ec2.NewFromConfig(cloud.Account(consumer).Config(here)).CopyImage(t.Context(), &ec2.CopyImageInput{
			SourceImageId: &id, SourceRegion: new(here), Name: new("theirs"),
		})
		require.NoError(t, err)
		cloud.ForgetCalls()
		_, err = ami.Configure(t.Context(), client(cloud, here), nil, ami.ConfigureInput{ImageID: id, Share: ami.Permissions{Public: true}, PublicQuota: 1})
		require.NoError(t, err, "it is the one that the quota allows")
		assert.Empty(t, cloud.Writes())
	})
}

// A customer's key can be shared; whether its policy lets the others in is said.
func TestConfigureSharesWhatACustomerKeyEncrypts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		key := cloud.Region(here).Key(awstest.KeySeed{Alias: "alias/golden"})
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", Encrypted: true, KeyID: "alias/golden"})
		in := ami.ConfigureInput{ImageID: id, Share: ami.Permissions{Accounts: []string{consumer}}}
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.ErrorIs(t, err, ami.ErrInvalidInput, "KMS cannot be asked")
		assert.Empty(t, cloud.Writes())
		done, err := ami.Configure(t.Context(), client(cloud, here), keysOf(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, []ami.Finding{{Code: ami.FindingKeyPolicy, Subjects: []string{key}}}, done.Warnings)
	})
}

func TestConfigureForeignAndUnknownImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		foreign := cloud.Region(here).ForeignImage(consumer, "theirs", true)
		in := ami.ConfigureInput{ImageID: foreign, Tags: map[string]string{"team": "web"}}
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.ErrorIs(t, err, ami.ErrNotOwner)
		_, err = ami.Unconfigure(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNotOwner)
		_, err = ami.Unshare(t.Context(), client(cloud, here), foreign, ami.Permissions{Public: true})
		require.ErrorIs(t, err, ami.ErrNotOwner)
		in.ImageID = id(7)
		_, err = ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.ErrorIs(t, err, ami.ErrNotVisible)
		require.ErrorIs(t, err, ami.ErrNotFound)
		_, err = ami.Unconfigure(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNotFound)
		assert.Empty(t, cloud.Writes())
	})
}

func TestCheckShareable(t *testing.T) {
	for name, c := range map[string]struct {
		use   ami.KeyUse
		setup func(*testing.T, *ec2.Client, string)
		kind  error
	}{
		"not encrypted":            {},
		"the default key is AWS's": {use: ami.KeyUse{Encrypted: true}, kind: ami.ErrUnshareableKey},
		"by its alias":             {use: ami.KeyUse{Encrypted: true, KMSKeyID: "alias/aws/ebs"}, kind: ami.ErrUnshareableKey},
		"a customer's":             {use: ami.KeyUse{Encrypted: true, KMSKeyID: "alias/golden"}},
		"the default is a customer's": {use: ami.KeyUse{Encrypted: true}, setup: func(t *testing.T, api *ec2.Client, key string) {
			_, err := api.ModifyEbsDefaultKmsKeyId(t.Context(), &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: &key})
			require.NoError(t, err)
		}},
		"the account encrypts": {kind: ami.ErrUnshareableKey, setup: func(t *testing.T, api *ec2.Client, _ string) {
			_, err := api.EnableEbsEncryptionByDefault(t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
			require.NoError(t, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			key := cloud.Region(here).Key(awstest.KeySeed{Alias: "alias/golden"})
			if c.setup != nil {
				c.setup(t, client(cloud, here), key)
			}
			cloud.ForgetCalls()
			err := ami.CheckShareable(t.Context(), client(cloud, here), keysOf(cloud, here), c.use)
			require.ErrorIs(t, err, c.kind)
			assert.Empty(t, cloud.Writes())
		})
	}
	cloud := awstest.Start(t)
	err := ami.CheckShareable(t.Context(), client(cloud, here), keysOf(cloud, here), ami.KeyUse{KMSKeyID: "alias/nobody"})
	require.ErrorContains(t, err, "NotFoundException")
}

// A key of AWS works in its own account only: one of another account is shared
// already, and its owner need not let us ask about it.
func TestConfigureSharesWhatAKeyOfAnotherAccountEncrypts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		key := cloud.Account(another).Region(here).Key(awstest.KeySeed{Accounts: []string{awstest.DefaultAccount}})
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", Encrypted: true, KeyID: key})
		done, err := ami.Configure(t.Context(), client(cloud, here), nil, ami.ConfigureInput{ImageID: id, Share: ami.Permissions{Accounts: []string{consumer}}})
		require.NoError(t, err)
		assert.Equal(t, []string{key}, done.Warnings[0].Subjects)
	})
}
