package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(deleteVolume, "VolumeId")
}

// deleteVolume refuses a volume that an instance has, a stopped one too. Others
// are gone at once.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html
func deleteVolume(r *request, in *ec2.DeleteVolumeInput) (*ec2.DeleteVolumeOutput, error) {
	v, err := r.findVolume(*in.VolumeId)
	if err != nil {
		return nil, err
	}
	if v.attached {
		return nil, apiError("VolumeInUse", "Volume %s is currently attached to %s", v.id, v.i.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.free = slices.DeleteFunc(r.free, func(l *freeVolume) bool { return l.id == *in.VolumeId })
	return &ec2.DeleteVolumeOutput{}, nil
}
