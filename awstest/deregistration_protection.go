package awstest

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(enableImageDeregistrationProtection, "ImageId", "WithCooldown")
	handle(disableImageDeregistrationProtection, "ImageId")
}

// protection keeps an image from being deregistered, by whomever.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
type protection struct {
	enabled, cooldown bool
	until             time.Time // the end of the cooldown that is running; zero: none is
}

// cooldown is how long an image stays protected after its protection with a
// cooldown was disabled.
const cooldown = 24 * time.Hour

// String is the state as AWS writes it.
func (p protection) String() string {
	switch {
	case p.enabled && p.cooldown:
		return "enabled-with-cooldown"
	case p.enabled:
		return "enabled-without-cooldown"
	case !p.until.IsZero():
		return "disabled after " + stamp(p.until)
	}
	return "disabled"
}

// protected refuses to deregister a protected image.
func (r *request) protected(i *image) error {
	if !i.protection.enabled && i.protection.until.IsZero() {
		return nil
	}
	return apiError(cmp.Or(r.unconfirmed.ProtectedImage, "OperationNotPermitted"),
		"The image %s can't be deregistered: its deregistration protection is %s", i.id, i.protection)
}

func enableImageDeregistrationProtection(r *request, in *ec2.EnableImageDeregistrationProtectionInput) (
	*ec2.EnableImageDeregistrationProtectionOutput, error,
) {
	i, err := r.protectable(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.protection = protection{enabled: true, cooldown: aws.ToBool(in.WithCooldown)}
	return &ec2.EnableImageDeregistrationProtectionOutput{Return: new(i.protection.String())}, nil
}

func disableImageDeregistrationProtection(r *request, in *ec2.DisableImageDeregistrationProtectionInput) (
	*ec2.DisableImageDeregistrationProtectionOutput, error,
) {
	i, err := r.protectable(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	if i.protection.enabled {
		next := protection{}
		if i.protection.cooldown {
			next.until = r.now.Add(cooldown)
			r.after(cooldown, func() {
				if i.protection == next {
					i.protection = protection{}
				}
			})
		}
		i.protection = next
	}
	return &ec2.DisableImageDeregistrationProtectionOutput{Return: new(i.protection.String())}, nil
}

func (r *request) protectable(id string) (*image, error) {
	i, err := r.ownImage(id)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	return i, nil
}
