package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// What an image has to bring for a type, and how a launch ends without it.
func TestWhatTypesNeedOfAnImage(t *testing.T) {
	cloud := awstest.Start(t)
	r, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	source, _ := r.Image(r.OwnImage(awstest.ImageSeed{Name: "source"}))
	image := func(name string, in ec2.RegisterImageInput) string {
		in.Name, in.RootDeviceName = &name, new("/dev/xvda")
		in.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{
			DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{SnapshotId: source.BlockDeviceMappings[0].Ebs.SnapshotId},
		}}
		out, err := client.RegisterImage(t.Context(), &in)
		require.NoError(t, err)
		return *out.ImageId
	}
	hvm := new("hvm")
	plain := image("plain", ec2.RegisterImageInput{Architecture: "x86_64", VirtualizationType: hvm})
	modern := image("modern", ec2.RegisterImageInput{Architecture: "x86_64", VirtualizationType: hvm, EnaSupport: new(true)})
	paravirtual := image("paravirtual", ec2.RegisterImageInput{Architecture: "x86_64"})
	narrow := image("narrow", ec2.RegisterImageInput{VirtualizationType: hvm})
	for _, tt := range []struct {
		image, instanceType, code, message string
	}{
		{modern, "t3.micro", "DryRunOperation", ""},
		{plain, "t3.micro", "InvalidParameterCombination", "(ENA) is required for the 't3.micro' instance type"},
		{plain, "t2.micro", "DryRunOperation", ""},
		{plain, "m4.large", "DryRunOperation", ""},
		{paravirtual, "t2.micro", "InvalidParameterCombination", "Virtualization type 'hvm' is required"},
		{paravirtual, "m3.medium", "DryRunOperation", ""},
		{narrow, "t2.micro", "DryRunOperation", ""},
		{narrow, "m4.large", "InvalidParameterValue", "architecture 'i386'"},
		{modern, "m7g.large", "InvalidParameterValue", "architecture 'arm64'"},
	} {
		_, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
			DryRun: new(true), MinCount: new(int32(1)), MaxCount: new(int32(1)), ImageId: &tt.image, InstanceType: ec2types.InstanceType(tt.instanceType),
		})
		requireCode(t, err, tt.code, tt.message)
	}
}

func TestInstanceTypesSayWhatTheyNeed(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t).Config(home))
	out, err := client.DescribeInstanceTypes(t.Context(), &ec2.DescribeInstanceTypesInput{
		InstanceTypes: []ec2types.InstanceType{"t2.micro", "t3.xlarge", "m7g.medium", "m1.small"},
	})
	require.NoError(t, err)
	got := map[string][]any{}
	for _, i := range out.InstanceTypes {
		got[string(i.InstanceType)] = []any{
			i.NetworkInfo.EnaSupport, i.EbsInfo.NvmeSupport, i.SupportedBootModes, i.NitroTpmSupport, i.ProcessorInfo.SupportedArchitectures, i.SupportedVirtualizationTypes,
		}
	}
	type (
		modes         = []ec2types.BootModeType
		architectures = []ec2types.ArchitectureType
		kinds         = []ec2types.VirtualizationType
	)
	assert.Equal(t, map[string][]any{
		"t2.micro":   {ec2types.EnaSupportUnsupported, ec2types.EbsNvmeSupportUnsupported, modes{"legacy-bios"}, ec2types.NitroTpmSupportUnsupported, architectures{"x86_64", "i386"}, kinds{"hvm"}},
		"t3.xlarge":  {ec2types.EnaSupportRequired, ec2types.EbsNvmeSupportRequired, modes{"legacy-bios", "uefi"}, ec2types.NitroTpmSupportSupported, architectures{"x86_64"}, kinds{"hvm"}},
		"m7g.medium": {ec2types.EnaSupportRequired, ec2types.EbsNvmeSupportRequired, modes{"uefi"}, ec2types.NitroTpmSupportUnsupported, architectures{"arm64"}, kinds{"hvm"}},
		"m1.small":   {ec2types.EnaSupportUnsupported, ec2types.EbsNvmeSupportUnsupported, modes{"legacy-bios"}, ec2types.NitroTpmSupportUnsupported, architectures{"x86_64", "i386"}, kinds{"hvm", "paravirtual"}},
	}, got)
}

// Requirements select among all types, not the smallest alone.
func TestTypesThatMeetRequirements(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t).Config(home))
	in := &ec2.GetInstanceTypesFromInstanceRequirementsInput{
		ArchitectureTypes: []ec2types.ArchitectureType{"x86_64"}, VirtualizationTypes: []ec2types.VirtualizationType{"hvm"},
		InstanceRequirements: &ec2types.InstanceRequirementsRequest{
			VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2)), Max: new(int32(2))},
			MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(8192)), Max: new(int32(8192))}, AllowedInstanceTypes: []string{"m5*", "m7*"},
		},
	}
	var names []string
	pages := ec2.NewGetInstanceTypesFromInstanceRequirementsPaginator(client, in, func(o *ec2.GetInstanceTypesFromInstanceRequirementsPaginatorOptions) { o.Limit = 2 })
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, i := range page.InstanceTypes {
			names = append(names, *i.InstanceType)
		}
	}
	assert.Equal(t, []string{"m5.large", "m5a.large", "m7a.large", "m7i.large"}, names)

	in.ArchitectureTypes = []ec2types.ArchitectureType{"i386"}
	out, err := client.GetInstanceTypesFromInstanceRequirements(t.Context(), in)
	require.NoError(t, err)
	assert.Empty(t, out.InstanceTypes)
}
