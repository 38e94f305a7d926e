package ami

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// Ancestor is one image in the ancestry of an image.
type Ancestor struct {
	ImageID string `json:"imageId"`
	// Region that the image is or was in: IDs of ancestors are of their own Region.
	Region string `json:"region"`
	// CreatedAt is when the image was created.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// OwnerAlias is "amazon", "aws-marketplace" or "aws-backup-vault", else empty.
	OwnerAlias string `json:"ownerAlias,omitempty"`
	// SourceImageID and SourceRegion are the parent; empty if the image is a root.
	SourceImageID string `json:"sourceImageId,omitempty"`
	SourceRegion  string `json:"sourceRegion,omitempty"`
}

// AncestryAPI is what [Ancestry] calls.
type AncestryAPI interface {
	GetImageAncestry(context.Context, *ec2.GetImageAncestryInput, ...func(*ec2.Options)) (*ec2.GetImageAncestryOutput, error)
}

var _ AncestryAPI = (*ec2.Client)(nil)

// Ancestry returns an image and what it was created, copied or restored from, back
// to the root, over Regions. AWS keeps it even if an ancestor was deregistered. The
// root is an image of Amazon or of the AWS Marketplace, one that was registered, or
// one whose source is in another partition. AWS returns at most 50 images: if the
// last one has a SourceImageID, there are more.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: AWS does not show the image to the
// account.
//
// Calls and IAM actions: ec2:GetImageAncestry.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-ancestry.html
func Ancestry(ctx context.Context, api AncestryAPI, id string, optFns ...func(*Options)) ([]Ancestor, error) {
	const op = "ami.Ancestry"
	o := resolve(api, optFns)
	if !imageID.MatchString(id) {
		return nil, fault.Invalid(op, o.place(), "invalid image ID %q", id)
	}
	answer, err := patiently(ctx, o.Poll, func(ctx context.Context) (*ec2.GetImageAncestryOutput, error) {
		return api.GetImageAncestry(ctx, &ec2.GetImageAncestryInput{ImageId: &id})
	})
	if err != nil {
		return nil, refused(ctx, op, o.place(), id, err)
	}
	var out []Ancestor
	region := o.Region // of the image itself; each names that of its parent
	for _, e := range answer.ImageAncestryEntries {
		out = append(out, Ancestor{
			ImageID: aws.ToString(e.ImageId), Region: region, CreatedAt: aws.ToTime(e.CreationDate), OwnerAlias: aws.ToString(e.ImageOwnerAlias),
			SourceImageID: aws.ToString(e.SourceImageId), SourceRegion: aws.ToString(e.SourceImageRegion),
		})
		region = aws.ToString(e.SourceImageRegion)
	}
	return out, nil
}
