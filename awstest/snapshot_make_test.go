package awstest_test

import (
	"context"
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

// rootVolume is the root volume of an instance.
func rootVolume(t *testing.T, client *ec2.Client, instance string) *string {
	t.Helper()
	return readInstance(t, client, instance).BlockDeviceMappings[0].Ebs.VolumeId
}

func readSnapshot(t *testing.T, client *ec2.Client, id *string) ec2types.Snapshot {
	t.Helper()
	out, err := client.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*id}})
	require.NoError(t, err)
	require.Len(t, out.Snapshots, 1)
	return out.Snapshots[0]
}

func TestSnapshotOfAVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Snapshot: time.Minute}))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		instance := region.PreparedInstance(awstest.InstanceSeed{RootGiB: 12, Encrypted: true})
		volume := rootVolume(t, client, instance)

		made, err := client.CreateSnapshot(t.Context(), &ec2.CreateSnapshotInput{
			VolumeId: volume, Description: new("by hand"), TagSpecifications: tags("snapshot", "app", "web"),
		})

		require.NoError(t, err)
		assert.Equal(t, ec2types.SnapshotStatePending, made.State)
		assert.Equal(t, "0%", *made.Progress)
		assert.Equal(t, *volume, *made.VolumeId)
		assert.Equal(t, int32(12), *made.VolumeSize)
		assert.True(t, *made.Encrypted)
		assert.NotEmpty(t, *made.KmsKeyId)
		assert.Equal(t, "by hand", *made.Description)
		assert.Equal(t, awstest.DefaultAccount, *made.OwnerId)
		assert.Equal(t, "web", *made.Tags[0].Value)
		time.Sleep(30 * time.Second)
		assert.Equal(t, "50%", *readSnapshot(t, client, made.SnapshotId).Progress)
		time.Sleep(30 * time.Second)
		done := readSnapshot(t, client, made.SnapshotId)
		assert.Equal(t, ec2types.SnapshotStateCompleted, done.State)
		assert.Equal(t, *made.StartTime, done.CompletionTime.Add(-time.Minute))

		_, err = client.DeleteSnapshot(t.Context(), &ec2.DeleteSnapshotInput{SnapshotId: made.SnapshotId})
		require.NoError(t, err)
		_, err = client.DeleteSnapshot(t.Context(), &ec2.DeleteSnapshotInput{SnapshotId: made.SnapshotId})
		requireCode(t, err, "InvalidSnapshot.NotFound", *made.SnapshotId)
		assert.Empty(t, region.Snapshots())
	})
}

func TestSnapshotIsSeenPendingOnce(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config(home))
	made, err := client.CreateSnapshot(t.Context(), &ec2.CreateSnapshotInput{
		VolumeId: rootVolume(t, client, cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})),
	})
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotStatePending, made.State)
	assert.Equal(t, ec2types.SnapshotStateCompleted, readSnapshot(t, client, made.SnapshotId).State)

	copied, err := client.CopySnapshot(t.Context(), &ec2.CopySnapshotInput{SourceRegion: new(home), SourceSnapshotId: made.SnapshotId})
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotStatePending, readSnapshot(t, client, copied.SnapshotId).State)
	assert.Equal(t, ec2types.SnapshotStateCompleted, readSnapshot(t, client, copied.SnapshotId).State)
}

func TestSnapshotInUseStays(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	for name, disable := range map[string]bool{"available": false, "disabled": true} {
		id := region.OwnImage(awstest.ImageSeed{Name: name})
		disk := readSnapshots(t, client, readImage(t, client, id))[0].SnapshotId
		if disable {
			_, err := client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
			require.NoError(t, err)
		}
		remove := func() error {
			_, err := client.DeleteSnapshot(t.Context(), &ec2.DeleteSnapshotInput{SnapshotId: disk})
			return err
		}
		requireCode(t, remove(), "InvalidSnapshot.InUse", "The snapshot "+*disk+" is currently in use by "+id)
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
		require.NoError(t, err)
		require.NoError(t, remove(), name)
	}
	assert.Empty(t, region.Snapshots())
}

func TestCopyOfASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{SnapshotCopy: time.Hour}))
		here, there := ec2.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Config(away))
		image := readImage(t, here, cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", RootGiB: 9}))
		source := image.BlockDeviceMappings[0].Ebs.SnapshotId

		slow, err := there.CopySnapshot(t.Context(), &ec2.CopySnapshotInput{
			SourceRegion: new(home), SourceSnapshotId: source, Description: new("copy"),
			TagSpecifications: tags("snapshot", "app", "web"),
		})
		require.NoError(t, err)
		assert.Equal(t, "web", *slow.Tags[0].Value)
		quick, err := there.CopySnapshot(t.Context(), &ec2.CopySnapshotInput{
			SourceRegion: new(home), SourceSnapshotId: source, Encrypted: new(true), CompletionDurationMinutes: new(int32(15)),
		})
		require.NoError(t, err)

		time.Sleep(15 * time.Minute)
		assert.Equal(t, "25%", *readSnapshot(t, there, slow.SnapshotId).Progress)
		done := readSnapshot(t, there, quick.SnapshotId)
		assert.Equal(t, ec2types.SnapshotStateCompleted, done.State)
		assert.Equal(t, int32(15), *done.CompletionDurationMinutes)
		assert.Equal(t, ec2types.TransferTypeTimeBased, done.TransferType)
		timed, err := there.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{Filters: filter("transfer-type", "time-based")})
		require.NoError(t, err)
		assert.Len(t, timed.Snapshots, 1)
		assert.True(t, *done.Encrypted)
		assert.Contains(t, *done.KmsKeyId, away)
		time.Sleep(time.Hour)
		done = readSnapshot(t, there, slow.SnapshotId)
		assert.Equal(t, ec2types.SnapshotStateCompleted, done.State)
		assert.Nil(t, done.CompletionDurationMinutes)
		assert.Equal(t, ec2types.TransferTypeStandard, done.TransferType)
		assert.False(t, *done.Encrypted)
		assert.Equal(t, "copy", *done.Description)
		assert.Equal(t, int32(9), *done.VolumeSize)
		assert.Equal(t, "vol-ffffffff", *done.VolumeId)
	})
}

func TestCopyOfASnapshotEncryption(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region, other := cloud.Region(home), cloud.Account(stranger).Region(home)
	key := region.Key(awstest.KeySeed{Alias: "alias/own"})
	second := region.Key(awstest.KeySeed{Alias: "alias/second"})
	given := other.Key(awstest.KeySeed{Accounts: []string{awstest.DefaultAccount}})
	kept := other.Key(awstest.KeySeed{})
	disk := func(r *awstest.Region, seed awstest.ImageSeed) *string {
		image, _ := r.Image(r.OwnImage(seed))
		return image.BlockDeviceMappings[0].Ebs.SnapshotId
	}
	shared := []string{awstest.DefaultAccount}
	plain := disk(region, awstest.ImageSeed{Name: "plain"})
	secret := disk(region, awstest.ImageSeed{Name: "secret", Encrypted: true, KeyID: key})
	foreign := disk(other, awstest.ImageSeed{Name: "foreign", Encrypted: true, KeyID: given, SharedWith: shared})
	closed := disk(other, awstest.ImageSeed{Name: "closed", Encrypted: true, KeyID: kept, SharedWith: shared})
	out, err := client.GetEbsDefaultKmsKeyId(t.Context(), nil)
	require.NoError(t, err)

	for name, c := range map[string]struct {
		source    *string
		encrypted *bool
		key       *string
		url       *string
		want      string // the key; empty: not encrypted
		fails     string
	}{
		"plain":              {source: plain},
		"plain encrypted":    {source: plain, encrypted: new(true), want: *out.KmsKeyId},
		"plain with a key":   {source: plain, encrypted: new(true), key: new("alias/second"), want: second},
		"secret":             {source: secret, want: key},
		"secret, other key":  {source: secret, encrypted: new(true), key: &second, want: second},
		"foreign":            {source: foreign, want: *out.KmsKeyId},
		"no right to source": {source: closed, want: *out.KmsKeyId, fails: "Given key ID is not accessible"},
		"no such key": {source: plain, encrypted: new(true), key: new("alias/none"),
			want: "arn:aws:kms:eu-west-1:123456789012:alias/none", fails: "Given key ID is not accessible"},
		"bad presigned URL": {source: secret, url: new("https://ec2.eu-west-1.amazonaws.com/?Action=CopySnapshot"),
			want: key, fails: "presigned URL"},
	} {
		t.Run(name, func(t *testing.T) {
			copied, err := client.CopySnapshot(t.Context(), &ec2.CopySnapshotInput{
				SourceRegion: new(home), SourceSnapshotId: c.source, Encrypted: c.encrypted, KmsKeyId: c.key, PresignedUrl: c.url,
			})
			require.NoError(t, err, "what is wrong shows later")
			s := readSnapshot(t, client, copied.SnapshotId)
			assert.Equal(t, c.want != "", *s.Encrypted)
			if c.want != "" {
				assert.Equal(t, c.want, *s.KmsKeyId)
			}
			if c.fails == "" {
				assert.Equal(t, ec2types.SnapshotStateCompleted, s.State)
				assert.Nil(t, s.StateMessage)
			} else {
				assert.Equal(t, ec2types.SnapshotStateError, s.State)
				assert.Contains(t, *s.StateMessage, c.fails)
			}
		})
	}
}

func TestSnapshotsRefuse(t *testing.T) {
	type call = func(context.Context, *scene) error
	create := func(in ec2.CreateSnapshotInput) call {
		return func(ctx context.Context, s *scene) error {
			if in.VolumeId == nil {
				in.VolumeId = s.region.Instances()[0].BlockDeviceMappings[0].Ebs.VolumeId
			}
			_, err := s.CreateSnapshot(ctx, &in)
			return err
		}
	}
	disk := func(s *scene, id string) *string {
		image, _ := s.region.Image(id)
		return image.BlockDeviceMappings[0].Ebs.SnapshotId
	}
	copied := func(from func(*scene) string, in ec2.CopySnapshotInput) call {
		return func(ctx context.Context, s *scene) error {
			if from != nil {
				in.SourceSnapshotId = disk(s, from(s))
			}
			if in.SourceRegion == nil {
				in.SourceRegion = new(home)
			}
			_, err := s.CopySnapshot(ctx, &in)
			return err
		}
	}
	remove := func(id func(*scene) *string) call {
		return func(ctx context.Context, s *scene) error {
			_, err := s.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: id(s)})
			return err
		}
	}
	own := func(s *scene) string { return s.own }
	long := new(strings.Repeat("a", 256))
	for name, c := range map[string]struct {
		do            call
		code, message string
	}{
		"create of an unknown volume":   {create(ec2.CreateSnapshotInput{VolumeId: new("vol-00000000000000000")}), "InvalidVolume.NotFound", "vol-00000000000000000"},
		"create of a malformed volume":  {create(ec2.CreateSnapshotInput{VolumeId: new("disk")}), "InvalidVolumeID.Malformed", "disk"},
		"create with a long text":       {create(ec2.CreateSnapshotInput{Description: long}), "InvalidParameterValue", "255"},
		"create with a volume's tags":   {create(ec2.CreateSnapshotInput{TagSpecifications: tags("volume", "k", "v")}), "InvalidParameterValue", "volume"},
		"create as a dry run":           {create(ec2.CreateSnapshotInput{DryRun: new(true)}), "DryRunOperation", ""},
		"delete an unknown one":         {remove(func(*scene) *string { return new(unknownSnapshot) }), "InvalidSnapshot.NotFound", unknownSnapshot},
		"delete a malformed one":        {remove(func(*scene) *string { return new("snap-x") }), "InvalidSnapshotID.Malformed", "snap-x"},
		"delete another's":              {remove(func(s *scene) *string { return disk(s, s.shared) }), "AuthFailure", "Not authorized"},
		"delete one of a pending image": {remove(func(s *scene) *string { return disk(s, s.pending) }), "InvalidSnapshot.InUse", "in use by ami-"},
		"copy an unknown one":           {copied(nil, ec2.CopySnapshotInput{SourceSnapshotId: new(unknownSnapshot)}), "InvalidSnapshot.NotFound", unknownSnapshot},
		"copy a malformed one":          {copied(nil, ec2.CopySnapshotInput{SourceSnapshotId: new("x")}), "InvalidSnapshotID.Malformed", "x"},
		"copy from nowhere":             {copied(own, ec2.CopySnapshotInput{SourceRegion: new("mars-1")}), "InvalidParameterValue", "mars-1"},
		"copy from another partition":   {copied(own, ec2.CopySnapshotInput{SourceRegion: new("cn-north-1")}), "InvalidParameterValue", "cn-north-1"},
		"copy from the wrong Region":    {copied(own, ec2.CopySnapshotInput{SourceRegion: new(away)}), "InvalidSnapshot.NotFound", ""},
		"copy a pending one":            {copied(func(s *scene) string { return s.pending }, ec2.CopySnapshotInput{}), "IncorrectState", "pending"},
		"copy unencrypted":              {copied(own, ec2.CopySnapshotInput{Encrypted: new(false)}), "InvalidParameterValue", "encrypted"},
		"copy with a key only":          {copied(own, ec2.CopySnapshotInput{KmsKeyId: new("alias/x")}), "InvalidParameterDependency", "Encrypted"},
		"copy with a long text":         {copied(own, ec2.CopySnapshotInput{Description: long}), "InvalidParameterValue", "255"},
		"copy with an image's tags":     {copied(own, ec2.CopySnapshotInput{TagSpecifications: tags("image", "k", "v")}), "InvalidParameterValue", "image"},
		"copy too fast":                 {copied(own, ec2.CopySnapshotInput{CompletionDurationMinutes: new(int32(10))}), "InvalidParameterValue", "15 to 2880"},
		"copy too slowly":               {copied(own, ec2.CopySnapshotInput{CompletionDurationMinutes: new(int32(2895))}), "InvalidParameterValue", "15 to 2880"},
		"copy in odd minutes":           {copied(own, ec2.CopySnapshotInput{CompletionDurationMinutes: new(int32(20))}), "InvalidParameterValue", "steps of 15"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			before := s.region.Snapshots()
			requireCode(t, c.do(t.Context(), s), c.code, c.message)
			assert.Equal(t, len(before), len(s.region.Snapshots()))
		})
	}
}
