package ami

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ImageCategory is what an image is to an account that may launch it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharing-amis.html
type ImageCategory string

const (
	// CategoryPrivate: the account owns it, and it is not public. Which other
	// accounts it is shared with, its launch permissions alone say.
	CategoryPrivate ImageCategory = "private"
	// CategorySharedWithMe: another account owns it and lets this one launch it,
	// by its id, its organization or its organizational unit.
	CategorySharedWithMe ImageCategory = "shared-with-me"
	// CategoryPublic: every account may launch it, whoever owns it.
	CategoryPublic ImageCategory = "public"
	// CategoryMarketplace: it has a product code of the AWS Marketplace, and
	// whoever launches it must have subscribed to the product.
	CategoryMarketplace ImageCategory = "marketplace"
)

// Category tells what an image, as AWS describes it to an account, is to that
// account, which is given by its id of 12 digits. It makes no call.
func Category(img types.Image, account string) ImageCategory {
	switch {
	case inMarketplace(img):
		return CategoryMarketplace
	case aws.ToBool(img.Public):
		return CategoryPublic
	case aws.ToString(img.OwnerId) == account:
		return CategoryPrivate
	}
	return CategorySharedWithMe
}

func inMarketplace(img types.Image) bool {
	return slices.ContainsFunc(img.ProductCodes, func(c types.ProductCode) bool {
		return c.ProductCodeType == types.ProductCodeValuesMarketplace
	})
}

func (q *Query) checkCategory(op string, at fault.Place) error {
	onlySelf := !slices.ContainsFunc(q.Owners, func(o string) bool { return o != Self })
	switch q.Category {
	case "", CategoryPublic, CategoryMarketplace:
	case CategoryPrivate:
		if !onlySelf {
			return fault.Invalid(op, at, "Category: only what one owns oneself is %s: Owners must be %q alone", q.Category, Self)
		}
	case CategorySharedWithMe:
		if onlySelf {
			return fault.Invalid(op, at, "Category: what one owns oneself is not %s: Owners must have another", q.Category)
		}
	default:
		return fault.Invalid(op, at, "Category: %q is none", q.Category)
	}
	return nil
}

// Copyable reports whether an image can be copied into Regions of an account,
// which is given by its id of 12 digits. It makes no call, and does not say
// whether the account may read the image's snapshots and use their key.
//
// Errors: [ErrUnsupported]: the root device is an instance store, which has no
// snapshots to check a copy by and is none of this module's; or the image has a product code of the AWS Marketplace and belongs to another account:
// launch an instance of it and make an image of that instead.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ami-copy-works.html
func Copyable(img types.Image, account string) error {
	e := &Error{Op: "ami.Copyable", ID: aws.ToString(img.ImageId), State: string(img.State), Kind: ErrUnsupported}
	switch {
	case img.RootDeviceType == types.DeviceTypeInstanceStore:
		e.Reason = "its root device is an instance store"
	case inMarketplace(img) && aws.ToString(img.OwnerId) != account:
		e.Reason = "it has a product code of the AWS Marketplace and belongs to " + aws.ToString(img.OwnerId)
		e.Hint = "launch an instance of it and make an image of that"
	default:
		return nil
	}
	return e
}
