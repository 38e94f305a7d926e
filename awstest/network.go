package awstest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// network is the VPCs of a store, and what stands in them.
type network struct {
	vpcID     string // of the default one
	vpcs      []*vpc // the default one first
	zones     []zone
	subnets   []*subnet
	groups    []*securityGroup // that of the default VPC first
	keyPairs  []*keyPair
	addresses map[string]int // by subnet: how many have been given out
}

// zone is an Availability Zone.
type zone struct{ name, id string }

// vpc is one VPC.
type vpc struct {
	id        string
	block     netip.Prefix
	isDefault bool
	tenancy   string
	tags      tagSet
}

// subnet is one subnet of a VPC.
type subnet struct {
	id         string
	vpcID      string
	zone       zone
	block      netip.Prefix
	defaultFor bool
	tags       tagSet
}

// securityGroup is one security group. What it lets through is not modelled.
type securityGroup struct {
	id, vpcID, name, description string
	tags                         tagSet
}

// zonesPerRegion: some Regions of AWS have more, few have less.
const zonesPerRegion = 3

// seedNetwork makes what every account has from the start.
func (s *store) seedNetwork() {
	n := &s.network
	n.vpcID = s.newID("vpc-")
	n.vpcs = []*vpc{{id: n.vpcID, block: netip.MustParsePrefix("172.31.0.0/16"), isDefault: true, tenancy: "default"}}
	n.addresses = map[string]int{}
	for i := range zonesPerRegion {
		z := zone{
			name: s.region + string(rune('a'+i)),
			id:   fmt.Sprintf("%s-az%d", regionCode(s.region), i+1),
		}
		n.zones = append(n.zones, z)
		block := netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 31, byte(16 * i), 0}), 20)
		n.subnets = append(n.subnets, &subnet{id: s.newID("subnet-"), vpcID: n.vpcID, zone: z, block: block, defaultFor: true})
	}
	s.addSecurityGroup(&securityGroup{vpcID: n.vpcID, name: "default", description: "default VPC security group"})
	s.addKeyPair(&keyPair{name: "default"})
}

// regionCode is how zone ids begin: euw1 for eu-west-1.
func regionCode(region string) string {
	short := strings.NewReplacer("gov", "g", "northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
		"north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "-", "")
	return short.Replace(region)
}

// addSecurityGroup adds a security group.
func (s *store) addSecurityGroup(g *securityGroup) *securityGroup {
	g.id = s.newID("sg-")
	s.network.groups = append(s.network.groups, g)
	return g
}

// subnet finds a subnet by id, nil when there is none.
func (n *network) subnet(id string) *subnet {
	for _, s := range n.subnets {
		if s.id == id {
			return s
		}
	}
	return nil
}

// defaultSubnets are the subnets of the default VPC, one a zone.
func (n *network) defaultSubnets() []*subnet {
	var out []*subnet
	for _, s := range n.subnets {
		if s.defaultFor {
			out = append(out, s)
		}
	}
	return out
}

// zone finds an Availability Zone by name, nil when there is none.
func (n *network) zone(name string) *zone {
	for i := range n.zones {
		if n.zones[i].name == name {
			return &n.zones[i]
		}
	}
	return nil
}

// securityGroup finds a security group by id, nil when there is none.
func (n *network) securityGroup(id string) *securityGroup {
	for _, g := range n.groups {
		if g.id == id {
			return g
		}
	}
	return nil
}

// securityGroupNamed finds a security group of a VPC by name, nil when there is
// none.
func (n *network) securityGroupNamed(vpcID, name string) *securityGroup {
	for _, g := range n.groups {
		if g.name == name && g.vpcID == vpcID {
			return g
		}
	}
	return nil
}

// defaultGroup is the group of what is launched into a VPC without one.
func (n *network) defaultGroup(vpcID string) *securityGroup {
	return n.securityGroupNamed(vpcID, "default")
}

// vpc finds a VPC by id, nil when there is none.
func (n *network) vpc(id string) *vpc {
	at := slices.IndexFunc(n.vpcs, func(v *vpc) bool { return v.id == id })
	if at < 0 {
		return nil
	}
	return n.vpcs[at]
}

// address gives out the next private address of a subnet. AWS keeps the first
// four.
func (n *network) address(s *subnet) string {
	i := n.addresses[s.id]%s.size() + 4
	n.addresses[s.id]++
	first := s.block.Addr().As4()
	at := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3]) + uint32(i)
	return netip.AddrFrom4([4]byte{byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at)}).String()
}

// size is how many addresses a subnet can give out: AWS keeps five.
func (n *subnet) size() int { return 1<<(32-n.block.Bits()) - 5 }

func notFoundSubnet(id string) error {
	return apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
}

// Network is what stands in an account's Region from the start, and what was
// added to it.
type Network struct {
	VPCID          string
	Zones          []string // names
	Subnets        []string // ids, in the order of Zones
	SecurityGroups []string // ids, the default one first
	KeyPairs       []string // names, "default" first
}

// Network lists the ids of the default VPC and of what is in it.
func (r *Region) Network() (out Network) {
	r.do(func(s *store) {
		out.VPCID = s.network.vpcID
		for _, z := range s.network.zones {
			out.Zones = append(out.Zones, z.name)
		}
		for _, n := range s.network.subnets {
			out.Subnets = append(out.Subnets, n.id)
		}
		for _, g := range s.network.groups {
			out.SecurityGroups = append(out.SecurityGroups, g.id)
		}
		for _, k := range s.network.keyPairs {
			out.KeyPairs = append(out.KeyPairs, k.name)
		}
	})
	return out
}

// KeyPair makes a key pair of this name exist.
func (r *Region) KeyPair(name string) {
	r.do(func(s *store) { s.addKeyPair(&keyPair{name: name}) })
}

// SecurityGroup makes a security group in the default VPC and returns its id.
func (r *Region) SecurityGroup(name string) (id string) {
	r.do(func(s *store) {
		id = s.addSecurityGroup(&securityGroup{vpcID: s.network.vpcID, name: name, description: name}).id
	})
	return id
}
