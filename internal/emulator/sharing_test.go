//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/region"
)

const consumer = "111122223333"

func TestConfigureSharesAnImageWithItsSnapshots(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	image := w.image(home, "shared")
	in := ami.ConfigureInput{
		ImageID: image,
		Tags:    map[string]string{"app": "web"},
		Share:   ami.Permissions{Accounts: []string{consumer}},
	}

	done, err := ami.Configure(t.Context(), api, nil, in, quickly)
	require.NoError(t, err)
	assert.Equal(t, in.Share, done.Permissions)
	assert.Equal(t, []string{consumer}, w.launchers(home, image))
	snapshots := w.snapshotsOf(home, image)
	require.NotEmpty(t, snapshots)
	for _, id := range snapshots {
		assert.Equal(t, []string{consumer}, w.readers(home, id))
		assert.Equal(t, "web", tagsOf(w.readSnapshot(home, id).Tags)["app"])
	}
	assert.Equal(t, "web", tagsOf(w.readImage(home, image).Tags)["app"])

	again, err := ami.Configure(t.Context(), api, nil, in, quickly)
	require.NoError(t, err)
	assert.Empty(t, again.Written)

	_, err = ami.Unconfigure(t.Context(), api, in, quickly)
	require.NoError(t, err)
	assert.Empty(t, w.launchers(home, image))
	for _, id := range snapshots {
		assert.Empty(t, w.readers(home, id))
		assert.Empty(t, w.readSnapshot(home, id).Tags)
	}
	assert.Empty(t, w.readImage(home, image).Tags)
}

func TestConfigureEveryImageInItsRegion(t *testing.T) {
	w := start(t)
	regions := []string{home, "us-east-1"}
	var images []region.ConfigureInput
	for _, r := range regions {
		images = append(images, region.ConfigureInput{Target: region.Target{Region: r}, ConfigureInput: ami.ConfigureInput{
			ImageID: w.image(r, "shared"), Share: ami.Permissions{Accounts: []string{consumer}},
		}})
	}
	_, err := region.Configure(t.Context(), w.pool(), images)
	require.NoError(t, err)
	for i, r := range regions {
		assert.Equal(t, []string{consumer}, w.launchers(r, images[i].ImageID))
	}

	_, err = region.Unconfigure(t.Context(), w.pool(), images)
	require.NoError(t, err)
	for i, r := range regions {
		assert.Empty(t, w.launchers(r, images[i].ImageID))
	}
}

func quickly(o *ami.Options) { o.Poll = quick }

// launchers are the accounts that an image is shared with.
func (w world) launchers(region, image string) (accounts []string) {
	w.t.Helper()
	out, err := w.ec2(region).DescribeImageAttribute(w.t.Context(), &ec2.DescribeImageAttributeInput{
		ImageId: &image, Attribute: types.ImageAttributeNameLaunchPermission,
	})
	require.NoError(w.t, err)
	for _, p := range out.LaunchPermissions {
		accounts = append(accounts, aws.ToString(p.UserId))
	}
	return accounts
}

// readers are the accounts that a snapshot is shared with.
func (w world) readers(region, snapshot string) (accounts []string) {
	w.t.Helper()
	out, err := w.ec2(region).DescribeSnapshotAttribute(w.t.Context(), &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: &snapshot, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	require.NoError(w.t, err)
	for _, p := range out.CreateVolumePermissions {
		accounts = append(accounts, aws.ToString(p.UserId))
	}
	return accounts
}
