package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func blocked(t *testing.T, client *ec2.Client) string {
	t.Helper()
	out, err := client.GetImageBlockPublicAccessState(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, ec2types.ManagedByAccount, out.ManagedBy)
	return *out.ImageBlockPublicAccessState
}

func block(t *testing.T, client *ec2.Client) {
	t.Helper()
	out, err := client.EnableImageBlockPublicAccess(t.Context(), &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "block-new-sharing"})
	require.NoError(t, err)
	assert.Equal(t, ec2types.ImageBlockPublicAccessEnabledStateBlockNewSharing, out.ImageBlockPublicAccessState)
}

func TestImageBlockPublicAccessTakesTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{PublicAccess: 10 * time.Minute}))
		client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
		publish := func() error {
			_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: adds(everybody)})
			return err
		}
		assert.Equal(t, "block-new-sharing", blocked(t, client), "as AWS makes new accounts")
		requireCode(t, publish(), "OperationNotPermitted", "block public access")

		unblock(t, client)
		time.Sleep(10*time.Minute - 1)
		assert.Equal(t, "block-new-sharing", blocked(t, client))
		requireCode(t, publish(), "OperationNotPermitted", "block public access")
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "unblocked", blocked(t, client))
		require.NoError(t, publish())

		block(t, client)
		time.Sleep(5 * time.Minute)
		unblock(t, client)
		block(t, client)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, "unblocked", blocked(t, client), "the last change decides")
		time.Sleep(5 * time.Minute)
		assert.Equal(t, "block-new-sharing", blocked(t, client))
		assert.True(t, *readImage(t, client, id).Public, "what is public stays public")
		require.NoError(t, publish(), "and may be told so again")
		shareImage(t, client, id, user(stranger))

		assert.Equal(t, "block-new-sharing", blocked(t, ec2.NewFromConfig(cloud.Config(away))), "each Region has its own")
		assert.Equal(t, "block-new-sharing", blocked(t, clientOf(cloud, stranger, home)), "each account has its own")
		assert.Equal(t, 10*time.Minute, awstest.Realistic.PublicAccess)
	})
}

func TestImageBlockPublicAccessIsSeenOnce(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t, awstest.WithTiming(awstest.SeenOnce)).Config(home))
	unblock(t, client)
	assert.Equal(t, "block-new-sharing", blocked(t, client))
	assert.Equal(t, "unblocked", blocked(t, client))
}

func TestSnapshotBlockPublicAccess(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	consumer := clientOf(cloud, stranger, home)
	state := func() ec2types.SnapshotBlockPublicAccessState {
		out, err := client.GetSnapshotBlockPublicAccessState(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, ec2types.ManagedByAccount, out.ManagedBy)
		return out.State
	}
	enable := func(state ec2types.SnapshotBlockPublicAccessState) error {
		out, err := client.EnableSnapshotBlockPublicAccess(t.Context(), &ec2.EnableSnapshotBlockPublicAccessInput{State: state})
		if err == nil {
			assert.Equal(t, state, out.State)
		}
		return err
	}
	snapshotOf := func(name string) string {
		return *readImage(t, client, region.OwnImage(awstest.ImageSeed{Name: name})).BlockDeviceMappings[0].Ebs.SnapshotId
	}
	publish := func(id string) error {
		_, err := client.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &id, OperationType: "add", GroupNames: []string{"all"}})
		return err
	}
	public := func(ids ...string) (seen int) {
		out, err := consumer.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{"all"}, SnapshotIds: ids})
		require.NoError(t, err)
		return len(out.Snapshots)
	}
	old, fresh := snapshotOf("old"), snapshotOf("fresh")

	assert.Equal(t, ec2types.SnapshotBlockPublicAccessStateUnblocked, state())
	require.NoError(t, publish(old))
	require.NoError(t, enable("block-new-sharing"))
	assert.Equal(t, ec2types.SnapshotBlockPublicAccessStateBlockNewSharing, state())
	requireCode(t, publish(fresh), "OperationNotPermitted", "block public access")
	require.NoError(t, publish(old), "it is public")
	assert.Equal(t, 1, public(old))

	require.NoError(t, enable("block-all-sharing"))
	assert.Equal(t, ec2types.SnapshotBlockPublicAccessStateBlockAllSharing, state())
	requireCode(t, publish(fresh), "OperationNotPermitted", "block public access")
	assert.Zero(t, public(old), "what was public is hidden")
	_, err := consumer.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &old, Attribute: "createVolumePermission"})
	requireCode(t, err, "InvalidSnapshot.NotFound", old)
	_, err = client.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &fresh, OperationType: "add", UserIds: []string{stranger}})
	require.NoError(t, err, "accounts are not the public")

	out, err := client.DisableSnapshotBlockPublicAccess(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotBlockPublicAccessStateUnblocked, out.State)
	assert.Equal(t, 1, public(old), "and comes back")
	require.NoError(t, publish(fresh))
	requireCode(t, enable("unblocked"), "InvalidParameterValue", "unblocked")
}

func TestPolicyOverAccount(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{PublicAccess: 10 * time.Minute}))
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	unblock(t, client)
	region.DeclarePublicAccessBlocked()
	cloud.Advance(10 * time.Minute) // the account's own change comes to nothing

	images, err := client.GetImageBlockPublicAccessState(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "block-new-sharing", *images.ImageBlockPublicAccessState)
	assert.Equal(t, ec2types.ManagedByDeclarativePolicy, images.ManagedBy)
	snapshots, err := client.GetSnapshotBlockPublicAccessState(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotBlockPublicAccessStateBlockAllSharing, snapshots.State)
	assert.Equal(t, ec2types.ManagedByDeclarativePolicy, snapshots.ManagedBy)

	_, err = client.DisableImageBlockPublicAccess(t.Context(), nil)
	requireCode(t, err, "DeclarativePolicyViolation", "")
	_, err = client.EnableImageBlockPublicAccess(t.Context(), &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "block-new-sharing"})
	requireCode(t, err, "DeclarativePolicyViolation", "")
	_, err = client.EnableImageBlockPublicAccess(t.Context(), &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "block-all"})
	requireCode(t, err, "InvalidParameterValue", "block-all")
	_, err = client.DisableSnapshotBlockPublicAccess(t.Context(), nil)
	requireCode(t, err, "DeclarativePolicyViolation", "")
	_, err = client.EnableSnapshotBlockPublicAccess(t.Context(), &ec2.EnableSnapshotBlockPublicAccessInput{State: "block-new-sharing"})
	requireCode(t, err, "DeclarativePolicyViolation", "")
}
