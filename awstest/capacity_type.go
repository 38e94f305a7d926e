package awstest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// What the capacity of a group is counted in.
const (
	capacityUnits  = "units" // instances, or their weights
	capacityVCPU   = "vcpu"
	capacityMemory = "memory-mib"
)

// checkCapacityType refuses a unit that AWS does not have, and another than
// instances for a group that names its instance types.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
func (g groupSettings) checkCapacityType() error {
	t := cmp.Or(aws.ToString(g.DesiredCapacityType), capacityUnits)
	switch {
	case !slices.Contains([]string{capacityUnits, capacityVCPU, capacityMemory}, t):
		return validation("DesiredCapacityType '%s' is not valid. Valid values: units, vcpu, memory-mib", t)
	case t != capacityUnits && !g.source().attributeBased():
		return validation("DesiredCapacityType is only supported for attribute-based instance type selection")
	}
	return nil
}

// weigh is a choice with what an instance of the type counts for where the
// group's capacity is counted in virtual processors or in memory.
func (g *groupSettings) weigh(c choice, instanceType string) choice {
	at := slices.IndexFunc(instanceSizes, func(t instanceSize) bool { return t.name == instanceType })
	if at < 0 || c.requirements == nil {
		return c
	}
	switch aws.ToString(g.DesiredCapacityType) {
	case capacityVCPU:
		c.weight = int(instanceSizes[at].vcpus)
	case capacityMemory:
		c.weight = int(instanceSizes[at].memoryMiB)
	}
	return c
}

// weighed are the choices, each with what its next instance would count for.
func (g *group) weighed(from specification) []choice {
	all := from.choices()
	if t := aws.ToString(g.DesiredCapacityType); t == "" || t == capacityUnits {
		return all
	}
	for i, c := range all {
		if spec, err := g.resolveChoice(c); err == nil {
			all[i] = g.weigh(c, spec.instanceType)
		}
	}
	return all
}
