package ami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

func TestUnconfigureTakesBackWhatConfigureGave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := finishing(t)
		api := client(cloud, here)
		_, err := ami.Configure(t.Context(), api, nil, in)
		require.NoError(t, err)
		done, err := ami.Unconfigure(t.Context(), api, in)
		require.NoError(t, err)
		require.Len(t, done.Written, finishWrites)
		assert.Equal(t, "launch permissions", done.Written[0], "who sees the image finds its snapshots")
		untouched(t, cloud, in)
		theirs := ec2.NewFromConfig(cloud.Account(consumer).Config(here))
		_, err = theirs.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: &in.ImageID, SourceRegion: new(here), Name: new("ours")})
		require.Error(t, err)
	})
}

func TestUnconfigureLeavesWhatOthersGave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := finishing(t)
		api := client(cloud, here)
		_, err := ami.Configure(t.Context(), api, nil, in)
		require.NoError(t, err)
		other := ami.ConfigureInput{
			ImageID: in.ImageID, Tags: map[string]string{"team": "db", "owner": "somebody"},
			Share: ami.Permissions{Accounts: []string{"456789012345"}}, DeprecateAt: time.Now().AddDate(2, 0, 0),
		}
		_, err = ami.Configure(t.Context(), api, nil, other)
		require.NoError(t, err)
		done, err := ami.Unconfigure(t.Context(), api, in)
		require.NoError(t, err)
		assert.Equal(t, []string{"456789012345"}, done.Permissions.Accounts)
		assert.Equal(t, "db", ami.Tag(done.Image.Tags, "team"), "its value is another one by now")
		assert.Equal(t, "somebody", ami.Tag(done.Image.Tags, "owner"))
		assert.Empty(t, ami.Tag(done.Image.Tags, "tier"))
		assert.NotNil(t, done.Image.DeprecationTime)
	})
}

func TestUnconfigureCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := finishing(t)
		in.Protect = ami.ProtectWithCooldown
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		done, err := ami.Unconfigure(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		require.Len(t, done.Warnings, 1)
		assert.Equal(t, ami.FindingCooldown, done.Warnings[0].Code)
		assert.Contains(t, done.Warnings[0].String(), "disabled after ")
	})
}

// AWS does not cancel the deprecation of a public image.
func TestUnconfigurePublic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		unblock(t, cloud)
		api := client(cloud, here)
		in := ami.ConfigureInput{
			ImageID: cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"}),
			Share:   ami.Permissions{Public: true}, DeprecateAt: time.Now().AddDate(1, 0, 0),
		}
		_, err := ami.Configure(t.Context(), api, nil, in)
		require.NoError(t, err)
		cloud.ForgetCalls()
		private := in
		private.Share = ami.Permissions{}
		_, err = ami.Unconfigure(t.Context(), api, private)
		require.ErrorIs(t, err, ami.ErrPublicImage)
		assert.Empty(t, cloud.Writes())

		done, err := ami.Unconfigure(t.Context(), api, in)
		require.NoError(t, err, "it is made private first")
		assert.False(t, *done.Image.Public)
		assert.Nil(t, done.Image.DeprecationTime)
		for _, id := range done.SnapshotIDs {
			out, err := api.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
			require.NoError(t, err)
			assert.Empty(t, out.CreateVolumePermissions)
		}
	})
}

func TestUnshareRefuses(t *testing.T) {
	cloud, in := finishing(t)
	api := client(cloud, here)
	_, err := ami.Unshare(t.Context(), api, in.ImageID, ami.Permissions{})
	require.ErrorIs(t, err, ami.ErrInvalidInput, "nobody is not everybody")
	_, err = ami.Unshare(t.Context(), api, "web", in.Share)
	require.ErrorIs(t, err, ami.ErrInvalidInput)
	_, err = ami.Unshare(t.Context(), api, in.ImageID, ami.Permissions{Accounts: []string{"me"}})
	require.ErrorIs(t, err, ami.ErrInvalidInput)
	_, err = ami.Unconfigure(t.Context(), api, ami.ConfigureInput{ImageID: in.ImageID})
	require.ErrorIs(t, err, ami.ErrInvalidInput)
	assert.Empty(t, cloud.Calls())
}

// More accounts than one call about a snapshot takes.
func TestConfigureAndUnshareManyAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		api := client(cloud, here)
		var who ami.Permissions
		for i := range 700 {
			who.Accounts = append(who.Accounts, account(i))
		}
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"})
		done, err := ami.Configure(t.Context(), api, nil, ami.ConfigureInput{ImageID: id, Share: who})
		require.NoError(t, err)
		assert.Len(t, done.Permissions.Accounts, 700)
		assert.Equal(t, 2, cloud.Count("ModifySnapshotAttribute"))
		done, err = ami.Unshare(t.Context(), api, id, who)
		require.NoError(t, err)
		assert.Empty(t, done.Permissions.Accounts)
		assert.Equal(t, 4, cloud.Count("ModifySnapshotAttribute"))
	})
}
