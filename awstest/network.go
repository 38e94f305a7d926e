package awstest

import (
	"fmt"
	"strings"
)

// network is the VPCs of a store: so far the default one.
type network struct {
	vpcID     string
	zones     []zone
	subnets   []*subnet
	groups    []*securityGroup // the default one first
	keyPairs  []string
	addresses map[string]int // by subnet: how many have been given out
}

// zone is an Availability Zone.
type zone struct{ name, id string }

// subnet is one subnet of the default VPC.
type subnet struct {
	id         string
	vpcID      string
	zone       zone
	third      int // its network is 172.31.<third>.0/20
	defaultFor bool
	tags       tagSet
}

type securityGroup struct{ id, name string }

// zonesPerRegion: some Regions of AWS have more, few have less.
const zonesPerRegion = 3

// seedNetwork makes what every account has from the start.
func (s *store) seedNetwork() {
	n := &s.network
	n.vpcID = s.newID("vpc-")
	n.addresses = map[string]int{}
	for i := range zonesPerRegion {
		z := zone{
			name: s.region + string(rune('a'+i)),
			id:   fmt.Sprintf("%s-az%d", regionCode(s.region), i+1),
		}
		n.zones = append(n.zones, z)
		n.subnets = append(n.subnets, &subnet{id: s.newID("subnet-"), vpcID: n.vpcID, zone: z, third: 16 * i, defaultFor: true})
	}
	n.groups = append(n.groups, &securityGroup{s.newID("sg-"), "default"})
	n.keyPairs = append(n.keyPairs, "default")
}

// regionCode is how zone ids begin: euw1 for eu-west-1.
func regionCode(region string) string {
	short := strings.NewReplacer("gov", "g", "northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
		"north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "-", "")
	return short.Replace(region)
}

func (n subnet) cidr() string { return fmt.Sprintf("172.31.%d.0/20", n.third) }

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

// securityGroupNamed finds a security group by name, nil when there is none.
func (n *network) securityGroupNamed(name string) *securityGroup {
	for _, g := range n.groups {
		if g.name == name {
			return g
		}
	}
	return nil
}

// address gives out the next private address of a subnet. AWS keeps the first
// four.
func (n *network) address(s *subnet) string {
	i := n.addresses[s.id] + 4
	n.addresses[s.id]++
	return fmt.Sprintf("172.31.%d.%d", s.third+i/256%16, i%256)
}

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
		out.KeyPairs = append(out.KeyPairs, s.network.keyPairs...)
	})
	return out
}

// KeyPair makes a key pair of this name exist.
func (r *Region) KeyPair(name string) {
	r.do(func(s *store) { s.network.keyPairs = append(s.network.keyPairs, name) })
}

// SecurityGroup makes a security group in the default VPC and returns its id.
func (r *Region) SecurityGroup(name string) (id string) {
	r.do(func(s *store) {
		g := &securityGroup{s.newID("sg-"), name}
		s.network.groups = append(s.network.groups, g)
		id = g.id
	})
	return id
}
