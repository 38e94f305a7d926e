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

// MissingAttributes returns what [Finish] would write for the same input: the names
// of the changes, in their order. It returns nothing if the image has all that is
// asked for. It only reads, and does not wait for an image that is pending.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]; [ErrNotOwner].
//
// AWS calls: DescribeImages, and as far as the input asks for them DescribeSnapshots,
// DescribeImageAttribute and DescribeSnapshotAttribute. IAM: ec2:DescribeImages,
// ec2:DescribeSnapshots, ec2:DescribeImageAttribute, ec2:DescribeSnapshotAttribute.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html
func MissingAttributes(ctx context.Context, api MissingAttributesAPI, in FinishInput, optFns ...func(*Options)) ([]string, error) {
	const op = "ami.MissingAttributes"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	f := &finishing{in: in, op: op, at: o.place()}
	if err := f.read(ctx, api); err != nil {
		return nil, refused(ctx, op, o.place(), in.ImageID, err)
	}
	var names []string
	for _, c := range f.additions(nil) {
		names = append(names, c.name)
	}
	return names, nil
}
