package awstest_test

import (
	"context"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// A caller's own middleware finds the steps that it is put next to, and runs.
func TestOwnMiddlewareRuns(t *testing.T) {
	var ran []string
	step := func(where string) middleware.FinalizeMiddleware {
		return middleware.FinalizeMiddlewareFunc("own:"+where, func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
			middleware.FinalizeOutput, middleware.Metadata, error,
		) {
			ran = append(ran, where)
			return next.HandleFinalize(ctx, in)
		})
	}
	client := ec2.NewFromConfig(awstest.Start(t).Config(home), func(o *ec2.Options) {
		o.APIOptions = append(o.APIOptions,
			awsmiddleware.AddUserAgentKey("mine"), smithyhttp.AddHeaderValue("X-Own", "1"),
			func(s *middleware.Stack) error {
				return s.Finalize.Insert(step("hash"), "ComputePayloadHash", middleware.Before)
			},
			func(s *middleware.Stack) error {
				return s.Finalize.Insert(step("signing"), "Signing", middleware.Before)
			},
			func(s *middleware.Stack) error {
				return s.Finalize.Insert(step("endpoint"), "ResolveEndpointV2", middleware.After)
			},
		)
	})
	_, err := client.DescribeRegions(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"endpoint", "hash", "signing"}, ran)
}

// Whose credentials a call has is what the SDK would have signed it with, per
// client and per call.
func TestCredentialsDecideTheCaller(t *testing.T) {
	cloud := awstest.Start(t)
	id := cloud.Account(stranger).Region(home).OwnImage(awstest.ImageSeed{Name: "theirs"})
	client := ec2.NewFromConfig(cloud.Config(home))
	in := &ec2.DescribeImagesInput{ImageIds: []string{id}}
	_, err := client.DescribeImages(t.Context(), in)
	assert.Equal(t, "InvalidAMIID.NotFound", codeOf(err))
	_, err = client.DescribeImages(t.Context(), in, func(o *ec2.Options) { o.Credentials = cloud.Account(stranger).Config(home).Credentials })
	assert.NoError(t, err)
	_, err = client.DescribeImages(t.Context(), in, func(o *ec2.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider("AKIANOBODY", "x", "")
	})
	assert.Equal(t, "AuthFailure", codeOf(err))
}
