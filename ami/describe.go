package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// pageSize asks for pages at all: AWS throttles calls without one harder.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
const pageSize = 1000

// describe reads all pages. Only the token says that there are no more: a page
// may be empty and not be the last.
func describe(ctx context.Context, api ec2.DescribeImagesAPIClient, in *ec2.DescribeImagesInput) ([]types.Image, error) {
	var images []types.Image
	for p := ec2.NewDescribeImagesPaginator(api, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		images = append(images, page.Images...)
	}
	return images, nil
}

// byID asks for one image by its id, in whatever state it is: nil when AWS
// does not know it, or hides it. A call for several ids would fail as a whole
// for one that is unknown.
func byID(ctx context.Context, api ec2.DescribeImagesAPIClient, id string) (*types.Image, error) {
	images, err := describe(ctx, api, &ec2.DescribeImagesInput{
		ImageIds:          []string{id},
		IncludeDeprecated: new(true),
		IncludeDisabled:   new(true),
	})
	if gone(err) || err == nil && len(images) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &images[0], nil
}

// gone reports whether a call by id says that the image is deregistered: AWS
// says Unavailable at first and NotFound later.
func gone(err error) bool {
	return fault.Is(err, "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")
}
