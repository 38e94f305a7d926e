package awstest

import (
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(attachVolume, "VolumeId", "InstanceId", "Device")
	handle(detachVolume, "VolumeId", "InstanceId", "Device")
}

// deviceName is the names that a volume can have on an instance, with /dev/ or
// without.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-available-device-names.html
var deviceName = regexp.MustCompile(`^(/dev/)?(sda1|sd[a-z]|xvd[a-z]|xvd[a-d][a-z])$`)

// attachVolume gives an instance a volume that stays when the instance goes.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
func attachVolume(r *request, in *ec2.AttachVolumeInput) (*ec2.AttachVolumeOutput, error) {
	v, err := r.findVolume(*in.VolumeId)
	if err != nil {
		return nil, err
	}
	found, err := r.findInstances([]string{*in.InstanceId})
	if err != nil {
		return nil, err
	}
	i := found[0]
	if err := v.attachable(i, *in.Device); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	moved := v.free.volume
	moved.device, moved.attached, moved.attachment = *in.Device, r.now, ec2types.VolumeAttachmentStateAttaching
	moved.deleteWith, moved.seen = false, &sight{}
	r.free = slices.DeleteFunc(r.free, func(l *freeVolume) bool { return l == v.free })
	i.volumes = append(i.volumes, moved)
	r.transition(moved.seen, r.jitter(r.timing.Volume, moved.id+"/attach"), func() {
		if at := i.volume(moved.id); at != nil && at.seen == moved.seen && at.attachment == ec2types.VolumeAttachmentStateAttaching {
			at.attachment = ""
		}
	})
	r.show(moved.seen)
	return new(convert[ec2.AttachVolumeOutput](attachmentOf(&moved, i))), nil
}

// attachable refuses what EC2 does, in its words.
func (v volumeView) attachable(i *instance, device string) error {
	used := slices.ContainsFunc(i.volumes, func(o volume) bool { return o.device == device })
	switch {
	case v.attached: // https://github.com/portworx/px-dev/issues/42
		return apiError("VolumeInUse", "%s is already attached to an instance", v.id)
	case v.free.state != ec2types.VolumeStateAvailable: // https://github.com/kubernetes/kops/issues/3235
		return apiError("IncorrectState", "%s is not 'available'.", v.id)
	case v.zone != i.subnet.zone: // https://github.com/linuxkit/linuxkit/issues/2388
		return apiError("InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'", v.id, i.id)
	case i.state != ec2types.InstanceStateNameRunning && i.state != ec2types.InstanceStateNameStopped:
		// https://github.com/ansible-collections/amazon.aws/pull/497
		return apiError("IncorrectState", "Instance '%s' is not 'running'.", i.id)
	case !deviceName.MatchString(device): // https://github.com/base2genomics/batchit/issues/15
		return apiError("InvalidParameterValue", "Value (%s) for parameter device is invalid. %s is not a valid EBS device name.", device, device)
	case used: // https://github.com/nanovms/ops/pull/1189
		return apiError("InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point %s is already in use", device, device)
	}
	return nil
}

// detachVolume takes a volume from an instance. The root volume of one that runs
// stays where it is.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html
func detachVolume(r *request, in *ec2.DetachVolumeInput) (*ec2.DetachVolumeOutput, error) {
	v, err := r.findVolume(*in.VolumeId)
	if err != nil {
		return nil, err
	}
	switch {
	case !v.attached: // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/1801
		return nil, apiError("IncorrectState", "Volume '%s' is in the '%s' state.", v.id, v.state())
	case in.InstanceId != nil && *in.InstanceId != v.i.id, in.Device != nil && *in.Device != v.device:
		return nil, apiError("InvalidAttachment.NotFound", "The volume '%s' is attached to instance '%s' as '%s'", v.id, v.i.id, v.device)
	case v.attachment != "":
		return nil, apiError("IncorrectState", "The volume '%s' is %s", v.id, v.attachment)
	case v.device == v.i.image.rootDevice && v.i.state != ec2types.InstanceStateNameStopped:
		return nil, apiError("OperationNotPermitted", "Unable to detach root volume '%s' from instance '%s'", v.device, v.i.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i, id, seen := v.i, v.id, &sight{}
	v.attachment, v.seen = ec2types.VolumeAttachmentStateDetaching, seen
	out := new(convert[ec2.DetachVolumeOutput](attachmentOf(v.volume, i)))
	r.transition(seen, r.jitter(r.timing.Volume, id+"/detach"), func() {
		if at := i.volume(id); at != nil && at.seen == seen {
			gone := *at
			i.volumes = slices.DeleteFunc(i.volumes, func(o volume) bool { return o.id == id })
			r.release(i, gone)
		}
	})
	r.show(seen)
	return out, nil
}

// attachmentOf is a volume's attachment as answers show it.
func attachmentOf(v *volume, i *instance) ec2types.VolumeAttachment {
	return ec2types.VolumeAttachment{
		AttachTime:          new(v.attached),
		DeleteOnTermination: new(v.deleteWith),
		Device:              new(v.device),
		EbsCardIndex:        new(int32(0)),
		InstanceId:          new(i.id),
		State:               volumeView{volume: v}.attachmentState(),
		VolumeId:            new(v.id),
	}
}
