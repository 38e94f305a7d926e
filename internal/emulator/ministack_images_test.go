//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

// This emulator keeps what an image is registered with, which moto forgets.
func TestMinistackKeepsAnImageOfASnapshot(t *testing.T) {
	w := startMinistack(t)
	api := w.clients(home).EC2
	snapshot := w.snapshot(home)
	in := ami.RegisterInput{
		Name: "of a snapshot", Tags: map[string]string{"app": "web"},
		Architecture: types.ArchitectureValuesArm64, RootDeviceName: "/dev/xvda",
		Mappings: []types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}},
	}
	made, err := ami.Register(t.Context(), api, in)
	require.NoError(t, err)
	_, err = ami.Wait(t.Context(), api, []string{made.ImageID})
	require.NoError(t, err)
	read := w.readImage(home, made.ImageID)
	assert.Equal(t, "of a snapshot", aws.ToString(read.Name))
	assert.Equal(t, types.ArchitectureValuesArm64, read.Architecture)
	assert.Equal(t, "/dev/xvda", aws.ToString(read.RootDeviceName))
	assert.Equal(t, []string{snapshot}, w.snapshotsOf(home, made.ImageID))
	assert.Equal(t, "web", tagsOf(read.Tags)["app"])

	again, err := ami.Register(t.Context(), api, in)
	require.NoError(t, err)
	assert.True(t, again.Adopted)
	assert.Equal(t, made.ImageID, again.ImageID)

	share := ami.ConfigureInput{ImageID: made.ImageID, Share: ami.Permissions{Accounts: []string{consumer}}}
	_, err = ami.Configure(t.Context(), api, nil, share, soon)
	require.NoError(t, err)
	assert.Equal(t, []string{consumer}, w.launchers(home, made.ImageID))
	assert.Equal(t, []string{consumer}, w.readers(home, snapshot))
	_, err = ami.Unconfigure(t.Context(), api, share, soon)
	require.NoError(t, err)
	assert.Empty(t, w.launchers(home, made.ImageID))
	assert.Empty(t, w.readers(home, snapshot))

	_, err = ami.Deregister(t.Context(), api, made.ImageID)
	require.NoError(t, err)
	_, err = ami.Get(t.Context(), api, made.ImageID, soon)
	assert.ErrorIs(t, err, ami.ErrNotFound)
}
