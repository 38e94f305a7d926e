package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createSnapshot, "VolumeId", "Description", "TagSpecifications")
}

// createSnapshot begins a snapshot of a volume and answers it pending.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
func createSnapshot(r *request, in *ec2.CreateSnapshotInput) (*ec2.CreateSnapshotOutput, error) {
	v, err := r.findVolume(*in.VolumeId)
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
		description: aws.ToString(in.Description),
		sizeGiB:     v.sizeGiB,
		encrypted:   v.encrypted,
		keyID:       v.keyID,
		tags:        accountTags{{r.account, tags[ec2types.ResourceTypeSnapshot]}},
	}
	if v.i != nil {
		n.codes = v.i.image.codes
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
