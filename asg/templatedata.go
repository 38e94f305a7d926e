package asg

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TemplateData is the data of a launch template that launches what a launch
// configuration launches. What Auto Scaling and EC2 take for granted differently
// is spelled out: monitoring is detailed, and volumes are deleted with their
// instance, unless the configuration says otherwise.
//
// ClassicLink has no counterpart; a configuration that has it is
// [ErrNotEquivalent]. No AWS call is made.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
func TemplateData(c types.LaunchConfiguration) (*ec2types.RequestLaunchTemplateData, error) {
	if aws.ToString(c.ClassicLinkVPCId) != "" || len(c.ClassicLinkVPCSecurityGroups) > 0 {
		return nil, &Error{
			Op: "asg.TemplateData", ID: aws.ToString(c.LaunchConfigurationName), Kind: ErrNotEquivalent,
			Reason: "launch templates have no ClassicLinkVPCId and no ClassicLinkVPCSecurityGroups",
		}
	}
	ids, names := securityGroups(c.SecurityGroups)
	data := &ec2types.RequestLaunchTemplateData{
		ImageId:            set(c.ImageId),
		InstanceType:       ec2types.InstanceType(aws.ToString(c.InstanceType)),
		KeyName:            set(c.KeyName),
		KernelId:           set(c.KernelId),
		RamDiskId:          set(c.RamdiskId),
		UserData:           set(c.UserData), // in base64 in both
		EbsOptimized:       c.EbsOptimized,
		IamInstanceProfile: instanceProfile(c.IamInstanceProfile),
		Monitoring:         &ec2types.LaunchTemplatesMonitoringRequest{Enabled: new(true)},
		SecurityGroupIds:   ids,
		SecurityGroups:     names,
	}
	if c.InstanceMonitoring != nil && c.InstanceMonitoring.Enabled != nil {
		data.Monitoring.Enabled = c.InstanceMonitoring.Enabled
	}
	for _, m := range c.BlockDeviceMappings {
		data.BlockDeviceMappings = append(data.BlockDeviceMappings, blockDevice(m))
	}
	if m := c.MetadataOptions; m != nil {
		data.MetadataOptions = &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpEndpoint:            ec2types.LaunchTemplateInstanceMetadataEndpointState(m.HttpEndpoint),
			HttpTokens:              ec2types.LaunchTemplateHttpTokensState(m.HttpTokens),
			HttpPutResponseHopLimit: m.HttpPutResponseHopLimit,
		}
	}
	if t := aws.ToString(c.PlacementTenancy); t != "" {
		data.Placement = &ec2types.LaunchTemplatePlacementRequest{Tenancy: ec2types.Tenancy(t)}
	}
	if p := set(c.SpotPrice); p != nil {
		data.InstanceMarketOptions = &ec2types.LaunchTemplateInstanceMarketOptionsRequest{
			MarketType: ec2types.MarketTypeSpot,
			SpotOptions: &ec2types.LaunchTemplateSpotMarketOptionsRequest{
				MaxPrice: p, SpotInstanceType: ec2types.SpotInstanceTypeOneTime,
			},
		}
	}
	if err := publicAddress(data, c); err != nil {
		return nil, err
	}
	return data, nil
}

// publicAddress is a matter of the network interface in a template, and security
// groups go with that where there is one; it takes ids alone.
func publicAddress(data *ec2types.RequestLaunchTemplateData, c types.LaunchConfiguration) error {
	if c.AssociatePublicIpAddress == nil {
		return nil
	}
	if len(data.SecurityGroups) > 0 {
		return &Error{
			Op: "asg.TemplateData", ID: aws.ToString(c.LaunchConfigurationName), Kind: ErrNotEquivalent,
			Reason: "with AssociatePublicIpAddress a launch template takes security groups by id, not " + strings.Join(data.SecurityGroups, ", "),
		}
	}
	data.NetworkInterfaces = []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{
		DeviceIndex:              new(int32(0)),
		AssociatePublicIpAddress: c.AssociatePublicIpAddress,
		DeleteOnTermination:      new(true),
		Groups:                   data.SecurityGroupIds,
	}}
	data.SecurityGroupIds = nil
	return nil
}

func blockDevice(m types.BlockDeviceMapping) ec2types.LaunchTemplateBlockDeviceMappingRequest {
	out := ec2types.LaunchTemplateBlockDeviceMappingRequest{DeviceName: m.DeviceName, VirtualName: set(m.VirtualName)}
	if aws.ToBool(m.NoDevice) { // a flag here, an empty string there
		out.NoDevice = new("")
		return out
	}
	if e := m.Ebs; e != nil {
		out.Ebs = &ec2types.LaunchTemplateEbsBlockDeviceRequest{
			DeleteOnTermination: new(e.DeleteOnTermination == nil || *e.DeleteOnTermination),
			Encrypted:           e.Encrypted,
			Iops:                e.Iops,
			SnapshotId:          set(e.SnapshotId),
			Throughput:          e.Throughput,
			VolumeSize:          e.VolumeSize,
			VolumeType:          ec2types.VolumeType(aws.ToString(e.VolumeType)),
		}
	}
	return out
}

// securityGroups are ids or names in a configuration, and apart in a template.
func securityGroups(all []string) (ids, names []string) {
	for _, g := range all {
		if strings.HasPrefix(g, "sg-") {
			ids = append(ids, g)
		} else {
			names = append(names, g)
		}
	}
	return slices.Clip(ids), slices.Clip(names)
}

func instanceProfile(p *string) *ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest {
	switch {
	case aws.ToString(p) == "":
		return nil
	case strings.HasPrefix(*p, "arn:"):
		return &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: p}
	}
	return &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: p}
}

// set is nil for an empty string, with which AWS shows what is not set.
func set(s *string) *string { return optional(aws.ToString(s)) }
