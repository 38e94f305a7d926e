package ami_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// fast is an image of two snapshots, to be restored fast in two zones.
func fast(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.FastSnapshotRestoreInput) {
	cloud := awstest.Start(t, opts...)
	image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{16}})
	return cloud, ami.FastSnapshotRestoreInput{ImageID: image, Zones: []string{here + "a", here + "b"}}
}

// fastStates are the states of all that AWS lists, in its order.
func fastStates(t *testing.T, cloud *awstest.Cloud) (out []string) {
	t.Helper()
	for p := ec2.NewDescribeFastSnapshotRestoresPaginator(client(cloud, here), nil); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		for _, f := range page.FastSnapshotRestores {
			out = append(out, string(f.State))
		}
	}
	return out
}

func TestFastSnapshotRestoreFromEnabledToDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fast(t, awstest.WithTiming(awstest.Timing{FastRestoreChange: 15 * time.Second, FastRestorePerTiB: time.Hour}), awstest.WithInputs())
		api := client(cloud, here)
		began := time.Now()
		on, err := ami.EnableFastSnapshotRestore(t.Context(), api, in)
		require.NoError(t, err)
		require.Len(t, on.Restores, 4)
		assert.Equal(t, 4, on.Written)
		disks := snapshots(t, cloud, here)
		assert.Equal(t, ami.FastSnapshotRestore{SnapshotID: *disks[0].SnapshotId, Zone: here + "a", ZoneID: "euw1-az1", State: "enabling", Reason: "Client.UserInitiated"}, on.Restores[0])
		assert.True(t, on.Restores[3].Billed())
		require.Len(t, cloud.Writes(), 1, "one call for all snapshots in all zones")

		again, err := ami.EnableFastSnapshotRestore(t.Context(), api, in)
		require.NoError(t, err)
		assert.Zero(t, again.Written)
		assert.Len(t, cloud.Writes(), 1)

		cloud.ForgetCalls()
		var seen []string
		for s, err := range ami.WatchFastSnapshotRestore(t.Context(), api, in) {
			require.NoError(t, err)
			if s.Zone == here+"a" {
				seen = append(seen, fmt.Sprint(s.State, " ", s.SnapshotID == *disks[0].SnapshotId))
			}
		}
		assert.Equal(t, []string{"enabling true", "enabling false", "optimizing true", "optimizing false", "enabled true", "enabled false"}, seen)
		took := time.Since(began) // 15 s and the minute of 16 GiB, seen at the next read
		assert.GreaterOrEqual(t, took, 71250*time.Millisecond)
		assert.Less(t, took, 74*time.Second)
		assert.Equal(t, cloud.Count("DescribeFastSnapshotRestores"), len(cloud.Calls())-1, "one read a tick, of all; one of the image")

		more := in
		more.Zones = []string{here + "a", "euw1-az3"}
		wider, err := ami.EnableFastSnapshotRestore(t.Context(), api, more)
		require.NoError(t, err)
		assert.Equal(t, 2, wider.Written)
		call := cloud.Writes()[0].Input.(*ec2.EnableFastSnapshotRestoresInput)
		assert.Empty(t, call.AvailabilityZones, "nothing is asked for twice")
		assert.Equal(t, []string{"euw1-az3"}, call.AvailabilityZoneIds)
		all, err := ami.WaitFastSnapshotRestore(t.Context(), api, more)
		require.NoError(t, err)
		require.Len(t, all, 4)
		assert.Equal(t, here+"c", all[1].Zone)

		off, err := ami.DisableFastSnapshotRestore(t.Context(), api, ami.FastSnapshotRestoreInput{ImageID: in.ImageID})
		require.NoError(t, err)
		assert.Equal(t, 6, off.Written, "in all zones")
		_, err = ami.WaitFastSnapshotRestore(t.Context(), api, in)
		require.ErrorIs(t, err, ami.ErrNotFastRestored)
		back, err := ami.EnableFastSnapshotRestore(t.Context(), api, in)
		require.NoError(t, err, "what is being disabled is waited for")
		assert.Equal(t, 4, back.Written)
		assert.True(t, back.Restores[0].Billed())
	})
}

func TestDisableFastSnapshotRestoreOfAnImageThatIsGone(t *testing.T) {
	cloud, in := fast(t)
	api := client(cloud, here)
	disks := snapshots(t, cloud, here)
	_, err := ami.EnableFastSnapshotRestore(t.Context(), api, in)
	require.NoError(t, err)
	_, err = api.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &in.ImageID})
	require.NoError(t, err)
	_, err = ami.DisableFastSnapshotRestore(t.Context(), api, in)
	require.ErrorIs(t, err, ami.ErrDeregistered)
	require.ErrorIs(t, err, ami.ErrNotFound, "who asks for either finds it")
	assert.ErrorContains(t, err, "SnapshotIDs")
	off, err := ami.DisableFastSnapshotRestore(t.Context(), api, ami.FastSnapshotRestoreInput{SnapshotIDs: []string{*disks[0].SnapshotId, *disks[1].SnapshotId}})
	require.NoError(t, err)
	assert.Equal(t, 4, off.Written)
	again, err := ami.DisableFastSnapshotRestore(t.Context(), api, ami.FastSnapshotRestoreInput{SnapshotIDs: []string{*disks[0].SnapshotId}})
	require.NoError(t, err)
	assert.Zero(t, again.Written)
	assert.Empty(t, again.Restores)
}

// AWS answers with success even if it refuses some: that is an error here, with
// its code, and names what is billed.
func TestEnableFastSnapshotRestoreRefusedInPart(t *testing.T) {
	for name, code := range map[string]string{"as AWS does": "", "with another code": "Other"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := fast(t, awstest.WithQuotas(awstest.Quotas{FastRestores: 1}), awstest.WithUnconfirmed(awstest.Unconfirmed{FastRestoreQuota: code}))
				disks := snapshots(t, cloud, here)
				began := time.Now()
				result, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
				require.ErrorIs(t, err, ami.ErrNotFastRestored)
				e, ok := errors.AsType[*ami.Error](err)
				require.True(t, ok)
				assert.Equal(t, in.ImageID, e.ID)
				assert.Equal(t, []string{*disks[0].SnapshotId}, e.IDs, "what AWS bills for")
				api, ok := errors.AsType[smithy.APIError](err)
				require.True(t, ok)
				want := code
				if want == "" {
					want = "ResourceLimitExceeded"
				}
				assert.Equal(t, want, api.ErrorCode())
				assert.ErrorContains(t, err, *disks[1].SnapshotId+" in "+here+"b")
				assert.Equal(t, 2, result.Written)
				assert.Len(t, cloud.Writes(), 1, "asked once")
				assert.Equal(t, 30*time.Second, time.Since(began), "it is read back for a while")
			})
		})
	}
}

func TestWatchFastSnapshotRestoreThatAWSTurnsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fast(t, awstest.WithTiming(awstest.Timing{FastRestoreChange: 15 * time.Second, FastRestorePerTiB: time.Hour}))
		api := client(cloud, here)
		disks := snapshots(t, cloud, here)
		in = ami.FastSnapshotRestoreInput{SnapshotIDs: []string{*disks[0].SnapshotId, *disks[1].SnapshotId}, Zones: in.Zones[:1]}
		_, err := ami.EnableFastSnapshotRestore(t.Context(), api, in)
		require.NoError(t, err)
		image := cloud.Region(here).Images()[0].ImageId
		gone := false
		var errs []error
		for s, err := range ami.WatchFastSnapshotRestore(t.Context(), api, in) {
			require.NoError(t, err)
			if s.State == types.FastSnapshotRestoreStateCodeOptimizing && !gone {
				gone = true
				_, err := api.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: image, DeleteAssociatedSnapshots: new(true)})
				require.NoError(t, err)
			}
			if s.Done {
				errs = append(errs, s.Err)
			}
		}
		require.Len(t, errs, 2)
		for _, err := range errs {
			require.ErrorIs(t, err, ami.ErrNotFastRestored)
			assert.ErrorContains(t, err, "disabling in "+here+"a")
		}
	})
}

func TestWaitFastSnapshotRestoreEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fast(t, awstest.WithTiming(awstest.Timing{FastRestorePerTiB: time.Hour}))
		_, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		began := time.Now()
		all, err := ami.WaitFastSnapshotRestore(within(t, 40*time.Second), client(cloud, here), in)
		assert.Equal(t, 40*time.Second, time.Since(began))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errStopped)
		require.Len(t, all, 4)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, "optimizing in eu-west-1a, optimizing in eu-west-1b", e.State)
		disks := snapshots(t, cloud, here)
		assert.Equal(t, []string{*disks[1].SnapshotId}, e.IDs, "the smaller one is enabled")
	})
}

func TestWatchFastSnapshotRestoreThatNobodyEnabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fast(t)
		began := time.Now()
		_, err := ami.WaitFastSnapshotRestore(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNotFastRestored)
		assert.GreaterOrEqual(t, time.Since(began), 5*time.Minute, "the grace")
		assert.Less(t, time.Since(began), 5*time.Minute+10*time.Second)
	})
}

func TestEnableFastSnapshotRestoreCallsForTenSnapshots(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithInputs())
	data := make([]int32, 11)
	for i := range data {
		data[i] = 1
	}
	image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "many", DataGiB: data})
	result, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), ami.FastSnapshotRestoreInput{ImageID: image, Zones: []string{here + "a"}})
	require.NoError(t, err)
	assert.Equal(t, 12, result.Written)
	require.Len(t, cloud.Writes(), 2)
	assert.Len(t, cloud.Writes()[0].Input.(*ec2.EnableFastSnapshotRestoresInput).SourceSnapshotIds, 10)
}

func TestEnableFastSnapshotRestoreWaitsForTheImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Image: 3 * time.Minute}), awstest.WithConsistency(awstest.Consistency{BareFor: 5 * time.Minute}))
		made, err := ami.Create(t.Context(), client(cloud, here), web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})))
		require.NoError(t, err)
		result, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), ami.FastSnapshotRestoreInput{ImageID: made.ImageID, Zones: []string{here + "a"}})
		require.NoError(t, err)
		assert.Equal(t, 1, result.Written)
	})
	cloud, in := fast(t)
	_, err := client(cloud, here).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &in.ImageID})
	require.NoError(t, err)
	_, err = ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
	require.ErrorIs(t, err, ami.ErrDisabled)
}

func TestFastSnapshotRestoreInput(t *testing.T) {
	const disk = "snap-0123456789abcdef0"
	for want, in := range map[string]ami.FastSnapshotRestoreInput{
		"ImageID or SnapshotIDs is required":        {Zones: []string{"eu-west-1a"}},
		"SnapshotIDs must be empty":                 {ImageID: id(1), SnapshotIDs: []string{disk}, Zones: []string{"eu-west-1a"}},
		`invalid ImageID "ami-x"`:                   {ImageID: "ami-x", Zones: []string{"eu-west-1a"}},
		`invalid snapshot ID "vol-1"`:               {SnapshotIDs: []string{"vol-1"}, Zones: []string{"eu-west-1a"}},
		"Zones is required":                         {ImageID: id(1)},
		`invalid zone "west"`:                       {ImageID: id(1), Zones: []string{"west"}},
		`zone "us-east-1a" in Zones must be in eu-`: {ImageID: id(1), Zones: []string{"euw1-az1", "us-east-1a"}},
	} {
		err := in.Check(here)
		require.ErrorIs(t, err, ami.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
		cloud := awstest.Start(t)
		_, err = ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		for _, err := range ami.WatchFastSnapshotRestore(t.Context(), client(cloud, here), in) {
			require.ErrorIs(t, err, ami.ErrInvalidInput)
		}
		assert.Empty(t, cloud.Calls())
	}
	require.NoError(t, ami.FastSnapshotRestoreInput{ImageID: id(1), Zones: []string{"us-east-1a"}}.Check(""))
}
