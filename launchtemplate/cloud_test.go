package launchtemplate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/launchtemplate"
)

const home = "eu-west-1"

// start is a cloud and a client of it.
func start(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, *ec2.Client) {
	t.Helper()
	cloud := awstest.Start(t, append(opts, awstest.WithInputs())...)
	return cloud, ec2.NewFromConfig(faulttest.Config(cloud, home))
}

// image makes an image and reads it.
func image(t *testing.T, cloud *awstest.Cloud, seed awstest.ImageSeed) *types.Image {
	t.Helper()
	id := cloud.Region(home).OwnImage(seed)
	out, err := ec2.NewFromConfig(cloud.Config(home)).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.Images, 1)
	return &out.Images[0]
}

// template makes a template that launches an image, and returns its id.
func template(t *testing.T, api launchtemplate.CreateAPI, name string, data *types.RequestLaunchTemplateData) launchtemplate.Ref {
	t.Helper()
	made, err := launchtemplate.Create(t.Context(), api, launchtemplate.CreateInput{Name: name, Data: data})
	require.NoError(t, err)
	return launchtemplate.Ref{ID: made.TemplateID}
}

// failure is the error as this package's own.
func failure(t *testing.T, err error) *launchtemplate.Error {
	t.Helper()
	require.Error(t, err)
	e, ok := errors.AsType[*launchtemplate.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// alter changes what the n-th call of an operation answers.
func alter[Out any](operation string, n int, change func(*Out)) awstest.Fault {
	seen := 0
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if call.Operation == operation && err == nil {
			if seen++; seen == n {
				change(out.(*Out))
			}
		}
		return out, err
	}
}
