package awstest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func copyTo(t *testing.T, client *ec2.Client, in ec2.CopyImageInput) string {
	t.Helper()
	out, err := client.CopyImage(t.Context(), &in)
	require.NoError(t, err)
	return *out.ImageId
}

func TestCopyReadsTheOtherRegion(t *testing.T) {
	cloud := awstest.Start(t)
	here, there := ec2.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Config(away))
	source := cloud.Region(home).OwnImage(awstest.ImageSeed{
		Name: "golden", Description: "at home", DataGiB: []int32{20}, Tags: map[string]string{"app": "web", "stage": "one", "aws:backup": "x"},
		Architecture: ec2types.ArchitectureValuesArm64,
	})

	plain := readImage(t, there, copyTo(t, there, ec2.CopyImageInput{Name: new("golden"), SourceImageId: &source, SourceRegion: new(home)}))
	tagged := readImage(t, there, copyTo(t, there, ec2.CopyImageInput{
		Name: new("tagged"), SourceImageId: &source, SourceRegion: new(home), CopyImageTags: new(true), Description: new("away"),
		TagSpecifications: append(tags(ec2types.ResourceTypeImage, "stage", "two"), tags(ec2types.ResourceTypeSnapshot, "of", "copy")...),
	}))

	original := readImage(t, here, source)
	assert.Len(t, original.Tags, 3, "AWS's own stays behind, there")
	assert.NotEqual(t, source, *plain.ImageId)
	assert.Equal(t, source, *plain.SourceImageId)
	assert.Equal(t, home, *plain.SourceImageRegion)
	assert.Nil(t, plain.SourceInstanceId)
	assert.Nil(t, plain.Description)
	assert.Empty(t, plain.Tags)
	assert.Equal(t, ec2types.ArchitectureValuesArm64, plain.Architecture)
	assert.Equal(t, "away", *tagged.Description)
	assert.Equal(t, []ec2types.Tag{{Key: new("app"), Value: new("web")}, {Key: new("stage"), Value: new("two")}}, tagged.Tags)
	snapshots := readSnapshots(t, there, tagged)
	require.Len(t, snapshots, 2)
	for i, s := range snapshots {
		from := *original.BlockDeviceMappings[i].Ebs.SnapshotId
		assert.Regexp(t, "^Copied for DestinationAmi "+*tagged.ImageId+" from SourceAmi "+source+" for SourceSnapshot "+from+
			`\. Task created on [0-9]{1,3}(,[0-9]{3})+\.$`, *s.Description)
		assert.Equal(t, []ec2types.Tag{{Key: new("of"), Value: new("copy")}}, s.Tags)
		assert.Equal(t, []int32{8, 20}[i], *s.VolumeSize)
		assert.Equal(t, "vol-ffffffff", *s.VolumeId)
	}
	_, err := here.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*plain.ImageId}})
	requireCode(t, err, "InvalidAMIID.NotFound", *plain.ImageId)
}

func TestCopyEncryption(t *testing.T) {
	const key = "1234abcd-12ab-34cd-56ef-1234567890ab"
	arn := func(region, key string) string { return "arn:aws:kms:" + region + ":123456789012:key/" + key }
	cloud := awstest.Start(t)
	homeRegion := cloud.Region(home)
	plain := homeRegion.OwnImage(awstest.ImageSeed{Name: "plain"})
	secret := homeRegion.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true, KeyID: key})
	for _, seed := range []struct {
		region *awstest.Region
		key    awstest.KeySeed
	}{
		{homeRegion, awstest.KeySeed{ID: "other"}},
		{cloud.Region(away), awstest.KeySeed{ID: key}},
		{cloud.Account(stranger).Region(home), awstest.KeySeed{ID: key, Accounts: []string{awstest.DefaultAccount}}},
	} {
		seed.region.Key(seed.key)
	}
	shared := cloud.Account(stranger).Region(home).OwnImage(awstest.ImageSeed{
		Name: "shared", Encrypted: true, KeyID: key, SharedWith: []string{awstest.DefaultAccount}})
	defaultKey := func(region string) string {
		id := cloud.Region(region).OwnImage(awstest.ImageSeed{Name: "default key of " + region, Encrypted: true})
		image := readImage(t, ec2.NewFromConfig(cloud.Config(region)), id)
		return *readSnapshots(t, ec2.NewFromConfig(cloud.Config(region)), image)[0].KmsKeyId
	}
	atHome, atAway := defaultKey(home), defaultKey(away)
	require.NotEqual(t, atHome, atAway)

	for name, c := range map[string]struct {
		source, region string
		encrypted      *bool
		key            *string
		want           string // the copy's key; empty: not encrypted
	}{
		"plain":                          {plain, away, nil, nil, ""},
		"plain - told not to":            {plain, away, new(false), nil, ""},
		"plain - encrypted":              {plain, away, new(true), nil, atAway},
		"plain - with a key":             {plain, away, new(true), new(key), arn(away, key)},
		"plain - with the default alias": {plain, away, new(true), new("alias/aws/ebs"), atAway},
		"plain - with its ARN":           {plain, away, new(true), new("arn:aws:kms:us-east-1:123456789012:alias/aws/ebs"), atAway},
		"own - same Region":              {secret, home, nil, nil, arn(home, key)},
		"own - same Region - encrypted":  {secret, home, new(true), nil, arn(home, key)},
		"own - other key":                {secret, home, new(true), new(arn(home, "other")), arn(home, "other")},
		"own - other Region":             {secret, away, nil, nil, atAway},
		"shared - same Region":           {shared, home, nil, nil, atHome},
		"shared - with a key":            {shared, home, new(true), new(key), arn(home, key)},
	} {
		t.Run(name, func(t *testing.T) {
			client := ec2.NewFromConfig(cloud.Config(c.region))
			id := copyTo(t, client, ec2.CopyImageInput{Name: &name, SourceImageId: &c.source, SourceRegion: new(home),
				Encrypted: c.encrypted, KmsKeyId: c.key})
			image := readImage(t, client, id)
			assert.Equal(t, ec2types.ImageStateAvailable, image.State)
			snapshot := readSnapshots(t, client, image)[0]
			assert.Equal(t, c.want != "", *snapshot.Encrypted)
			assert.Equal(t, c.want != "", *image.BlockDeviceMappings[0].Ebs.Encrypted)
			if c.want == "" {
				assert.Nil(t, snapshot.KmsKeyId)
			} else {
				assert.Equal(t, c.want, *snapshot.KmsKeyId)
			}
		})
	}
}

func TestCopyWithAKeyOfAnotherRegionFailsLater(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	source := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	client := ec2.NewFromConfig(cloud.Config(away))

	id := copyTo(t, client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: &source, SourceRegion: new(home),
		Encrypted: new(true), KmsKeyId: new("arn:aws:kms:eu-west-1:123456789012:key/k")})

	assert.Equal(t, ec2types.ImageStatePending, readImage(t, client, id).State)
	image := readImage(t, client, id)
	assert.Equal(t, ec2types.ImageStateFailed, image.State)
	assert.Contains(t, *image.StateReason.Message, "Given key ID is not accessible")
}

func TestCopyOfAnEmptyEncryptedDevice(t *testing.T) {
	cloud := awstest.Start(t)
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	out, err := ec2.NewFromConfig(cloud.Config(home)).CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden"),
		BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{VolumeSize: new(int32(5)), Encrypted: new(true)})})
	require.NoError(t, err)
	client := ec2.NewFromConfig(cloud.Config(away))

	copied := readImage(t, client, copyTo(t, client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: out.ImageId, SourceRegion: new(home)}))

	assert.Equal(t, ec2types.ImageStateAvailable, copied.State, "the key of the other Region is not asked for")
	assert.True(t, *copied.BlockDeviceMappings[1].Ebs.Encrypted)
	assert.False(t, *copied.BlockDeviceMappings[0].Ebs.Encrypted)
}

func TestCopyToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		source := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
		client := ec2.NewFromConfig(cloud.Config(away))
		in := ec2.CopyImageInput{Name: new("copy"), SourceImageId: &source, SourceRegion: new(home), ClientToken: new("once")}

		first := copyTo(t, client, in)
		assert.Equal(t, first, copyTo(t, client, in), "while it is pending")
		time.Sleep(10 * time.Minute)
		assert.Equal(t, first, copyTo(t, client, in), "when it is available")
		other := in
		other.Description = new("other")
		_, err := client.CopyImage(t.Context(), &other)
		requireCode(t, err, "IdempotentParameterMismatch", "different parameters")
		_, err = client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &first})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, first, copyTo(t, client, in), "when it is gone")
		assert.Empty(t, cloud.Region(away).Images())
		in.ClientToken = new("twice")
		assert.NotEqual(t, first, copyTo(t, client, in))
		in.ClientToken = nil
		_, err = client.CopyImage(t.Context(), &in)
		requireCode(t, err, "InvalidAMIName.Duplicate", "copy")
		elsewhere := ec2.NewFromConfig(cloud.Config("eu-west-2"))
		in.ClientToken = new("once")
		assert.NotEqual(t, first, copyTo(t, elsewhere, in), "a token is of one Region")
	})
}

func TestCopyAcrossAccounts(t *testing.T) {
	cloud := awstest.Start(t)
	owner := cloud.Account(stranger).Region(home)
	source := owner.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{awstest.DefaultAccount},
		Tags: map[string]string{"secret": "x", "ec2:SharedTag/app": "web"}})
	client := ec2.NewFromConfig(cloud.Config(home))
	_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{source}, Tags: tags("", "mine", "yes")[0].Tags})
	require.NoError(t, err)

	seen := readImage(t, client, source)
	copied := readImage(t, client, copyTo(t, client, ec2.CopyImageInput{Name: new("golden"), SourceImageId: &source,
		SourceRegion: new(home), CopyImageTags: new(true)}))

	want := []ec2types.Tag{{Key: new("ec2:SharedTag/app"), Value: new("web")}, {Key: new("mine"), Value: new("yes")}}
	assert.Equal(t, want, seen.Tags, "own tags, and those that the owner shows")
	assert.Equal(t, want, copied.Tags)
	assert.Equal(t, awstest.DefaultAccount, *copied.OwnerId)
	assert.Equal(t, stranger, *seen.OwnerId)
	theirs, _ := owner.Image(source)
	assert.Len(t, theirs.Tags, 2, "without those of others")
}

func TestCopyOfAnImageWhoseDisksAreNotShared(t *testing.T) {
	cloud := awstest.Start(t)
	stranger := ec2.NewFromConfig(cloud.Account(stranger).Config(home))
	region := cloud.Account("222222222222").Region(home)
	secret := region.OwnImage(awstest.ImageSeed{Name: "secret"})
	disk := *readImage(t, stranger, secret).BlockDeviceMappings[0].Ebs.SnapshotId
	// An image that is shared, with a device from a snapshot that is not.
	instance := region.PreparedInstance(awstest.InstanceSeed{})
	out, err := stranger.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("mixed"),
		BlockDeviceMappings: device("/dev/sdz", &ec2types.EbsBlockDevice{SnapshotId: &disk})})
	require.NoError(t, err)
	region.Share(*out.ImageId, awstest.DefaultAccount)
	client := ec2.NewFromConfig(cloud.Config(home))
	require.Equal(t, "mixed", *readImage(t, client, *out.ImageId).Name)

	_, err = client.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: out.ImageId, SourceRegion: new(home)})

	requireCode(t, err, "InvalidRequest", "You do not have permission to access the storage of this ami")
}

func TestCopyFailsOnItsOwn(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.FailImages(awstest.ImageMatch{Region: away}, "Server.InternalError", "Copy image failed with an internal error")
	source := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	for region, want := range map[string]ec2types.ImageState{away: ec2types.ImageStateFailed, "eu-west-2": ec2types.ImageStateAvailable} {
		client := ec2.NewFromConfig(cloud.Config(region))
		image := readImage(t, client, copyTo(t, client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: &source, SourceRegion: new(home)}))
		assert.Equal(t, want, image.State)
	}
}

func TestTagsThatACopyWouldHaveTooManyOf(t *testing.T) {
	cloud := awstest.Start(t)
	all := map[string]string{}
	for i := range 50 {
		all[strings.Repeat("k", i+1)] = "v"
	}
	source := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", Tags: all})
	_, err := ec2.NewFromConfig(cloud.Config(away)).CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &source,
		SourceRegion: new(home), CopyImageTags: new(true), TagSpecifications: tags(ec2types.ResourceTypeImage, "one", "more")})
	requireCode(t, err, "TagLimitExceeded", "")
}
