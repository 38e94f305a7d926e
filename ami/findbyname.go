package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// FindByName is the image of the caller's account that has a name, nil when none
// has. A name belongs to one image of an account in a Region, also while the
// image is pending, failed, deprecated or disabled: a new image cannot have it.
//
// Calls and IAM actions: ec2:DescribeImages.
func FindByName(ctx context.Context, api ec2.DescribeImagesAPIClient, name string, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.FindByName"
	o := resolve(api, optFns)
	if err := checkName(op, o.place(), name, ""); err != nil {
		return nil, err
	}
	image, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return claim{name: name}.named(ctx, api) })
	if err != nil {
		return nil, refused(ctx, op, o.place(), name, err)
	}
	return image, nil
}
