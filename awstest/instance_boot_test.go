package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// bootWorld has images of the same snapshot that differ in their boot mode and
// their architecture.
type bootWorld struct {
	*ec2.Client
	t        *testing.T
	snapshot string
}

func newBootWorld(t *testing.T) *bootWorld {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	region.OwnImage(awstest.ImageSeed{Name: "base"})
	return &bootWorld{ec2.NewFromConfig(cloud.Config(home)), t, *region.Snapshots()[0].SnapshotId}
}

func (w *bootWorld) run(mode ec2types.BootModeValues, arch ec2types.ArchitectureValues, kind ec2types.InstanceType) (ec2types.Instance, error) {
	w.t.Helper()
	image, err := w.RegisterImage(w.t.Context(), &ec2.RegisterImageInput{Name: new(string(mode) + string(arch) + string(kind)), BootMode: mode,
		Architecture: arch, VirtualizationType: new("hvm"), RootDeviceName: new("/dev/xvda"), EnaSupport: new(true),
		BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{SnapshotId: &w.snapshot})})
	require.NoError(w.t, err)
	out, err := w.RunInstances(w.t.Context(), &ec2.RunInstancesInput{ImageId: image.ImageId, InstanceType: kind, MinCount: new(int32(1)), MaxCount: new(int32(1))})
	if err != nil {
		return ec2types.Instance{}, err
	}
	return out.Instances[0], nil
}

// TestInstancesBootAsTheirTypeCan: only types on the Nitro System boot UEFI, and
// those with Graviton nothing else.
func TestInstancesBootAsTheirTypeCan(t *testing.T) {
	w := newBootWorld(t)
	for _, test := range []struct {
		mode ec2types.BootModeValues
		arch ec2types.ArchitectureValues
		kind ec2types.InstanceType
		want ec2types.InstanceBootModeValues
	}{
		{"uefi-preferred", "x86_64", "t2.micro", "legacy-bios"},
		{"uefi-preferred", "x86_64", "m4.large", "legacy-bios"},
		{"uefi-preferred", "x86_64", "t3.micro", "uefi"},
		{"uefi", "x86_64", "m5.large", "uefi"},
		{"legacy-bios", "x86_64", "t3.micro", "legacy-bios"},
		{"", "x86_64", "t3.micro", "legacy-bios"},
		{"", "arm64", "t4g.micro", "uefi"},
	} {
		i, err := w.run(test.mode, test.arch, test.kind)
		require.NoError(t, err)
		assert.Equal(t, test.want, i.CurrentInstanceBootMode, "%s image on %s", test.mode, test.kind)
		assert.Equal(t, test.mode, i.BootMode)
	}
	_, err := w.run("uefi", "x86_64", "t2.micro")
	requireWords(t, err, "InvalidParameterValue", "The t2.micro instance type does not support an AMI with a boot mode of UEFI. Only instance "+
		"types built on the Nitro System support UEFI. Specify an instance type that supports UEFI, and try again.")
}

// TestWhatThereIsNoneOfIsEmpty: a tool that dereferences what AWS always sends
// works here too.
func TestWhatThereIsNoneOfIsEmpty(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	i := readInstance(t, ec2.NewFromConfig(cloud.Config(home)), region.PreparedInstance(awstest.InstanceSeed{}))
	for name, text := range map[string]*string{
		"StateTransitionReason": i.StateTransitionReason, "PublicDnsName": i.PublicDnsName, "ClientToken": i.ClientToken,
		"Placement.GroupName": i.Placement.GroupName,
	} {
		if assert.NotNil(t, text, name) {
			assert.Empty(t, *text, name)
		}
	}
	assert.NotNil(t, i.ProductCodes)

	client := autoscaling.NewFromConfig(cloud.Config(home))
	_, err := client.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(region.OwnImage(awstest.ImageSeed{Name: "golden"})), InstanceType: new("t3.micro")})
	require.NoError(t, err)
	out, err := client.DescribeLaunchConfigurations(t.Context(), &autoscaling.DescribeLaunchConfigurationsInput{})
	require.NoError(t, err)
	lc := out.LaunchConfigurations[0]
	for name, text := range map[string]*string{"KernelId": lc.KernelId, "RamdiskId": lc.RamdiskId, "KeyName": lc.KeyName, "UserData": lc.UserData} {
		if assert.NotNil(t, text, name) {
			assert.Empty(t, *text, name)
		}
	}
	assert.NotNil(t, lc.SecurityGroups)
	assert.NotNil(t, lc.ClassicLinkVPCSecurityGroups)
	assert.NotNil(t, lc.BlockDeviceMappings)
}
