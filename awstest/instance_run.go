package awstest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(runInstances, append(slices.Concat(launchMappingFields, launchInterfaceFields, placementFields), "MinCount", "MaxCount", "ImageId", "InstanceType", "SubnetId",
		"SecurityGroupIds", "KeyName", "TagSpecifications", "ClientToken", "LaunchTemplate", "MetadataOptions", "UserData", "IamInstanceProfile")...)
}

// launchMappingFields are what a block device mapping of a launch may set.
var launchMappingFields = []string{
	"BlockDeviceMappings.DeviceName", "BlockDeviceMappings.NoDevice", "BlockDeviceMappings.VirtualName",
	"BlockDeviceMappings.Ebs.DeleteOnTermination", "BlockDeviceMappings.Ebs.Encrypted", "BlockDeviceMappings.Ebs.Iops",
	"BlockDeviceMappings.Ebs.KmsKeyId", "BlockDeviceMappings.Ebs.SnapshotId", "BlockDeviceMappings.Ebs.Throughput",
	"BlockDeviceMappings.Ebs.VolumeSize", "BlockDeviceMappings.Ebs.VolumeType",
}

// runInstances launches all or none: what is asked for is checked once.
func runInstances(r *request, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	earlier, err := r.tokens.replay("RunInstances", in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		return r.reservationAgain(earlier), nil
	}
	least, most := aws.ToInt32(in.MinCount), aws.ToInt32(in.MaxCount)
	if least < 1 || most < least {
		return nil, apiError("InvalidParameterValue", "Invalid value '%d' for maxCount: it must not be less than minCount, nor either less than 1", most)
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeInstance, ec2types.ResourceTypeVolume)
	if err != nil {
		return nil, err
	}
	spec, err := r.requested(in, tags)
	if err != nil {
		return nil, err
	}
	plan, err := r.planLaunch(spec)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil { // a dry run is about permissions and parameters, not about capacity
		return nil, err
	}
	if err := r.checkCapacity(plan); err != nil {
		return nil, err
	}
	plan.reservation = r.newID("r-")
	out := &ec2.RunInstancesOutput{OwnerId: new(r.account), ReservationId: new(plan.reservation)}
	for n := range int(most) {
		i := r.execute(plan)
		i.token = aws.ToString(in.ClientToken)
		i.index = n
		r.show(&i.sight)
		out.Instances = append(out.Instances, r.renderInstance(i))
	}
	r.tokens.remember("RunInstances", in.ClientToken, in, plan.reservation)
	return out, nil
}

// requested is what a call asks for, laid over what its template says.
func (r *request) requested(in *ec2.RunInstancesInput, tags map[ec2types.ResourceType]tagSet) (spec launchSpec, err error) {
	if in.LaunchTemplate != nil {
		if spec, err = r.resolveTemplate(in.LaunchTemplate); err != nil {
			return spec, err
		}
		if spec.requirements != nil {
			return spec, apiError(r.unconfirmed.requirementsRefused(), "A launch template that has InstanceRequirements cannot be used to run instances.")
		}
	}
	spec.imageID = cmp.Or(aws.ToString(in.ImageId), spec.imageID)
	spec.instanceType = cmp.Or(string(in.InstanceType), spec.instanceType)
	spec.subnetID = cmp.Or(aws.ToString(in.SubnetId), spec.subnetID)
	spec.keyName = cmp.Or(aws.ToString(in.KeyName), spec.keyName)
	if len(in.SecurityGroupIds) > 0 {
		spec.securityGroups, spec.namedGroups = in.SecurityGroupIds, false
	}
	if len(in.NetworkInterfaces) > 0 { // in the place of the template's
		spec.interfaces = in.NetworkInterfaces
	}
	if err = r.settingsOver(&spec, in); err != nil {
		return spec, err
	}
	spec.metadata = metadataOptions(spec.metadata, in.MetadataOptions)
	spec.mappings = slices.Concat(spec.mappings, in.BlockDeviceMappings) // a later one of a device wins
	if t := tags[ec2types.ResourceTypeInstance]; t != nil {
		spec.instanceTags = t
	}
	if t := tags[ec2types.ResourceTypeVolume]; t != nil {
		spec.volumeTags = t
	}
	if err := spec.placeInterfaces(); err != nil {
		return spec, err
	}
	return spec, r.checkPlacement(spec)
}

// settingsOver lays the user data, the placement and the instance profile of a
// call over its template's.
func (r *request) settingsOver(spec *launchSpec, in *ec2.RunInstancesInput) error {
	if err := checkUserData(in.UserData); err != nil {
		return err
	}
	spec.userData = cmp.Or(aws.ToString(in.UserData), spec.userData)
	where, err := placementOf(in.Placement)
	if err != nil {
		return err
	}
	spec.placement = where.over(spec.placement)
	if p := in.IamInstanceProfile; p != nil {
		profile, err := r.instanceProfile(p.Name, p.Arn)
		if err != nil {
			return err
		}
		spec.profile = cmp.Or(profile, spec.profile)
	}
	return nil
}

// reservationAgain answers a repeated call with what the first one launched, as
// it is now.
func (s *store) reservationAgain(id string) *ec2.RunInstancesOutput {
	out := &ec2.RunInstancesOutput{OwnerId: new(s.account), ReservationId: new(id)}
	for _, i := range s.instances.all() {
		if i.reservation == id {
			s.show(&i.sight)
			out.Instances = append(out.Instances, s.renderInstance(i))
		}
	}
	return out
}
