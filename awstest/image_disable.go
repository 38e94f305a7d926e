package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(disableImage, "ImageId")
	handle(enableImage, "ImageId")
}

// disableImage forbids new launches. Whoever the image was shared with loses
// it, for good.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableImage.html
func disableImage(r *request, in *ec2.DisableImageInput) (*ec2.DisableImageOutput, error) {
	i, err := r.turn(*in.ImageId, ec2types.ImageStateAvailable, ec2types.ImageStateDisabled)
	if err != nil {
		return nil, err
	}
	i.permissions = launchPermissions{}
	return &ec2.DisableImageOutput{Return: new(true)}, nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImage.html
func enableImage(r *request, in *ec2.EnableImageInput) (*ec2.EnableImageOutput, error) {
	if _, err := r.turn(*in.ImageId, ec2types.ImageStateDisabled, ec2types.ImageStateAvailable); err != nil {
		return nil, err
	}
	return &ec2.EnableImageOutput{Return: new(true)}, nil
}

// turn moves an own image from one state to another.
func (r *request) turn(id string, from, to ec2types.ImageState) (*image, error) {
	i, err := r.ownImage(id)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	if i.state != from {
		return nil, apiError(cmp.Or(r.unconfirmed.WrongImageState, "InvalidAMIID.Unavailable"),
			"The AMI ID '%s' is currently %s and may not be used for this operation", id, i.state)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.state = to
	return i, nil
}
