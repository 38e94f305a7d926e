package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(deleteSnapshot, "SnapshotId")
}

// deleteSnapshot refuses a snapshot that an image needs, whatever the state of
// the image.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSnapshot.html
func deleteSnapshot(r *request, in *ec2.DeleteSnapshotInput) (*ec2.DeleteSnapshotOutput, error) {
	n, err := r.ownSnapshot(*in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if len(n.usedBy) > 0 {
		return nil, apiError("InvalidSnapshot.InUse", "The snapshot %s is currently in use by %s", n.id, n.usedBy[0].id)
	}
	if f := r.heldByFastRestore(n); f != nil {
		return nil, apiError("InvalidSnapshot.InUse", "The snapshot %s is currently enabled for fast restores in %s. Fast snapshot restores "+
			"must be disabled within all Availability Zones before the snapshot may be deleted.", n.id, f.zone.name)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.dropSnapshot(n)
	return &ec2.DeleteSnapshotOutput{}, nil
}
