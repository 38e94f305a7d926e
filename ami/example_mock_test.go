package ami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/mock"

	"github.com/readyami/readyami/ami"
)

// mockImages is a mock of all that Find, Latest, Get, Watch and Wait call.
type mockImages struct{ mock.Mock }

func (m *mockImages) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	// The options are one argument: the SDK's paginators always pass one, and
	// direct calls none.
	args := m.Called(ctx, in, optFns)
	out, _ := args.Get(0).(*ec2.DescribeImagesOutput)
	return out, args.Error(1)
}

// The functions take narrow interfaces, so that a mock is a few lines. It has no
// Region: errors name that of the options.
func ExampleGet_mock() {
	api := new(mockImages)
	api.On("DescribeImages", mock.Anything, mock.MatchedBy(func(in *ec2.DescribeImagesInput) bool {
		return len(in.ImageIds) == 1 && in.ImageIds[0] == "ami-0123456789abcdef0"
	}), mock.Anything).Return(&ec2.DescribeImagesOutput{
		Images: []types.Image{{ImageId: new("ami-0123456789abcdef0"), State: types.ImageStateAvailable}},
	}, nil)
	api.On("DescribeImages", mock.Anything, mock.Anything, mock.Anything).Return(&ec2.DescribeImagesOutput{}, nil)
	ireland := func(o *ami.Options) { o.Region = "eu-west-1" }

	image, err := ami.Get(context.Background(), api, "ami-0123456789abcdef0", ireland)
	fmt.Println(image.State, err)
	_, err = ami.Get(context.Background(), api, "ami-0fedcba9876543210", ireland)
	fmt.Println(err)
	// Output:
	// available <nil>
	// ami.Get eu-west-1 ami-0fedcba9876543210: not found
}
