package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// instanceSize is an instance type of which more is known than its name.
type instanceSize struct {
	name         string
	vcpus        int32
	memoryMiB    int32
	manufacturer astypes.CpuManufacturer
	burstable    bool
	previous     bool // generation
}

// instanceSizes are the types that attribute-based selection and
// DescribeInstanceTypes know, smallest first. A type that is named needs not be among them.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
var instanceSizes = withFamilies([]instanceSize{
	{"m1.small", 1, 1740, astypes.CpuManufacturerIntel, false, true},
	{"t3.nano", 2, 512, astypes.CpuManufacturerIntel, true, false},
	{"t4g.nano", 2, 512, astypes.CpuManufacturerAmazonWebServices, true, false},
	{"t3.micro", 2, 1024, astypes.CpuManufacturerIntel, true, false},
	{"t4g.micro", 2, 1024, astypes.CpuManufacturerAmazonWebServices, true, false},
	{"t3.small", 2, 2048, astypes.CpuManufacturerIntel, true, false},
	{"t4g.small", 2, 2048, astypes.CpuManufacturerAmazonWebServices, true, false},
	{"t3.medium", 2, 4096, astypes.CpuManufacturerIntel, true, false},
	{"t4g.medium", 2, 4096, astypes.CpuManufacturerAmazonWebServices, true, false},
	{"t3.large", 2, 8192, astypes.CpuManufacturerIntel, true, false},
	{"t4g.large", 2, 8192, astypes.CpuManufacturerAmazonWebServices, true, false},
	{"c4.large", 2, 3840, astypes.CpuManufacturerIntel, false, true},
	{"c5.large", 2, 4096, astypes.CpuManufacturerIntel, false, false},
	{"c6a.large", 2, 4096, astypes.CpuManufacturerAmd, false, false},
	{"c7g.large", 2, 4096, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"m4.large", 2, 8192, astypes.CpuManufacturerIntel, false, true},
	{"m5.large", 2, 8192, astypes.CpuManufacturerIntel, false, false},
	{"m6a.large", 2, 8192, astypes.CpuManufacturerAmd, false, false},
	{"m7g.large", 2, 8192, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"r5.large", 2, 16384, astypes.CpuManufacturerIntel, false, false},
	{"r7g.large", 2, 16384, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"c5.xlarge", 4, 8192, astypes.CpuManufacturerIntel, false, false},
	{"c7g.xlarge", 4, 8192, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"m5.xlarge", 4, 16384, astypes.CpuManufacturerIntel, false, false},
	{"m7g.xlarge", 4, 16384, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"r5.xlarge", 4, 32768, astypes.CpuManufacturerIntel, false, false},
	{"c5.2xlarge", 8, 16384, astypes.CpuManufacturerIntel, false, false},
	{"m5.2xlarge", 8, 32768, astypes.CpuManufacturerIntel, false, false},
	{"m7g.2xlarge", 8, 32768, astypes.CpuManufacturerAmazonWebServices, false, false},
	{"m5.4xlarge", 16, 65536, astypes.CpuManufacturerIntel, false, false},
})

// requirementFields are those of InstanceRequirements that select: the rest is
// refused, but for the price protections, which exclude nothing where there are
// no prices.
var requirementFields = []string{"VCpuCount", "MemoryMiB", "AllowedInstanceTypes", "ExcludedInstanceTypes", "CpuManufacturers",
	"BurstablePerformance", "BareMetal", "InstanceGenerations", "OnDemandMaxPricePercentageOverLowestPrice",
	"SpotMaxPricePercentageOverLowestPrice", "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice"}

// checkRequirements refuses requirements that AWS does.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRequirements.html
func checkRequirements(r *astypes.InstanceRequirements) error {
	switch {
	case len(r.AllowedInstanceTypes) > 0 && len(r.ExcludedInstanceTypes) > 0:
		return validation("AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified together")
	case r.VCpuCount.Max != nil && *r.VCpuCount.Max < *r.VCpuCount.Min, r.MemoryMiB.Max != nil && *r.MemoryMiB.Max < *r.MemoryMiB.Min:
		return validation("The maximum of an instance requirement must not be below its minimum")
	case r.SpotMaxPricePercentageOverLowestPrice != nil && r.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice != nil:
		return validation("Only one of SpotMaxPricePercentageOverLowestPrice and MaxSpotPriceAsPercentageOfOptimalOnDemandPrice can be specified")
	}
	return nil
}

// typeFor is the smallest instance type that meets requirements and can run an
// image.
func (s *store) typeFor(r *astypes.InstanceRequirements, imageID string) (string, error) {
	id, err := s.resolveImage(imageID)
	if err != nil {
		return "", err
	}
	image, err := s.findImage(id)
	if err != nil {
		return "", err
	}
	for _, size := range instanceSizes {
		if size.meets(r) && architectureOf(size.name) == image.architecture {
			return size.name, nil
		}
	}
	return "", apiError("InvalidParameterValue", "No instance types satisfy the instance requirements")
}

func (t instanceSize) meets(r *astypes.InstanceRequirements) bool {
	within := func(n int32, least, most *int32) bool { return n >= aws.ToInt32(least) && (most == nil || n <= *most) }
	named := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return newPattern(p).match(t.name) })
	}
	switch {
	case !within(t.vcpus, r.VCpuCount.Min, r.VCpuCount.Max), !within(t.memoryMiB, r.MemoryMiB.Min, r.MemoryMiB.Max):
		return false
	case len(r.AllowedInstanceTypes) > 0 && !named(r.AllowedInstanceTypes), named(r.ExcludedInstanceTypes):
		return false
	case len(r.CpuManufacturers) > 0 && !slices.Contains(r.CpuManufacturers, t.manufacturer):
		return false
	case r.BareMetal == astypes.BareMetalRequired: // none here is bare metal
		return false
	case t.burstable && (r.BurstablePerformance == "" || r.BurstablePerformance == astypes.BurstablePerformanceExcluded):
		return false
	case !t.burstable && r.BurstablePerformance == astypes.BurstablePerformanceRequired:
		return false
	}
	generation := astypes.InstanceGenerationCurrent
	if t.previous {
		generation = astypes.InstanceGenerationPrevious
	}
	return len(r.InstanceGenerations) == 0 || slices.Contains(r.InstanceGenerations, generation)
}

// policyFields names the parts of a mixed instances policy that are modelled,
// below a field of an input.
func policyFields(field string) []string {
	out := []string{
		field + ".LaunchTemplate.LaunchTemplateSpecification",
		field + ".LaunchTemplate.Overrides.ImageId",
		field + ".LaunchTemplate.Overrides.InstanceType",
		field + ".LaunchTemplate.Overrides.LaunchTemplateSpecification",
		field + ".LaunchTemplate.Overrides.WeightedCapacity",
	}
	for _, name := range []string{"OnDemandAllocationStrategy", "OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity",
		"SpotAllocationStrategy", "SpotInstancePools", "SpotMaxPrice"} {
		out = append(out, field+".InstancesDistribution."+name)
	}
	for _, name := range requirementFields {
		out = append(out, field+".LaunchTemplate.Overrides.InstanceRequirements."+name)
	}
	return out
}
