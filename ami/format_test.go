package ami_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

func TestFormatEverything(t *testing.T) {
	got := ami.Format(types.Image{
		ImageId: new("ami-0123456789abcdef0"), Name: new("web 1"), Description: new("what the shop runs"),
		State: types.ImageStateFailed, StateReason: &types.StateReason{Code: new("Client.InternalError"), Message: new("no")},
		OwnerId: new("111122223333"), ImageOwnerAlias: new("amazon"), Public: new(true),
		CreationDate: new("2026-01-01T00:00:00.000Z"), DeprecationTime: new("2028-01-01T00:00:00.000Z"),
		LastLaunchedTime: new("2026-02-01T00:00:00Z"), SourceInstanceId: new("i-0123456789abcdef0"),
		SourceImageRegion: new("eu-west-1"), SourceImageId: new("ami-0fedcba9876543210"),
		Architecture: types.ArchitectureValuesArm64, PlatformDetails: new("Linux/UNIX"),
		VirtualizationType: types.VirtualizationTypeHvm, BootMode: types.BootModeValuesUefi,
		EnaSupport: new(true), SriovNetSupport: new("simple"), TpmSupport: types.TpmSupportValuesV20, ImdsSupport: types.ImdsSupportValuesV20,
		DeregistrationProtection: new("enabled-with-cooldown"),
		ProductCodes:             []types.ProductCode{{ProductCodeId: new("abc"), ProductCodeType: types.ProductCodeValuesMarketplace}},
		RootDeviceType:           types.DeviceTypeEbs, RootDeviceName: new("/dev/xvda"),
		BlockDeviceMappings: []types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{
				VolumeSize: new(int32(8)), VolumeType: types.VolumeTypeGp3, Iops: new(int32(3000)), Throughput: new(int32(125)),
				SnapshotId: new("snap-0123456789abcdef0"), Encrypted: new(true), KmsKeyId: new("alias/web"), DeleteOnTermination: new(true),
			}},
			{DeviceName: new("/dev/sdb"), Ebs: &types.EbsBlockDevice{VolumeSize: new(int32(100)), VolumeType: types.VolumeTypeSt1, DeleteOnTermination: new(false)}},
			{DeviceName: new("/dev/sdc"), VirtualName: new("ephemeral0")},
			{DeviceName: new("/dev/sdd"), NoDevice: new("")},
		},
		Tags: []types.Tag{{Key: new("team"), Value: new("web")}, {Key: new("env"), Value: new("prod")}},
	})
	want, err := os.ReadFile("testdata/description.golden")
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestFormatSaysNothingOfWhatIsNotKnown(t *testing.T) {
	assert.Equal(t, "ami-0123456789abcdef0 \"\"\n", ami.Format(types.Image{ImageId: new("ami-0123456789abcdef0")}))
}
