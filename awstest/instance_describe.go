package awstest

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(describeInstances, "InstanceIds", "Filters", "MaxResults", "NextToken")
}

type instanceView struct {
	*instance
	s *store
}

// volumes makes a filter of something that each volume has.
func volumes(f func(volume) string) func(instanceView) []string {
	return func(v instanceView) (out []string) {
		for _, vol := range v.volumes {
			out = append(out, f(vol))
		}
		return out
	}
}

var instanceFilters = filterTable[instanceView]{
	values: map[string]func(instanceView) []string{
		"architecture":         one(func(v instanceView) string { return v.image.architecture }),
		"availability-zone":    one(func(v instanceView) string { return v.subnet.zone.name }),
		"availability-zone-id": one(func(v instanceView) string { return v.subnet.zone.id }),
		"client-token":         one(func(v instanceView) string { return v.token }),
		"group-id":             func(v instanceView) []string { return v.spec.securityGroups },
		"hypervisor":           one(func(instanceView) string { return "xen" }),
		"image-id":             one(func(v instanceView) string { return v.spec.imageID }),
		"instance-id":          one(func(v instanceView) string { return v.id }),
		"instance-state-code":  one(func(v instanceView) string { return strconv.Itoa(int(stateCodes[v.state])) }),
		"instance-state-name":  one(func(v instanceView) string { return string(v.state) }),
		"instance-type":        one(func(v instanceView) string { return v.spec.instanceType }),
		"instance.group-id":    func(v instanceView) []string { return v.spec.securityGroups },
		"instance.group-name":  instanceView.groupNames,
		"key-name":             one(func(v instanceView) string { return v.spec.keyName }),
		"launch-time":          one(func(v instanceView) string { return stamp(v.launched) }),
		"monitoring-state":     one(func(instanceView) string { return "disabled" }),
		"owner-id":             one(func(v instanceView) string { return v.s.account }),
		"platform":             one(func(v instanceView) string { return v.image.platform }),
		"private-dns-name":     one(func(v instanceView) string { return v.s.privateDNS(v.instance) }),
		"private-ip-address":   one(func(v instanceView) string { return v.address }),
		"reason":               one(func(v instanceView) string { return v.reason }),
		"reservation-id":       one(func(v instanceView) string { return v.reservation }),
		"root-device-name":     one(func(v instanceView) string { return v.image.rootDevice }),
		"root-device-type":     one(func(instanceView) string { return "ebs" }),
		"subnet-id":            one(func(v instanceView) string { return v.subnet.id }),
		"tenancy":              one(func(instanceView) string { return "default" }),
		"virtualization-type":  one(func(v instanceView) string { return v.image.virtualizationType() }),
		"vpc-id":               one(func(v instanceView) string { return v.subnet.vpcID }),

		"block-device-mapping.attach-time":           volumes(func(v volume) string { return stamp(v.attached) }),
		"block-device-mapping.delete-on-termination": volumes(func(v volume) string { return yesNo(v.deleteWith) }),
		"block-device-mapping.device-name":           volumes(func(v volume) string { return v.device }),
		"block-device-mapping.status":                volumes(func(volume) string { return "attached" }),
		"block-device-mapping.volume-id":             volumes(func(v volume) string { return v.id }),
	},
	tags: func(v instanceView) tagSet { return v.tags },
}

func (v instanceView) groupNames() (out []string) {
	for _, id := range v.spec.securityGroups {
		out = append(out, v.s.network.securityGroup(id).name)
	}
	return out
}

func describeInstances(r *request, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	match, err := instanceFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 0 && in.MaxResults != nil {
		return nil, apiError("InvalidParameterCombination",
			"The parameter instancesSet cannot be used with the parameter maxResults")
	}
	from := r.instances.order
	if len(in.InstanceIds) > 0 {
		if from, err = r.findInstances(in.InstanceIds); err != nil {
			return nil, err
		}
	}
	var all []*instance
	for _, i := range from {
		if match(instanceView{i, r.store}) && !r.unseen(&i.fresh) {
			all = append(all, i)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ec2.DescribeInstancesOutput{Reservations: r.reservations(cut), NextToken: next}, nil
}
