package awstest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestRegisteredImageIsWhatTheCallSays(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	old := region.OwnImage(awstest.ImageSeed{Name: "old", RootGiB: 9, Encrypted: true, ProductCodes: []string{"code"}})
	disk := readImage(t, client, old).BlockDeviceMappings[0].Ebs.SnapshotId

	out, err := client.RegisterImage(t.Context(), &ec2.RegisterImageInput{
		Name: new("new"), Description: new("registered"), Architecture: ec2types.ArchitectureValuesArm64,
		VirtualizationType: new("hvm"), RootDeviceName: new("/dev/xvda"), EnaSupport: new(true), SriovNetSupport: new("simple"),
		BootMode: ec2types.BootModeValuesUefi, ImdsSupport: ec2types.ImdsSupportValuesV20, TpmSupport: ec2types.TpmSupportValuesV20,
		UefiData: new("dmFycw=="), TagSpecifications: tags("image", "app", "web"),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{SnapshotId: disk, VolumeSize: new(int32(20)), VolumeType: "gp3", Iops: new(int32(4000)), Throughput: new(int32(200)), DeleteOnTermination: new(false)}},
			{DeviceName: new("/dev/sdb"), VirtualName: new("ephemeral0")},
			{DeviceName: new("/dev/sdc"), NoDevice: new("")},
		},
	})

	require.NoError(t, err)
	assert.Equal(t, ec2types.ImageStatePending, readImage(t, client, *out.ImageId).State)
	i := readImage(t, client, *out.ImageId)
	assert.Equal(t, ec2types.ImageStateAvailable, i.State)
	assert.Equal(t, "123456789012/new", *i.ImageLocation)
	assert.Equal(t, "registered", *i.Description)
	assert.Equal(t, ec2types.ArchitectureValuesArm64, i.Architecture)
	assert.Equal(t, ec2types.VirtualizationTypeHvm, i.VirtualizationType)
	assert.Equal(t, "/dev/xvda", *i.RootDeviceName)
	assert.True(t, *i.EnaSupport)
	assert.Equal(t, "simple", *i.SriovNetSupport)
	assert.Equal(t, ec2types.BootModeValuesUefi, i.BootMode)
	assert.Equal(t, ec2types.ImdsSupportValuesV20, i.ImdsSupport)
	assert.Equal(t, ec2types.TpmSupportValuesV20, i.TpmSupport)
	assert.Equal(t, "web", *i.Tags[0].Value)
	assert.Equal(t, "code", *i.ProductCodes[0].ProductCodeId, "goes with the snapshot")
	assert.Nil(t, i.SourceImageId, "registering records no parent")
	assert.Nil(t, i.SourceInstanceId)
	require.Len(t, i.BlockDeviceMappings, 2)
	root := i.BlockDeviceMappings[0].Ebs
	assert.True(t, *root.Encrypted, "as the snapshot is")
	assert.False(t, *root.DeleteOnTermination)
	assert.Equal(t, int32(20), *root.VolumeSize)
	assert.Equal(t, int32(4000), *root.Iops)
	assert.Equal(t, int32(200), *root.Throughput)
	assert.Equal(t, "ephemeral0", *i.BlockDeviceMappings[1].VirtualName)
	for attribute, want := range map[ec2types.ImageAttributeName]string{"tpmSupport": "v2.0", "uefiData": "dmFycw==", "sriovNetSupport": "simple"} {
		got, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: out.ImageId, Attribute: attribute})
		require.NoError(t, err)
		value := map[ec2types.ImageAttributeName]*ec2types.AttributeValue{"tpmSupport": got.TpmSupport, "uefiData": got.UefiData, "sriovNetSupport": got.SriovNetSupport}
		assert.Equal(t, want, *value[attribute].Value)
	}

	// The snapshot backs both: it goes with the last of them.
	for id, want := range map[string]ec2types.SnapshotReturnCodes{old: ec2types.SnapshotReturnCodesWarnSkipped} {
		gone, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
		require.NoError(t, err)
		assert.Equal(t, want, gone.DeleteSnapshotResults[0].ReturnCode)
	}
	gone, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: out.ImageId, DeleteAssociatedSnapshots: new(true)})
	require.NoError(t, err)
	assert.Equal(t, ec2types.SnapshotReturnCodesSuccess, gone.DeleteSnapshotResults[0].ReturnCode)
}

func TestRegisteredImageByDefault(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	old := readImage(t, client, cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "old", RootGiB: 9}))
	out, err := client.RegisterImage(t.Context(), &ec2.RegisterImageInput{Name: new("new"),
		BlockDeviceMappings: device("/dev/sda1", &ec2types.EbsBlockDevice{SnapshotId: old.BlockDeviceMappings[0].Ebs.SnapshotId})})
	require.NoError(t, err)

	i := readImage(t, client, *out.ImageId)

	assert.Equal(t, ec2types.ImageStateAvailable, i.State)
	assert.Equal(t, ec2types.ArchitectureValuesI386, i.Architecture)
	assert.Equal(t, ec2types.VirtualizationTypeParavirtual, i.VirtualizationType)
	assert.Equal(t, "/dev/sda1", *i.RootDeviceName)
	assert.False(t, *i.EnaSupport)
	assert.Nil(t, i.SriovNetSupport)
	assert.Empty(t, i.BootMode)
	assert.Equal(t, int32(9), *i.BlockDeviceMappings[0].Ebs.VolumeSize)
	assert.Equal(t, ec2types.VolumeTypeGp2, i.BlockDeviceMappings[0].Ebs.VolumeType)
	assert.True(t, *i.BlockDeviceMappings[0].Ebs.DeleteOnTermination)
	found, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{
		Owners: []string{"self"}, Filters: []ec2types.Filter{{Name: new("virtualization-type"), Values: []string{"paravirtual"}}}})
	require.NoError(t, err)
	assert.Len(t, found.Images, 1)
}

func TestRegisterImageRefuses(t *testing.T) {
	root := func(e ec2types.EbsBlockDevice) []ec2types.BlockDeviceMapping { return device("/dev/sda1", &e) }
	disk := func(s *scene, id string) *string {
		image, _ := s.region.Image(id)
		return image.BlockDeviceMappings[0].Ebs.SnapshotId
	}
	for name, c := range map[string]struct {
		in            ec2.RegisterImageInput
		from          func(*scene) string // the image whose snapshot is the root, unless devices are given
		code, message string
	}{
		"malformed name":        {in: ec2.RegisterImageInput{Name: new("a")}, code: "InvalidAMIName.Malformed"},
		"name in use":           {in: ec2.RegisterImageInput{Name: new("own")}, code: "InvalidAMIName.Duplicate", message: "own"},
		"long description":      {in: ec2.RegisterImageInput{Description: new(strings.Repeat("a", 256))}, code: "InvalidParameterValue", message: "255"},
		"tags of a snapshot":    {in: ec2.RegisterImageInput{TagSpecifications: tags("snapshot", "k", "v")}, code: "InvalidParameterValue", message: "snapshot"},
		"no such architecture":  {in: ec2.RegisterImageInput{Architecture: "vax"}, code: "InvalidParameterValue", message: "vax"},
		"no such type":          {in: ec2.RegisterImageInput{VirtualizationType: new("none")}, code: "InvalidParameterValue", message: "virtualizationType"},
		"no such boot mode":     {in: ec2.RegisterImageInput{BootMode: "floppy"}, code: "InvalidParameterValue", message: "bootMode"},
		"no such IMDS":          {in: ec2.RegisterImageInput{ImdsSupport: "v3"}, code: "InvalidParameterValue", message: "imdsSupport"},
		"no such TPM":           {in: ec2.RegisterImageInput{TpmSupport: "v3"}, code: "InvalidParameterValue", message: "tpmSupport"},
		"TPM, type's boot mode": {in: ec2.RegisterImageInput{TpmSupport: "v2.0"}, code: "InvalidParameterCombination", message: "uefi"},
		"TPM, BIOS":             {in: ec2.RegisterImageInput{TpmSupport: "v2.0", BootMode: "legacy-bios"}, code: "InvalidParameterCombination", message: "uefi"},
		"TPM, UEFI preferred":   {in: ec2.RegisterImageInput{TpmSupport: "v2.0", BootMode: "uefi-preferred"}, code: "InvalidParameterCombination", message: "uefi"},
		"no such SR-IOV":        {in: ec2.RegisterImageInput{SriovNetSupport: new("x")}, code: "InvalidParameterValue", message: "sriovNetSupport"},
		"no devices":            {in: ec2.RegisterImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{}}, code: "MissingParameter", message: "blockDeviceMapping"},
		"no root snapshot":      {in: ec2.RegisterImageInput{BlockDeviceMappings: root(ec2types.EbsBlockDevice{VolumeSize: new(int32(8))})}, code: "InvalidBlockDeviceMapping", message: "No root snapshot"},
		"root elsewhere":        {in: ec2.RegisterImageInput{RootDeviceName: new("/dev/xvda")}, code: "InvalidBlockDeviceMapping", message: "No root snapshot"},
		"no device name":        {in: ec2.RegisterImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{}}}, code: "InvalidBlockDeviceMapping", message: "device name"},
		"nothing on a device":   {in: ec2.RegisterImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/sdb")}}}, code: "InvalidBlockDeviceMapping", message: "/dev/sdb"},
		"a device twice":        {in: ec2.RegisterImageInput{BlockDeviceMappings: append(root(ec2types.EbsBlockDevice{VolumeSize: new(int32(8))}), root(ec2types.EbsBlockDevice{VolumeSize: new(int32(8))})...)}, code: "InvalidBlockDeviceMapping", message: "twice"},
		"unknown snapshot":      {in: ec2.RegisterImageInput{BlockDeviceMappings: root(ec2types.EbsBlockDevice{SnapshotId: new(unknownSnapshot)})}, code: "InvalidSnapshot.NotFound", message: unknownSnapshot},
		"encryption of its own": {in: ec2.RegisterImageInput{BlockDeviceMappings: root(ec2types.EbsBlockDevice{SnapshotId: new(unknownSnapshot), Encrypted: new(true)})}, code: "InvalidBlockDeviceMapping", message: "has a snapshot specified"},
		"another's snapshot":    {from: func(s *scene) string { return s.private }, code: "InvalidSnapshot.NotFound"},
		"a pending snapshot":    {from: func(s *scene) string { return s.pending }, code: "IncorrectState", message: "pending"},
		"dry run":               {in: ec2.RegisterImageInput{DryRun: new(true)}, code: "DryRunOperation"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			if c.in.Name == nil {
				c.in.Name = new("fresh")
			}
			if c.in.BlockDeviceMappings == nil {
				from := s.own
				snapshot := disk(s, from)
				if c.from != nil {
					image, ok := s.region.Image(c.from(s))
					if !ok {
						image, _ = s.cloud.Account(stranger).Region(home).Image(c.from(s))
					}
					snapshot = image.BlockDeviceMappings[0].Ebs.SnapshotId
				}
				c.in.BlockDeviceMappings = root(ec2types.EbsBlockDevice{SnapshotId: snapshot})
			}
			before := len(s.region.Images())
			_, err := s.RegisterImage(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
			assert.Len(t, s.region.Images(), before)
		})
	}
}
