package awstest

import (
	"slices"
	"strconv"
	"strings"
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
		"KernelId", "RamdiskId", "MetadataOptions", "PlacementTenancy", "UserData", "SpotPrice", "InstanceId")
	handle(describeLaunchConfigurations, "LaunchConfigurationNames", "MaxRecords", "NextToken")
}

// createLaunchConfiguration makes one of what the call says, or of an instance
// and what the call says otherwise.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
func createLaunchConfiguration(r *request, in *autoscaling.CreateLaunchConfigurationInput) (*autoscaling.CreateLaunchConfigurationOutput, error) {
	lc := new(convert[astypes.LaunchConfiguration](*in))
	switch {
	case in.InstanceId != nil:
		i, err := r.instanceToCopy(*in.InstanceId)
		if err != nil {
			return nil, err
		}
		lc = configurationOver(configurationOf(i), in)
	case in.ImageId == nil || in.InstanceType == nil:
		return nil, validation("Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.")
	}
	if err := r.addConfiguration(lc); err != nil {
		return nil, err
	}
	return &autoscaling.CreateLaunchConfigurationOutput{}, nil
}

// leastSpotPrice is the lowest price in US dollars an hour that a launch
// configuration takes.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
const leastSpotPrice = 0.001

// addConfiguration checks a launch configuration and adds it.
func (s *store) addConfiguration(lc *astypes.LaunchConfiguration) error {
	name := *lc.LaunchConfigurationName
	if err := checkName(name); err != nil {
		return err
	}
	if s.groups.configs.byName[name] != nil {
		return &astypes.AlreadyExistsFault{Message: new("Launch Configuration by this name already exists - A launch configuration already exists with the name " + name)}
	}
	if err := roomFor("LaunchConfiguration(s)", s.limits().LaunchConfigurations, len(s.groups.configs.order)); err != nil {
		return err
	}
	if price := lc.SpotPrice; price != nil {
		if p, err := strconv.ParseFloat(*price, 64); err != nil || p < leastSpotPrice {
			return validation("Value (%s) for parameter price is invalid. \"%s\" is an invalid spot instance price", *price, *price)
		}
	}
	emptyWhereUnset(lc)
	lc.CreatedTime = new(s.now.Truncate(time.Millisecond))
	lc.LaunchConfigurationARN = new(s.arn("autoscaling", "launchConfiguration:"+s.newUUID("launchConfiguration")+":launchConfigurationName/"+name))
	if lc.InstanceMonitoring == nil {
		lc.InstanceMonitoring = &astypes.InstanceMonitoring{Enabled: new(true)}
	}
	if lc.EbsOptimized == nil {
		lc.EbsOptimized = new(false)
	}
	if _, err := s.usableImage(*lc.ImageId); err != nil {
		_, message := apiParts(err)
		return validation("AMI %s is invalid: %s", *lc.ImageId, message)
	}
	spec, err := s.specOfConfiguration(lc)
	if err == nil {
		_, err = s.planLaunch(spec)
	}
	if err != nil {
		_, message := apiParts(err)
		return validation("%s", message)
	}
	configs := &s.groups.configs
	if configs.byName == nil {
		configs.byName = map[string]*astypes.LaunchConfiguration{}
		configs.byCall = map[string]bool{}
	}
	configs.byName[name] = lc
	configs.byCall[name] = s.answering
	configs.order = append(configs.order, lc)
	return nil
}

// remove takes a launch configuration away.
func (l *launchConfigurations) remove(lc *astypes.LaunchConfiguration) {
	delete(l.byName, *lc.LaunchConfigurationName)
	delete(l.byCall, *lc.LaunchConfigurationName)
	l.order = slices.DeleteFunc(l.order, func(o *astypes.LaunchConfiguration) bool { return o == lc })
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

// configurationSpec is a launch from the launch configuration of a name.
func (s *store) configurationSpec(name string) (launchSpec, error) {
	lc := s.groups.configs.byName[name]
	if lc == nil {
		return launchSpec{}, validation("Launch configuration name not found - Launch configuration %s not found", name)
	}
	return s.specOfConfiguration(lc)
}

func (s *store) specOfConfiguration(lc *astypes.LaunchConfiguration) (launchSpec, error) {
	out := launchSpec{
		imageID:        aws.ToString(lc.ImageId),
		instanceType:   aws.ToString(lc.InstanceType),
		keyName:        aws.ToString(lc.KeyName),
		securityGroups: lc.SecurityGroups,
		metadata:       convert[*ec2types.InstanceMetadataOptionsRequest](lc.MetadataOptions),
		userData:       aws.ToString(lc.UserData),
		placement:      placement{tenancy: aws.ToString(lc.PlacementTenancy)},
		spot:           aws.ToString(lc.SpotPrice) != "",
	}
	name, arn := lc.IamInstanceProfile, (*string)(nil)
	if strings.HasPrefix(aws.ToString(name), "arn:") {
		name, arn = nil, name
	}
	var err error
	if out.profile, err = s.instanceProfile(name, arn); err != nil {
		return out, err
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
	return out, nil
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
