package ami

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TagRetired marks, just before an image is deregistered, the snapshots that go
// with it; its value is the id of the image. Nothing else ties a snapshot to an
// image that is gone, so that by this tag a later run finds what an earlier one
// could not delete.
const TagRetired = "readyami:retired"

// weigh finds the snapshots that go with each image that is deregistered.
func (p *planning) weigh(ctx context.Context, all []Decision, images map[string]*types.Image) error {
	byID := map[string]types.Snapshot{}
	var ids []string
	for _, d := range all {
		if d.Action == ActionDeregister {
			ids = append(ids, snapshotsOf(images[d.ImageID])...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, users, err := p.snapshots(ctx, "snapshot-id", ids)
	if err != nil {
		return err
	}
	for _, s := range found {
		byID[aws.ToString(s.SnapshotId)] = s
	}
	for i := range all {
		d := &all[i]
		if d.Action != ActionDeregister {
			continue
		}
		for _, id := range snapshotsOf(images[d.ImageID]) {
			// One that AWS does not show is not known to be ours.
			s, seen := byID[id]
			if seen && p.deletable(s) && alone(users[id], d.ImageID) {
				d.Snapshots = append(d.Snapshots, id)
				d.Frees += bytesOf(s)
			} else {
				d.Spared = append(d.Spared, id)
			}
		}
	}
	return nil
}

// leftovers are the marked snapshots of images that are gone.
func (p *planning) leftovers(ctx context.Context) ([]Decision, error) {
	if p.rules.Until != ActionDeregister {
		return nil, nil
	}
	found, users, err := p.snapshots(ctx, "tag-key", []string{TagRetired})
	if err != nil {
		return nil, err
	}
	of := map[string]*Decision{}
	for _, s := range found {
		id, image := aws.ToString(s.SnapshotId), Tag(s.Tags, TagRetired)
		if len(users[id]) > 0 {
			continue // the image is there still, or another one uses it
		}
		if of[image] == nil {
			of[image] = &Decision{
				ImageID: image, Stage: StageGone, Action: ActionCollect,
				Reason: "the image is gone and has left snapshots",
			}
		}
		of[image].Snapshots = append(of[image].Snapshots, id)
		of[image].Frees += bytesOf(s)
	}
	var out []Decision
	for _, d := range of {
		slices.Sort(d.Snapshots)
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Decision) int { return strings.Compare(a.ImageID, b.ImageID) })
	return out, nil
}

// snapshots reads one's own snapshots by a filter, and the images that use each.
func (p *planning) snapshots(ctx context.Context, filter string, values []string) ([]types.Snapshot, map[string][]string, error) {
	found, err := patiently(ctx, p.o.Poll, func(ctx context.Context) ([]types.Snapshot, error) {
		return describeSnapshots(ctx, p.api, filter, values)
	})
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(found))
	for i, s := range found {
		ids[i] = aws.ToString(s.SnapshotId)
	}
	users, err := patiently(ctx, p.o.Poll, func(ctx context.Context) (map[string][]string, error) {
		return usersOf(ctx, p.api, ids)
	})
	return found, users, err
}

// usersOf are the images of the account that use each snapshot, in whatever
// state they are.
func usersOf(ctx context.Context, api ec2.DescribeImagesAPIClient, snapshots []string) (map[string][]string, error) {
	users := map[string][]string{}
	for part := range slices.Chunk(snapshots, batch) {
		images, err := describe(ctx, api, &ec2.DescribeImagesInput{
			Owners:            []string{Self},
			Filters:           []types.Filter{{Name: new("block-device-mapping.snapshot-id"), Values: part}},
			IncludeDeprecated: new(true),
			IncludeDisabled:   new(true),
			MaxResults:        new(int32(pageSize)),
		})
		if err != nil {
			return nil, err
		}
		for _, img := range images {
			if img.State == types.ImageStateDeregistered {
				continue
			}
			for _, id := range snapshotsOf(&img) {
				users[id] = append(users[id], aws.ToString(img.ImageId))
			}
		}
	}
	return users, nil
}

// deletable reports whether a snapshot is ours to delete, or the caller says so.
func (p *planning) deletable(s types.Snapshot) bool {
	return Tag(s.Tags, TagIntent) != "" || p.rules.Snapshots != nil && p.rules.Snapshots(s)
}

// alone reports whether nothing but the image uses a snapshot.
func alone(users []string, image string) bool {
	return !slices.ContainsFunc(users, func(u string) bool { return u != image })
}

// bytesOf is what a snapshot holds at most: what AWS says, or else the size of
// the volume.
func bytesOf(s types.Snapshot) int64 {
	if n := aws.ToInt64(s.FullSnapshotSizeInBytes); n > 0 {
		return n
	}
	return int64(aws.ToInt32(s.VolumeSize)) << 30
}
