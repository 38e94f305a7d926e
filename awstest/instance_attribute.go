package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeInstanceAttribute, "InstanceId", "Attribute")
}

// describeInstanceAttribute answers one attribute. Nothing here changes those
// that a launch could protect an instance by: they are as EC2 begins them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html
func describeInstanceAttribute(r *request, in *ec2.DescribeInstanceAttributeInput) (*ec2.DescribeInstanceAttributeOutput, error) {
	found, err := r.findInstances([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	i := found[0]
	shown := r.renderInstance(i)
	text := func(v string) *ec2types.AttributeValue { return &ec2types.AttributeValue{Value: some(v)} }
	flag := func(v bool) *ec2types.AttributeBooleanValue { return &ec2types.AttributeBooleanValue{Value: new(v)} }
	out := &ec2.DescribeInstanceAttributeOutput{InstanceId: new(i.id)}
	switch in.Attribute {
	case ec2types.InstanceAttributeNameInstanceType:
		out.InstanceType = text(i.spec.instanceType)
	case ec2types.InstanceAttributeNameKernel:
		out.KernelId = text("")
	case ec2types.InstanceAttributeNameRamdisk:
		out.RamdiskId = text("")
	case ec2types.InstanceAttributeNameUserData:
		out.UserData = text(i.spec.userData)
	case ec2types.InstanceAttributeNameDisableApiTermination:
		out.DisableApiTermination = flag(false)
	case ec2types.InstanceAttributeNameDisableApiStop:
		out.DisableApiStop = flag(false)
	case ec2types.InstanceAttributeNameInstanceInitiatedShutdownBehavior:
		out.InstanceInitiatedShutdownBehavior = text(string(ec2types.ShutdownBehaviorStop))
	case ec2types.InstanceAttributeNameRootDeviceName:
		out.RootDeviceName = text(i.image.rootDevice)
	case ec2types.InstanceAttributeNameBlockDeviceMapping:
		out.BlockDeviceMappings = append([]ec2types.InstanceBlockDeviceMapping{}, shown.BlockDeviceMappings...)
	case ec2types.InstanceAttributeNameProductCodes:
		out.ProductCodes = shown.ProductCodes
	case ec2types.InstanceAttributeNameSourceDestCheck:
		out.SourceDestCheck = flag(true)
	case ec2types.InstanceAttributeNameGroupSet:
		out.Groups = append([]ec2types.GroupIdentifier{}, shown.SecurityGroups...)
	case ec2types.InstanceAttributeNameEbsOptimized:
		out.EbsOptimized = flag(false)
	case ec2types.InstanceAttributeNameSriovNetSupport:
		out.SriovNetSupport = text(i.image.sriov())
	case ec2types.InstanceAttributeNameEnclaveOptions:
		out.EnclaveOptions = &ec2types.EnclaveOptions{Enabled: new(false)}
	default: // enaSupport is one that EC2 does not answer here
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	return out, nil
}
