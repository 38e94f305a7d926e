package awstest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(registerImage, "Name", "Architecture", "BootMode", "Description", "EnaSupport", "ImdsSupport", "RootDeviceName",
		"SriovNetSupport", "TagSpecifications", "TpmSupport", "UefiData", "VirtualizationType",
		"BlockDeviceMappings.DeviceName", "BlockDeviceMappings.NoDevice", "BlockDeviceMappings.VirtualName",
		"BlockDeviceMappings.Ebs.DeleteOnTermination", "BlockDeviceMappings.Ebs.Encrypted", "BlockDeviceMappings.Ebs.Iops",
		"BlockDeviceMappings.Ebs.SnapshotId", "BlockDeviceMappings.Ebs.Throughput", "BlockDeviceMappings.Ebs.VolumeSize",
		"BlockDeviceMappings.Ebs.VolumeType")
}

// registerImage makes an image of snapshots. What it runs on is what the call
// says: nothing is taken over from the image that the disks once came from, but
// the product codes that they carry.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
func registerImage(r *request, in *ec2.RegisterImageInput) (*ec2.RegisterImageOutput, error) {
	if err := r.freeName(*in.Name); err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeImage)
	if err != nil {
		return nil, err
	}
	i := &image{
		name:         *in.Name,
		description:  aws.ToString(in.Description),
		architecture: string(cmp.Or(in.Architecture, ec2types.ArchitectureValuesI386)),
		rootDevice:   cmp.Or(aws.ToString(in.RootDeviceName), "/dev/sda1"),
		bootMode:     string(in.BootMode),
		ena:          aws.ToBool(in.EnaSupport),
		tags:         accountTags{{r.account, tags[ec2types.ResourceTypeImage]}},
		inherited: inherited{
			imds:           string(in.ImdsSupport),
			virtualization: cmp.Or(aws.ToString(in.VirtualizationType), string(ec2types.VirtualizationTypeParavirtual)),
			noSriov:        in.SriovNetSupport == nil,
			tpm:            string(in.TpmSupport),
			uefiData:       aws.ToString(in.UefiData),
		},
	}
	if err := checkRegistered(in, i); err != nil {
		return nil, err
	}
	if err := r.checkTPM(i); err != nil {
		return nil, err
	}
	if err := r.registeredDevices(i, in.BlockDeviceMappings); err != nil {
		return nil, err
	}
	if err := r.roomForImage(false); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.id = r.newID("ami-")
	r.addImage(i)
	r.make(i, r.timing.Register, "")
	return &ec2.RegisterImageOutput{ImageId: new(i.id)}, nil
}

// checkRegistered refuses values that EC2 does not have.
func checkRegistered(in *ec2.RegisterImageInput, i *image) error {
	bad := func(parameter, value string) error {
		return apiError("InvalidParameterValue", "Value (%s) for parameter %s is invalid.", value, parameter)
	}
	switch {
	case !slices.Contains(in.Architecture.Values(), ec2types.ArchitectureValues(i.architecture)):
		return bad("architecture", i.architecture)
	case !slices.Contains(ec2types.VirtualizationType("").Values(), ec2types.VirtualizationType(i.virtualization)):
		return bad("virtualizationType", i.virtualization)
	case i.bootMode != "" && !slices.Contains(in.BootMode.Values(), in.BootMode):
		return bad("bootMode", i.bootMode)
	case i.imds != "" && !slices.Contains(in.ImdsSupport.Values(), in.ImdsSupport):
		return bad("imdsSupport", i.imds)
	case i.tpm != "" && !slices.Contains(in.TpmSupport.Values(), in.TpmSupport):
		return bad("tpmSupport", i.tpm)
	case in.SriovNetSupport != nil && *in.SriovNetSupport != "simple":
		return bad("sriovNetSupport", *in.SriovNetSupport)
	}
	return nil
}

// checkTPM refuses a NitroTPM without UEFI. A boot mode of uefi-preferred, with
// which some instance types boot from a BIOS, is not enough.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enable-nitrotpm-prerequisites.html
// https://github.com/flatcar/mantle/pull/582
func (r *request) checkTPM(i *image) error {
	if i.tpm == "" || i.bootMode == string(ec2types.BootModeValuesUefi) {
		return nil
	}
	return apiError(cmp.Or(r.unconfirmed.TPMWithoutUEFI, "InvalidParameterCombination"), "TPM support requires the boot mode uefi")
}

// registeredDevices reads the devices of a registration, of which one has to be
// the root, with a snapshot.
func (r *request) registeredDevices(i *image, all []ec2types.BlockDeviceMapping) error {
	if len(all) == 0 {
		return apiError("MissingParameter", "The request must contain the parameter blockDeviceMapping")
	}
	for _, o := range all {
		device := aws.ToString(o.DeviceName)
		switch {
		case device == "":
			return badMapping("a block device mapping needs a device name")
		case slices.ContainsFunc(i.mappings, func(m mapping) bool { return m.device == device }):
			return badMapping("the device %s is mapped twice", device)
		case o.NoDevice != nil:
			continue
		case o.Ebs != nil && o.Ebs.SnapshotId != nil && o.Ebs.Encrypted != nil:
			return badMapping("the encrypted flag cannot be specified since device %s has a snapshot specified.", device)
		case o.Ebs == nil && o.VirtualName == nil:
			return badMapping("the device %s needs a volume or a virtual name", device)
		}
		m, err := r.overlayOne(mapping{device: device}, o, false)
		if err != nil {
			return err
		}
		if n := r.catalogue.snapshots[m.snapshotID]; n != nil {
			if n.state != ec2types.SnapshotStateCompleted {
				return apiError(cmp.Or(r.unconfirmed.SnapshotState, "IncorrectState"), "The snapshot '%s' is in state %s, not completed", n.id, n.state)
			}
			for _, code := range n.codes {
				if !slices.Contains(i.codes, code) {
					i.codes = append(i.codes, code)
				}
			}
		}
		i.mappings = append(i.mappings, m)
	}
	if !slices.ContainsFunc(i.mappings, func(m mapping) bool { return m.device == i.rootDevice && m.snapshotID != "" }) {
		return badMapping("No root snapshot specified in device mapping.")
	}
	return nil
}
