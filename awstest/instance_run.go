package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(runInstances, append(launchMappingFields, "MinCount", "MaxCount", "ImageId", "InstanceType", "SubnetId",
		"SecurityGroupIds", "KeyName", "TagSpecifications", "ClientToken")...)
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
	params := *in
	params.ClientToken = nil
	earlier, err := r.tokens.replay("RunInstances", in.ClientToken, params)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		return r.reservationAgain(earlier), nil
	}
	least, most := deref(in.MinCount), deref(in.MaxCount)
	if least < 1 || most < least {
		return nil, apiError("InvalidParameterValue", "Invalid value '%d' for maxCount: it must not be less than minCount, nor either less than 1", most)
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeInstance, ec2types.ResourceTypeVolume)
	if err != nil {
		return nil, err
	}
	plan, err := r.planLaunch(launchSpec{
		imageID:        deref(in.ImageId),
		instanceType:   string(in.InstanceType),
		subnetID:       deref(in.SubnetId),
		keyName:        deref(in.KeyName),
		securityGroups: in.SecurityGroupIds,
		mappings:       in.BlockDeviceMappings,
		instanceTags:   tags[ec2types.ResourceTypeInstance],
		volumeTags:     tags[ec2types.ResourceTypeVolume],
	})
	if err != nil {
		return nil, err
	}
	plan.reservation = r.newID("r-")
	out := &ec2.RunInstancesOutput{OwnerId: new(r.account), ReservationId: new(plan.reservation)}
	for n := range int(most) {
		i := r.execute(plan)
		i.token = deref(in.ClientToken)
		i.index = n
		r.show(&i.sight)
		out.Instances = append(out.Instances, r.renderInstance(i))
	}
	r.tokens.remember("RunInstances", in.ClientToken, params, plan.reservation)
	return out, nil
}

// reservationAgain answers a repeated call with what the first one launched, as
// it is now.
func (s *store) reservationAgain(id string) *ec2.RunInstancesOutput {
	out := &ec2.RunInstancesOutput{OwnerId: new(s.account), ReservationId: new(id)}
	for _, i := range s.instances.order {
		if i.reservation == id {
			s.show(&i.sight)
			out.Instances = append(out.Instances, s.renderInstance(i))
		}
	}
	return out
}
