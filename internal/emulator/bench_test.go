//go:build emulator

package emulator_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
	"github.com/readyami/readyami/internal/emulator"
)

// crowded is how many images there are to read.
const crowded = 10_000

// BenchmarkReads makes the same three reads, among ten thousand images and with
// the SDK's real client, of the fake in this process, of the same over HTTP, and
// of the emulator:
//
//	READYAMI_MOTO_ENDPOINT=http://127.0.0.1:5555 \
//	  go test -tags emulator -run '^$' -bench Reads -benchtime 3x -timeout 60m ./internal/emulator
//
// Making the images on the emulator takes minutes, and so does there each read
// but that by id: half an hour in all.
func BenchmarkReads(b *testing.B) {
	cloud := awstest.New()
	fake := cloud.Region(home)
	for n := range crowded {
		fake.OwnImage(awstest.ImageSeed{Name: crowdName(n), Tags: crowdTags(n)})
	}
	b.Run("awstest", func(b *testing.B) { reads(b, ec2.NewFromConfig(fake.Config())) })

	srv := awsserver.New(cloud)
	defer srv.Close()
	over := fake.Config()
	over.APIOptions, over.ServiceOptions, over.HTTPClient, over.BaseEndpoint = nil, nil, nil, &srv.URL
	b.Run("awstest over HTTP", func(b *testing.B) { reads(b, ec2.NewFromConfig(over)) })

	server, err := emulator.Moto.Server(b.Context())
	require.NoError(b, err)
	require.NoError(b, server.Reset(b.Context()))
	client := ec2.NewFromConfig(server.Config(home))
	crowd(b, client)
	b.Run("moto", func(b *testing.B) { reads(b, client) })
}

func crowdName(n int) string { return fmt.Sprintf("image-%05d", n) }

func crowdTags(n int) map[string]string {
	return map[string]string{"app": fmt.Sprint("app-", n%1000), "stage": []string{"prod", "test"}[n%2]}
}

// crowd makes the images on the emulator.
func crowd(b *testing.B, client *ec2.Client) {
	b.Helper()
	ran, err := client.RunInstances(b.Context(), &ec2.RunInstancesInput{
		ImageId: new(baseImage), InstanceType: types.InstanceTypeT2Micro, MinCount: new(int32(1)), MaxCount: new(int32(1)),
	})
	require.NoError(b, err)
	work, ctx := errgroup.WithContext(b.Context())
	work.SetLimit(4)
	for n := range crowded {
		work.Go(func() error {
			in := &ec2.CreateImageInput{InstanceId: ran.Instances[0].InstanceId, Name: new(crowdName(n))}
			spec := types.TagSpecification{ResourceType: types.ResourceTypeImage}
			for key, value := range crowdTags(n) {
				spec.Tags = append(spec.Tags, types.Tag{Key: &key, Value: &value})
			}
			in.TagSpecifications = []types.TagSpecification{spec}
			_, err := client.CreateImage(ctx, in)
			return err
		})
	}
	require.NoError(b, work.Wait())
}

func reads(b *testing.B, client *ec2.Client) {
	filters := []types.Filter{
		{Name: new("tag:app"), Values: []string{"app-77"}},
		{Name: new("state"), Values: []string{"available"}},
		{Name: new("name"), Values: []string{crowdName(77)}},
	}
	found, err := client.DescribeImages(b.Context(), &ec2.DescribeImagesInput{Filters: filters})
	require.NoError(b, err)
	require.Len(b, found.Images, 1)
	id := *found.Images[0].ImageId

	b.Run("by id", func(b *testing.B) {
		for b.Loop() {
			one, err := client.DescribeImages(b.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
			require.NoError(b, err)
			require.Len(b, one.Images, 1)
		}
	})
	b.Run("three filters", func(b *testing.B) {
		for b.Loop() {
			one, err := client.DescribeImages(b.Context(), &ec2.DescribeImagesInput{Filters: filters})
			require.NoError(b, err)
			require.Len(b, one.Images, 1)
		}
	})
	b.Run("all pages", func(b *testing.B) {
		for b.Loop() {
			require.Equal(b, crowded, countAll(b.Context(), b, client))
		}
	})
}

func countAll(ctx context.Context, b *testing.B, client *ec2.Client) (n int) {
	pages := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: new(int32(1000))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(b, err)
		n += len(page.Images)
	}
	return n
}
