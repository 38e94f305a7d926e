package ami

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrNotOwner: the image is of another account. Only its owner can change it.
var ErrNotOwner = fault.New("ami.NotOwner", "image of another owner")

// owned reads an image of the caller's account, in whatever state it is. One of
// somebody else is [ErrNotOwner], and one that is gone [ErrNotFound].
func owned(ctx context.Context, api ec2.DescribeImagesAPIClient, id string) (*types.Image, error) {
	images, err := describe(ctx, api, &ec2.DescribeImagesInput{
		ImageIds:          []string{id},
		Owners:            []string{Self},
		IncludeDeprecated: new(true),
		IncludeDisabled:   new(true),
	})
	if err != nil && !gone(err) {
		return nil, err
	}
	if len(images) > 0 && images[0].State != types.ImageStateDeregistered {
		return &images[0], nil
	}
	kind := ErrNotFound
	if err == nil && len(images) == 0 {
		other, err := byID(ctx, api, id)
		if err != nil {
			return nil, err
		}
		if other != nil {
			kind = ErrNotOwner
		}
	}
	return nil, &Error{ID: id, Kind: kind, Err: err}
}

// snapshotsOf are the ids of the snapshots of an image, each once.
func snapshotsOf(img *types.Image) []string {
	var out []string
	for _, m := range img.BlockDeviceMappings {
		if m.Ebs == nil {
			continue
		}
		if id := aws.ToString(m.Ebs.SnapshotId); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// describeSnapshots reads all pages of one's own snapshots that have one of these
// values. By a filter, since asking for ids fails as a whole for one that is
// gone.
func describeSnapshots(ctx context.Context, api ec2.DescribeSnapshotsAPIClient, filter string, values []string) ([]types.Snapshot, error) {
	return describeSnapshotsOf(ctx, api, []string{Self}, filter, values)
}

func describeSnapshotsOf(ctx context.Context, api ec2.DescribeSnapshotsAPIClient, owners []string, filter string, values []string) ([]types.Snapshot, error) {
	var out []types.Snapshot
	for part := range slices.Chunk(values, batch) {
		p := ec2.NewDescribeSnapshotsPaginator(api, &ec2.DescribeSnapshotsInput{
			OwnerIds:   owners,
			Filters:    []types.Filter{{Name: &filter, Values: part}},
			MaxResults: new(int32(pageSize)),
		})
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.Snapshots...)
		}
	}
	return out, nil
}
