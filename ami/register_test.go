package ami_test

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
)

// fromDisks has snapshots of a root and of a data volume of an instance, completed
// or begun, and what it takes to make an image of them.
func fromDisks(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.RegisterInput) {
	t.Helper()
	cloud := awstest.Start(t, opts...)
	prepared := cloud.Region(here).PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{20}})
	in := ami.RegisterInput{Name: "web 1", Architecture: types.ArchitectureValuesX8664, RootDeviceName: "/dev/xvda", BootMode: types.BootModeValuesUefi}
	for _, i := range cloud.Region(here).Instances() {
		require.Equal(t, prepared, *i.InstanceId)
		for _, m := range i.BlockDeviceMappings {
			made, err := client(cloud, here).CreateSnapshot(t.Context(), &ec2.CreateSnapshotInput{VolumeId: m.Ebs.VolumeId})
			require.NoError(t, err)
			in.Mappings = append(in.Mappings, types.BlockDeviceMapping{
				DeviceName: m.DeviceName, Ebs: &types.EbsBlockDevice{SnapshotId: made.SnapshotId, VolumeType: types.VolumeTypeGp3},
			})
		}
	}
	cloud.ForgetCalls()
	return cloud, in
}

func TestRegisterSendsWhatAWSWouldGuessOtherwise(t *testing.T) {
	cloud, in := fromDisks(t, awstest.WithInputs())
	in.Tags = map[string]string{"team": "web"}
	in.ImdsSupport, in.TpmSupport, in.Description = types.ImdsSupportValuesV20, types.TpmSupportValuesV20, "of disks"
	made, err := ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	images, err := ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
	require.NoError(t, err)

	img := images[0]
	assert.Equal(t, types.ArchitectureValuesX8664, img.Architecture)
	assert.Equal(t, types.VirtualizationTypeHvm, img.VirtualizationType)
	assert.True(t, *img.EnaSupport)
	assert.Equal(t, "/dev/xvda", *img.RootDeviceName)
	assert.Equal(t, types.BootModeValuesUefi, img.BootMode)
	assert.Equal(t, types.ImdsSupportValuesV20, img.ImdsSupport)
	assert.Equal(t, types.TpmSupportValuesV20, img.TpmSupport)
	assert.Equal(t, "of disks", *img.Description)
	assert.Len(t, img.BlockDeviceMappings, 2)
	assert.Equal(t, "web", ami.Tag(img.Tags, "team"))
	assert.Equal(t, made.Intent, ami.Tag(img.Tags, ami.TagIntent))
	assert.Equal(t, *in.Mappings[0].Ebs.SnapshotId, ami.Tag(img.Tags, ami.TagSource))
	require.Len(t, cloud.Writes(), 1, "no tag is written afterwards")
	for _, s := range snapshots(t, cloud, here) {
		assert.Empty(t, s.Tags, "they are the caller's")
	}

	in.WithoutENA, in.Name = true, "web 2"
	_, err = ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.False(t, *cloud.Writes()[1].Input.(*ec2.RegisterImageInput).EnaSupport)
}

func TestRegisterAgainAdopts(t *testing.T) {
	cloud, in := fromDisks(t)
	first, err := ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	cloud.ForgetCalls()
	in.Mappings[0], in.Mappings[1] = in.Mappings[1], in.Mappings[0]
	again, err := ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err, "the order of the disks says nothing")
	assert.True(t, again.Adopted)
	assert.Equal(t, first.ImageID, again.ImageID)
	assert.Len(t, cloud.Calls(), 1, "one look-up tells")

	for name, change := range map[string]func(*ami.RegisterInput){
		"architecture": func(in *ami.RegisterInput) { in.Architecture = types.ArchitectureValuesArm64 },
		"boot mode":    func(in *ami.RegisterInput) { in.BootMode = types.BootModeValuesLegacyBios },
		"IMDS":         func(in *ami.RegisterInput) { in.ImdsSupport = types.ImdsSupportValuesV20 },
		"TPM":          func(in *ami.RegisterInput) { in.TpmSupport = types.TpmSupportValuesV20 },
		"ENA":          func(in *ami.RegisterInput) { in.WithoutENA = true },
		"UEFI data":    func(in *ami.RegisterInput) { in.UefiData = "QU1aTlVFRkk" },
		"a disk less":  func(in *ami.RegisterInput) { in.Mappings = in.Mappings[1:] },
		"revision":     func(in *ami.RegisterInput) { in.Revision = "2" },
	} {
		other := in
		change(&other)
		_, err := ami.Register(t.Context(), client(cloud, here), other)
		require.ErrorIs(t, err, ami.ErrNameTaken, name)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, first.ImageID, e.ID)
	}
	assert.Empty(t, cloud.Writes())
}

// AWS has no token for this call: what a lost answer has made is adopted.
func TestRegisterAfterALostResponseIsOne(t *testing.T) {
	for name, lose := range map[string]func(awstest.Match) awstest.Fault{"once": awstest.LoseResponse, "for good": awstest.LoseResponseForGood} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := fromDisks(t, awstest.WithFault(lose(awstest.Match{Operation: "RegisterImage"})))
				made, err := ami.Register(t.Context(), client(cloud, here), in)
				if name == "for good" {
					require.Error(t, err)
					made, err = ami.Register(t.Context(), client(cloud, here), in)
				}
				require.NoError(t, err)
				assert.True(t, made.Adopted)
				require.Len(t, held(t, cloud, here), 1)
				assert.Equal(t, made.ImageID, *held(t, cloud, here)[0].ImageId)
			})
		})
	}
}

func TestRegisterWaitsForItsSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fromDisks(t, awstest.WithTiming(awstest.Timing{Snapshot: 4 * time.Minute}))
		start := time.Now()
		_, err := ami.Register(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.InDelta(t, 4*time.Minute, time.Since(start), float64(10*time.Second))
	})
}

func TestRegisterOfSnapshotsThatAreNotFit(t *testing.T) {
	const reason = "Given key ID is not accessible"
	altered := func(change func(*types.Snapshot)) awstest.Fault {
		return answered(func(out *ec2.DescribeSnapshotsOutput) { change(&out.Snapshots[len(out.Snapshots)-1]) })
	}
	for name, c := range map[string]struct {
		fault awstest.Fault
		kind  error
	}{
		"failed": {altered(func(n *types.Snapshot) { n.State, n.StateMessage = types.SnapshotStateError, new(reason) }), ami.ErrFailed},
		"gone":   {answered(func(out *ec2.DescribeSnapshotsOutput) { out.Snapshots = out.Snapshots[:1] }), ami.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := fromDisks(t, awstest.WithFault(c.fault))
				start := time.Now()
				_, err := ami.Register(t.Context(), client(cloud, here), in)
				require.ErrorIs(t, err, c.kind)
				assert.Empty(t, cloud.Writes())
				e, ok := errors.AsType[*ami.Error](err)
				require.True(t, ok)
				assert.Equal(t, here, e.Region)
				assert.Contains(t, []string{*in.Mappings[0].Ebs.SnapshotId, *in.Mappings[1].Ebs.SnapshotId}, e.ID)
				if name == "failed" {
					assert.Equal(t, reason, e.Reason)
					assert.Contains(t, e.Hint, "KMS key")
				} else {
					assert.InDelta(t, 5*time.Minute, time.Since(start), float64(20*time.Second), "the grace")
				}
			})
		})
	}
	t.Run("pending when its context ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud, in := fromDisks(t, awstest.WithTiming(awstest.Timing{Snapshot: time.Hour}))
			_, err := ami.Register(within(t, time.Minute), client(cloud, here), in)
			require.ErrorIs(t, err, errStopped)
			e, ok := errors.AsType[*ami.Error](err)
			require.True(t, ok)
			assert.Len(t, e.IDs, 2)
			assert.Equal(t, "pending", e.State)
			assert.Contains(t, e.Progress, "%")
			assert.Equal(t, time.Minute, e.Elapsed)
			assert.Empty(t, cloud.Writes())
		})
	})
}

func TestRegisterReplacesAFailedOneAndKeepsItsSnapshots(t *testing.T) {
	cloud, in := fromDisks(t)
	cloud.FailImages(awstest.ImageMatch{}, "Client.InternalError", "it failed")
	first, err := ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{first.ImageID})
	require.ErrorIs(t, err, ami.ErrFailed)
	cloud.ForgetScripts()
	second, err := ami.Register(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.Equal(t, first.ImageID, second.Replaced)
	assert.Len(t, held(t, cloud, here), 1)
	assert.Len(t, snapshots(t, cloud, here), 2, "they are the caller's")
}

func TestRegisterRefusesBadInputWithoutACall(t *testing.T) {
	for name, spoil := range map[string]func(*ami.RegisterInput){
		"no name":                 func(in *ami.RegisterInput) { in.Name = "" },
		"no architecture":         func(in *ami.RegisterInput) { in.Architecture = "" },
		"an architecture of none": func(in *ami.RegisterInput) { in.Architecture = "z80" },
		"a boot mode of none":     func(in *ami.RegisterInput) { in.BootMode = "bios" },
		"a TPM of none":           func(in *ami.RegisterInput) { in.TpmSupport = "v1.2" },
		"a TPM without UEFI":      func(in *ami.RegisterInput) { in.TpmSupport, in.BootMode = types.TpmSupportValuesV20, "" },
		"a TPM and a BIOS": func(in *ami.RegisterInput) {
			in.TpmSupport, in.BootMode = types.TpmSupportValuesV20, types.BootModeValuesLegacyBios
		},
		"a TPM, UEFI preferred": func(in *ami.RegisterInput) {
			in.TpmSupport, in.BootMode = types.TpmSupportValuesV20, types.BootModeValuesUefiPreferred
		},
		"IMDS of none":             func(in *ami.RegisterInput) { in.ImdsSupport = "v1.0" },
		"no root device":           func(in *ami.RegisterInput) { in.RootDeviceName = "" },
		"a root that is no disk":   func(in *ami.RegisterInput) { in.RootDeviceName = "/dev/xvdz" },
		"a root without snapshot":  func(in *ami.RegisterInput) { in.Mappings[0].Ebs.SnapshotId = nil },
		"no disks":                 func(in *ami.RegisterInput) { in.Mappings = nil },
		"a disk without name":      func(in *ami.RegisterInput) { in.Mappings[1].DeviceName = nil },
		"a device twice":           func(in *ami.RegisterInput) { in.Mappings[1].DeviceName = in.Mappings[0].DeviceName },
		"a device without disk":    func(in *ami.RegisterInput) { in.Mappings[1].Ebs = nil },
		"no snapshot id":           func(in *ami.RegisterInput) { in.Mappings[1].Ebs.SnapshotId = new("vol-0123456789abcdef0") },
		"encryption of a snapshot": func(in *ami.RegisterInput) { in.Mappings[1].Ebs.Encrypted = new(true) },
		"a key of a snapshot":      func(in *ami.RegisterInput) { in.Mappings[1].Ebs.KmsKeyId = new("alias/web") },
		"a tag of ours":            func(in *ami.RegisterInput) { in.Tags = map[string]string{ami.TagIntent: "x"} },
	} {
		t.Run(name, func(t *testing.T) {
			cloud, in := fromDisks(t)
			spoil(&in)
			_, err := ami.Register(t.Context(), client(cloud, here), in)
			require.ErrorIs(t, err, ami.ErrInvalidInput)
			require.ErrorIs(t, in.Check(here), ami.ErrInvalidInput)
			assert.Empty(t, cloud.Calls())
		})
	}
}
