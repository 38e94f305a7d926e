package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(getLaunchTemplateData, "InstanceId")
}

// getLaunchTemplateData is what an instance runs with, in the form that a new
// template version takes after conversion.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetLaunchTemplateData.html
func getLaunchTemplateData(r *request, in *ec2.GetLaunchTemplateDataInput) (*ec2.GetLaunchTemplateDataOutput, error) {
	found, err := r.findInstances([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	i := found[0]
	data := &ec2types.ResponseLaunchTemplateData{
		EbsOptimized: new(false),
		ImageId:      new(i.spec.imageID),
		InstanceType: ec2types.InstanceType(i.spec.instanceType),
		KeyName:      some(i.spec.keyName),
		UserData:     some(i.spec.userData),
		Monitoring:   &ec2types.LaunchTemplatesMonitoring{Enabled: new(false)},
		Placement: &ec2types.LaunchTemplatePlacement{
			AvailabilityZone: new(i.subnet.zone.name), Tenancy: r.tenancy(i),
		},
		NetworkInterfaces: []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecification{{
			DeleteOnTermination: new(true), DeviceIndex: new(int32(0)), Groups: clone(i.spec.securityGroups),
			NetworkCardIndex: new(int32(0)), PrivateIpAddress: new(i.address), SubnetId: new(i.subnet.id),
		}},
	}
	if p := i.spec.profile; p != nil {
		data.IamInstanceProfile = &ec2types.LaunchTemplateIamInstanceProfileSpecification{Arn: clone(p.Arn)}
	}
	for _, v := range i.volumes {
		data.BlockDeviceMappings = append(data.BlockDeviceMappings, ec2types.LaunchTemplateBlockDeviceMapping{
			DeviceName: new(v.device),
			Ebs: &ec2types.LaunchTemplateEbsBlockDevice{
				DeleteOnTermination: new(v.deleteWith), Encrypted: new(v.encrypted), Iops: some(v.iops), KmsKeyId: some(v.keyID),
				SnapshotId: some(v.snapshotID), Throughput: some(v.throughput), VolumeSize: new(v.sizeGiB),
				VolumeType: ec2types.VolumeType(v.volumeType),
			},
		})
	}
	return &ec2.GetLaunchTemplateDataOutput{LaunchTemplateData: data}, nil
}
