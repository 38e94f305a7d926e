package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// fastRestores are the states of an account's pairs, by zone.
func fastRestores(t *testing.T, client *ec2.Client, filters ...ec2types.Filter) map[string]string {
	t.Helper()
	out := map[string]string{}
	for p := ec2.NewDescribeFastSnapshotRestoresPaginator(client, &ec2.DescribeFastSnapshotRestoresInput{Filters: filters}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		for _, f := range page.FastSnapshotRestores {
			out[*f.AvailabilityZone] = string(f.State)
		}
	}
	return out
}

func enableFast(t *testing.T, client *ec2.Client, ids []string, zones ...string) *ec2.EnableFastSnapshotRestoresOutput {
	t.Helper()
	out, err := client.EnableFastSnapshotRestores(t.Context(), &ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: ids, AvailabilityZones: zones})
	require.NoError(t, err)
	return out
}

func disableFast(t *testing.T, client *ec2.Client, ids []string, zones ...string) *ec2.DisableFastSnapshotRestoresOutput {
	t.Helper()
	out, err := client.DisableFastSnapshotRestores(t.Context(), &ec2.DisableFastSnapshotRestoresInput{SourceSnapshotIds: ids, AvailabilityZones: zones})
	require.NoError(t, err)
	return out
}

// diskOf is the first snapshot of a new image.
func diskOf(t *testing.T, client *ec2.Client, region *awstest.Region, seed awstest.ImageSeed) string {
	t.Helper()
	return *readImage(t, client, region.OwnImage(seed)).BlockDeviceMappings[0].Ebs.SnapshotId
}

func TestFastSnapshotRestorePassesThroughItsStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{FastRestoreChange: 15 * time.Second, FastRestorePerTiB: time.Hour}))
		client := ec2.NewFromConfig(cloud.Config(home))
		disk := diskOf(t, client, cloud.Region(home), awstest.ImageSeed{Name: "golden", RootGiB: 256})
		began := cloud.Now()

		out := enableFast(t, client, []string{disk}, home+"a", home+"b")
		assert.Empty(t, out.Unsuccessful)
		require.Len(t, out.Successful, 2)
		assert.Equal(t, ec2types.FastSnapshotRestoreStateCodeEnabling, out.Successful[0].State)
		assert.Equal(t, "Client.UserInitiated", *out.Successful[0].StateTransitionReason)
		assert.Equal(t, "euw1-az1", *out.Successful[0].AvailabilityZoneId)
		assert.Equal(t, awstest.DefaultAccount, *out.Successful[0].OwnerId)

		both := func(state string) map[string]string { return map[string]string{home + "a": state, home + "b": state} }
		time.Sleep(15*time.Second - 1)
		assert.Equal(t, both("enabling"), fastRestores(t, client))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, both("optimizing"), fastRestores(t, client))
		time.Sleep(15*time.Minute - 1) // a quarter of a TiB
		assert.Equal(t, both("optimizing"), fastRestores(t, client))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, both("enabled"), fastRestores(t, client))

		off := disableFast(t, client, []string{disk}, home+"a")
		require.Len(t, off.Successful, 1)
		assert.Equal(t, ec2types.FastSnapshotRestoreStateCodeDisabling, off.Successful[0].State)
		refused := enableFast(t, client, []string{disk}, home+"a")
		require.Len(t, refused.Unsuccessful, 1, "not while it is disabling")
		assert.Equal(t, "IncorrectState", *refused.Unsuccessful[0].FastSnapshotRestoreStateErrors[0].Error.Code)
		time.Sleep(15 * time.Second)
		assert.Equal(t, map[string]string{home + "a": "disabled", home + "b": "enabled"}, fastRestores(t, client))
		assert.Equal(t, map[string]string{home + "b": "enabled"}, fastRestores(t, client, filter("state", "enabled")...))
		page, err := client.DescribeFastSnapshotRestores(t.Context(), &ec2.DescribeFastSnapshotRestoresInput{Filters: filter("availability-zone-id", "euw1-az1")})
		require.NoError(t, err)
		require.Len(t, page.FastSnapshotRestores, 1)
		got := page.FastSnapshotRestores[0]
		assert.Equal(t, "Client.UserInitiated - Lifecycle state transition", *got.StateTransitionReason)
		assert.Equal(t, []time.Duration{0, 15 * time.Second, 15*time.Minute + 15*time.Second},
			[]time.Duration{got.EnablingTime.Sub(began), got.OptimizingTime.Sub(began), got.EnabledTime.Sub(began)})
		assert.Equal(t, 15*time.Second, got.DisabledTime.Sub(*got.DisablingTime))

		enableFast(t, client, []string{disk}, home+"a")
		disableFast(t, client, []string{disk}, home+"a")
		time.Sleep(time.Hour)
		assert.Equal(t, "disabled", fastRestores(t, client)[home+"a"], "what was overtaken does nothing")
	})
}

func TestFastSnapshotRestoreAnswersForEachPair(t *testing.T) {
	cloud := awstest.Start(t)
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	disk := diskOf(t, client, region, awstest.ImageSeed{Name: "golden"})
	huge := diskOf(t, client, region, awstest.ImageSeed{Name: "huge", RootGiB: 16<<10 + 1})
	secret := *readImage(t, ec2.NewFromConfig(cloud.Account(stranger).Config(home)), region.ForeignImage(stranger, "secret", false)).BlockDeviceMappings[0].Ebs.SnapshotId

	out := enableFast(t, client, []string{disk, unknownSnapshot, huge, secret}, home+"a")
	require.Len(t, out.Successful, 1)
	assert.Equal(t, disk, *out.Successful[0].SnapshotId)
	require.Len(t, out.Unsuccessful, 3)
	for n, code := range []string{"InvalidSnapshot.NotFound", "InvalidParameterValue", "InvalidSnapshot.NotFound"} {
		failed := out.Unsuccessful[n].FastSnapshotRestoreStateErrors[0]
		assert.Equal(t, code, *failed.Error.Code)
		assert.Equal(t, home+"a", *failed.AvailabilityZone)
		assert.NotEmpty(t, *failed.Error.Message)
	}
	again := enableFast(t, client, []string{disk}, home+"a")
	assert.Len(t, again.Successful, 1, "twice is once")
	assert.Len(t, fastRestores(t, client), 1)
	off := disableFast(t, client, []string{disk, unknownSnapshot}, home+"a", home+"b")
	require.Len(t, off.Successful, 1)
	require.Len(t, off.Unsuccessful, 2)
	assert.Equal(t, "IncorrectState", *off.Unsuccessful[0].FastSnapshotRestoreStateErrors[0].Error.Code, "it never was enabled in the other zone")
	assert.Len(t, off.Unsuccessful[1].FastSnapshotRestoreStateErrors, 2)
}

func TestFastSnapshotRestoreUnconfirmed(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{FastRestoreTwice: "Twice", FastRestoreState: "State", FastRestoreQuota: "Quota",
		FastRestoreHoldsSnapshot: true}), awstest.WithQuotas(awstest.Quotas{FastRestores: 1}))
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	image := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	disk, other := *readImage(t, client, image).BlockDeviceMappings[0].Ebs.SnapshotId, diskOf(t, client, region, awstest.ImageSeed{Name: "other"})
	enableFast(t, client, []string{disk}, home+"a")
	code := func(out *ec2.EnableFastSnapshotRestoresOutput) string {
		return *out.Unsuccessful[0].FastSnapshotRestoreStateErrors[0].Error.Code
	}
	assert.Equal(t, "Twice", code(enableFast(t, client, []string{disk}, home+"a")))
	assert.Equal(t, "Quota", code(enableFast(t, client, []string{other}, home+"a")))
	assert.Equal(t, "State", *disableFast(t, client, []string{disk}, home+"b").Unsuccessful[0].FastSnapshotRestoreStateErrors[0].Error.Code)
	gone, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &image, DeleteAssociatedSnapshots: new(true)})
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotReturnCodesErrorCodeClientError, gone.DeleteSnapshotResults[0].ReturnCode)
	_, err = client.DeleteSnapshot(t.Context(), &ec2.DeleteSnapshotInput{SnapshotId: &disk})
	requireCode(t, err, "InvalidSnapshot.InUse", "currently enabled for fast restores in "+home+"a")
}

func TestFastSnapshotRestoreQuotaCountsSnapshots(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithQuotas(awstest.AWSQuotas))
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	var disks []string
	for n := range 6 {
		disks = append(disks, diskOf(t, client, region, awstest.ImageSeed{Name: fmt.Sprint("golden ", n)}))
	}
	out := enableFast(t, client, disks, home+"a", home+"b")
	assert.Len(t, out.Successful, 10, "five snapshots, in however many zones")
	require.Len(t, out.Unsuccessful, 1)
	assert.Equal(t, "ResourceLimitExceeded", *out.Unsuccessful[0].FastSnapshotRestoreStateErrors[0].Error.Code)
	assert.Len(t, enableFast(t, client, disks[:1], home+"c").Successful, 1, "another zone of one that counts")
	disableFast(t, client, disks[1:2], home+"a", home+"b")
	assert.Len(t, enableFast(t, client, disks[5:], home+"a").Successful, 1)
}

// A snapshot that is deleted, or not shared any more, loses it in every account.
func TestFastSnapshotRestoreEndsWithTheSnapshot(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, owner *ec2.Client, image, disk string){
		"deleted": func(t *testing.T, owner *ec2.Client, image, disk string) {
			_, err := owner.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &image, DeleteAssociatedSnapshots: new(true)})
			require.NoError(t, err)
		},
		"unshared": func(t *testing.T, owner *ec2.Client, _, disk string) {
			_, err := owner.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &disk, OperationType: "remove", UserIds: []string{awstest.DefaultAccount}})
			require.NoError(t, err)
		},
		"reset": func(t *testing.T, owner *ec2.Client, _, disk string) {
			_, err := owner.ResetSnapshotAttribute(t.Context(), &ec2.ResetSnapshotAttributeInput{SnapshotId: &disk, Attribute: "createVolumePermission"})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			mine, owner := ec2.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Account(stranger).Config(home))
			image := cloud.Region(home).ForeignImage(stranger, "shared", true)
			disk := *readImage(t, mine, image).BlockDeviceMappings[0].Ebs.SnapshotId
			assert.Len(t, enableFast(t, mine, []string{disk}, home+"a").Successful, 1, "of a snapshot that is shared")
			assert.Empty(t, fastRestores(t, owner), "it is the account's own")
			enableFast(t, owner, []string{disk}, home+"a")

			lose(t, owner, image, disk)

			assert.Equal(t, map[string]string{home + "a": "disabled"}, fastRestores(t, mine))
			want := "enabled"
			if name == "deleted" {
				want = "disabled"
			}
			assert.Equal(t, map[string]string{home + "a": want}, fastRestores(t, owner))
		})
	}
	t.Run("public no more", func(t *testing.T) {
		cloud := awstest.Start(t)
		mine, owner := ec2.NewFromConfig(cloud.Config(home)), ec2.NewFromConfig(cloud.Account(stranger).Config(home))
		disk := *readImage(t, mine, cloud.Account(stranger).Region(home).OwnImage(awstest.ImageSeed{Name: "public", Public: true})).BlockDeviceMappings[0].Ebs.SnapshotId
		enableFast(t, mine, []string{disk}, home+"a")
		_, err := owner.EnableSnapshotBlockPublicAccess(t.Context(), &ec2.EnableSnapshotBlockPublicAccessInput{State: "block-all-sharing"})
		require.NoError(t, err)
		assert.Equal(t, map[string]string{home + "a": "disabled"}, fastRestores(t, mine))
	})
}

func TestFastSnapshotRestoreRefuses(t *testing.T) {
	cloud := awstest.Start(t)
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	disk := diskOf(t, client, region, awstest.ImageSeed{Name: "golden"})
	for name, c := range map[string]struct {
		in            ec2.EnableFastSnapshotRestoresInput
		code, message string
	}{
		"eleven snapshots": {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: make([]string, 11), AvailabilityZones: []string{home + "a"}},
			"InvalidRequest", "Number of values of parameter SourceSnapshotIds must be less than or equal to 10."},
		"no zone":       {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}}, "MissingParameter", "AvailabilityZone"},
		"no snapshot":   {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{}, AvailabilityZones: []string{home + "a"}}, "MissingParameter", "SourceSnapshotId"},
		"zone twice":    {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}, AvailabilityZones: []string{home + "a"}, AvailabilityZoneIds: []string{"euw1-az1"}}, "InvalidParameterCombination", ""},
		"no such zone":  {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}, AvailabilityZones: []string{away + "a"}}, "InvalidParameterValue", "Invalid availability zone"},
		"no such id":    {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}, AvailabilityZoneIds: []string{"use1-az1"}}, "InvalidParameterValue", "zone-id"},
		"malformed":     {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{"snap-x"}, AvailabilityZones: []string{home + "a"}}, "InvalidSnapshotID.Malformed", ""},
		"only dry":      {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}, AvailabilityZones: []string{home + "a"}, DryRun: new(true)}, "DryRunOperation", ""},
		"dry and wrong": {ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{disk}, DryRun: new(true)}, "MissingParameter", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.EnableFastSnapshotRestores(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
			assert.Empty(t, fastRestores(t, client))
		})
	}
	_, err := client.DescribeFastSnapshotRestores(t.Context(), &ec2.DescribeFastSnapshotRestoresInput{MaxResults: new(int32(201))})
	requireCode(t, err, "InvalidParameterValue", "201")
}

// Credits decide which volumes are created fully initialized: none at first, and
// no more than one for a large snapshot.
func TestVolumesTakeCreditsOfFastSnapshotRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
		image := region.OwnImage(awstest.ImageSeed{Name: "golden", RootGiB: 128})
		disk := *readImage(t, client, image).BlockDeviceMappings[0].Ebs.SnapshotId
		zone := region.Network().Zones[0]
		launch := func(n int32) (fast []bool) {
			ran, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, InstanceType: "t3.micro", MinCount: &n, MaxCount: &n,
				SubnetId: &region.Network().Subnets[0]})
			require.NoError(t, err)
			for _, i := range ran.Instances {
				out, err := client.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{Filters: filter("attachment.instance-id", *i.InstanceId)})
				require.NoError(t, err)
				fast = append(fast, *out.Volumes[0].FastRestored)
			}
			return fast
		}
		assert.Equal(t, []bool{false}, launch(1))
		enableFast(t, client, []string{disk}, zone)
		fastRestores(t, client)
		assert.Equal(t, []bool{false}, launch(1), "the bucket starts empty")
		time.Sleep(15 * time.Minute) // eight an hour
		assert.Equal(t, []bool{true, true, false}, launch(3))
		time.Sleep(24 * time.Hour)
		assert.Equal(t, []bool{true, true, true, true, true, true, true, true, false}, launch(9))
		out, err := client.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{Filters: filter("fast-restored", "true")})
		require.NoError(t, err)
		assert.Len(t, out.Volumes, 10)
	})
}
