package ami_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// disabledBy has an image disabled by a lifecycle, and its record as it comes
// back from where the caller has kept it.
func disabledBy(t *testing.T, opts ...awstest.Option) (*grown, ami.Lifecycle, ami.SharingRecord) {
	g := grow(t, []int{300, 2, 1}, opts...)
	_, err := client(g.cloud, here).ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{
		ImageId: &g.images[0], LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{OrganizationArn: new(company)}}},
	})
	require.NoError(t, err)
	g.deprecated(g.images[0])
	rules := monthly()
	rules.DisableAfter, rules.Usage.StaleAfter = 0, 30*day
	g.run(rules)
	require.Equal(t, types.ImageStateDisabled, g.state(g.images[0]))
	require.Len(t, g.records, 1)
	// DisableImage leaves the snapshots as they are; somebody else may not.
	for _, s := range g.snapshotsOf(g.images[0]) {
		_, err := client(g.cloud, here).ResetSnapshotAttribute(t.Context(), &ec2.ResetSnapshotAttributeInput{SnapshotId: &s, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
		require.NoError(t, err)
	}
	text, err := json.Marshal(g.records[0])
	require.NoError(t, err)
	var kept ami.SharingRecord
	require.NoError(t, json.Unmarshal(text, &kept))
	return g, rules, kept
}

// back says that all is as it was before the disabling.
func (g *grown) back(r ami.SharingRecord) {
	g.Helper()
	done, err := ami.Reenable(g.Context(), client(g.cloud, here), r)
	require.NoError(g, err)
	assert.Empty(g, done.Written)
	assert.Equal(g, types.ImageStateAvailable, done.Image.State)
	assert.Equal(g, []string{consumer}, done.Permissions.Accounts)
	assert.Equal(g, []string{company}, done.Permissions.Organizations)
	_, err = ec2.NewFromConfig(g.cloud.Account(consumer).Config(here)).CopyImage(g.Context(), &ec2.CopyImageInput{
		SourceImageId: &r.ImageID, SourceRegion: new(here), Name: new("ours"),
	})
	require.NoError(g, err, "snapshots too")
}

func TestReenableTakesTheRecordBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules, r := disabledBy(t)
		assert.Equal(t, []string{awstest.DefaultAccount, here}, []string{r.Account, r.Region})
		done, err := ami.Reenable(t.Context(), client(g.cloud, here), r)
		require.NoError(t, err)
		assert.Len(t, done.Written, 5)
		assert.Equal(t, "enabling", done.Written[0])
		g.back(r)
		g.cloud.ForgetCalls()
		assert.Empty(t, g.run(rules), "a lifecycle leaves it alone")
		_, err = client(g.cloud, here).DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: g.images[:1], Tags: []types.Tag{{Key: new(ami.TagStage)}}})
		require.NoError(t, err)
		assert.Equal(t, map[string]ami.Action{g.images[0]: ami.ActionDisable}, actions(g.plan(rules)), "until the tag is removed")
	})
}

func TestReenableCrashAtEveryWrite(t *testing.T) {
	for k := 1; k <= 5; k++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprint(k, done), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, _, r := disabledBy(t)
					crash, restart := awstest.CrashAtWrite(k, done)
					g.cloud.Inject(crash)
					_, err := ami.Reenable(t.Context(), client(g.cloud, here), r)
					require.Error(t, err)
					restart()
					_, err = ami.Reenable(t.Context(), client(g.cloud, here), r)
					require.NoError(t, err)
					g.back(r)
				})
			})
		}
	}
}

func TestReenableThroughFaults(t *testing.T) {
	for name, f := range map[string]awstest.Fault{
		"throttling":                awstest.Throttle(awstest.Match{}, 2),
		"EnableImage lost":          awstest.LoseResponse(awstest.Match{Operation: "EnableImage"}),
		"ModifyImageAttribute lost": awstest.LoseResponse(awstest.Match{Operation: "ModifyImageAttribute"}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, _, r := disabledBy(t)
				g.cloud.Inject(f)
				_, err := ami.Reenable(t.Context(), client(g.cloud, here), r)
				require.NoError(t, err)
				g.back(r)
			})
		})
	}
	for k := 1; k < 12; k++ {
		synctest.Test(t, func(t *testing.T) {
			g, _, r := disabledBy(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			g.cloud.Inject(cancelAt(k, cancel))
			if _, err := ami.Reenable(ctx, client(g.cloud, here), r); ctx.Err() != nil {
				require.ErrorIs(t, err, errStopped)
			}
			_, err := ami.Reenable(t.Context(), client(g.cloud, here), r)
			require.NoError(t, err)
			g.back(r)

			g, _, r = disabledBy(t)
			g.cloud.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "EnableImage"}, 1))
			_, err = ami.Reenable(t.Context(), client(g.cloud, here), r)
			require.ErrorIs(t, err, ami.ErrCredentialsExpired)
		})
	}
}

func TestReenableRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		api := client(cloud, here)
		own := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		for name, c := range map[string]struct {
			record ami.SharingRecord
			kind   error
		}{
			"no image":          {ami.SharingRecord{}, ami.ErrInvalidInput},
			"another Region":    {ami.SharingRecord{ImageID: own, Region: there}, ami.ErrInvalidInput},
			"another account's": {ami.SharingRecord{ImageID: own, Account: consumer, Region: here}, ami.ErrInvalidInput},
			"an account":        {ami.SharingRecord{ImageID: own, Permissions: ami.Permissions{Accounts: []string{"me"}}}, ami.ErrInvalidInput},
			"of a snapshot":     {ami.SharingRecord{ImageID: own, Snapshots: map[string]ami.Permissions{"snap-1": {Accounts: []string{"me"}}}}, ami.ErrInvalidInput},
			"unknown":           {ami.SharingRecord{ImageID: id(3)}, ami.ErrNotFound},
			"foreign":           {ami.SharingRecord{ImageID: cloud.Region(here).ForeignImage(consumer, "theirs", true)}, ami.ErrNotOwner},
		} {
			_, err := ami.Reenable(t.Context(), api, c.record)
			require.ErrorIs(t, err, c.kind, name)
		}
		assert.Empty(t, cloud.Writes())
	})
}
