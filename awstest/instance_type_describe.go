package awstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeInstanceTypes, "InstanceTypes", "Filters", "MaxResults", "NextToken")
}

func (t instanceSize) architecture() string { return architectureOf(t.name) }

func (t instanceSize) hypervisor() ec2types.InstanceTypeHypervisor {
	if nitro(t.name) {
		return ec2types.InstanceTypeHypervisorNitro
	}
	return ec2types.InstanceTypeHypervisorXen
}

// ena and nvme are whether a type has the adapters of the Nitro System, for which
// an image needs the drivers.
func (t instanceSize) ena() ec2types.EnaSupport {
	if nitro(t.name) {
		return ec2types.EnaSupportRequired
	}
	return ec2types.EnaSupportUnsupported
}

func (t instanceSize) nvme() ec2types.EbsNvmeSupport {
	if nitro(t.name) {
		return ec2types.EbsNvmeSupportRequired
	}
	return ec2types.EbsNvmeSupportUnsupported
}

// bootModes are those that a type can boot in.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instance-boot-mode.html
func (t instanceSize) bootModes() []string {
	switch {
	case t.architecture() == string(ec2types.ArchitectureTypeArm64):
		return []string{string(ec2types.BootModeTypeUefi)}
	case nitro(t.name):
		return []string{string(ec2types.BootModeTypeLegacyBios), string(ec2types.BootModeTypeUefi)}
	}
	return []string{string(ec2types.BootModeTypeLegacyBios)}
}

// tpm is whether a type has a NitroTPM.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enable-nitrotpm-prerequisites.html
func (t instanceSize) tpm() ec2types.NitroTpmSupport {
	if nitro(t.name) && t.manufacturer != graviton {
		return ec2types.NitroTpmSupportSupported
	}
	return ec2types.NitroTpmSupportUnsupported
}

var typeFilters = filterTable[instanceSize]{
	values: map[string]func(instanceSize) []string{
		"bare-metal":                            one(func(instanceSize) string { return "false" }),
		"burstable-performance-supported":       one(func(t instanceSize) string { return yesNo(t.burstable) }),
		"ebs-info.nvme-support":                 one(func(t instanceSize) string { return string(t.nvme()) }),
		"network-info.ena-support":              one(func(t instanceSize) string { return string(t.ena()) }),
		"nitro-tpm-support":                     one(func(t instanceSize) string { return string(t.tpm()) }),
		"supported-boot-mode":                   instanceSize.bootModes,
		"current-generation":                    one(func(t instanceSize) string { return yesNo(!t.previous) }),
		"hypervisor":                            one(func(t instanceSize) string { return string(t.hypervisor()) }),
		"instance-storage-supported":            one(func(instanceSize) string { return "false" }),
		"instance-type":                         one(func(t instanceSize) string { return t.name }),
		"memory-info.size-in-mib":               one(func(t instanceSize) string { return fmt.Sprint(t.memoryMiB) }),
		"processor-info.supported-architecture": func(t instanceSize) []string { return architecturesOf(t.name) },
		"supported-root-device-type":            one(func(instanceSize) string { return "ebs" }),
		"supported-usage-class":                 func(instanceSize) []string { return []string{"on-demand", "spot"} },
		"supported-virtualization-type":         func(t instanceSize) []string { return virtualizationsOf(t.name) },
		"vcpu-info.default-vcpus":               one(func(t instanceSize) string { return fmt.Sprint(t.vcpus) }),
	},
	unmodelled: `auto-recovery-supported dedicated-hosts-supported ebs-info. free-tier-eligible hibernation-supported
		instance-storage-info. network-info. nitro-enclaves-support nitro-tpm-info.
		processor-info. reboot-migration-support vcpu-info.`,
}

// describeInstanceTypes refuses types that AWS does not have. Of those that it
// has, this cloud knows some families.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
func describeInstanceTypes(r *request, in *ec2.DescribeInstanceTypesInput) (*ec2.DescribeInstanceTypesOutput, error) {
	match, err := typeFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	var unknown []string
	for _, name := range in.InstanceTypes {
		if !slices.Contains(name.Values(), name) {
			unknown = append(unknown, string(name))
		}
	}
	if unknown != nil {
		return nil, apiError("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", strings.Join(unknown, ", "))
	}
	if len(in.InstanceTypes) > 0 && in.MaxResults != nil {
		return nil, apiError("InvalidParameterCombination",
			"The parameter instanceTypes cannot be used with the parameter maxResults")
	}
	for _, name := range in.InstanceTypes {
		if !slices.ContainsFunc(instanceSizes, func(t instanceSize) bool { return t.name == string(name) }) {
			return nil, &Unmodelled{Field: "InstanceTypes: " + string(name)}
		}
	}
	var all []instanceSize
	for _, t := range instanceSizes {
		if (len(in.InstanceTypes) == 0 || slices.Contains(in.InstanceTypes, ec2types.InstanceType(t.name))) && match(t) {
			all = append(all, t)
		}
	}
	cut, next, err := page(r.store, all, limits{def: 100, max: 100}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceTypesOutput{NextToken: next}
	for _, t := range cut {
		out.InstanceTypes = append(out.InstanceTypes, t.render())
	}
	return out, nil
}

func (t instanceSize) render() ec2types.InstanceTypeInfo {
	out := ec2types.InstanceTypeInfo{
		BareMetal:                     new(false),
		BurstablePerformanceSupported: new(t.burstable),
		CurrentGeneration:             new(!t.previous),
		EbsInfo:                       &ec2types.EbsInfo{NvmeSupport: t.nvme()},
		Hypervisor:                    t.hypervisor(),
		InstanceStorageSupported:      new(false),
		InstanceType:                  ec2types.InstanceType(t.name),
		MemoryInfo:                    &ec2types.MemoryInfo{SizeInMiB: new(int64(t.memoryMiB))},
		NetworkInfo:                   &ec2types.NetworkInfo{EnaSupport: t.ena()},
		NitroTpmSupport:               t.tpm(),
		ProcessorInfo:                 &ec2types.ProcessorInfo{SupportedArchitectures: textsAs[ec2types.ArchitectureType](architecturesOf(t.name))},
		SupportedBootModes:            textsAs[ec2types.BootModeType](t.bootModes()),
		SupportedRootDeviceTypes:      []ec2types.RootDeviceType{ec2types.RootDeviceTypeEbs},
		SupportedUsageClasses:         []ec2types.UsageClassType{ec2types.UsageClassTypeOnDemand, ec2types.UsageClassTypeSpot},
		SupportedVirtualizationTypes:  textsAs[ec2types.VirtualizationType](virtualizationsOf(t.name)),
		VCpuInfo:                      &ec2types.VCpuInfo{DefaultVCpus: new(t.vcpus)},
	}
	if t.tpm() == ec2types.NitroTpmSupportSupported {
		out.NitroTpmInfo = &ec2types.NitroTpmInfo{SupportedVersions: []string{"2.0"}}
	}
	return out
}

// textsAs is texts as the values of an enumeration.
func textsAs[T ~string](from []string) []T {
	out := make([]T, len(from))
	for i, s := range from {
		out[i] = T(s)
	}
	return out
}
