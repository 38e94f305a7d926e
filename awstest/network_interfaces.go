package awstest

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchInterfaceFields are what a network interface of a launch may set.
var launchInterfaceFields = []string{
	"NetworkInterfaces.AssociatePublicIpAddress", "NetworkInterfaces.DeleteOnTermination", "NetworkInterfaces.Description",
	"NetworkInterfaces.DeviceIndex", "NetworkInterfaces.Groups", "NetworkInterfaces.InterfaceType",
	"NetworkInterfaces.NetworkCardIndex", "NetworkInterfaces.SubnetId",
}

// placeInterfaces takes the subnet and the security groups of a launch from its
// primary network interface. EC2 refuses them beside interfaces, whether the call
// or its template names them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func (spec *launchSpec) placeInterfaces() error {
	if len(spec.interfaces) == 0 {
		return spec.checkNamedGroups()
	}
	if spec.subnetID != "" {
		// In these words in https://github.com/LeanerCloud/AutoSpotting/issues/345
		return apiError("InvalidParameterCombination",
			"Network interfaces and an instance-level subnet ID may not be specified on the same request")
	}
	if len(spec.securityGroups) > 0 {
		// In these words in https://github.com/hashicorp/terraform-provider-aws/issues/4570
		return apiError("InvalidParameterCombination",
			"Network interfaces and an instance-level security groups may not be specified on the same request")
	}
	if n := spec.primary(); n != nil {
		spec.subnetID, spec.securityGroups = aws.ToString(n.SubnetId), slices.Clone(n.Groups)
	}
	return nil
}

// checkNamedGroups refuses a subnet beside security groups that are given by their
// names, which are those of the default VPC.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func (spec *launchSpec) checkNamedGroups() error {
	if spec.namedGroups && spec.subnetID != "" {
		return apiError("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter subnet")
	}
	return nil
}

// primary is the interface with which an instance begins, nil where the launch
// names none.
func (spec *launchSpec) primary() *ec2types.InstanceNetworkInterfaceSpecification {
	for i := range spec.interfaces {
		if n := &spec.interfaces[i]; aws.ToInt32(n.DeviceIndex) == 0 && aws.ToInt32(n.NetworkCardIndex) == 0 {
			return n
		}
	}
	return nil
}

// renderInterfaces is the network interfaces of an instance: those of its launch,
// or the one that every instance has.
func (s *store) renderInterfaces(i *instance) (out []ec2types.InstanceNetworkInterface) {
	all := i.spec.interfaces
	if len(all) == 0 {
		all = []ec2types.InstanceNetworkInterfaceSpecification{{}}
	}
	for n, spec := range all {
		subnet, groups := i.subnet, i.spec.securityGroups
		if len(spec.Groups) > 0 {
			groups = spec.Groups
		}
		if other := s.network.subnet(aws.ToString(spec.SubnetId)); other != nil {
			subnet = other
		}
		one := ec2types.InstanceNetworkInterface{
			Attachment: &ec2types.InstanceNetworkInterfaceAttachment{
				DeleteOnTermination: new(spec.DeleteOnTermination == nil || *spec.DeleteOnTermination),
				DeviceIndex:         new(aws.ToInt32(spec.DeviceIndex)),
				NetworkCardIndex:    new(aws.ToInt32(spec.NetworkCardIndex)),
				Status:              ec2types.AttachmentStatusAttached,
			},
			Description:        new(aws.ToString(spec.Description)),
			InterfaceType:      new("interface"),
			MacAddress:         new(macAddress(i.interfaceIDs[n])),
			NetworkInterfaceId: new(i.interfaceIDs[n]),
			OwnerId:            new(s.account),
			SourceDestCheck:    new(true),
			Status:             ec2types.NetworkInterfaceStatusInUse,
			SubnetId:           new(subnet.id),
			VpcId:              new(subnet.vpcID),
		}
		if t := aws.ToString(spec.InterfaceType); t != "" {
			one.InterfaceType = new(t)
		}
		if n == 0 {
			one.PrivateIpAddress, one.PrivateDnsName = new(i.address), new(s.privateDNS(i))
		}
		for _, id := range groups {
			if g := s.network.securityGroup(id); g != nil {
				one.Groups = append(one.Groups, ec2types.GroupIdentifier{GroupId: new(g.id), GroupName: new(g.name)})
			}
		}
		if aws.ToBool(spec.AssociatePublicIpAddress) {
			one.Association = &ec2types.InstanceNetworkInterfaceAssociation{IpOwnerId: new("amazon"), PublicIp: new(i.publicAddress())}
		}
		out = append(out, one)
	}
	return out
}

// publicAddress belongs to the private one. It is of a network that nobody
// routes: https://www.rfc-editor.org/rfc/rfc2544
func (i *instance) publicAddress() string {
	private := netip.MustParseAddr(i.address).As4()
	return netip.AddrFrom4([4]byte{198, 18, private[2], private[3]}).String()
}

// macAddress is made of an interface's id: locally administered, of one station.
func macAddress(id string) string {
	hex := id[len(id)-10:]
	return fmt.Sprintf("02:%s:%s:%s:%s:%s", hex[:2], hex[2:4], hex[4:6], hex[6:8], hex[8:])
}
