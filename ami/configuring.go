package ami

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// readFinishAPI is what it takes to see how finished an image is.
type readFinishAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeSnapshotsAPIClient
	permissionsAPI
}

// finishing is one image on its way to or from what a ConfigureInput says.
type finishing struct {
	api  CheckConfigureAPI
	keys DescribeKeyAPI
	in   ConfigureInput
	op   string
	at   fault.Place

	// As last read.
	image       *types.Image
	snapshotIDs []string
	snapshots   []types.Snapshot // read for tags and for sharing
	permissions Permissions
	volumes     map[string]Permissions // by snapshot
}

func (f *finishing) read(ctx context.Context, api readFinishAPI) (err error) {
	if f.image, err = owned(ctx, api, f.in.ImageID); err != nil {
		return err
	}
	f.snapshotIDs = snapshotsOf(f.image)
	if f.snapshots = nil; len(f.in.Tags) > 0 || !f.in.Share.none() {
		if f.snapshots, err = describeSnapshots(ctx, api, "snapshot-id", f.snapshotIDs); err != nil {
			return err
		}
	}
	if !f.in.Share.none() || !f.in.DeprecateAt.IsZero() {
		if f.permissions, err = launchPermissions(ctx, api, f.in.ImageID); err != nil {
			return err
		}
	}
	f.volumes = map[string]Permissions{}
	if f.storage().none() {
		return nil
	}
	for _, id := range f.snapshotIDs {
		if f.volumes[id], err = volumePermissions(ctx, api, id); err != nil {
			return err
		}
	}
	return nil
}

// storage is what the snapshots are shared with.
func (f *finishing) storage() Permissions {
	if f.in.LaunchOnly {
		return Permissions{}
	}
	return f.in.Share.storage()
}

// tagged are the tags of the image and of its snapshots, by id.
func (f *finishing) tagged() map[string][]types.Tag {
	all := map[string][]types.Tag{f.in.ImageID: f.image.Tags}
	for _, s := range f.snapshots {
		all[aws.ToString(s.SnapshotId)] = s.Tags
	}
	return all
}

// resources are the image and its snapshots that AWS shows.
func (f *finishing) resources() []string {
	out := []string{f.in.ImageID}
	for _, s := range f.snapshots {
		out = append(out, aws.ToString(s.SnapshotId))
	}
	return out
}

// untagged are the resources that lack one of the tags, or have another value.
func (f *finishing) untagged() []string {
	have := f.tagged()
	return slices.DeleteFunc(f.resources(), func(id string) bool {
		for k, v := range f.in.Tags {
			if !slices.ContainsFunc(have[id], is(k, v)) {
				return false
			}
		}
		return true
	})
}

func is(key, value string) func(types.Tag) bool {
	return func(t types.Tag) bool { return aws.ToString(t.Key) == key && aws.ToString(t.Value) == value }
}

// minute is t as AWS keeps a time of deprecation.
func minute(t time.Time) time.Time { return t.UTC().Round(time.Minute) }

// deprecation is when an image is deprecated; zero: never.
func deprecation(img *types.Image) time.Time { return parsed(img.DeprecationTime) }

// parsed is a time as AWS writes it; zero where there is none.
func parsed(s *string) time.Time {
	t, err := time.Parse(time.RFC3339, aws.ToString(s))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func protection(img *types.Image) Protection {
	return Protection(aws.ToString(img.DeregistrationProtection))
}

// finished is nil while nothing has been read.
func (f *finishing) finished(written []string) *ConfigureResult {
	if f.image == nil {
		return nil
	}
	return &ConfigureResult{
		Image: f.image, SnapshotIDs: f.snapshotIDs, Permissions: f.permissions,
		Written: written, Warnings: f.warnings(),
	}
}
