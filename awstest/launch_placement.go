package awstest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// placement is where a launch wants its instance.
type placement struct {
	zone    string // a name or an id; empty: where the subnet is
	tenancy string // empty: as the VPC has it
}

// placementFields are the parts of a launch's placement that are modelled.
var placementFields = []string{"Placement.AvailabilityZone", "Placement.AvailabilityZoneId", "Placement.Tenancy"}

// placementOf reads the placement of a call. Dedicated Hosts are not modelled.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Placement.html
func placementOf(p *ec2types.Placement) (placement, error) {
	if p == nil {
		return placement{}, nil
	}
	switch {
	case aws.ToString(p.AvailabilityZone) != "" && aws.ToString(p.AvailabilityZoneId) != "":
		return placement{}, apiError("InvalidParameterCombination", "AvailabilityZone and AvailabilityZoneId can't be used together. Specify only one of these parameters.")
	case p.Tenancy == ec2types.TenancyHost:
		return placement{}, &Unmodelled{Field: "Placement.Tenancy: host"}
	case p.Tenancy != "" && !slices.Contains(p.Tenancy.Values(), p.Tenancy):
		return placement{}, apiError("InvalidParameterValue", "Value (%s) for parameter placement.tenancy is invalid.", p.Tenancy)
	}
	return placement{cmp.Or(aws.ToString(p.AvailabilityZone), aws.ToString(p.AvailabilityZoneId)), string(p.Tenancy)}, nil
}

// over lays the placement of a call over that of its template.
func (p placement) over(base placement) placement {
	return placement{cmp.Or(p.zone, base.zone), cmp.Or(p.tenancy, base.tenancy)}
}

// launchSubnet is the subnet of a launch: the one that it names, or the default
// one of its zone.
func (s *store) launchSubnet(id string, in placement) (*subnet, error) {
	if id != "" {
		n := s.network.subnet(id)
		if n == nil {
			return nil, notFoundSubnet(id)
		}
		return n, nil
	}
	all := s.network.defaultSubnets()
	if len(all) == 0 {
		return nil, apiError("MissingInput", "No subnets found for the default VPC '%s'. Please specify a subnet.", s.network.vpcID)
	}
	if in.zone == "" {
		return all[0], nil
	}
	if !slices.ContainsFunc(s.network.zones, in.in) {
		return nil, apiError("InvalidParameterValue", "Invalid availability zone: [%s]", in.zone)
	}
	at := slices.IndexFunc(all, func(n *subnet) bool { return in.in(n.zone) })
	if at < 0 {
		return nil, apiError("MissingInput", "No default subnet for availability zone: '%s'.", in.zone)
	}
	return all[at], nil
}

// in is true of the zone that the placement names.
func (p placement) in(z zone) bool { return p.zone == z.name || p.zone == z.id }

// checkPlacement refuses a zone beside a subnet of another.
func (s *store) checkPlacement(spec launchSpec) error {
	n := s.network.subnet(spec.subnetID)
	if n == nil || spec.placement.zone == "" || spec.placement.in(n.zone) {
		return nil
	}
	return apiError("InvalidParameterValue", "The subnet %s is in the availability zone %s, not in %s", n.id, n.zone.name, spec.placement.zone)
}

// tenancy is that of the launch, else that of the VPC.
func (s *store) tenancy(i *instance) ec2types.Tenancy {
	out := ec2types.Tenancy(i.spec.placement.tenancy)
	if v := s.network.vpc(i.subnet.vpcID); v != nil && out == "" {
		out = ec2types.Tenancy(v.tenancy)
	}
	return cmp.Or(out, ec2types.TenancyDefault)
}
