package asg

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// need is what an instance type asks of an image.
type need struct {
	code  FindingCode
	warns bool // it may work all the same
	// fails reports whether the image does not give it. What AWS does not tell
	// does not fail.
	fails func(*ec2types.Image, ec2types.InstanceTypeInfo) bool
	// image is what the image is, in words.
	image func(*ec2types.Image) string
}

// needs are all that DescribeInstanceTypes tells.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html
var needs = []need{
	{
		code: FindingArchitecture,
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			return i.Architecture != "" && t.ProcessorInfo != nil && lacks(t.ProcessorInfo.SupportedArchitectures, ec2types.ArchitectureType(i.Architecture))
		},
		image: func(i *ec2types.Image) string { return "the image is " + string(i.Architecture) },
	},
	{
		code: FindingVirtualization,
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			return i.VirtualizationType != "" && lacks(t.SupportedVirtualizationTypes, i.VirtualizationType)
		},
		image: func(i *ec2types.Image) string { return "the image is " + string(i.VirtualizationType) },
	},
	{
		code: FindingBootMode, // without a boot mode, and with uefi-preferred, the type decides
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			switch i.BootMode {
			case ec2types.BootModeValuesUefi, ec2types.BootModeValuesLegacyBios:
				return lacks(t.SupportedBootModes, ec2types.BootModeType(i.BootMode))
			}
			return false
		},
		image: func(i *ec2types.Image) string { return "the image boots " + string(i.BootMode) },
	},
	{
		code: FindingTPM,
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			return i.TpmSupport != "" && t.NitroTpmSupport == ec2types.NitroTpmSupportUnsupported
		},
		image: func(i *ec2types.Image) string { return "the image has TpmSupport " + string(i.TpmSupport) },
	},
	{
		code: FindingENA,
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			return !aws.ToBool(i.EnaSupport) && t.NetworkInfo != nil && t.NetworkInfo.EnaSupport == ec2types.EnaSupportRequired
		},
		image: func(*ec2types.Image) string { return "the image has no EnaSupport" },
	},
	{
		// An image has no mark for NVMe. What is enabled for ENA was made for the
		// Nitro System, which needs both.
		code: FindingNVMe, warns: true,
		fails: func(i *ec2types.Image, t ec2types.InstanceTypeInfo) bool {
			return !aws.ToBool(i.EnaSupport) && t.EbsInfo != nil && t.EbsInfo.NvmeSupport == ec2types.EbsNvmeSupportRequired
		},
		image: func(*ec2types.Image) string { return "the image has no EnaSupport" },
	},
}

// lacks reports whether a list that AWS told does not have the value.
func lacks[T comparable](have []T, want T) bool { return len(have) > 0 && !slices.Contains(have, want) }
