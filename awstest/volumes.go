package awstest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// overlay is the mappings of an image with those of a launch laid over them, by
// device name.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
func (s *store) overlay(base *image, over []ec2types.BlockDeviceMapping) ([]mapping, error) {
	out := slices.Clone(base.mappings)
	for n := range out {
		out[n].keyID = s.volumeKey(out[n])
	}
	for _, o := range over {
		device := aws.ToString(o.DeviceName)
		if device == "" {
			return nil, badMapping("a block device mapping needs a device name")
		}
		at := slices.IndexFunc(out, func(m mapping) bool { return m.device == device })
		root := device == base.rootDevice
		switch {
		case o.NoDevice != nil && root:
			return nil, badMapping("the root device %s cannot be left out", device)
		case o.NoDevice != nil:
			if at >= 0 {
				out = slices.Delete(out, at, at+1)
			}
			continue
		}
		m := mapping{device: device}
		if at >= 0 {
			m = out[at]
		}
		var err error
		if m, err = s.overlayOne(m, o, root); err != nil {
			return nil, err
		}
		if at >= 0 {
			out[at] = m
		} else {
			out = append(out, m)
		}
	}
	s.encryptByDefault(out)
	return out, nil
}

// overlayOne lays one mapping over what the image has for the device.
func (s *store) overlayOne(m mapping, o ec2types.BlockDeviceMapping, root bool) (mapping, error) {
	if name := aws.ToString(o.VirtualName); name != "" {
		if root || !strings.HasPrefix(name, "ephemeral") {
			return m, badMapping("the virtual name %s is not valid for %s", name, m.device)
		}
		return mapping{device: m.device, virtual: name}, nil
	}
	if o.Ebs == nil {
		return m, nil
	}
	e := o.Ebs
	isNew := m.sizeGiB == 0
	m.virtual = ""
	if id := aws.ToString(e.SnapshotId); id != "" && id != m.snapshotID {
		if root {
			return m, badMapping("snapshotId cannot be modified on root device")
		}
		from, err := s.findSnapshot(id)
		if err != nil {
			return m, err
		}
		m.snapshotID, m.sizeGiB, m.encrypted, m.keyID = id, from.sizeGiB, from.encrypted, from.keyID
		m.keyID = s.volumeKey(m)
	}
	if isNew {
		m.deleteWith = true
	}
	if err := m.resize(e.VolumeSize); err != nil {
		return m, err
	}
	if err := s.encrypt(&m, e.Encrypted, aws.ToString(e.KmsKeyId)); err != nil {
		return m, err
	}
	if e.DeleteOnTermination != nil {
		m.deleteWith = *e.DeleteOnTermination
	}
	return m, m.setType(e)
}

// resize sets the size, which may not be less than what the volume is made
// from.
func (m *mapping) resize(to *int32) error {
	switch {
	case to == nil && m.sizeGiB == 0:
		return apiError("MissingParameter", "The request must contain the parameter size or snapshotId")
	case to == nil:
		return nil
	case *to < 1 || *to > 65536:
		return apiError("InvalidParameterValue", "Volume of %dGiB is not valid", *to)
	case m.snapshotID != "" && *to < m.sizeGiB:
		return badMapping("Volume of size %dGB is smaller than snapshot '%s', expect size>= %dGB", *to, m.snapshotID, m.sizeGiB)
	}
	m.sizeGiB = *to
	return nil
}

// encrypt applies the encryption of a request: it can be added, never taken
// away, and a key says nothing without it.
func (s *store) encrypt(m *mapping, wanted *bool, key string) error {
	switch {
	case m.encrypted && wanted != nil && !*wanted:
		return badMapping("%s: an unencrypted volume cannot be made from the encrypted snapshot '%s'", m.device, m.snapshotID)
	case key != "" && !m.encrypted && !aws.ToBool(wanted):
		return apiError("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
	case !aws.ToBool(wanted) && key == "":
		return nil
	}
	m.encrypted = true
	if key != "" {
		m.keyID = s.keyARN(key)
	} else if m.keyID == "" {
		m.keyID = s.defaultKey()
	}
	return nil
}

var volumeTypes = ec2types.VolumeType("").Values()

func (m *mapping) setType(e *ec2types.EbsBlockDevice) error {
	if e.VolumeType != "" {
		if !slices.Contains(volumeTypes, e.VolumeType) {
			return apiError("InvalidParameterValue", "Invalid value '%s' for VolumeType", e.VolumeType)
		}
		m.volumeType = string(e.VolumeType)
		m.iops, m.throughput = 0, 0
	}
	if m.volumeType == "" {
		m.volumeType = string(ec2types.VolumeTypeGp2)
	}
	provisioned := m.volumeType == "gp3" || m.volumeType == "io1" || m.volumeType == "io2"
	switch {
	case e.Iops != nil && !provisioned:
		return apiError("InvalidParameterCombination", "The parameter iops is not supported for %s volumes.", m.volumeType)
	case e.Throughput != nil && m.volumeType != "gp3":
		return apiError("InvalidParameterCombination", "The parameter throughput is not supported for %s volumes.", m.volumeType)
	case e.Iops == nil && m.iops == 0 && (m.volumeType == "io1" || m.volumeType == "io2"):
		return apiError("MissingParameter", "The parameter iops must be specified for %s volumes.", m.volumeType)
	}
	if e.Iops != nil {
		m.iops = *e.Iops
	}
	if e.Throughput != nil {
		m.throughput = *e.Throughput
	}
	if m.volumeType == "gp3" {
		m.iops, m.throughput = cmp.Or(m.iops, 3000), cmp.Or(m.throughput, 125)
	}
	return nil
}

func badMapping(format string, args ...any) error {
	return apiError("InvalidBlockDeviceMapping", format, args...)
}
