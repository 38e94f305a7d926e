package ami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// described is an image with all that copies keep.
func described() types.Image {
	disk := func(device, snapshot string, size int32) types.BlockDeviceMapping {
		return types.BlockDeviceMapping{DeviceName: &device, Ebs: &types.EbsBlockDevice{
			SnapshotId: &snapshot, VolumeSize: &size, VolumeType: types.VolumeTypeGp3, Encrypted: new(true),
			Iops: new(int32(4000)), Throughput: new(int32(250)), DeleteOnTermination: new(true),
		}}
	}
	return types.Image{
		ImageId: new(id(1)), Architecture: types.ArchitectureValuesX8664, VirtualizationType: types.VirtualizationTypeHvm,
		BootMode: types.BootModeValuesUefi, TpmSupport: types.TpmSupportValuesV20, ImdsSupport: types.ImdsSupportValuesV20,
		EnaSupport: new(true), SriovNetSupport: new("simple"), RootDeviceType: types.DeviceTypeEbs, RootDeviceName: new("/dev/xvda"),
		BlockDeviceMappings: []types.BlockDeviceMapping{
			disk("/dev/xvda", "snap-00000000000000001", 8), disk("/dev/sdb", "snap-00000000000000002", 20),
			{DeviceName: new("/dev/sdc"), VirtualName: new("ephemeral0")},
		},
	}
}

func TestCompareFindsEachDifference(t *testing.T) {
	assert.Empty(t, ami.Compare(described(), described()))
	for name, c := range map[string]struct {
		change func(*types.Image)
		want   []ami.Difference
	}{
		"architecture":   {func(i *types.Image) { i.Architecture = types.ArchitectureValuesArm64 }, []ami.Difference{{Field: "Architecture", Want: "x86_64", Got: "arm64"}}},
		"virtualization": {func(i *types.Image) { i.VirtualizationType = "paravirtual" }, []ami.Difference{{Field: "VirtualizationType", Want: "hvm", Got: "paravirtual"}}},
		"billing code": {func(i *types.Image) {
			i.PlatformDetails, i.UsageOperation = new("Red Hat Enterprise Linux"), new("RunInstances:0010")
		}, []ami.Difference{
			{Field: "PlatformDetails", Got: "Red Hat Enterprise Linux"}, {Field: "UsageOperation", Got: "RunInstances:0010"},
		}},
		"product code": {func(i *types.Image) {
			i.ProductCodes = []types.ProductCode{{ProductCodeId: new("b")}, {ProductCodeId: new("a")}}
		}, []ami.Difference{{Field: "ProductCodes", Got: "a, b"}}},
		"a watermark more": {func(i *types.Image) {
			i.ImageWatermarks = []types.ImageWatermark{{WatermarkKey: new("123456789012:approved")}}
		}, nil},
		"platform":    {func(i *types.Image) { i.Platform = "windows" }, []ami.Difference{{Field: "Platform", Got: "windows"}}},
		"boot mode":   {func(i *types.Image) { i.BootMode = "" }, []ami.Difference{{Field: "BootMode", Want: "uefi"}}},
		"TPM":         {func(i *types.Image) { i.TpmSupport = "" }, []ami.Difference{{Field: "TpmSupport", Want: "v2.0"}}},
		"IMDS":        {func(i *types.Image) { i.ImdsSupport = "" }, []ami.Difference{{Field: "ImdsSupport", Want: "v2.0"}}},
		"ENA":         {func(i *types.Image) { i.EnaSupport = nil }, []ami.Difference{{Field: "EnaSupport", Want: "true", Got: "false"}}},
		"SR-IOV":      {func(i *types.Image) { i.SriovNetSupport = nil }, []ami.Difference{{Field: "SriovNetSupport", Want: "simple"}}},
		"root type":   {func(i *types.Image) { i.RootDeviceType = "instance-store" }, []ami.Difference{{Field: "RootDeviceType", Want: "ebs", Got: "instance-store"}}},
		"root name":   {func(i *types.Image) { i.RootDeviceName = new("/dev/sda1") }, []ami.Difference{{Field: "RootDeviceName", Want: "/dev/xvda", Got: "/dev/sda1"}}},
		"a disk less": {func(i *types.Image) { i.BlockDeviceMappings = i.BlockDeviceMappings[:2] }, []ami.Difference{{Field: "/dev/sdc", Want: "there"}}},
		"a disk more": {func(i *types.Image) {
			i.BlockDeviceMappings = append(i.BlockDeviceMappings, types.BlockDeviceMapping{DeviceName: new("/dev/sdd")})
		}, []ami.Difference{{Field: "/dev/sdd", Got: "there"}}},
		"another disk":       {func(i *types.Image) { i.BlockDeviceMappings[2].VirtualName = new("ephemeral1") }, []ami.Difference{{Field: "/dev/sdc VirtualName", Want: "ephemeral0", Got: "ephemeral1"}}},
		"size":               {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.VolumeSize = new(int32(30)) }, []ami.Difference{{Field: "/dev/sdb VolumeSize", Want: "20 GiB", Got: "30 GiB"}}},
		"type":               {func(i *types.Image) { i.BlockDeviceMappings[0].Ebs.VolumeType = "gp2" }, []ami.Difference{{Field: "/dev/xvda VolumeType", Want: "gp3", Got: "gp2"}}},
		"IOPS":               {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.Iops = new(int32(5000)) }, []ami.Difference{{Field: "/dev/sdb Iops", Want: "4000", Got: "5000"}}},
		"IOPS lost":          {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.Iops = nil }, []ami.Difference{{Field: "/dev/sdb Iops", Want: "4000", Got: "3000"}}},
		"throughput lost":    {func(i *types.Image) { i.BlockDeviceMappings[0].Ebs.Throughput = nil }, []ami.Difference{{Field: "/dev/xvda Throughput", Want: "250", Got: "125"}}},
		"stays behind":       {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.DeleteOnTermination = nil }, []ami.Difference{{Field: "/dev/sdb DeleteOnTermination", Want: "true", Got: "false"}}},
		"another card":       {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.EbsCardIndex = new(int32(1)) }, []ami.Difference{{Field: "/dev/sdb EbsCardIndex", Want: "0", Got: "1"}}},
		"a disk without EBS": {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs = nil }, []ami.Difference{{Field: "/dev/sdb Ebs", Want: "there"}}},
		"an instance store volume for EBS": {func(i *types.Image) {
			i.BlockDeviceMappings[1].Ebs, i.BlockDeviceMappings[1].VirtualName = nil, new("ephemeral1")
		}, []ami.Difference{{Field: "/dev/sdb Ebs", Want: "there"}, {Field: "/dev/sdb VirtualName", Got: "ephemeral1"}}},
		"EBS for an instance store volume": {func(i *types.Image) {
			i.BlockDeviceMappings[2].Ebs, i.BlockDeviceMappings[2].VirtualName = &types.EbsBlockDevice{}, nil
		}, []ami.Difference{{Field: "/dev/sdc Ebs", Got: "there"}, {Field: "/dev/sdc VirtualName", Want: "ephemeral0"}}},
		"no device":        {func(i *types.Image) { i.BlockDeviceMappings[2].NoDevice = new("") }, []ami.Difference{{Field: "/dev/sdc NoDevice", Got: "there"}}},
		"no snapshot":      {func(i *types.Image) { i.BlockDeviceMappings[0].Ebs.SnapshotId = nil }, []ami.Difference{{Field: "/dev/xvda SnapshotId", Want: "there"}}},
		"another snapshot": {func(i *types.Image) { i.BlockDeviceMappings[0].Ebs.SnapshotId = new("snap-00000000000000009") }, nil},
		"encryption lost":  {func(i *types.Image) { i.BlockDeviceMappings[1].Ebs.Encrypted = nil }, []ami.Difference{{Field: "/dev/sdb Encrypted", Want: "true", Got: "false"}}},
		"another id, tags": {func(i *types.Image) { i.ImageId, i.Tags = new(id(2)), []types.Tag{{Key: new("a")}} }, nil},
		"order of the disks": {func(i *types.Image) {
			m := i.BlockDeviceMappings
			m[0], m[1] = m[1], m[0]
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			img := described()
			c.change(&img)
			assert.Equal(t, c.want, ami.Compare(described(), img))
		})
	}
	marked := described()
	marked.ImageWatermarks = []types.ImageWatermark{{WatermarkKey: new("123456789012:approved")}}
	assert.Equal(t, []ami.Difference{{Field: "ImageWatermarks", Want: "123456789012:approved"}}, ami.Compare(marked, described()))
	plain, stated := described(), described()
	plain.BlockDeviceMappings[0].Ebs.Iops, plain.BlockDeviceMappings[0].Ebs.Throughput = nil, nil
	stated.BlockDeviceMappings[0].Ebs.Iops, stated.BlockDeviceMappings[0].Ebs.Throughput = new(int32(3000)), new(int32(125))
	assert.Empty(t, ami.Compare(plain, stated), "what AWS gives unasked, and the same asked for")
	open := described()
	open.BlockDeviceMappings[0].Ebs.Encrypted = nil
	assert.Empty(t, ami.Compare(open, described()), "more encryption is no difference")
	assert.Equal(t, `/dev/sdb VolumeSize is "30 GiB", want "20 GiB"`, ami.Difference{Field: "/dev/sdb VolumeSize", Want: "20 GiB", Got: "30 GiB"}.String())
}

// compared has a copy of an image, finished, and what it is to be like.
func compared(t *testing.T) (*awstest.Cloud, ami.VerifyInput) {
	t.Helper()
	cloud := awstest.Start(t)
	seed := awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}, Tags: map[string]string{"team": "web"}}
	source, ok := cloud.Region(there).Image(cloud.Region(there).OwnImage(seed))
	require.True(t, ok)
	key := cloud.Region(here).Key(awstest.KeySeed{})
	made, err := ami.Copy(t.Context(), client(cloud, here), ami.CopyInput{
		SourceImageID: *source.ImageId, SourceRegion: there, Name: "web 1", Tags: map[string]string{"team": "web"}, Encrypted: true, KMSKeyID: key,
	})
	require.NoError(t, err)
	in := ami.ConfigureInput{ImageID: made.ImageID, Share: ami.Permissions{Accounts: []string{consumer}}, DeprecateAt: time.Now().Add(30 * day)}
	_, err = ami.Configure(t.Context(), client(cloud, here), keysOf(cloud, here), in)
	require.NoError(t, err)
	return cloud, ami.VerifyInput{
		ImageID: made.ImageID, Source: source, Encrypted: true, KMSKeyID: key, Tags: map[string]string{"team": "web"},
		Share: &in.Share, DeprecateAt: in.DeprecateAt,
	}
}

func TestVerifyFindsWhatIsNotAsAsked(t *testing.T) {
	const another = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	later := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*ami.VerifyInput)
		fields []string
	}{
		"nothing":     {func(*ami.VerifyInput) {}, nil},
		"key":         {func(in *ami.VerifyInput) { in.KMSKeyID = another }, []string{"/dev/sdb KmsKeyId", "/dev/xvda KmsKeyId"}},
		"key by id":   {func(in *ami.VerifyInput) { in.KMSKeyID = another[len(another)-36:] }, []string{"/dev/sdb KmsKeyId", "/dev/xvda KmsKeyId"}},
		"tags":        {func(in *ami.VerifyInput) { in.Tags = map[string]string{"team": "db"} }, []string{"/dev/sdb team Tags", "/dev/xvda team Tags", "team Tags"}},
		"deprecation": {func(in *ami.VerifyInput) { in.DeprecateAt = later }, []string{"DeprecationTime"}},
		"shared with too many": {func(in *ami.VerifyInput) { in.Share = &ami.Permissions{} }, []string{
			"/dev/sdb CreateVolumePermissions", "/dev/xvda CreateVolumePermissions", "LaunchPermissions",
		}},
		"shared with too few": {func(in *ami.VerifyInput) {
			in.Share = &ami.Permissions{Accounts: []string{consumer, account(1)}}
		}, []string{"/dev/sdb CreateVolumePermissions", "/dev/xvda CreateVolumePermissions", "LaunchPermissions"}},
		"for launching only": {func(in *ami.VerifyInput) { in.LaunchOnly = true }, []string{"/dev/sdb CreateVolumePermissions", "/dev/xvda CreateVolumePermissions"}},
		"anybody":            {func(in *ami.VerifyInput) { in.Share = nil }, nil},
		"performance": {func(in *ami.VerifyInput) {
			e := in.Source.BlockDeviceMappings[0].Ebs
			e.Iops, e.Throughput, e.DeleteOnTermination = new(int32(9000)), new(int32(900)), new(!*e.DeleteOnTermination)
		}, []string{"/dev/xvda Iops", "/dev/xvda Throughput", "/dev/xvda DeleteOnTermination"}},
		"instance store": {func(in *ami.VerifyInput) {
			in.Source.BlockDeviceMappings[1] = types.BlockDeviceMapping{DeviceName: new("/dev/sdb"), VirtualName: new("ephemeral0")}
		}, []string{"/dev/sdb Ebs", "/dev/sdb VirtualName"}},
		"source": {func(in *ami.VerifyInput) { in.Source.BootMode = types.BootModeValuesLegacyBios }, []string{"BootMode"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := compared(t)
				cloud.ForgetCalls()
				c.change(&in)
				found, err := ami.Verify(t.Context(), client(cloud, here), in)
				require.NoError(t, err)
				var fields []string
				for _, d := range found {
					fields = append(fields, d.Field)
				}
				assert.ElementsMatch(t, c.fields, fields)
				assert.Empty(t, cloud.Writes(), "it only reads")
			})
		})
	}
}

func TestVerifyOfAnUnencryptedCopy(t *testing.T) {
	cloud, in := abroad(t)
	source, _ := cloud.Region(there).Image(in.SourceImageID)
	made, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	found, err := ami.Verify(t.Context(), client(cloud, here), ami.VerifyInput{ImageID: made.ImageID, Source: source, Encrypted: true})
	require.NoError(t, err)
	assert.Equal(t, []ami.Difference{{Field: "/dev/xvda Encrypted", Want: "true", Got: "false"}}, found)

	_, err = client(cloud, here).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &made.ImageID})
	require.NoError(t, err)
	found, err = ami.Verify(t.Context(), client(cloud, here), ami.VerifyInput{ImageID: made.ImageID, Source: source})
	require.NoError(t, err)
	assert.Equal(t, []ami.Difference{{Field: "State", Want: "available", Got: "disabled"}}, found)
}

func TestVerifyRefuses(t *testing.T) {
	cloud := awstest.Start(t)
	good := ami.VerifyInput{ImageID: id(1), Source: described()}
	for name, spoil := range map[string]func(*ami.VerifyInput){
		"no image":     func(in *ami.VerifyInput) { in.ImageID = "x" },
		"no source":    func(in *ami.VerifyInput) { in.Source = types.Image{} },
		"an alias":     func(in *ami.VerifyInput) { in.KMSKeyID = "alias/web" },
		"no account":   func(in *ami.VerifyInput) { in.Share = &ami.Permissions{Accounts: []string{"1"}} },
		"no such unit": func(in *ami.VerifyInput) { in.Share = &ami.Permissions{OrganizationalUnits: []string{"ou-1"}} },
	} {
		in := good
		spoil(&in)
		_, err := ami.Verify(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInvalidInput, name)
	}
	assert.Empty(t, cloud.Calls())
	_, err := ami.Verify(t.Context(), client(cloud, here), good)
	require.ErrorIs(t, err, ami.ErrNotFound)
}
