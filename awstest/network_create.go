package awstest

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createVpc, "CidrBlock", "InstanceTenancy", "TagSpecifications")
	handle(describeVpcs, "VpcIds", "Filters", "MaxResults", "NextToken")
	handle(deleteVpc, "VpcId")
	handle(createSubnet, "VpcId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "TagSpecifications")
	handle(deleteSubnet, "SubnetId")
	taggable("subnet-", func(r *request, id string) (*tagSet, error) {
		n := r.network.subnet(id)
		if n == nil {
			return nil, notFoundSubnet(id)
		}
		return &n.tags, nil
	})
	taggable("vpc-", func(r *request, id string) (*tagSet, error) {
		v, err := r.findVPC(id)
		if err != nil {
			return nil, err
		}
		return &v.tags, nil
	})
}

func (s *store) findVPC(id string) (*vpc, error) {
	v := s.network.vpc(id)
	if v == nil {
		return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
	}
	return v, nil
}

// ipBlock reads an IPv4 block of the sizes that VPCs and subnets have.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
func ipBlock(text *string) (netip.Prefix, error) {
	if text == nil {
		return netip.Prefix{}, apiError("MissingParameter", "The request must contain the parameter cidrBlock")
	}
	block, err := netip.ParsePrefix(*text)
	if err != nil || !block.Addr().Is4() {
		return block, apiError("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", *text)
	}
	return block.Masked(), nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
func createVpc(r *request, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	block, err := ipBlock(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	if block.Bits() < 16 || block.Bits() > 28 {
		return nil, apiError("InvalidVpc.Range", "The CIDR '%s' is invalid.", block)
	}
	tenancy := cmp.Or(in.InstanceTenancy, ec2types.TenancyDefault)
	if tenancy != ec2types.TenancyDefault && tenancy != ec2types.TenancyDedicated {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter instanceTenancy is invalid.", tenancy)
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeVpc)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	v := &vpc{id: r.newID("vpc-"), block: block, tenancy: string(tenancy), tags: tags[ec2types.ResourceTypeVpc]}
	r.network.vpcs = append(r.network.vpcs, v)
	r.addSecurityGroup(&securityGroup{vpcID: v.id, name: "default", description: "default VPC security group"})
	return &ec2.CreateVpcOutput{Vpc: new(vpcView{v, r.store}.render())}, nil
}

type vpcView struct {
	*vpc
	s *store
}

func (v vpcView) render() ec2types.Vpc {
	return ec2types.Vpc{
		CidrBlock:       new(v.block.String()),
		InstanceTenancy: ec2types.Tenancy(v.tenancy),
		IsDefault:       new(v.isDefault),
		OwnerId:         new(v.s.account),
		State:           ec2types.VpcStateAvailable,
		Tags:            v.tags.ec2(),
		VpcId:           new(v.id),
	}
}

var vpcFilters = filterTable[vpcView]{
	values: map[string]func(vpcView) []string{
		"cidr":       one(func(v vpcView) string { return v.block.String() }),
		"is-default": one(func(v vpcView) string { return yesNo(v.isDefault) }),
		"owner-id":   one(func(v vpcView) string { return v.s.account }),
		"state":      one(func(vpcView) string { return "available" }),
		"vpc-id":     one(func(v vpcView) string { return v.id }),
	},
	tags:       func(v vpcView) tagSet { return v.tags },
	unmodelled: "cidr-block-association. dhcp-options-id ipv6-cidr-block-association.",
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
func describeVpcs(r *request, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	match, err := vpcFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, id := range in.VpcIds {
		if _, err := r.findVPC(id); err != nil {
			return nil, err
		}
	}
	var all []vpcView
	for _, v := range r.network.vpcs {
		if view := (vpcView{v, r.store}); (len(in.VpcIds) == 0 || slices.Contains(in.VpcIds, v.id)) && match(view) {
			all = append(all, view)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeVpcsOutput{NextToken: next}
	for _, v := range cut {
		out.Vpcs = append(out.Vpcs, v.render())
	}
	return out, nil
}

// deleteVpc refuses one that has more in it than its default security group.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
func deleteVpc(r *request, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	v, err := r.findVPC(*in.VpcId)
	if err != nil {
		return nil, err
	}
	used := slices.ContainsFunc(r.network.subnets, func(n *subnet) bool { return n.vpcID == v.id }) ||
		slices.ContainsFunc(r.network.groups, func(g *securityGroup) bool { return g.vpcID == v.id && g.name != "default" })
	if used {
		return nil, apiError("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", v.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.network.vpcs = slices.DeleteFunc(r.network.vpcs, func(o *vpc) bool { return o == v })
	r.network.groups = slices.DeleteFunc(r.network.groups, func(g *securityGroup) bool { return g.vpcID == v.id })
	return &ec2.DeleteVpcOutput{}, nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
func createSubnet(r *request, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	v, err := r.findVPC(*in.VpcId)
	if err != nil {
		return nil, err
	}
	block, err := ipBlock(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	z, err := r.subnetZone(in)
	if err != nil {
		return nil, err
	}
	if block.Bits() > 28 || block.Bits() < v.block.Bits() || !v.block.Contains(block.Addr()) {
		return nil, apiError("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	if slices.ContainsFunc(r.network.subnets, func(n *subnet) bool { return n.vpcID == v.id && n.block.Overlaps(block) }) {
		return nil, apiError("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeSubnet)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	n := &subnet{id: r.newID("subnet-"), vpcID: v.id, zone: z, block: block, tags: tags[ec2types.ResourceTypeSubnet]}
	r.network.subnets = append(r.network.subnets, n)
	return &ec2.CreateSubnetOutput{Subnet: new(subnetView{n, r.store}.render())}, nil
}

// subnetZone is the zone that a call names in either way, else the first.
func (r *request) subnetZone(in *ec2.CreateSubnetInput) (zone, error) {
	if in.AvailabilityZone != nil && in.AvailabilityZoneId != nil {
		return zone{}, apiError("InvalidParameterCombination", "Only one of AvailabilityZone and AvailabilityZoneId can be specified")
	}
	asked := cmp.Or(aws.ToString(in.AvailabilityZone), aws.ToString(in.AvailabilityZoneId))
	if asked == "" {
		return r.network.zones[0], nil
	}
	at := slices.IndexFunc(r.network.zones, func(z zone) bool {
		return in.AvailabilityZone != nil && z.name == asked || in.AvailabilityZoneId != nil && z.id == asked
	})
	if at < 0 {
		return zone{}, apiError("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones.", asked)
	}
	return r.network.zones[at], nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html
func deleteSubnet(r *request, in *ec2.DeleteSubnetInput) (*ec2.DeleteSubnetOutput, error) {
	n := r.network.subnet(*in.SubnetId)
	if n == nil {
		return nil, notFoundSubnet(*in.SubnetId)
	}
	if slices.ContainsFunc(r.instances.order, func(i *instance) bool {
		return i.subnet == n && i.state != ec2types.InstanceStateNameTerminated
	}) {
		return nil, apiError("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", n.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.network.subnets = slices.DeleteFunc(r.network.subnets, func(o *subnet) bool { return o == n })
	return &ec2.DeleteSubnetOutput{}, nil
}

// eachTagged goes over what of the network can have tags.
func (n *network) eachTagged(visit func(id string, kind ec2types.ResourceType, tags tagSet)) {
	for _, v := range n.vpcs {
		visit(v.id, ec2types.ResourceTypeVpc, v.tags)
	}
	for _, s := range n.subnets {
		visit(s.id, ec2types.ResourceTypeSubnet, s.tags)
	}
	for _, g := range n.groups {
		visit(g.id, ec2types.ResourceTypeSecurityGroup, g.tags)
	}
	for _, k := range n.keyPairs {
		visit(k.id, ec2types.ResourceTypeKeyPair, k.tags)
	}
}
