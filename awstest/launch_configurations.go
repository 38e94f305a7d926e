package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchConfigurations are a store's. They never change.
type launchConfigurations struct {
	byName map[string]*astypes.LaunchConfiguration
	order  []*astypes.LaunchConfiguration // oldest first
	byCall map[string]bool                // the names of those that a call has made: they are no seeds
}

func init() {
	handle(createLaunchConfiguration, "LaunchConfigurationName", "ImageId", "InstanceType", "KeyName", "SecurityGroups",
		"BlockDeviceMappings", "AssociatePublicIpAddress", "EbsOptimized", "IamInstanceProfile", "InstanceMonitoring",
		"KernelId", "RamdiskId", "MetadataOptions", "PlacementTenancy", "UserData")
	handle(describeLaunchConfigurations, "LaunchConfigurationNames", "MaxRecords", "NextToken")
}

func createLaunchConfiguration(r *request, in *autoscaling.CreateLaunchConfigurationInput) (*autoscaling.CreateLaunchConfigurationOutput, error) {
	name := *in.LaunchConfigurationName
	if err := checkName(name); err != nil {
		return nil, err
	}
	if r.groups.configs.byName[name] != nil {
		return nil, &astypes.AlreadyExistsFault{Message: new("Launch Configuration by this name already exists - A launch configuration already exists with the name " + name)}
	}
	if in.ImageId == nil || in.InstanceType == nil {
		return nil, validation("Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.")
	}
	if err := roomFor("LaunchConfiguration(s)", r.limits().LaunchConfigurations, len(r.groups.configs.order)); err != nil {
		return nil, err
	}
	lc := convert[astypes.LaunchConfiguration](*in)
	emptyWhereUnset(&lc)
	lc.CreatedTime = new(r.now.Truncate(time.Millisecond))
	lc.LaunchConfigurationARN = new(r.arn("autoscaling", "launchConfiguration:"+r.newUUID("launchConfiguration")+":launchConfigurationName/"+name))
	if lc.InstanceMonitoring == nil {
		lc.InstanceMonitoring = &astypes.InstanceMonitoring{Enabled: new(true)}
	}
	if lc.EbsOptimized == nil {
		lc.EbsOptimized = new(false)
	}
	if _, err := r.usableImage(*in.ImageId); err != nil {
		_, message := apiParts(err)
		return nil, validation("AMI %s is invalid: %s", *in.ImageId, message)
	}
	if _, err := r.planLaunch(specOfConfiguration(&lc)); err != nil {
		_, message := apiParts(err)
		return nil, validation("%s", message)
	}
	if r.groups.configs.byName == nil {
		r.groups.configs.byName = map[string]*astypes.LaunchConfiguration{}
		r.groups.configs.byCall = map[string]bool{}
	}
	r.groups.configs.byName[name] = &lc
	r.groups.configs.byCall[name] = r.answering
	r.groups.configs.order = append(r.groups.configs.order, &lc)
	return &autoscaling.CreateLaunchConfigurationOutput{}, nil
}

// emptyWhereUnset puts in the empty texts and lists that Auto Scaling answers
// for what a launch configuration does not have.
// https://docs.aws.amazon.com/cli/latest/reference/autoscaling/describe-launch-configurations.html (the example)
func emptyWhereUnset(lc *astypes.LaunchConfiguration) {
	for _, text := range []**string{&lc.KernelId, &lc.RamdiskId, &lc.KeyName, &lc.UserData} {
		*text = new(aws.ToString(*text))
	}
	for _, list := range []*[]string{&lc.SecurityGroups, &lc.ClassicLinkVPCSecurityGroups} {
		*list = append([]string{}, *list...)
	}
	lc.BlockDeviceMappings = append([]astypes.BlockDeviceMapping{}, lc.BlockDeviceMappings...)
}

// spec is a launch from the launch configuration of a name.
func (l *launchConfigurations) spec(name string) (launchSpec, error) {
	lc := l.byName[name]
	if lc == nil {
		return launchSpec{}, validation("Launch configuration name not found - Launch configuration %s not found", name)
	}
	return specOfConfiguration(lc), nil
}

func specOfConfiguration(lc *astypes.LaunchConfiguration) launchSpec {
	out := launchSpec{
		imageID:        aws.ToString(lc.ImageId),
		instanceType:   aws.ToString(lc.InstanceType),
		keyName:        aws.ToString(lc.KeyName),
		securityGroups: lc.SecurityGroups,
		metadata:       convert[*ec2types.InstanceMetadataOptionsRequest](lc.MetadataOptions),
	}
	for _, m := range lc.BlockDeviceMappings {
		to := ec2types.BlockDeviceMapping{DeviceName: m.DeviceName, VirtualName: m.VirtualName}
		if aws.ToBool(m.NoDevice) { // a flag here, a string there
			to.NoDevice = new("")
		}
		if m.Ebs != nil {
			to.Ebs = &ec2types.EbsBlockDevice{
				DeleteOnTermination: m.Ebs.DeleteOnTermination, Encrypted: m.Ebs.Encrypted, Iops: m.Ebs.Iops,
				SnapshotId: m.Ebs.SnapshotId, Throughput: m.Ebs.Throughput, VolumeSize: m.Ebs.VolumeSize,
				VolumeType: ec2types.VolumeType(aws.ToString(m.Ebs.VolumeType)),
			}
		}
		out.mappings = append(out.mappings, to)
	}
	return out
}

func describeLaunchConfigurations(r *request, in *autoscaling.DescribeLaunchConfigurationsInput) (*autoscaling.DescribeLaunchConfigurationsOutput, error) {
	found := r.groups.configs.order
	if len(in.LaunchConfigurationNames) > 0 {
		found = nil
		for _, name := range in.LaunchConfigurationNames {
			if lc := r.groups.configs.byName[name]; lc != nil {
				found = append(found, lc)
			}
		}
	}
	found, next, err := asPage(r.store, found, limits{def: 50, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeLaunchConfigurationsOutput{NextToken: next}
	for _, lc := range found {
		out.LaunchConfigurations = append(out.LaunchConfigurations, *clone(lc))
	}
	return out, nil
}
