package awstest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// What follows is quoted in docs/testing.md.

// BakeAPI is what Bake calls; *ec2.Client satisfies it.
type BakeAPI interface {
	ec2.DescribeImagesAPIClient
	CreateImage(context.Context, *ec2.CreateImageInput, ...func(*ec2.Options)) (*ec2.CreateImageOutput, error)
}

// Bake returns the image of a name when it is available. It makes it of an
// instance where there is none, so that it can be run again.
func Bake(ctx context.Context, api BakeAPI, instanceID, name string) (types.Image, error) {
	for {
		image, err := find(ctx, api, name)
		switch {
		case err != nil:
			return image, err
		case image.ImageId == nil:
			if _, err := api.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instanceID, Name: &name}); err != nil {
				return image, fmt.Errorf("image %s: %w", name, err)
			}
			continue
		case image.State == types.ImageStateAvailable:
			return image, nil
		case image.State == types.ImageStateFailed:
			return image, fmt.Errorf("image %s failed: %s", name, *image.StateReason.Message)
		}
		select {
		case <-ctx.Done():
			return image, ctx.Err()
		case <-time.After(15 * time.Second):
		}
	}
}

// find looks for our image of a name; the zero Image when there is none.
func find(ctx context.Context, api ec2.DescribeImagesAPIClient, name string) (types.Image, error) {
	pages := ec2.NewDescribeImagesPaginator(api, &ec2.DescribeImagesInput{
		Owners:  []string{"self"},
		Filters: []types.Filter{{Name: new("name"), Values: []string{name}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return types.Image{}, err
		}
		if len(page.Images) > 0 {
			return page.Images[0], nil
		}
	}
	return types.Image{}, nil
}

func TestBake(t *testing.T) {
	cloud := awstest.Start(t)
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{100}})
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	image, err := Bake(t.Context(), client, instance, "web-1")

	require.NoError(t, err)
	assert.Len(t, image.BlockDeviceMappings, 2, "the data disk is in it")
	assert.Equal(t, instance, *image.SourceInstanceId)
	assert.Equal(t, 1, cloud.Count("CreateImage"))
}

func TestBakeWaitsNoLongerThanNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Image: 7 * time.Minute}))
		instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
		client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
		start := time.Now()

		_, err := Bake(t.Context(), client, instance, "web-1")

		require.NoError(t, err)
		assert.Equal(t, 7*time.Minute, time.Since(start)) // in a millisecond
		assert.Equal(t, 30, cloud.Count("DescribeImages"))
	})
}

func TestBakeSaysWhyAnImageFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		cloud.FailImages(awstest.ImageMatch{Name: "web-*"}, "Client.InstanceTerminated", "Instance was terminated during creation")
		instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
		client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

		_, err := Bake(t.Context(), client, instance, "web-1")

		assert.ErrorContains(t, err, "Instance was terminated during creation")
	})
}

func TestBakeInAnotherAccount(t *testing.T) {
	cloud := awstest.Start(t)
	build := cloud.Account("222222222222").Region("eu-west-1")
	instance := build.PreparedInstance(awstest.InstanceSeed{})
	cfg := cloud.Config("eu-west-1") // of account 123456789012, which assumes a role in the other
	cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::222222222222:role/build")

	image, err := Bake(t.Context(), ec2.NewFromConfig(cfg), instance, "web-1")

	require.NoError(t, err)
	assert.Equal(t, "222222222222", *image.OwnerId)
	_, seen := cloud.Region("eu-west-1").Image(*image.ImageId)
	assert.False(t, seen, "it is not shared with us yet")
	build.Share(*image.ImageId, awstest.DefaultAccount)
	_, seen = cloud.Region("eu-west-1").Image(*image.ImageId)
	assert.True(t, seen)
}

func TestBakeIsKilledAtEachWriteAndRunAgain(t *testing.T) {
	for _, done := range []bool{false, true} { // has AWS still done what the last call asked for?
		for k := 1; ; k++ {
			crash, restart := awstest.CrashAtWrite(k, done)
			cloud := awstest.Start(t, awstest.WithFault(crash))
			instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
			client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

			_, err := Bake(t.Context(), client, instance, "web-1")
			if err == nil {
				break // there is no k-th write
			}
			restart()
			_, err = Bake(t.Context(), client, instance, "web-1")

			require.NoError(t, err)
			assert.Len(t, cloud.Region("eu-west-1").Images(), 1, "killed at write %d, done: %t", k, done)
			cloud.NoLeaks(t, func(l awstest.Leak) bool { return l.Name == "web-1" })
		}
	}
}

func TestABadReleaseIsRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		home := cloud.Region("eu-west-1")
		home.Group(awstest.GroupSeed{Name: "web", Size: 2})
		instance := home.PreparedInstance(awstest.InstanceSeed{})
		time.Sleep(10 * time.Minute) // the group is in service
		cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
		client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))

		report, err := client.Deliver(t.Context(), plan.Delivery{
			Name: "web-2",
			Source: plan.Source{Instance: &plan.InstanceSource{
				Region: "eu-west-1", InstanceID: instance, Reboot: plan.NoReboot,
			}},
			Targets: []plan.Target{{Region: "eu-west-1", Groups: []string{"web"}}},
		})

		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		assert.Equal(t, 1, cloud.Count("StartInstanceRefresh"), "AWS has rolled it back by itself")
	})
}

// mockBake is a testify mock of BakeAPI.
type mockBake struct{ mock.Mock }

func (m *mockBake) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	args := m.Called(ctx, in) // not optFns: the SDK's paginators pass one of their own
	out, _ := args.Get(0).(*ec2.DescribeImagesOutput)
	return out, args.Error(1)
}

func (m *mockBake) CreateImage(ctx context.Context, in *ec2.CreateImageInput, optFns ...func(*ec2.Options)) (*ec2.CreateImageOutput, error) {
	args := m.Called(ctx, in)
	out, _ := args.Get(0).(*ec2.CreateImageOutput)
	return out, args.Error(1)
}

func TestBakeWithAMock(t *testing.T) {
	api := new(mockBake)
	denied := errors.New("denied")
	api.On("DescribeImages", mock.Anything, mock.Anything).Return(&ec2.DescribeImagesOutput{}, nil)
	api.On("CreateImage", mock.Anything, mock.MatchedBy(func(in *ec2.CreateImageInput) bool { return *in.Name == "web-1" })).Return(nil, denied)

	_, err := Bake(t.Context(), api, "i-0123456789abcdef0", "web-1")

	assert.ErrorIs(t, err, denied)
	api.AssertExpectations(t)
}

// End of what is quoted.

var _ BakeAPI = (*ec2.Client)(nil)

// TestBakeOverHTTP lets another client bake, as another program would: all that it
// has of the cloud is the address.
func TestBakeOverHTTP(t *testing.T) {
	cloud := awstest.Start(t)
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	srv := awsserver.New(cloud)
	defer srv.Close()
	elsewhere := ec2.New(ec2.Options{
		BaseEndpoint: &srv.URL,
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider(awstest.DefaultAccount, "any", ""),
	})

	image, err := Bake(t.Context(), elsewhere, instance, "web-42")
	require.NoError(t, err)
	assert.Equal(t, types.ImageStateAvailable, image.State)
	assert.Len(t, cloud.Region("eu-west-1").Images(), 1)
	assert.Equal(t, 1, cloud.Count("CreateImage"))
}
