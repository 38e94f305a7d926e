package region_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

const (
	consumer = "210987654321"
	another  = "345678901234"
)

// everywhere has an image of its own in each target, of two accounts.
func everywhere(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, []region.ConfigureInput) {
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithInputs()}, opts...)...)
	var all []region.ConfigureInput
	for _, target := range []region.Target{
		{Account: awstest.DefaultAccount, Region: "eu-west-1"},
		{Account: awstest.DefaultAccount, Region: "eu-west-2"},
		{Account: another, Region: "eu-west-1"},
	} {
		id := cloud.Account(target.Account).Region(target.Region).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}})
		all = append(all, region.ConfigureInput{Target: target, ConfigureInput: ami.ConfigureInput{
			ImageID:     id,
			Tags:        map[string]string{"team": "web"},
			Share:       ami.Permissions{Accounts: []string{consumer}},
			DeprecateAt: time.Now().AddDate(1, 0, 0),
			Protect:     ami.ProtectWithoutCooldown,
		}})
	}
	return cloud, all
}

// Every attribute is set in every target, and no call leaves its Region.
func TestConfigureEveryImageInItsOwnTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, all := everywhere(t)
		var events []region.Event
		results, err := region.Configure(t.Context(), fresh(cloud), all, func(o *region.Options) {
			o.OnEvent = func(e region.Event) { events = append(events, e) }
		})
		require.NoError(t, err)
		require.Len(t, results, len(all))
		require.Len(t, events, len(all))
		home := map[string]string{} // of each image and snapshot
		for i, r := range results {
			in := all[i]
			assert.Equal(t, in.Target, r.Target)
			assert.Equal(t, in.Target, events[i].Target)
			assert.Equal(t, types.ImageStateAvailable, events[i].State)
			home[r.ImageID] = in.Region
			img := r.Result.Image
			assert.Equal(t, "web", ami.Tag(img.Tags, "team"))
			assert.Equal(t, string(in.Protect), *img.DeregistrationProtection)
			assert.NotEmpty(t, *img.DeprecationTime)
			assert.Equal(t, []string{consumer}, r.Result.Permissions.Accounts)
			api := ec2.NewFromConfig(cloud.Account(in.Account).Config(in.Region))
			require.Len(t, r.Result.SnapshotIDs, 2)
			for _, id := range r.Result.SnapshotIDs {
				home[id] = in.Region
				out, err := api.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{
					SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
				})
				require.NoError(t, err)
				require.Len(t, out.CreateVolumePermissions, 1)
				assert.Equal(t, consumer, *out.CreateVolumePermissions[0].UserId)
			}
		}
		for _, call := range cloud.Writes() {
			var ids []string
			switch in := call.Input.(type) {
			case *ec2.CreateTagsInput:
				ids = in.Resources
			case *ec2.ModifyImageAttributeInput:
				ids = []string{*in.ImageId}
			case *ec2.ModifySnapshotAttributeInput:
				ids = []string{*in.SnapshotId}
			case *ec2.EnableImageDeprecationInput:
				ids = []string{*in.ImageId}
			case *ec2.EnableImageDeregistrationProtectionInput:
				ids = []string{*in.ImageId}
			default:
				t.Errorf("unexpected %s", call.Operation)
			}
			for _, id := range ids {
				assert.Equal(t, call.Region, home[id], "%s in %s about %s", call.Operation, call.Region, id)
			}
		}

		cloud.ForgetCalls()
		_, err = region.Configure(t.Context(), fresh(cloud), all)
		require.NoError(t, err)
		assert.Empty(t, cloud.Writes(), "all is so already")
	})
}

func TestConfigureWritesNothingWhileOneIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, all := everywhere(t)
		all[1].ImageID = cloud.Region("eu-west-2").OwnImage(awstest.ImageSeed{Name: "sealed", Encrypted: true})
		results, err := region.Configure(t.Context(), fresh(cloud), all)
		require.ErrorIs(t, err, ami.ErrUnshareableKey)
		assert.Empty(t, cloud.Writes())
		assert.NoError(t, results[0].Err)
		assert.NoError(t, results[2].Err)
		e, ok := errors.AsType[*region.Error](results[1].Err)
		require.True(t, ok)
		assert.Equal(t, awstest.DefaultAccount, e.Account)
		assert.Equal(t, "eu-west-2", e.Region)
	})
}

func TestConfigureOneFailureStopsNoOtherAndTheNextRunGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, all := everywhere(t, awstest.WithFault(awstest.Refuse(
			awstest.Match{Operation: "ModifyImageAttribute", Region: "eu-west-2"}, 1, "UnauthorizedOperation", "no")))
		results, err := region.Configure(t.Context(), fresh(cloud), all)
		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.NoError(t, results[0].Err)
		assert.Error(t, results[1].Err)
		assert.NoError(t, results[2].Err)
		results, err = region.Configure(t.Context(), fresh(cloud), all)
		require.NoError(t, err)
		assert.Equal(t, []string{"launch permissions"}, results[1].Result.Written)
	})
}

func TestConfigureRefuses(t *testing.T) {
	cloud, all := everywhere(t)
	for name, change := range map[string]func([]region.ConfigureInput) []region.ConfigureInput{
		"a Region":   func(in []region.ConfigureInput) []region.ConfigureInput { in[0].Region = "Ireland"; return in },
		"an account": func(in []region.ConfigureInput) []region.ConfigureInput { in[0].Account = "me"; return in },
		"an image":   func(in []region.ConfigureInput) []region.ConfigureInput { in[0].ImageID = "web"; return in },
		"one twice":  func(in []region.ConfigureInput) []region.ConfigureInput { return append(in, in[0]) },
		"empty request": func(in []region.ConfigureInput) []region.ConfigureInput {
			in[0].ConfigureInput = ami.ConfigureInput{ImageID: in[0].ImageID}
			return in
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := region.Configure(t.Context(), fresh(cloud), change(append([]region.ConfigureInput(nil), all...)))
			require.ErrorIs(t, err, region.ErrInvalidInput)
			_, err = region.Unconfigure(t.Context(), fresh(cloud), change(append([]region.ConfigureInput(nil), all...)))
			require.ErrorIs(t, err, region.ErrInvalidInput)
		})
	}
	assert.Empty(t, cloud.Calls())
}

func TestCheckShareableNamesEachTarget(t *testing.T) {
	cloud := awstest.Start(t)
	pool := region.NewClientPool(accounts(cloud))
	key := cloud.Region(london.Region).Key(awstest.KeySeed{})
	err := region.CheckShareable(t.Context(), pool, []region.Destination{
		{Target: ireland, Encrypted: true}, {Target: london, Encrypted: true, KMSKeyID: key}, {Target: paris}, {Target: virginia, Encrypted: true},
	})
	require.ErrorIs(t, err, ami.ErrUnshareableKey)
	assert.ErrorContains(t, err, ireland.Region)
	assert.ErrorContains(t, err, virginia.Region)
	assert.NotContains(t, err.Error(), london.Region)
	assert.NotContains(t, err.Error(), paris.Region)
	assert.Empty(t, cloud.Writes())

	err = region.CheckShareable(t.Context(), pool, []region.Destination{{Target: region.Target{Region: "home"}}})
	require.ErrorIs(t, err, region.ErrInvalidInput)
}
