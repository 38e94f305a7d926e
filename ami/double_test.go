package ami_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// reader answers DescribeImages by a function: for what a fake that behaves
// like AWS does not do on request, such as one read that is older than the one
// before it. It notes what was asked, and when.
type reader struct {
	answer func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error)
	asked  []*ec2.DescribeImagesInput
	at     []time.Duration
	start  time.Time
}

func newReader(answer func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error)) *reader {
	return &reader{answer: answer, start: time.Now()}
}

func (r *reader) DescribeImages(_ context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	r.asked = append(r.asked, in)
	r.at = append(r.at, time.Since(r.start))
	images, err := r.answer(len(r.asked), in)
	if err != nil {
		return nil, err
	}
	return &ec2.DescribeImagesOutput{Images: images}, nil
}

func id(n int) string { return fmt.Sprintf("ami-%017x", n) }

func ids(n int) []string {
	var out []string
	for i := range n {
		out = append(out, id(i))
	}
	return out
}

// image is one with a root volume, whose snapshot is listed.
func image(id string, state types.ImageState) types.Image {
	return types.Image{
		ImageId: &id,
		State:   state,
		BlockDeviceMappings: []types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: new("snap-00000000000000001")}},
		},
	}
}

func awsError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "said AWS"} }

// all answers every read with these images.
func all(images ...types.Image) func(int, *ec2.DescribeImagesInput) ([]types.Image, error) {
	return func(int, *ec2.DescribeImagesInput) ([]types.Image, error) { return images, nil }
}
