package awstest

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(enableImageDeprecation, "ImageId", "DeprecateAt")
	handle(disableImageDeprecation, "ImageId")
}

// enableImageDeprecation sets when an image disappears from other accounts'
// lists. Nothing else changes by it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
func enableImageDeprecation(r *request, in *ec2.EnableImageDeprecationInput) (*ec2.EnableImageDeprecationOutput, error) {
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	at := in.DeprecateAt.Round(time.Minute)
	latest := r.now.AddDate(10, 0, 0)
	if i.permissions.public {
		latest = i.latestAsPublic()
	}
	switch {
	case !in.DeprecateAt.After(r.now):
		return nil, apiError("InvalidParameterValue", "The deprecation time must be in the future")
	case at.After(latest):
		return nil, apiError("InvalidParameterValue", "The deprecation time must not be later than %s", stamp(latest))
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.deprecated = at
	return &ec2.EnableImageDeprecationOutput{Return: new(true)}, nil
}

// latestAsPublic is when a public image is deprecated at the latest: EC2 keeps
// such times by the minute.
func (i *image) latestAsPublic() time.Time { return i.created.AddDate(2, 0, 0).Truncate(time.Minute) }

// deprecateAsPublic gives an image that is public now the deprecation that it
// must have, unless it has an earlier one.
func (i *image) deprecateAsPublic() {
	if latest := i.latestAsPublic(); i.deprecated.IsZero() || i.deprecated.After(latest) {
		i.deprecated = latest
	}
}

// disableImageDeprecation cancels a deprecation, come or not. That of a public
// image stays.
func disableImageDeprecation(r *request, in *ec2.DisableImageDeprecationInput) (*ec2.DisableImageDeprecationOutput, error) {
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	if i.permissions.public {
		return nil, apiError(cmp.Or(r.unconfirmed.PublicDeprecation, "OperationNotPermitted"),
			"The deprecation of the image %s can't be canceled while the image is public", i.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.deprecated = time.Time{}
	return &ec2.DisableImageDeprecationOutput{Return: new(true)}, nil
}
