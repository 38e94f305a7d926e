package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// MissingAttributesAPI is what [MissingAttributes] calls.
type MissingAttributesAPI interface {
	readFinishAPI
}

var _ MissingAttributesAPI = (*ec2.Client)(nil)

// MissingAttributesResult is how an image differs from what is asked for.
type MissingAttributesResult struct {
	// Missing are the names of the changes that [Configure] would make, in their order:
	// empty if the image has all that is asked for.
	Missing []string
	// SharedWith is whom the image is shared with now: account ids, the ARNs of
	// organizations and units, and "all" if it is public. It is read if the input asks
	// for sharing or deprecation.
	SharedWith []string
	// Warnings are what is true of the image with the attributes and may surprise.
	Warnings []Finding
}

// MissingAttributes returns what [Configure] would write for the same input. It only
// reads, and does not wait for an image that is pending.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]; [ErrNotOwner].
//
// AWS calls: DescribeImages, and as far as the input asks for them DescribeSnapshots,
// DescribeImageAttribute and DescribeSnapshotAttribute. IAM: ec2:DescribeImages,
// ec2:DescribeSnapshots, ec2:DescribeImageAttribute, ec2:DescribeSnapshotAttribute.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html
func MissingAttributes(ctx context.Context, api MissingAttributesAPI, in ConfigureInput, optFns ...func(*Options)) (*MissingAttributesResult, error) {
	const op = "ami.MissingAttributes"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	f := &finishing{in: in, op: op, at: o.place()}
	if err := f.read(ctx, api); err != nil {
		return nil, refused(ctx, op, o.place(), in.ImageID, err)
	}
	out := &MissingAttributesResult{SharedWith: f.permissions.names(), Warnings: f.warnings()}
	for _, c := range f.additions(nil) {
		out.Missing = append(out.Missing, c.name)
	}
	return out, nil
}
