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

// render writes the image as EC2 answers it now into out, which is empty. What
// is not there is nil. It goes field by field: a literal would be made elsewhere
// and copied.
func (v imageView) render(out *ec2types.Image, a *arena) {
	out.Architecture = ec2types.ArchitectureValues(v.architecture)
	out.BootMode = ec2types.BootModeValues(v.bootMode)
	out.CreationDate = a.text(v.creation())
	out.DeprecationTime = a.someText(v.deprecation())
	out.DeregistrationProtection = a.text(v.protection.String())
	out.Description = a.someText(v.description)
	out.EnaSupport = a.flag(v.ena)
	out.Hypervisor = ec2types.HypervisorTypeXen
	out.ImdsSupport = ec2types.ImdsSupportValues(v.imds)
	out.ImageId = a.text(v.id)
	out.ImageLocation = a.text(v.location)
	out.ImageOwnerAlias = a.someText(v.ownerAlias)
	out.ImageType = ec2types.ImageTypeValuesMachine
	if v.viewer == v.account {
		out.LastLaunchedTime = a.someText(v.launchedAt())
	}
	out.Name = a.text(v.name)
	out.OwnerId = a.text(v.account)
	out.Platform = ec2types.PlatformValues(v.platform)
	out.PlatformDetails = a.text(v.platformDetails())
	out.Public = a.flag(v.permissions.public)
	out.ProductCodes = renderCodes(v.codes)
	out.RootDeviceName = a.text(v.rootDevice)
	out.RootDeviceType = ec2types.DeviceTypeEbs
	out.SourceImageId = a.someText(v.sourceImage)
	out.SourceImageRegion = a.someText(v.sourceRegion)
	out.SourceInstanceId = a.someText(v.sourceInstance)
	out.SriovNetSupport = a.someText(v.sriov())
	out.State = v.state
	if v.reasonCode != "" {
		out.StateReason = &ec2types.StateReason{Code: a.text(v.reasonCode), Message: a.text(v.reason)}
	}
	out.Tags = v.visibleTags().ec2In(a)
	out.TpmSupport = ec2types.TpmSupportValues(v.tpm)
	out.UsageOperation = a.text(v.usageOperation())
	out.VirtualizationType = ec2types.VirtualizationType(v.virtualizationType())
	if len(v.mappings) > 0 {
		out.BlockDeviceMappings = room(&a.devices, len(v.mappings))
	}
	for n := range v.mappings {
		v.mappings[n].render(&out.BlockDeviceMappings[n], a)
	}
}

func (m *mapping) render(out *ec2types.BlockDeviceMapping, a *arena) {
	out.DeviceName = a.text(m.device)
	if m.virtual != "" {
		out.VirtualName = a.text(m.virtual)
		return
	}
	ebs := &room(&a.volumes, 1)[0]
	ebs.DeleteOnTermination = a.flag(m.deleteWith)
	ebs.Encrypted = a.flag(m.encrypted)
	ebs.Iops = a.someNumber(m.iops)
	ebs.SnapshotId = a.someText(m.snapshotID)
	ebs.Throughput = a.someNumber(m.throughput)
	ebs.VolumeSize = a.number(m.sizeGiB)
	ebs.VolumeType = ec2types.VolumeType(m.volumeType)
	out.Ebs = ebs
}

// renderImage is the image as a call shows it: of a new one the snapshots may
// not be known yet.
func (s *store) renderImage(i *image, out *ec2types.Image, a *arena) {
	imageView{i, s.account}.render(out, a)
	if s.isBare(&i.fresh) {
		for _, m := range out.BlockDeviceMappings {
			if m.Ebs != nil {
				m.Ebs.SnapshotId = nil
			}
		}
	}
}

// some is a pointer to v, nil for the zero value.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
