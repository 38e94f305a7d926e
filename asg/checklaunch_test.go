package asg_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// planned is what would be launched, before there is any version of it.
func (f *fleet) planned() asg.CheckLaunchInput {
	f.t.Helper()
	image, _ := f.Cloud.Region(home).Image(f.image("2"))
	return asg.CheckLaunchInput{Image: image, Data: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}}
}

// requirements select types with two processors and 8 GiB; some of them are not
// built on the Nitro System.
func requirements() *types.InstanceRequirements {
	return &types.InstanceRequirements{
		VCpuCount: &types.VCpuCountRequest{Min: new(int32(2)), Max: new(int32(2))},
		MemoryMiB: &types.MemoryMiBRequest{Min: new(int32(8192)), Max: new(int32(8192))},
	}
}

// mixed gives the group of the input a policy with these overrides.
func mixed(in *asg.CheckLaunchInput, all ...types.LaunchTemplateOverrides) {
	in.Group.LaunchTemplate = nil
	in.Group.MixedInstancesPolicy = policy(template("lt-1", "1"))
	in.Group.MixedInstancesPolicy.LaunchTemplate.Overrides = all
}

func typed(name string) types.LaunchTemplateOverrides {
	return types.LaunchTemplateOverrides{InstanceType: &name}
}

func disk(device string, ebs *ec2types.LaunchTemplateEbsBlockDeviceRequest) []ec2types.LaunchTemplateBlockDeviceMappingRequest {
	return []ec2types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: &device, Ebs: ebs}}
}

// TestCheckLaunch finds, before there is a version, whatever keeps it from being
// launched. A finding with a ! blocks.
func TestCheckLaunch(t *testing.T) {
	type (
		input = asg.CheckLaunchInput
		ebs   = ec2types.LaunchTemplateEbsBlockDeviceRequest
	)
	for name, tt := range map[string]struct {
		change func(*input)
		want   []string
	}{
		"all is well":   {func(*input) {}, nil},
		"another image": {func(in *input) { in.Image.Architecture = "arm64" }, []string{"!asg.Architecture t3.micro"}},
		"every override is looked at": {func(in *input) {
			mixed(in, typed("t3.micro"), typed("m7g.large"), typed("t3.small"), typed("t4g.small"))
		}, []string{"!asg.Architecture m7g.large t4g.small"}},
		"only those of the template": {func(in *input) {
			other := typed("m7g.large")
			other.LaunchTemplateSpecification = template("lt-2", "1")
			mixed(in, typed("t3.micro"), other)
		}, nil},
		"of another template": {func(in *input) {
			other := typed("m7g.large")
			other.LaunchTemplateSpecification = template("lt-2", "1")
			mixed(in, typed("t3.micro"), other)
			in.Template = &asg.TemplateSpec{ID: "lt-2", Version: "1"}
		}, []string{"!asg.Architecture m7g.large"}},
		"a base that nothing launches from": {func(in *input) {
			other := typed("m7g.large")
			other.LaunchTemplateSpecification = template("lt-2", "1")
			mixed(in, other)
			in.Data.InstanceType = ""
		}, nil},
		"an override without a type has the template's": {func(in *input) {
			mixed(in, types.LaunchTemplateOverrides{WeightedCapacity: new("1")})
			in.Data.InstanceType = "m7g.large"
		}, []string{"!asg.Architecture m7g.large"}},
		"no type": {func(in *input) { in.Data.InstanceType = "" }, []string{"!asg.InstanceType"}},
		"a type that the Region does not have": {func(in *input) {
			mixed(in, typed("t3.micro"), typed("t9.gigantic"))
		}, []string{"!asg.InstanceType t9.gigantic"}},

		"requirements, of which types take the image": {func(in *input) {
			mixed(in, types.LaunchTemplateOverrides{InstanceRequirements: requirements()})
		}, nil},
		"of the template itself": {func(in *input) {
			in.Data.InstanceType, in.Data.InstanceRequirements = "", &ec2types.InstanceRequirementsRequest{
				VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(8192))},
				AllowedInstanceTypes: []string{"m7g.*"},
			}
		}, []string{"!asg.InstanceType"}},
		"requirements that exclude all of its architecture": {func(in *input) {
			r := requirements()
			r.CpuManufacturers = []types.CpuManufacturer{"amazon-web-services"}
			mixed(in, types.LaunchTemplateOverrides{InstanceRequirements: r})
		}, []string{"!asg.InstanceType"}},
		"some of those selected do not fit": {func(in *input) {
			r := requirements()
			r.AllowedInstanceTypes = []string{"m4.*", "m5.*"}
			mixed(in, types.LaunchTemplateOverrides{InstanceRequirements: r})
			in.Image.BootMode = "uefi"
		}, []string{"asg.BootMode m4.large"}},
		"none of those selected fits": {func(in *input) {
			r := requirements()
			r.AllowedInstanceTypes = []string{"m4.*"}
			mixed(in, types.LaunchTemplateOverrides{InstanceRequirements: r})
			in.Image.BootMode = "uefi"
		}, []string{"!asg.BootMode m4.large"}},
		"each of those selected fails another way": {func(in *input) {
			r := requirements()
			r.AllowedInstanceTypes = []string{"m4.*", "m5.*"}
			mixed(in, types.LaunchTemplateOverrides{InstanceRequirements: r})
			in.Image.BootMode, in.Image.EnaSupport = "uefi", new(false)
		}, []string{"!asg.InstanceType", "asg.BootMode m4.large", "asg.ENA m5.large", "asg.NVMe m5.large"}},

		"paravirtual":                   {func(in *input) { in.Image.VirtualizationType = "paravirtual" }, []string{"!asg.Virtualization t3.micro"}},
		"uefi on a type without":        {func(in *input) { in.Image.BootMode, in.Data.InstanceType = "uefi", "t2.micro" }, []string{"!asg.BootMode t2.micro"}},
		"uefi":                          {func(in *input) { in.Image.BootMode = "uefi" }, nil},
		"preferred, on one without":     {func(in *input) { in.Data.InstanceType = "t2.micro" }, nil},
		"no boot mode":                  {func(in *input) { in.Image.BootMode = "" }, nil},
		"legacy":                        {func(in *input) { in.Image.BootMode = "legacy-bios" }, nil},
		"a TPM":                         {func(in *input) { in.Image.BootMode, in.Image.TpmSupport = "uefi", "v2.0" }, nil},
		"a TPM that does not boot UEFI": {func(in *input) { in.Image.TpmSupport = "v2.0" }, []string{"!asg.TPM " + "image"}},
		"a TPM on a type without": {func(in *input) {
			in.Image.BootMode, in.Image.TpmSupport, in.Data.InstanceType = "uefi", "v2.0", "m4.large"
		}, []string{"!asg.BootMode m4.large", "!asg.TPM m4.large"}},
		"no ENA":                {func(in *input) { in.Image.EnaSupport = nil }, []string{"!asg.ENA t3.micro", "asg.NVMe t3.micro"}},
		"no ENA, on an old one": {func(in *input) { in.Image.EnaSupport, in.Data.InstanceType = nil, "m4.large" }, nil},
		"not available":         {func(in *input) { in.Image.State = "disabled" }, []string{"!asg.ImageUnavailable image"}},

		"a larger root volume":  {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{VolumeSize: new(int32(20))}) }, nil},
		"a smaller root volume": {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{VolumeSize: new(int32(4))}) }, []string{"!asg.VolumeSize snapshot"}},
		"smaller than the image's, not than the snapshot": {func(in *input) {
			in.Image.BlockDeviceMappings[0].Ebs.VolumeSize = new(int32(30))
			in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{VolumeSize: new(int32(20))})
		}, nil},
		"a snapshot that nobody shows": {func(in *input) {
			in.Image.BlockDeviceMappings[0].Ebs.SnapshotId = new("snap-00000000000000000")
			in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{VolumeSize: new(int32(4))})
		}, []string{"asg.NotChecked snap-00000000000000000"}},
		"a root volume under another name": {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/sda1", &ebs{VolumeSize: new(int32(20))}) }, []string{"!asg.RootDevice /dev/sda1"}},
		"no root volume": {func(in *input) {
			in.Data.BlockDeviceMappings = []ec2types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: new("/dev/xvda"), NoDevice: new("")}}
		}, []string{"!asg.RootDevice /dev/xvda"}},
		"a data volume":       {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/sdb", &ebs{VolumeSize: new(int32(20))}) }, nil},
		"one without a size":  {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/sdb", &ebs{VolumeType: "gp3"}) }, []string{"!asg.Volume /dev/sdb"}},
		"the root's snapshot": {func(in *input) { in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{SnapshotId: new("snap-other")}) }, []string{"!asg.Volume snap-other"}},
		"no encryption of one": {func(in *input) {
			in.Image.BlockDeviceMappings[0].Ebs.Encrypted = new(true)
			in.Data.BlockDeviceMappings = disk("/dev/xvda", &ebs{Encrypted: new(false)})
		}, []string{"!asg.Volume /dev/xvda"}},

		"groups beside interfaces": {func(in *input) {
			in.Data.SecurityGroupIds = []string{"sg-1"}
			in.Data.NetworkInterfaces = []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{DeviceIndex: new(int32(0))}}
		}, []string{"!asg.TemplateConflict"}},
		"group names beside subnets": {func(in *input) {
			in.Data.SecurityGroups, in.Group.VPCZoneIdentifier = []string{"web"}, new("subnet-1")
		}, []string{"!asg.TemplateConflict web"}},
		"a type beside requirements": {func(in *input) {
			in.Data.InstanceRequirements = &ec2types.InstanceRequirementsRequest{
				VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(8192))},
			}
		}, []string{"!asg.TemplateConflict"}},
		"a market beside a policy": {func(in *input) {
			mixed(in, typed("t3.micro"))
			in.Data.InstanceMarketOptions = &ec2types.LaunchTemplateInstanceMarketOptionsRequest{MarketType: "spot"}
		}, []string{"!asg.TemplateConflict"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			in := f.planned()
			image, snapshot := *in.Image.ImageId, *in.Image.BlockDeviceMappings[0].Ebs.SnapshotId
			tt.change(&in)
			checked, err := asg.CheckLaunch(t.Context(), f.ec2, in)
			require.NotNil(t, checked, "%v", err)
			var got []string
			blocks := false
			for _, found := range checked.Findings {
				line := string(found.Code)
				if found.Blocks {
					line, blocks = "!"+line, true
				}
				for _, id := range found.IDs {
					switch id {
					case image:
						id = "image"
					case snapshot:
						id = "snapshot"
					}
					line += " " + id
				}
				got = append(got, line)
				assert.NotEmpty(t, found.Detail)
			}
			assert.Equal(t, tt.want, got, "%v", checked.Findings)
			if blocks {
				require.ErrorIs(t, err, asg.ErrLaunchRefused)
				assert.Equal(t, "asg.LaunchRefused", failure(t, err).Code())
			} else {
				require.NoError(t, err)
			}
			assert.Empty(t, f.Writes())
		})
	}
}

// TestCheckLaunchAsksEC2 has EC2 try the source version with the new image, which
// needs no version.
func TestCheckLaunchAsksEC2(t *testing.T) {
	f := start(t)
	f.group("web")
	out, err := f.ec2.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &f.templateID, Versions: []string{"1"}})
	require.NoError(t, err)
	in := f.planned()
	in.Group, in.Source = f.read("web"), &out.LaunchTemplateVersions[0]
	f.ForgetCalls()
	checked, err := asg.CheckLaunch(t.Context(), f.ec2, in)
	require.NoError(t, err)
	assert.Empty(t, checked.Findings)
	assert.Equal(t, []string{"t3.micro"}, checked.InstanceTypes)
	dry := f.dryRuns()[0]
	assert.Equal(t, []any{*in.Image.ImageId, "1", f.subnets[0], true}, []any{*dry.ImageId, *dry.LaunchTemplate.Version, *dry.SubnetId, *dry.DryRun})

	in.Data.KeyName = new("another")
	checked, err = asg.CheckLaunch(t.Context(), f.ec2, in)
	require.NoError(t, err)
	assert.Equal(t, asg.FindingLaunchNotTried, checked.Findings[0].Code, "it would be another launch")
	in.Data.KeyName = nil

	in.Image.Architecture = "arm64"
	f.ForgetCalls()
	_, err = asg.CheckLaunch(t.Context(), f.ec2, in)
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	assert.Empty(t, f.dryRuns(), "EC2 could only say the same")
	in.Image.Architecture = "x86_64"

	f.Inject(awstest.Refuse(awstest.Match{Operation: "RunInstances"}, 0, "UnauthorizedOperation", "not you"))
	checked, err = asg.CheckLaunch(t.Context(), f.ec2, in)
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	assert.ErrorContains(t, err, "not you")
	assert.Equal(t, asg.FindingLaunchRefused, checked.Findings[0].Code)
	assert.Equal(t, "aws.UnauthorizedOperation", checked.Findings[0].Err.Code())
}

// TestCheckLaunchWithoutPermission checks the rest and says what it could not.
func TestCheckLaunchWithoutPermission(t *testing.T) {
	for _, operation := range []string{"DescribeInstanceTypes", "GetInstanceTypesFromInstanceRequirements", "DescribeSnapshots"} {
		f := start(t)
		f.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 0, "UnauthorizedOperation", "no"))
		in := f.planned()
		mixed(&in, types.LaunchTemplateOverrides{InstanceRequirements: requirements()})
		in.Data.BlockDeviceMappings = disk("/dev/xvda", &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(4))})
		in.Data.NetworkInterfaces = []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{DeviceIndex: new(int32(0))}}
		in.Data.SecurityGroupIds = []string{"sg-1"}
		checked, err := asg.CheckLaunch(t.Context(), f.ec2, in)
		require.ErrorIs(t, err, asg.ErrLaunchRefused, operation)
		codes := map[asg.FindingCode]*asg.Error{}
		for _, found := range checked.Findings {
			codes[found.Code] = found.Err
		}
		assert.Contains(t, codes, asg.FindingTemplateConflict, operation)
		require.Contains(t, codes, asg.FindingNotChecked, operation)
	}
}

func TestCheckLaunchErrors(t *testing.T) {
	f := start(t)
	for name, change := range map[string]func(*asg.CheckLaunchInput){
		"Image":       func(in *asg.CheckLaunchInput) { in.Image.ImageId = nil },
		"Data":        func(in *asg.CheckLaunchInput) { in.Data = nil },
		"Source":      func(in *asg.CheckLaunchInput) { in.Source = &ec2types.LaunchTemplateVersion{} },
		"Template.ID": func(in *asg.CheckLaunchInput) { in.Template = &asg.TemplateSpec{ID: "web"} },
	} {
		in := f.planned()
		change(&in)
		f.ForgetCalls()
		checked, err := asg.CheckLaunch(t.Context(), f.ec2, in)
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, name)
		assert.Nil(t, checked)
		assert.Empty(t, f.Calls())
	}
	for _, operation := range []string{"DescribeInstanceTypes", "DescribeSnapshots"} {
		f := start(t)
		f.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 0, "InternalFailure", "no"))
		in := f.planned()
		in.Data.BlockDeviceMappings = disk("/dev/xvda", &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(4))})
		checked, err := asg.CheckLaunch(t.Context(), f.ec2, in)
		require.ErrorContains(t, err, "InternalFailure", operation)
		assert.Nil(t, checked, "the check itself has failed")
		assert.Equal(t, home, failure(t, err).Region)
	}
}

// TestRequirementsKeepEveryField fails when Auto Scaling gets a requirement that
// EC2 has not, or has under another name.
func TestRequirementsKeepEveryField(t *testing.T) {
	sameFields(t, reflect.TypeFor[types.InstanceRequirements](), reflect.TypeFor[ec2types.InstanceRequirementsRequest]())
}

func sameFields(t *testing.T, from, to reflect.Type) {
	t.Helper()
	for f := range from.Fields() {
		if !f.IsExported() {
			continue
		}
		g, ok := to.FieldByName(f.Name)
		if !assert.True(t, ok, "%s.%s", from, f.Name) {
			continue
		}
		a, b := f.Type, g.Type
		for a.Kind() == reflect.Pointer || a.Kind() == reflect.Slice {
			a, b = a.Elem(), b.Elem()
		}
		if a.Kind() == reflect.Struct {
			sameFields(t, a, b)
		}
	}
}
