package ami_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

const (
	here  = "eu-west-1"
	there = "us-east-1"
)

func client(cloud *awstest.Cloud, region string) *ec2.Client {
	return ec2.NewFromConfig(faulttest.Config(cloud, region))
}

// held is what the account has in a Region: an image made twice shows here.
func held(t *testing.T, cloud *awstest.Cloud, region string) []types.Image {
	t.Helper()
	return cloud.Region(region).Images()
}

func snapshots(t *testing.T, cloud *awstest.Cloud, region string) []types.Snapshot {
	t.Helper()
	return cloud.Region(region).Snapshots()
}

// disabled is a fault by which an image looks as if somebody had disabled it.
func disabled(id string) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		in, ok := call.Input.(*ec2.DescribeImagesInput)
		if !ok || err != nil {
			return out, err
		}
		found := out.(*ec2.DescribeImagesOutput)
		var images []types.Image
		for _, img := range found.Images {
			if *img.ImageId == id {
				if in.IncludeDisabled == nil || !*in.IncludeDisabled {
					continue
				}
				img.State = types.ImageStateDisabled
			}
			images = append(images, img)
		}
		found.Images = images
		return found, nil
	}
}

func web(instanceID string) ami.CreateInput {
	return ami.CreateInput{InstanceID: instanceID, Name: "web 1", Reboot: ami.Reboot}
}

// answered is a fault that alters the answers of one kind.
func answered[Out any](change func(*Out)) awstest.Fault {
	return func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if answer, ok := out.(*Out); ok && err == nil {
			change(answer)
		}
		return out, err
	}
}

// within is a context that somebody ends after a time.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errStopped)
	t.Cleanup(cancel)
	return ctx
}
