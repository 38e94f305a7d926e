package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// createGroupOfInstance makes a group whose instances are like one that there
// is: Auto Scaling makes a launch configuration of the group's name for it. The
// group is in the instance's subnet unless the call says otherwise; the instance
// itself does not join it.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-asg-from-instance.html
func createGroupOfInstance(r *request, in *autoscaling.CreateAutoScalingGroupInput) (*autoscaling.CreateAutoScalingGroupOutput, error) {
	if in.LaunchTemplate != nil || in.LaunchConfigurationName != nil || in.MixedInstancesPolicy != nil {
		return nil, errOneSource()
	}
	i, err := r.instanceToCopy(*in.InstanceId)
	if err != nil {
		return nil, err
	}
	lc := configurationOf(i)
	lc.LaunchConfigurationName = in.AutoScalingGroupName
	if err := r.addConfiguration(lc); err != nil {
		return nil, err
	}
	own := *in
	own.InstanceId, own.LaunchConfigurationName = nil, in.AutoScalingGroupName
	if in.VPCZoneIdentifier == nil && len(in.AvailabilityZones) == 0 && len(in.AvailabilityZoneIds) == 0 {
		own.VPCZoneIdentifier = new(i.subnet.id)
	}
	out, err := createAutoScalingGroup(r, &own)
	if err != nil {
		r.groups.configs.remove(lc)
	}
	return out, err
}

// instanceToCopy is an instance that a launch configuration is made of.
func (s *store) instanceToCopy(id string) (*instance, error) {
	found, err := s.findInstances([]string{id})
	if err != nil {
		_, message := apiParts(err)
		return nil, validation("%s", message)
	}
	if found[0].gone() {
		return nil, validation("The instance %s is %s", id, found[0].state)
	}
	return found[0], nil
}

// configurationOf has all of an instance that a launch configuration can have,
// but for its block devices: those are the image's again.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
func configurationOf(i *instance) *astypes.LaunchConfiguration {
	out := &astypes.LaunchConfiguration{
		EbsOptimized:       new(false),
		IamInstanceProfile: deref(i.spec.profile).Arn,
		ImageId:            new(i.spec.imageID),
		InstanceMonitoring: &astypes.InstanceMonitoring{Enabled: new(false)},
		InstanceType:       new(i.spec.instanceType),
		KeyName:            some(i.spec.keyName),
		SecurityGroups:     append([]string{}, i.spec.securityGroups...),
		UserData:           some(i.spec.userData),
	}
	if n := i.spec.primary(); n != nil {
		out.AssociatePublicIpAddress = clone(n.AssociatePublicIpAddress)
	}
	if t := i.spec.placement.tenancy; t != "" && t != string(ec2types.TenancyDefault) {
		out.PlacementTenancy = new(t)
	}
	if m := i.spec.metadata; m != nil {
		out.MetadataOptions = &astypes.InstanceMetadataOptions{
			HttpEndpoint: astypes.InstanceMetadataEndpointState(m.HttpEndpoint), HttpPutResponseHopLimit: clone(m.HttpPutResponseHopLimit),
			HttpTokens: astypes.InstanceMetadataHttpTokensState(m.HttpTokens),
		}
		if *out.MetadataOptions == (astypes.InstanceMetadataOptions{}) {
			out.MetadataOptions = nil
		}
	}
	return clone(out)
}

// over lays what a call sets over the launch configuration of an instance.
func configurationOver(base *astypes.LaunchConfiguration, in *autoscaling.CreateLaunchConfigurationInput) *astypes.LaunchConfiguration {
	overlay(base, convert[astypes.LaunchConfiguration](*in))
	base.SpotPrice = clone(in.SpotPrice)
	base.LaunchConfigurationName = new(aws.ToString(in.LaunchConfigurationName))
	return base
}
