package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createSnapshot, "VolumeId", "Description", "TagSpecifications")
}

// createSnapshot begins a snapshot of a volume and answers it pending.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
func createSnapshot(r *request, in *ec2.CreateSnapshotInput) (*ec2.CreateSnapshotOutput, error) {
	from, v, err := r.findVolume(*in.VolumeId)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeSnapshot)
	if err != nil {
		return nil, err
	}
	if err := r.roomForSnapshots(1, false); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	n := &snapshot{
		volumeID:    v.id,
		description: deref(in.Description),
		sizeGiB:     v.sizeGiB,
		encrypted:   v.encrypted,
		keyID:       v.keyID,
		codes:       from.image.codes,
		tags:        accountTags{{r.account, tags[ec2types.ResourceTypeSnapshot]}},
	}
	r.addSnapshot(n)
	r.makeSnapshot(n, r.timing.Snapshot, "")
	r.show(&n.sight)
	return new(convert[ec2.CreateSnapshotOutput](snapshotView{n, r.store}.render())), nil
}

// makeSnapshot lets a new snapshot complete when d has passed or, for a reason,
// fail.
func (s *store) makeSnapshot(n *snapshot, d time.Duration, reason string) {
	n.state = ec2types.SnapshotStatePending
	n.takes = s.jitter(d, n.id)
	s.transition(&n.sight, n.takes, func() { n.end(s.now, reason) })
}

// findVolume finds a volume and the instance that it is or was attached to.
func (s *store) findVolume(id string) (*instance, *volume, error) {
	if !wellFormed("vol-", id) {
		return nil, nil, apiError("InvalidVolumeID.Malformed", "Invalid id: \"%s\" (expecting \"vol-...\")", id)
	}
	for _, i := range s.instances.all() {
		for n := range i.volumes {
			if i.volumes[n].id == id {
				return i, &i.volumes[n], nil
			}
		}
	}
	if l := s.leftVolume(id); l != nil {
		return l.instance, &l.volume, nil
	}
	return nil, nil, apiError("InvalidVolume.NotFound", "The volume '%s' does not exist.", id)
}
