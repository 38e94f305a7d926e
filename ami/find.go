package ami

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Find returns the images that fit, the newest first; of equally old ones the
// order is that of their ids. None is no error.
//
// Errors: [ErrInvalidInput].
//
// Calls and IAM actions: ec2:DescribeImages.
func Find(ctx context.Context, api ec2.DescribeImagesAPIClient, q Query, optFns ...func(*Options)) ([]types.Image, error) {
	return find(ctx, api, "ami.Find", q, resolve(api, optFns))
}

// Latest returns the image that fits and was created last.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: none fits; [ErrAmbiguous]: several
// that fit were created at the same time.
//
// Calls and IAM actions: ec2:DescribeImages.
func Latest(ctx context.Context, api ec2.DescribeImagesAPIClient, q Query, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.Latest"
	o := resolve(api, optFns)
	images, err := find(ctx, api, op, q, o)
	if err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: q.Name, Kind: ErrNotFound}
	}
	e := &Error{Op: op, Account: o.Account, Region: o.Region, Kind: ErrAmbiguous}
	for _, img := range images {
		if !created(img).Equal(created(images[0])) {
			break
		}
		e.IDs = append(e.IDs, aws.ToString(img.ImageId))
	}
	if len(e.IDs) > 1 {
		return nil, e
	}
	return &images[0], nil
}

// Get returns one image by its id, in whatever state it is, deprecated and
// disabled ones too.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: there is none, or none that the
// caller may see.
//
// Calls and IAM actions: ec2:DescribeImages.
func Get(ctx context.Context, api ec2.DescribeImagesAPIClient, id string, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.Get"
	o := resolve(api, optFns)
	if err := checkImageID(op, o.place(), "id", id); err != nil {
		return nil, err
	}
	img, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return byID(ctx, api, id) })
	if err != nil {
		return nil, refused(ctx, op, o.place(), id, err)
	}
	if img == nil {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: id, Kind: ErrNotFound}
	}
	return img, nil
}

func find(ctx context.Context, api ec2.DescribeImagesAPIClient, op string, q Query, o Options) ([]types.Image, error) {
	if err := q.check(op, o.place()); err != nil {
		return nil, err
	}
	images, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.Image, error) { return describe(ctx, api, q.input()) })
	if err != nil {
		return nil, refused(ctx, op, o.place(), q.Name, err)
	}
	now := time.Now()
	images = slices.DeleteFunc(images, func(img types.Image) bool { return !q.fits(img, now) })
	slices.SortFunc(images, func(a, b types.Image) int {
		if c := created(b).Compare(created(a)); c != 0 {
			return c
		}
		return strings.Compare(aws.ToString(a.ImageId), aws.ToString(b.ImageId))
	})
	return images, nil
}
