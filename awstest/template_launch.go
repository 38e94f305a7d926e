package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// resolveTemplate is what a launch from a template uses. $Latest and $Default
// mean what they mean now.
func (s *store) resolveTemplate(spec *ec2types.LaunchTemplateSpecification) (launchSpec, error) {
	t, err := s.findTemplate(spec.LaunchTemplateId, spec.LaunchTemplateName)
	if err != nil {
		return launchSpec{}, err
	}
	v, err := t.version(aws.ToString(spec.Version))
	if err != nil {
		return launchSpec{}, err
	}
	out, err := s.specOf(v.data)
	out.template = &templateUse{id: t.id, name: t.name, version: v.number}
	return out, err
}

// checkData is nil when a launch from the data would work as things are now.
func (s *store) checkData(data *ec2types.RequestLaunchTemplateData) error {
	spec, err := s.specOf(data)
	if err == nil {
		err = spec.placeInterfaces()
	}
	if err == nil && spec.requirements != nil {
		spec.instanceType, err = s.typeFor(spec.requirements, spec.imageID)
	}
	if err == nil {
		_, err = s.planLaunch(spec)
	}
	return err
}

// specOf takes out of a template's data what a launch here depends on. The
// rest is kept and answered, and changes nothing about an instance of this
// cloud.
func (s *store) specOf(data *ec2types.RequestLaunchTemplateData) (launchSpec, error) {
	out := launchSpec{
		imageID:        aws.ToString(data.ImageId),
		instanceType:   string(data.InstanceType),
		keyName:        aws.ToString(data.KeyName),
		securityGroups: data.SecurityGroupIds,
		interfaces:     convert[[]ec2types.InstanceNetworkInterfaceSpecification](data.NetworkInterfaces),
		mappings:       convert[[]ec2types.BlockDeviceMapping](data.BlockDeviceMappings),
		metadata:       convert[*ec2types.InstanceMetadataOptionsRequest](data.MetadataOptions),
		requirements:   convert[*astypes.InstanceRequirements](data.InstanceRequirements),
	}
	out.userData = aws.ToString(data.UserData)
	out.spot = deref(data.InstanceMarketOptions).MarketType == ec2types.MarketTypeSpot
	if p := data.Placement; p != nil {
		out.placement = placement{cmp.Or(aws.ToString(p.AvailabilityZone), aws.ToString(p.AvailabilityZoneId)), string(p.Tenancy)}
	}
	if p := data.IamInstanceProfile; p != nil {
		var err error
		if out.profile, err = s.instanceProfile(p.Name, p.Arn); err != nil {
			return out, err
		}
	}
	for _, name := range data.SecurityGroups {
		g := s.network.securityGroupNamed(s.network.vpcID, name)
		if g == nil {
			return out, apiError("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, s.network.vpcID)
		}
		out.namedGroups = true
		out.securityGroups = append(out.securityGroups[:len(out.securityGroups):len(out.securityGroups)], g.id)
	}
	for _, t := range data.TagSpecifications {
		tags, err := checkTags(t.Tags)
		if err != nil {
			return out, err
		}
		switch t.ResourceType {
		case ec2types.ResourceTypeInstance:
			out.instanceTags = tags
		case ec2types.ResourceTypeVolume:
			out.volumeTags = tags
		}
	}
	return out, nil
}
