//go:build emulator

package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

func TestCopyIntoARegion(t *testing.T) {
	w := start(t)
	api := w.clients("us-east-1").EC2
	source := w.image(home, "source")
	in := ami.CopyInput{
		SourceImageID: source, SourceRegion: home,
		Name: "copied", Description: "web 42", Tags: map[string]string{"app": "web"},
	}
	none, err := ami.FindCopy(t.Context(), api, in)
	require.NoError(t, err)
	assert.Nil(t, none)

	made, err := ami.Copy(t.Context(), api, in)
	require.NoError(t, err)
	assert.False(t, made.Adopted)
	_, err = ami.Wait(t.Context(), api, []string{made.ImageID})
	require.NoError(t, err)
	read := w.readImage("us-east-1", made.ImageID)
	assert.Equal(t, "copied", aws.ToString(read.Name))
	assert.Equal(t, "web 42", aws.ToString(read.Description))
	assert.Equal(t, types.ImageStateAvailable, read.State)
	assert.Equal(t, "web", tagsOf(read.Tags)["app"])
	assert.Equal(t, home+"/"+source, tagsOf(read.Tags)[ami.TagSource])
	assert.Equal(t, 1, w.images(home), "the source stays where it is, alone")

	again, err := ami.Copy(t.Context(), api, in)
	require.NoError(t, err)
	assert.True(t, again.Adopted)
	assert.Equal(t, made.ImageID, again.ImageID)
	assert.Equal(t, 1, w.images("us-east-1"))

	differences, err := ami.Verify(t.Context(), api, ami.VerifyInput{ImageID: made.ImageID, Source: w.readImage(home, source)})
	require.NoError(t, err)
	assert.Empty(t, differences)
}

func TestCopyLeavesANameThatIsTaken(t *testing.T) {
	w := start(t)
	taken := w.image("us-east-1", "taken")
	_, err := ami.Copy(t.Context(), w.clients("us-east-1").EC2, ami.CopyInput{
		SourceImageID: w.image(home, "source"), SourceRegion: home, Name: "taken",
	})
	assert.ErrorIs(t, err, ami.ErrNameTaken)
	assert.ErrorContains(t, err, taken)
	assert.Equal(t, 1, w.images("us-east-1"))
}

func TestRegisterAnImageOfASnapshot(t *testing.T) {
	w := start(t)
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
	assert.Equal(t, types.ImageStateAvailable, read.State)
	assert.Equal(t, "web", tagsOf(read.Tags)["app"])

	again, err := ami.Register(t.Context(), api, in)
	require.NoError(t, err)
	assert.True(t, again.Adopted)
	assert.Equal(t, made.ImageID, again.ImageID)
	assert.Equal(t, 1, w.images(home))
}

func TestRegisterKnowsWhatIsNotThere(t *testing.T) {
	w := start(t)
	_, err := ami.Register(t.Context(), w.clients(home).EC2, ami.RegisterInput{
		Name: "of nothing", Architecture: types.ArchitectureValuesArm64, RootDeviceName: "/dev/xvda",
		Mappings: []types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: new("snap-0123456789abcdef0")}}},
	}, soon)
	assert.ErrorIs(t, err, ami.ErrNotFound)
	assert.Zero(t, w.images(home))
}

func TestDeregisterTakesTheImageAway(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	gone, kept := w.image(home, "gone"), w.image(home, "kept")
	_, err := ami.Deregister(t.Context(), api, gone)
	require.NoError(t, err)
	_, err = ami.Get(t.Context(), api, gone)
	assert.ErrorIs(t, err, ami.ErrNotFound)
	assert.Equal(t, types.ImageStateAvailable, w.readImage(home, kept).State)

	results, err := ami.Deregister(t.Context(), api, gone)
	assert.NoError(t, err, "what is gone already is no error")
	assert.Empty(t, results)
}

// soon gives up on what the server does not show: it shows everything at once.
func soon(o *ami.Options) {
	o.Poll = quick
	o.Poll.Grace = 50 * time.Millisecond
}

// snapshot makes one of a new volume, with the SDK alone.
func (w world) snapshot(region string) string {
	w.t.Helper()
	api := w.ec2(region)
	volume, err := api.CreateVolume(w.t.Context(), &ec2.CreateVolumeInput{AvailabilityZone: new(region + "a"), Size: new(int32(8))})
	require.NoError(w.t, err)
	snapshot, err := api.CreateSnapshot(w.t.Context(), &ec2.CreateSnapshotInput{VolumeId: volume.VolumeId})
	require.NoError(w.t, err)
	return aws.ToString(snapshot.SnapshotId)
}
