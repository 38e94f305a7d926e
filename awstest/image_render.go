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

// creation is when the image was made, as EC2 writes it.
func (i *image) creation() string {
	if i.dated != i.created {
		i.dated, i.date = i.created, stamp(i.created)
	}
	return i.date
}

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
func (v imageView) render(a *arena) ec2types.Image {
	out := ec2types.Image{
		Architecture:       ec2types.ArchitectureValues(v.architecture),
		BootMode:           ec2types.BootModeValues(v.bootMode),
		CreationDate:       a.text(v.creation()),
		DeprecationTime:    a.someText(v.deprecation()),
		Description:        a.someText(v.description),
		EnaSupport:         a.flag(v.ena),
		Hypervisor:         ec2types.HypervisorTypeXen,
		ImdsSupport:        ec2types.ImdsSupportValues(v.imds),
		ImageId:            a.text(v.id),
		ImageLocation:      a.text(v.location),
		ImageOwnerAlias:    a.someText(v.ownerAlias),
		ImageType:          ec2types.ImageTypeValuesMachine,
		Name:               a.text(v.name),
		OwnerId:            a.text(v.account),
		Platform:           ec2types.PlatformValues(v.platform),
		PlatformDetails:    a.text(v.platformDetails()),
		Public:             a.flag(v.permissions.public),
		ProductCodes:       renderCodes(v.codes),
		RootDeviceName:     a.text(v.rootDevice),
		RootDeviceType:     ec2types.DeviceTypeEbs,
		SourceImageId:      a.someText(v.sourceImage),
		SourceImageRegion:  a.someText(v.sourceRegion),
		SourceInstanceId:   a.someText(v.sourceInstance),
		SriovNetSupport:    a.someText(v.sriov()),
		State:              v.state,
		Tags:               v.visibleTags().ec2In(a),
		UsageOperation:     a.text(v.usageOperation()),
		TpmSupport:         ec2types.TpmSupportValues(v.tpm),
		VirtualizationType: ec2types.VirtualizationType(v.virtualizationType()),
	}
	out.DeregistrationProtection = a.text(v.protection.String())
	if v.viewer == v.account {
		out.LastLaunchedTime = a.someText(v.launchedAt())
	}
	if v.reasonCode != "" {
		out.StateReason = &ec2types.StateReason{Code: a.text(v.reasonCode), Message: a.text(v.reason)}
	}
	out.BlockDeviceMappings = sized[ec2types.BlockDeviceMapping](len(v.mappings))
	for _, m := range v.mappings {
		out.BlockDeviceMappings = append(out.BlockDeviceMappings, m.render(a))
	}
	return out
}

func (m mapping) render(a *arena) ec2types.BlockDeviceMapping {
	out := ec2types.BlockDeviceMapping{DeviceName: a.text(m.device)}
	if m.virtual != "" {
		out.VirtualName = a.text(m.virtual)
		return out
	}
	out.Ebs = &ec2types.EbsBlockDevice{
		DeleteOnTermination: a.flag(m.deleteWith),
		Encrypted:           a.flag(m.encrypted),
		Iops:                a.someNumber(m.iops),
		SnapshotId:          a.someText(m.snapshotID),
		Throughput:          a.someNumber(m.throughput),
		VolumeSize:          a.number(m.sizeGiB),
		VolumeType:          ec2types.VolumeType(m.volumeType),
	}
	return out
}

// renderImage is the image as a call shows it: of a new one the snapshots may
// not be known yet.
func (s *store) renderImage(i *image, a *arena) ec2types.Image {
	out := imageView{i, s.account}.render(a)
	if s.isBare(&i.fresh) {
		for _, m := range out.BlockDeviceMappings {
			if m.Ebs != nil {
				m.Ebs.SnapshotId = nil
			}
		}
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
