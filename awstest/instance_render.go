package awstest

import (
	"cmp"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// stateCodes are the numbers that EC2 sends with an instance's state.
var stateCodes = map[ec2types.InstanceStateName]int32{
	ec2types.InstanceStateNamePending:      0,
	ec2types.InstanceStateNameRunning:      16,
	ec2types.InstanceStateNameShuttingDown: 32,
	ec2types.InstanceStateNameTerminated:   48,
	ec2types.InstanceStateNameStopping:     64,
	ec2types.InstanceStateNameStopped:      80,
}

func instanceState(name ec2types.InstanceStateName) *ec2types.InstanceState {
	return &ec2types.InstanceState{Name: name, Code: new(stateCodes[name])}
}

// privateDNS is the name of an instance inside its VPC.
func (s *store) privateDNS(i *instance) string {
	host := "ip-" + strings.ReplaceAll(i.address, ".", "-")
	if s.region == "us-east-1" {
		return host + ".ec2.internal"
	}
	return host + "." + s.region + ".compute.internal"
}

// renderInstance is an instance as EC2 answers it now. What it has none of is an
// empty text or list where EC2 sends one, so that nobody who reads without
// looking learns of it only there.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_instance.json (run-instance)
func (s *store) renderInstance(i *instance) ec2types.Instance {
	out := ec2types.Instance{
		AmiLaunchIndex:     new(int32(i.index)),
		ClientToken:        new(i.token),
		Architecture:       ec2types.ArchitectureValues(i.image.architecture),
		EbsOptimized:       new(false),
		EnaSupport:         new(i.image.ena),
		Hypervisor:         ec2types.HypervisorTypeXen,
		IamInstanceProfile: clone(i.spec.profile),
		ImageId:            new(i.spec.imageID),
		InstanceId:         new(i.id),
		InstanceType:       ec2types.InstanceType(i.spec.instanceType),
		LaunchTime:         new(i.launched),
		MetadataOptions:    clone(i.metadata),
		Monitoring:         &ec2types.Monitoring{State: ec2types.MonitoringStateDisabled},
		Placement: &ec2types.Placement{
			AvailabilityZone: new(i.subnet.zone.name), AvailabilityZoneId: new(i.subnet.zone.id), GroupName: new(""), Tenancy: s.tenancy(i),
		},
		PlatformDetails:     new("Linux/UNIX"),
		PrivateDnsName:      new(""),
		ProductCodes:        []ec2types.ProductCode{},
		PublicDnsName:       new(""),
		RootDeviceName:      new(i.image.rootDevice),
		RootDeviceType:      ec2types.DeviceTypeEbs,
		State:               instanceState(i.state),
		Tags:                i.tags.ec2(),
		UsageOperation:      new("RunInstances"),
		VirtualizationType:  ec2types.VirtualizationType(i.image.virtualizationType()),
		BlockDeviceMappings: i.renderVolumes(),
	}
	if i.spec.keyName != "" {
		out.KeyName = new(i.spec.keyName)
	}
	out.InstanceLifecycle = i.lifecycle()
	if i.image.platform != "" {
		out.Platform = ec2types.PlatformValues(i.image.platform)
		out.PlatformDetails = new("Windows")
	}
	out.StateTransitionReason, out.StateReason = new(i.transitionReason()), i.stateReason()
	out.BootMode, out.CurrentInstanceBootMode = ec2types.BootModeValues(i.image.bootMode), ec2types.InstanceBootModeValues(i.currentBootMode())
	out.HibernationOptions = &ec2types.HibernationOptions{Configured: new(false)}
	out.ProductCodes = append(out.ProductCodes, renderCodes(i.image.codes)...)
	out.TpmSupport = some(i.image.tpm)
	if i.state != ec2types.InstanceStateNameTerminated {
		// a terminated instance has left the network
		out.PrivateDnsName = new(s.privateDNS(i))
		out.PrivateIpAddress = new(i.address)
		out.SubnetId = new(i.subnet.id)
		out.VpcId = new(i.subnet.vpcID)
		out.NetworkInterfaces = s.renderInterfaces(i)
		for _, id := range i.spec.securityGroups {
			g := s.network.securityGroup(id)
			out.SecurityGroups = append(out.SecurityGroups, ec2types.GroupIdentifier{GroupId: new(g.id), GroupName: new(g.name)})
		}
	}
	return out
}

func (i *instance) lifecycle() ec2types.InstanceLifecycleType {
	if i.spec.spot {
		return ec2types.InstanceLifecycleTypeSpot
	}
	return ""
}

// failed is true of an instance that came to nothing.
func (i *instance) failed() bool {
	return i.failure != nil && i.state == ec2types.InstanceStateNameTerminated
}

func (i *instance) transitionReason() string {
	if i.failed() {
		return "Server.InternalError"
	}
	return i.reason
}

// stateReason is why an instance does not run, nil when there is no reason.
func (i *instance) stateReason() *ec2types.StateReason {
	switch {
	case i.failed():
		return clone(i.failure)
	case i.reason != "":
		return &ec2types.StateReason{
			Code:    new("Client.UserInitiatedShutdown"),
			Message: new("Client.UserInitiatedShutdown: User initiated shutdown"),
		}
	}
	return nil
}

func (i *instance) renderVolumes() (out []ec2types.InstanceBlockDeviceMapping) {
	if i.state == ec2types.InstanceStateNameTerminated {
		return nil
	}
	for _, v := range i.volumes {
		out = append(out, ec2types.InstanceBlockDeviceMapping{
			DeviceName: new(v.device),
			Ebs: &ec2types.EbsInstanceBlockDevice{
				AttachTime:          new(v.attached),
				DeleteOnTermination: new(v.deleteWith),
				Status:              ec2types.AttachmentStatus(cmp.Or(v.attachment, ec2types.VolumeAttachmentStateAttached)),
				VolumeId:            new(v.id),
			},
		})
	}
	return out
}

// reservations groups instances, in their order, by the call that launched
// them.
func (s *store) reservations(all []*instance) (out []ec2types.Reservation) {
	for _, i := range all {
		s.show(&i.sight)
		if n := len(out); n > 0 && *out[n-1].ReservationId == i.reservation {
			out[n-1].Instances = append(out[n-1].Instances, s.renderInstance(i))
			continue
		}
		out = append(out, ec2types.Reservation{
			OwnerId:       new(s.account),
			ReservationId: new(i.reservation),
			Instances:     []ec2types.Instance{s.renderInstance(i)},
		})
	}
	return out
}
