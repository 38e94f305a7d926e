package awstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// sizes tells snapshots apart by their size.
func sizes(t *testing.T, client *ec2.Client, in ec2.DescribeSnapshotsInput) (out []int32) {
	t.Helper()
	pages := ec2.NewDescribeSnapshotsPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, s := range page.Snapshots {
			out = append(out, *s.VolumeSize)
		}
	}
	return out
}

func TestSnapshotFiltersAndOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithPageSize(1))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "own", RootGiB: 1})
		region.OwnImage(awstest.ImageSeed{Name: "secret", RootGiB: 2, Encrypted: true})
		region.OwnImage(awstest.ImageSeed{Name: "open", RootGiB: 3, Public: true})
		other := cloud.Account(stranger).Region(home)
		other.OwnImage(awstest.ImageSeed{Name: "shared", RootGiB: 4, SharedWith: []string{awstest.DefaultAccount}})
		hidden := other.OwnImage(awstest.ImageSeed{Name: "private", RootGiB: 5})
		region.PublicImage("base") // 8 GiB
		cloud.FailImages(awstest.ImageMatch{Name: "failed"}, "Server.InternalError", "out of luck")
		big := region.PreparedInstance(awstest.InstanceSeed{RootGiB: 9})
		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &big, Name: new("failed")})
		require.NoError(t, err)
		failed := readSnapshots(t, client, readImage(t, client, *made.ImageId))[0]
		assert.Equal(t, "out of luck", *failed.StateMessage)
		own := readSnapshots(t, client, readImage(t, client, id))[0]
		_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{*own.SnapshotId}, Tags: tags("", "app", "web")[0].Tags})
		require.NoError(t, err)
		all := []int32{1, 2, 3, 4, 8, 8, 9}

		for _, c := range []struct {
			name, value string
			want        []int32
		}{
			{"description", "Created by CreateImage*", []int32{9}},
			{"encrypted", "true", []int32{2}},
			{"owner-alias", "amazon", []int32{8, 8}},
			{"owner-id", stranger, []int32{4}},
			{"progress", "0%", []int32{9}},
			{"snapshot-id", *own.SnapshotId, []int32{1}},
			{"start-time", "2000-*", all},
			{"status", "error", []int32{9}},
			{"storage-tier", "standard", all},
			{"tag:app", "web", []int32{1}},
			{"tag-key", "app", []int32{1}},
			{"transfer-type", "standard", all},
			{"volume-id", *own.VolumeId, []int32{1}},
			{"volume-size", "4", []int32{4}},
		} {
			got := sizes(t, client, ec2.DescribeSnapshotsInput{Filters: []ec2types.Filter{{Name: &c.name, Values: []string{c.value}}}})
			assert.Equal(t, c.want, got, c.name)
		}
		for owner, want := range map[string][]int32{"self": {1, 2, 3, 9}, "amazon": {8, 8}, stranger: {4}} {
			assert.Equal(t, want, sizes(t, client, ec2.DescribeSnapshotsInput{OwnerIds: []string{owner}}), owner)
		}
		for user, want := range map[string][]int32{"self": all, "all": {3, 8, 8}, stranger: {3, 4, 8, 8}} {
			assert.Equal(t, want, sizes(t, client, ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{user}}), user)
		}
		image, _ := other.Image(hidden)
		private := *image.BlockDeviceMappings[0].Ebs.SnapshotId
		assert.Empty(t, sizes(t, client, ec2.DescribeSnapshotsInput{SnapshotIds: []string{private}}), "left out, no error")
	})
}
