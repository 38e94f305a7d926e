package awstest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createImage, "InstanceId", "Name", "Description", "NoReboot", "TagSpecifications",
		"BlockDeviceMappings.DeviceName", "BlockDeviceMappings.NoDevice", "BlockDeviceMappings.VirtualName",
		"BlockDeviceMappings.Ebs.DeleteOnTermination", "BlockDeviceMappings.Ebs.Encrypted", "BlockDeviceMappings.Ebs.Iops",
		"BlockDeviceMappings.Ebs.SnapshotId", "BlockDeviceMappings.Ebs.Throughput", "BlockDeviceMappings.Ebs.VolumeSize",
		"BlockDeviceMappings.Ebs.VolumeType")
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
func createImage(r *request, in *ec2.CreateImageInput) (*ec2.CreateImageOutput, error) {
	found, err := r.findInstances([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	from := found[0]
	running := from.state == ec2types.InstanceStateNameRunning
	if !running && from.state != ec2types.InstanceStateNameStopped {
		return nil, apiError(r.unconfirmed.createImageState(), "Instance is not in state 'running' or 'stopped'")
	}
	if err := r.freeName(*in.Name); err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeImage, ec2types.ResourceTypeSnapshot)
	if err != nil {
		return nil, err
	}
	mappings, err := r.imaged(from, in.BlockDeviceMappings)
	if err != nil {
		return nil, err
	}
	if err := r.roomForImage(false); err != nil {
		return nil, err
	}
	if err := r.roomForSnapshots(len(from.volumes), false); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i := &image{
		id:              r.newID("ami-"),
		name:            *in.Name,
		description:     aws.ToString(in.Description),
		architecture:    from.image.architecture,
		rootDevice:      from.image.rootDevice,
		bootMode:        from.image.bootMode,
		platform:        from.image.platform,
		ena:             from.image.ena,
		sourceInstance:  from.id,
		sourceImage:     from.image.id,
		sourceRegion:    r.region,
		tags:            accountTags{{r.account, tags[ec2types.ResourceTypeImage]}},
		crashConsistent: running && aws.ToBool(in.NoReboot),
		inherited:       from.image.inherited,
	}
	if running && !aws.ToBool(in.NoReboot) {
		from.reboots++
	}
	for _, m := range mappings {
		if m.volumeID != "" {
			n := &snapshot{
				volumeID:    m.volumeID,
				description: fmt.Sprintf("Created by CreateImage(%s) for %s", from.id, i.id),
				sizeGiB:     m.sizeGiB,
				encrypted:   m.encrypted,
				keyID:       m.keyID,
				codes:       from.image.codes,
				tags:        accountTags{{r.account, tags[ec2types.ResourceTypeSnapshot]}},
			}
			r.addSnapshot(n)
			m.snapshotID = n.id
		}
		i.mappings = append(i.mappings, m.mapping)
	}
	r.addImage(i)
	r.make(i, r.timing.Image, "")
	return &ec2.CreateImageOutput{ImageId: new(i.id)}, nil
}

// make lets a new image and its snapshots become available when d has passed,
// or fail: for fault, when that is not empty, else as a script says.
func (s *store) make(i *image, d time.Duration, fault string) {
	d = s.jitter(d, i.id)
	var code, reason string // of a failure; no code: it does not fail
	if fault != "" {
		code, reason = "Client.InternalError", fault
	} else if script, ok := s.script(i.name, func(m imageScript) bool { return m.failCode != "" }); ok {
		code, reason = script.failCode, cmp.Or(script.failMessage, script.failCode)
	}
	i.state = ec2types.ImageStatePending
	var parts []*snapshot
	for _, m := range i.mappings {
		if n := s.catalogue.snapshots[m.snapshotID]; n != nil && n.state == "" {
			n.state, n.takes, n.madeFor = ec2types.SnapshotStatePending, d, i
			parts = append(parts, n)
		}
	}
	s.transition(&i.sight, d, func() {
		for _, n := range parts {
			n.end(s.now, reason)
		}
		if i.state != ec2types.ImageStatePending {
			return // deregistered meanwhile
		}
		i.state = ec2types.ImageStateAvailable
		if code != "" {
			i.state, i.reasonCode, i.reason = ec2types.ImageStateFailed, code, reason
		}
	})
}

// imagedDevice is a device of a new image, and the volume whose snapshot it
// gets; volumeID is empty for a device without data.
type imagedDevice struct {
	mapping
	volumeID string
}

// imaged lists the devices of an image of an instance: each of its volumes,
// changed as far as CreateImage lets a caller change them, and new ones.
func (s *store) imaged(from *instance, over []ec2types.BlockDeviceMapping) ([]imagedDevice, error) {
	var out []imagedDevice
	for _, v := range from.volumes {
		out = append(out, imagedDevice{mapping{device: v.device, volumeSpec: v.volumeSpec}, v.id})
	}
	for _, m := range from.ephemeral {
		out = append(out, imagedDevice{mapping: m})
	}
	for _, o := range over {
		device := aws.ToString(o.DeviceName)
		at := slices.IndexFunc(out, func(d imagedDevice) bool { return d.device == device })
		switch {
		case device == "":
			return nil, badMapping("a block device mapping needs a device name")
		case o.NoDevice != nil && device == from.image.rootDevice:
			return nil, badMapping("the root device %s cannot be left out", device)
		case o.NoDevice != nil:
			if at >= 0 {
				out = slices.Delete(out, at, at+1)
			}
		case at >= 0 && out[at].volumeID != "":
			if err := out[at].reimage(o); err != nil {
				return nil, err
			}
		case o.Ebs != nil && o.Ebs.SnapshotId != nil && o.Ebs.Encrypted != nil:
			return nil, badMapping("the encrypted flag cannot be specified since device %s has a snapshot specified.", device)
		default:
			m, err := s.overlayOne(mapping{device: device}, o, false)
			if err != nil {
				return nil, err
			}
			if at < 0 {
				out = append(out, imagedDevice{})
				at = len(out) - 1
			}
			out[at] = imagedDevice{mapping: m}
		}
	}
	return out, nil
}

// reimage changes what may be changed of a device that the instance has:
// whether its volume goes with the instance. To repeat what is there is no
// change.
func (d *imagedDevice) reimage(o ec2types.BlockDeviceMapping) error {
	if o.VirtualName != nil {
		return badMapping("device %s has a volume", d.device)
	}
	e := o.Ebs
	if e == nil {
		return nil
	}
	same := (e.VolumeSize == nil || *e.VolumeSize == d.sizeGiB) &&
		(e.VolumeType == "" || string(e.VolumeType) == d.volumeType) &&
		(e.Iops == nil || *e.Iops == d.iops) &&
		(e.Throughput == nil || *e.Throughput == d.throughput) &&
		(e.SnapshotId == nil || *e.SnapshotId == d.snapshotID)
	if !same {
		return badMapping("only DeleteOnTermination of the existing device %s can be changed", d.device)
	}
	if aws.ToBool(e.Encrypted) && !d.encrypted {
		return badMapping("the encrypted flag of the existing device %s cannot be changed", d.device)
	}
	if e.DeleteOnTermination != nil {
		d.deleteWith = *e.DeleteOnTermination
	}
	return nil
}

var imageName = regexp.MustCompile(`^[A-Za-z0-9()\[\] ./\-'@_]{3,128}$`)

// freeName checks the name of a new image.
func (s *store) freeName(name string) error {
	if !imageName.MatchString(name) {
		return apiError("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long, and may contain "+
			"letters, numbers, '(', ')', '[', ']', ' ', '.', '/', '-', ''', '@' and '_'")
	}
	if taken := s.images.byName[name]; taken != nil {
		return apiError("InvalidAMIName.Duplicate", "AMI name %s is already in use by AMI %s", name, taken.id)
	}
	return nil
}

func checkDescription(d *string) error {
	if utf8.RuneCountInString(aws.ToString(d)) > 255 {
		return apiError("InvalidParameterValue", "The description must not be longer than 255 characters")
	}
	return nil
}
