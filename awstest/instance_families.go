package awstest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// family is the instance types that differ in their size alone: each has the
// memory of its virtual processors.
type family struct {
	name         string
	mibPerVCPU   int32
	manufacturer astypes.CpuManufacturer
	previous     bool
	sizes        string // empty: large and up
}

const (
	intel    = astypes.CpuManufacturerIntel
	amd      = astypes.CpuManufacturerAmd
	graviton = astypes.CpuManufacturerAmazonWebServices

	largeAndUp   = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
	mediumAndUp  = "medium " + largeAndUp
	upToFourfold = "large xlarge 2xlarge 4xlarge"
)

// families are those of which more is known than the names of their types.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
var families = []family{
	{"c4", 1920, intel, true, upToFourfold},
	{"m4", 4096, intel, true, upToFourfold},
	{"r4", 7808, intel, true, upToFourfold},
	{"c5", 2048, intel, false, ""},
	{"c5a", 2048, amd, false, ""},
	{"c6a", 2048, amd, false, ""},
	{"c6i", 2048, intel, false, ""},
	{"c6g", 2048, graviton, false, mediumAndUp},
	{"c7g", 2048, graviton, false, mediumAndUp},
	{"c7i", 2048, intel, false, ""},
	{"c8g", 2048, graviton, false, mediumAndUp},
	{"m5", 4096, intel, false, ""},
	{"m5a", 4096, amd, false, ""},
	{"m6a", 4096, amd, false, ""},
	{"m6i", 4096, intel, false, ""},
	{"m6g", 4096, graviton, false, mediumAndUp},
	{"m7a", 4096, amd, false, mediumAndUp},
	{"m7i", 4096, intel, false, ""},
	{"m7g", 4096, graviton, false, mediumAndUp},
	{"m8g", 4096, graviton, false, mediumAndUp},
	{"r5", 8192, intel, false, ""},
	{"r5a", 8192, amd, false, ""},
	{"r6i", 8192, intel, false, ""},
	{"r6g", 8192, graviton, false, mediumAndUp},
	{"r7g", 8192, graviton, false, mediumAndUp},
	{"r7i", 8192, intel, false, ""},
}

// sizeVCPUs are the virtual processors of a size, of families that are not
// burstable.
var sizeVCPUs = map[string]int32{
	"medium": 1, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64,
}

// burstableSizes are the processors and the memory of the burstable types from t3
// on, in their sizes.
var burstableSizes = []instanceSize{
	{name: "nano", vcpus: 2, memoryMiB: 512}, {name: "micro", vcpus: 2, memoryMiB: 1024}, {name: "small", vcpus: 2, memoryMiB: 2048},
	{name: "medium", vcpus: 2, memoryMiB: 4096}, {name: "large", vcpus: 2, memoryMiB: 8192}, {name: "xlarge", vcpus: 4, memoryMiB: 16384},
	{name: "2xlarge", vcpus: 8, memoryMiB: 32768},
}

// withFamilies is the types that are listed one by one, and those of the
// families, smallest first. What was listed comes first among its equals.
func withFamilies(listed []instanceSize) []instanceSize {
	all := slices.Clone(listed)
	add := func(t instanceSize) {
		if !slices.ContainsFunc(all, func(o instanceSize) bool { return o.name == t.name }) {
			all = append(all, t)
		}
	}
	for _, f := range families {
		for size := range strings.FieldsSeq(cmp.Or(f.sizes, largeAndUp)) {
			n := sizeVCPUs[size]
			add(instanceSize{f.name + "." + size, n, n * f.mibPerVCPU, f.manufacturer, false, f.previous})
		}
	}
	for _, size := range burstableSizes {
		for name, maker := range map[string]astypes.CpuManufacturer{"t2": intel, "t3": intel, "t3a": amd, "t4g": graviton} {
			t := instanceSize{name + "." + size.name, size.vcpus, size.memoryMiB, maker, true, false}
			if name == "t2" && size.memoryMiB < 4096 {
				t.vcpus = 1
			}
			add(t)
		}
	}
	slices.SortStableFunc(all[len(listed):], func(a, b instanceSize) int { return strings.Compare(a.name, b.name) })
	slices.SortStableFunc(all, func(a, b instanceSize) int {
		return cmp.Or(cmp.Compare(a.vcpus, b.vcpus), cmp.Compare(a.memoryMiB, b.memoryMiB))
	})
	return all
}

var (
	// paravirtualFamily is those that take images of either virtualization.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/virtualization_types.html
	paravirtualFamily = regexp.MustCompile(`^(c1|c3|hi1|hs1|m1|m2|m3|t1)\.`)
	// narrowType is those that take images of 32 bits, too.
	narrowType = regexp.MustCompile(`^(t1\.micro|t2\.(nano|micro|small|medium)|m1\.(small|medium)|c1\.medium|c3\.large)$`)
)

// beforeNitro is the types that are not built on the Nitro System.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html
var beforeNitro = regexp.MustCompile(`^(c1|c3|c4|cc1|cc2|cg1|cr1|d2|f1|g2|g3|g3s|h1|hi1|hs1|i2|i3|m1|m2|m3|m4|p2|p3|r3|r4|t1|t2|u|x1|x1e)\.`)

// nitro is true of a type whose network and disks are those of the Nitro System.
func nitro(instanceType string) bool { return !beforeNitro.MatchString(instanceType) }

// architecturesOf are the architectures of the images that a type takes.
func architecturesOf(instanceType string) []string {
	out := []string{architectureOf(instanceType)}
	if narrowType.MatchString(instanceType) {
		out = append(out, string(ec2types.ArchitectureValuesI386))
	}
	return out
}

// virtualizationsOf are the virtualization types of the images that a type takes.
func virtualizationsOf(instanceType string) []string {
	out := []string{string(ec2types.VirtualizationTypeHvm)}
	if paravirtualFamily.MatchString(instanceType) {
		out = append(out, string(ec2types.VirtualizationTypeParavirtual))
	}
	return out
}

// checkDrivers refuses an image whose kind of virtualization a type does not take,
// and one that is not marked for the network adapter that all types on Nitro have.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enhanced-networking-ena.html
func checkDrivers(instanceType string, i *image) error {
	if !slices.Contains(virtualizationsOf(instanceType), i.virtualizationType()) {
		return apiError("InvalidParameterCombination", "Virtualization type 'hvm' is required for instances of type '%s'. "+
			"Ensure that you are using an AMI with virtualization type 'hvm'.", instanceType)
	}
	if nitro(instanceType) && !i.ena {
		return apiError("InvalidParameterCombination", "Enhanced networking with the Elastic Network Adapter (ENA) is required for the '%s' instance type. "+
			"Ensure that you are using an AMI that is enabled for ENA.", instanceType)
	}
	return nil
}
