package awstest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createVolume, "AvailabilityZone", "AvailabilityZoneId", "Size", "SnapshotId", "VolumeType", "Iops", "Throughput",
		"Encrypted", "KmsKeyId", "TagSpecifications", "ClientToken")
}

// createVolume begins a volume, empty or of a snapshot, and answers it creating.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ebs/volume_controls.json (its answers and refusals)
func createVolume(r *request, in *ec2.CreateVolumeInput) (*ec2.CreateVolumeOutput, error) {
	params := *in
	params.ClientToken = nil
	earlier, err := r.tokens.replay(r.op, in.ClientToken, params)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		v, err := r.findVolume(earlier)
		if err != nil {
			return nil, apiError("IdempotentParameterMismatch", "The volume '%s' that this token has made is deleted", earlier)
		}
		return v.asMade(), nil
	}
	where, err := r.volumeZone(in)
	if err != nil {
		return nil, err
	}
	spec, err := r.volumeAsked(in)
	if err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeVolume)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	free := &freeVolume{zone: *where, state: ec2types.VolumeStateCreating, since: r.now, volume: volume{
		id: r.newID("vol-"), created: r.now, seen: &sight{}, volumeSpec: spec,
		fast: r.fastRestored(spec.snapshotID, where.name), tags: tags[ec2types.ResourceTypeVolume],
	}}
	r.made(&free.fresh)
	r.free = append(r.free, free)
	r.transition(free.seen, r.jitter(r.timing.Volume, free.id), func() { free.state = ec2types.VolumeStateAvailable })
	r.tokens.remember(r.op, in.ClientToken, params, free.id)
	r.show(free.seen)
	return volumeView{volume: &free.volume, zone: free.zone, free: free, s: r.store}.asMade(), nil
}

// volumeZone is the Availability Zone that a call names in one of two ways.
func (s *store) volumeZone(in *ec2.CreateVolumeInput) (*zone, error) {
	name, id := aws.ToString(in.AvailabilityZone), aws.ToString(in.AvailabilityZoneId)
	switch {
	case name != "" && id != "":
		return nil, apiError("InvalidParameterCombination", "AvailabilityZone and AvailabilityZoneId can't be used together. Specify only one of these parameters.")
	case name == "" && id == "":
		return nil, apiError("MissingParameter", "The request must contain the parameter zone")
	}
	at := slices.IndexFunc(s.network.zones, func(z zone) bool { return z.name == name || z.id == id })
	if at < 0 {
		return nil, apiError("InvalidZone.NotFound", "The zone '%s' does not exist.", cmp.Or(name, id))
	}
	return &s.network.zones[at], nil
}

// volumeAsked is what a call wants a volume to be. It is checked as the block
// device mapping of a launch is, in the words of this operation.
func (s *store) volumeAsked(in *ec2.CreateVolumeInput) (volumeSpec, error) {
	kind := cmp.Or(in.VolumeType, ec2types.VolumeTypeGp2)
	switch {
	case !slices.Contains(volumeTypes, kind):
		return volumeSpec{}, apiError("UnknownVolumeType", "Unsupported volume type '%s' for volume creation. ", kind)
	case in.Size == nil && in.SnapshotId == nil:
		return volumeSpec{}, apiError("MissingParameter", "The request must contain the parameter size/snapshot")
	case in.Size != nil && *in.Size < 0:
		return volumeSpec{}, apiError("InvalidParameterValue", "Value (%d) for parameter size is invalid. Value must be a positive integer.", *in.Size)
	case in.Size != nil && *in.Size == 0:
		return volumeSpec{}, apiError("InvalidParameterValue", "The volume size is invalid for %s volumes: 0 GiB. %s volumes must be at least "+
			"1 GiB in size. Please specify a volume size above the minimum limit.", kind, kind)
	}
	if in.SnapshotId != nil {
		n, err := s.findSnapshot(*in.SnapshotId)
		if err != nil {
			return volumeSpec{}, err
		}
		if n.state != ec2types.SnapshotStateCompleted {
			return volumeSpec{}, apiError(cmp.Or(s.unconfirmed.SnapshotState, "IncorrectState"), "The snapshot '%s' is in state %s, not completed", n.id, n.state)
		}
	}
	m, err := s.overlayOne(mapping{}, ec2types.BlockDeviceMapping{Ebs: &ec2types.EbsBlockDevice{
		SnapshotId: in.SnapshotId, VolumeSize: in.Size, VolumeType: kind, Iops: in.Iops, Throughput: in.Throughput,
		Encrypted: in.Encrypted, KmsKeyId: in.KmsKeyId,
	}}, false)
	if code, message := apiParts(err); code == "InvalidBlockDeviceMapping" {
		return volumeSpec{}, apiError("InvalidParameterValue", "%s", message)
	}
	if err != nil {
		return volumeSpec{}, err
	}
	all := []mapping{m}
	s.encryptByDefault(all)
	return all[0].volumeSpec, nil
}

// asMade is a volume as CreateVolume answers it: less than a read tells.
func (v volumeView) asMade() *ec2.CreateVolumeOutput {
	out := convert[ec2.CreateVolumeOutput](v.render())
	out.Attachments, out.FastRestored, out.Operator, out.OwnerId, out.VolumeArn = nil, nil, nil, nil, nil
	out.Tags = append([]ec2types.Tag{}, out.Tags...)
	return &out
}
