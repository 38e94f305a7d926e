package awstest

import (
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// imageView is an image as one account sees it.
type imageView struct {
	*image
	viewer string
}

func (v imageView) visibleTags() tagSet { return v.tags.seenBy(v.viewer, v.account) }

// deprecation is how EC2 writes the time of it: to the minute.
func (i *image) deprecation() string {
	if i.deprecated.IsZero() {
		return ""
	}
	return stamp(i.deprecated)
}

func (i *image) platformDetails() string {
	if i.platform != "" {
		return "Windows"
	}
	return "Linux/UNIX"
}

func (i *image) usageOperation() string {
	if i.platform != "" {
		return "RunInstances:0002"
	}
	return "RunInstances"
}

// render is the image as EC2 answers it now. What is not there is nil.
func (v imageView) render() ec2types.Image {
	out := ec2types.Image{
		Architecture:       ec2types.ArchitectureValues(v.architecture),
		BootMode:           ec2types.BootModeValues(v.bootMode),
		CreationDate:       new(stamp(v.created)),
		DeprecationTime:    some(v.deprecation()),
		Description:        some(v.description),
		EnaSupport:         new(v.ena),
		Hypervisor:         ec2types.HypervisorTypeXen,
		ImdsSupport:        ec2types.ImdsSupportValues(v.imds),
		ImageId:            new(v.id),
		ImageLocation:      new(v.location),
		ImageOwnerAlias:    some(v.ownerAlias),
		ImageType:          ec2types.ImageTypeValuesMachine,
		Name:               new(v.name),
		OwnerId:            new(v.account),
		Platform:           ec2types.PlatformValues(v.platform),
		PlatformDetails:    new(v.platformDetails()),
		Public:             new(v.permissions.public),
		ProductCodes:       renderCodes(v.codes),
		RootDeviceName:     new(v.rootDevice),
		RootDeviceType:     ec2types.DeviceTypeEbs,
		SourceImageId:      some(v.sourceImage),
		SourceImageRegion:  some(v.sourceRegion),
		SourceInstanceId:   some(v.sourceInstance),
		SriovNetSupport:    some(v.sriov()),
		State:              v.state,
		Tags:               v.visibleTags().ec2(),
		UsageOperation:     new(v.usageOperation()),
		TpmSupport:         ec2types.TpmSupportValues(v.tpm),
		VirtualizationType: ec2types.VirtualizationType(v.virtualizationType()),
	}
	out.DeregistrationProtection = new(v.protection.String())
	if v.viewer == v.account {
		out.LastLaunchedTime = some(v.launchedAt())
	}
	if v.reasonCode != "" {
		out.StateReason = &ec2types.StateReason{Code: new(v.reasonCode), Message: new(v.reason)}
	}
	for _, m := range v.mappings {
		out.BlockDeviceMappings = append(out.BlockDeviceMappings, m.render())
	}
	return out
}

func (m mapping) render() ec2types.BlockDeviceMapping {
	out := ec2types.BlockDeviceMapping{DeviceName: new(m.device)}
	if m.virtual != "" {
		out.VirtualName = new(m.virtual)
		return out
	}
	out.Ebs = &ec2types.EbsBlockDevice{
		DeleteOnTermination: new(m.deleteWith),
		Encrypted:           new(m.encrypted),
		Iops:                some(m.iops),
		SnapshotId:          some(m.snapshotID),
		Throughput:          some(m.throughput),
		VolumeSize:          new(m.sizeGiB),
		VolumeType:          ec2types.VolumeType(m.volumeType),
	}
	return out
}

// some is a pointer to v, nil for the zero value.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
