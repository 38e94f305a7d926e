package awstest

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeAvailabilityZones, "ZoneNames", "ZoneIds", "AllAvailabilityZones", "Filters")
	handle(describeSubnets, "SubnetIds", "Filters", "MaxResults", "NextToken")
}

type zoneView struct {
	zone
	region string
}

var zoneFilters = filterTable[zoneView]{values: map[string]func(zoneView) []string{
	"group-name":      one(zoneView.group),
	"opt-in-status":   one(func(zoneView) string { return "opt-in-not-required" }),
	"region-name":     one(func(z zoneView) string { return z.region }),
	"state":           one(func(zoneView) string { return "available" }),
	"zone-id":         one(func(z zoneView) string { return z.id }),
	"zone-name":       one(func(z zoneView) string { return z.name }),
	"zone-type":       one(func(zoneView) string { return "availability-zone" }),
	"message":         neverOf[zoneView],
	"group-long-name": one(zoneView.groupLong),
	// of Local Zones and Wavelength Zones, which there are not
	"parent-zone-id":   neverOf[zoneView],
	"parent-zone-name": neverOf[zoneView],
}}

// groupLong is how AWS calls a group of zones for people.
func (z zoneView) groupLong() string { return z.region + " 1" }

func (z zoneView) group() string { return z.region + "-zg-1" }

func describeAvailabilityZones(r *request, in *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	match, err := zoneFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, name := range in.ZoneNames {
		if r.network.zone(name) == nil {
			return nil, apiError("InvalidParameterValue", "Invalid availability zone: [%s]", name)
		}
	}
	for _, id := range in.ZoneIds {
		if !slices.ContainsFunc(r.network.zones, func(z zone) bool { return z.id == id }) {
			return nil, apiError("InvalidParameterValue", "Invalid availability zone-id: [%s]", id)
		}
	}
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for _, z := range r.network.zones {
		v := zoneView{z, r.region}
		switch {
		case len(in.ZoneNames) > 0 && !slices.Contains(in.ZoneNames, z.name):
		case len(in.ZoneIds) > 0 && !slices.Contains(in.ZoneIds, z.id):
		case match(v):
			out.AvailabilityZones = append(out.AvailabilityZones, ec2types.AvailabilityZone{
				GroupLongName:      new(v.groupLong()),
				GroupName:          new(v.group()),
				NetworkBorderGroup: new(r.region),
				OptInStatus:        ec2types.AvailabilityZoneOptInStatusOptInNotRequired,
				RegionName:         new(r.region),
				State:              ec2types.AvailabilityZoneStateAvailable,
				ZoneId:             new(z.id),
				ZoneName:           new(z.name),
				ZoneType:           new("availability-zone"),
			})
		}
	}
	return out, nil
}

type subnetView struct {
	*subnet
	s *store
}

func (v subnetView) arn() string { return v.s.arn("ec2", "subnet/"+v.id) }

// free is how many addresses of a subnet are left.
func (v subnetView) free() int { return v.size() - v.s.network.addresses[v.id] }

var subnetFilters = filterTable[subnetView]{
	values: map[string]func(subnetView) []string{
		"availability-zone":          one(func(v subnetView) string { return v.zone.name }),
		"availabilityZone":           one(func(v subnetView) string { return v.zone.name }),
		"availability-zone-id":       one(func(v subnetView) string { return v.zone.id }),
		"availabilityZoneId":         one(func(v subnetView) string { return v.zone.id }),
		"available-ip-address-count": one(func(v subnetView) string { return strconv.Itoa(v.free()) }),
		"cidr":                       one(func(v subnetView) string { return v.block.String() }),
		"cidr-block":                 one(func(v subnetView) string { return v.block.String() }),
		"cidrBlock":                  one(func(v subnetView) string { return v.block.String() }),
		"default-for-az":             one(func(v subnetView) string { return yesNo(v.defaultFor) }),
		"defaultForAz":               one(func(v subnetView) string { return yesNo(v.defaultFor) }),
		"map-public-ip-on-launch":    one(func(v subnetView) string { return yesNo(v.defaultFor) }),
		"owner-id":                   one(func(v subnetView) string { return v.s.account }),
		"state":                      one(func(subnetView) string { return "available" }),
		"subnet-arn":                 one(subnetView.arn),
		"subnet-id":                  one(func(v subnetView) string { return v.id }),
		"vpc-id":                     one(func(v subnetView) string { return v.vpcID }),
	},
	tags: func(v subnetView) tagSet { return v.tags },
	unmodelled: `customer-owned-ipv4-pool enable-dns64 enable-lni-at-device-index ipv6-cidr-block-association. ipv6-native
		map-customer-owned-ip-on-launch outpost-arn private-dns-name-options-on-launch.`,
}

func describeSubnets(r *request, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
	match, err := subnetFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, id := range in.SubnetIds {
		if r.network.subnet(id) == nil {
			return nil, notFoundSubnet(id)
		}
	}
	var all []*subnet
	for _, n := range r.network.subnets {
		if (len(in.SubnetIds) == 0 || slices.Contains(in.SubnetIds, n.id)) && match(subnetView{n, r.store}) {
			all = append(all, n)
		}
	}
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeSubnetsOutput{NextToken: next}
	for _, n := range cut {
		out.Subnets = append(out.Subnets, subnetView{n, r.store}.render())
	}
	return out, nil
}

// render is the subnet as EC2 answers it now.
func (v subnetView) render() ec2types.Subnet {
	return ec2types.Subnet{
		AvailabilityZone:        new(v.zone.name),
		AvailabilityZoneId:      new(v.zone.id),
		AvailableIpAddressCount: new(int32(v.free())),
		CidrBlock:               new(v.block.String()),
		DefaultForAz:            new(v.defaultFor),
		MapPublicIpOnLaunch:     new(v.defaultFor),
		OwnerId:                 new(v.s.account),
		State:                   ec2types.SubnetStateAvailable,
		SubnetArn:               new(v.arn()),
		SubnetId:                new(v.id),
		Tags:                    v.tags.ec2(),
		VpcId:                   new(v.vpcID)}
}
