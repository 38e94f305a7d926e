package awstest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeVolumes, "VolumeIds", "Filters", "MaxResults", "NextToken")
}

// volumeView is a volume and the instance that it is or was attached to.
type volumeView struct {
	*volume
	i        *instance // nil: it never was
	attached bool
	zone     zone
	free     *freeVolume // nil: an instance has it
	s        *store
}

// unseen is true while what has made the volume is withheld from reads.
func (v volumeView) unseen() bool {
	if v.attached {
		return v.s.unseen(&v.i.fresh)
	}
	return v.s.unseen(&v.free.fresh)
}

// findVolume finds a volume, whether an instance has it or not.
func (s *store) findVolume(id string) (volumeView, error) {
	if !wellFormed("vol-", id) {
		return volumeView{}, apiError("InvalidVolumeID.Malformed", "Invalid id: \"%s\" (expecting \"vol-...\")", id)
	}
	for _, i := range s.instances.all() {
		if v := i.volume(id); v != nil {
			return volumeView{v, i, true, i.subnet.zone, nil, s}, nil
		}
	}
	if l := s.freeVolume(id); l != nil && !s.unseen(&l.fresh) {
		return volumeView{&l.volume, l.instance, false, l.zone, l, s}, nil
	}
	return volumeView{}, apiError("InvalidVolume.NotFound", "The volume '%s' does not exist.", id)
}

// attachment makes a filter of something that an attached volume has.
func attachment(f func(volumeView) string) func(volumeView) []string {
	return func(v volumeView) []string {
		if !v.attached {
			return nil
		}
		return []string{f(v)}
	}
}

var volumeFilters = filterTable[volumeView]{
	values: map[string]func(volumeView) []string{
		"attachment.attach-time":           attachment(func(v volumeView) string { return stamp(v.volume.attached) }),
		"attachment.delete-on-termination": attachment(func(v volumeView) string { return yesNo(v.deleteWith) }),
		"attachment.device":                attachment(func(v volumeView) string { return v.device }),
		"attachment.instance-id":           attachment(func(v volumeView) string { return v.i.id }),
		"attachment.status":                attachment(func(v volumeView) string { return string(v.attachmentState()) }),
		"availability-zone":                one(func(v volumeView) string { return v.zone.name }),
		"availability-zone-id":             one(func(v volumeView) string { return v.zone.id }),
		"create-time":                      one(func(v volumeView) string { return stamp(v.created) }),
		"encrypted":                        one(func(v volumeView) string { return yesNo(v.encrypted) }),
		"fast-restored":                    one(func(v volumeView) string { return yesNo(v.fast) }),
		"multi-attach-enabled":             one(func(volumeView) string { return "false" }),
		"operator.managed":                 one(func(volumeView) string { return "false" }),
		"operator.principal":               neverOf[volumeView],
		"size":                             one(func(v volumeView) string { return strconv.Itoa(int(v.sizeGiB)) }),
		"snapshot-id":                      one(func(v volumeView) string { return v.snapshotID }),
		"status":                           one(func(v volumeView) string { return string(v.state()) }),
		"volume-id":                        one(func(v volumeView) string { return v.id }),
		"volume-type":                      one(func(v volumeView) string { return v.volumeType }),
	},
	tags: func(v volumeView) tagSet { return v.tags },
}

// describeVolumes lists the volumes of instances and those that have outlived
// theirs.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html
func describeVolumes(r *request, in *ec2.DescribeVolumesInput) (*ec2.DescribeVolumesOutput, error) {
	match, err := volumeFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, id := range in.VolumeIds {
		if _, err := r.findVolume(id); err != nil {
			return nil, err
		}
	}
	var found []volumeView
	for _, v := range r.allVolumes() {
		named := len(in.VolumeIds) == 0 || slices.Contains(in.VolumeIds, v.id)
		if named && match(v) && !v.unseen() {
			found = append(found, v)
		}
	}
	cut, next, err := page(r.store, found, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeVolumesOutput{NextToken: next}
	for _, v := range cut {
		if v.i != nil && v.i.gone() { // who waits for a volume to come free reads nothing else
			r.show(&v.i.sight)
		}
		if v.seen != nil {
			r.show(v.seen)
		}
		out.Volumes = append(out.Volumes, v.render())
	}
	return out, nil
}

// allVolumes is every volume in the order it was made, and by id of those made
// at once. That stays when an instance goes and leaves some: pages count on it.
func (s *store) allVolumes() (out []volumeView) {
	for _, i := range s.instances.all() {
		for n := range i.volumes {
			out = append(out, volumeView{&i.volumes[n], i, true, i.subnet.zone, nil, s})
		}
	}
	for _, l := range s.free {
		out = append(out, volumeView{&l.volume, l.instance, false, l.zone, l, s})
	}
	slices.SortFunc(out, func(a, b volumeView) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id))
	})
	return out
}

func (v volumeView) state() ec2types.VolumeState {
	if v.attached {
		return ec2types.VolumeStateInUse
	}
	return v.free.state
}

func (v volumeView) attachmentState() ec2types.VolumeAttachmentState {
	return cmp.Or(v.attachment, ec2types.VolumeAttachmentStateAttached)
}

// baseline is what IOPS a volume has: those of a gp2 volume go with its size.
// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
func (v volumeSpec) baseline() *int32 {
	if v.volumeType == string(ec2types.VolumeTypeGp2) {
		return new(min(max(3*v.sizeGiB, 100), 16000))
	}
	return some(v.iops)
}

func (v volumeView) render() ec2types.Volume {
	out := ec2types.Volume{
		Attachments:        []ec2types.VolumeAttachment{},
		AvailabilityZone:   new(v.zone.name),
		AvailabilityZoneId: new(v.zone.id),
		CreateTime:         new(v.created),
		Encrypted:          new(v.encrypted),
		FastRestored:       new(v.fast),
		Iops:               v.baseline(),
		KmsKeyId:           some(v.keyID),
		MultiAttachEnabled: new(false),
		Operator:           &ec2types.OperatorResponse{Managed: new(false)},
		OwnerId:            new(v.s.account),
		Size:               new(v.sizeGiB),
		SnapshotId:         new(v.snapshotID), // empty: of none
		State:              v.state(),
		Tags:               v.tags.ec2(),
		Throughput:         some(v.throughput),
		VolumeArn:          new(v.s.arn("ec2", "volume/"+v.id)),
		VolumeId:           new(v.id),
		VolumeType:         ec2types.VolumeType(v.volumeType),
	}
	if v.attached {
		out.Attachments = []ec2types.VolumeAttachment{attachmentOf(v.volume, v.i)}
	}
	return out
}
