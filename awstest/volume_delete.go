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
	i, v, err := r.findVolume(*in.VolumeId)
	if err != nil {
		return nil, err
	}
	if r.leftVolume(v.id) == nil {
		return nil, apiError("VolumeInUse", "Volume %s is currently attached to %s", v.id, i.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.left = slices.DeleteFunc(r.left, func(l *leftVolume) bool { return l.id == *in.VolumeId })
	return &ec2.DeleteVolumeOutput{}, nil
}
