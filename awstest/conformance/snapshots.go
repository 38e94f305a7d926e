package conformance

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// snapshot reads one snapshot of Home.
func (l *lab) snapshot(id string) types.Snapshot {
	out, err := l.home.DescribeSnapshots(l.ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{id}})
	l.do(err)
	l.that(len(out.Snapshots) == 1, "snapshot %s is not listed", id)
	return out.Snapshots[0]
}

func (l *lab) deleteSnapshot(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := l.home.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: &id})
		return err
	}
}

var snapshotCases = []Case{
	{"snapshot/description", "A snapshot says which image it was made for.", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html", func(l *lab) {
		image := l.available(nil)
		for _, id := range snapshots(image) {
			text := aws.ToString(l.snapshot(id).Description)
			l.that(strings.Contains(text, *image.ImageId) && strings.Contains(text, l.env.InstanceID), "Description is %q", text)
		}
	}},
	{"snapshot/in use", "A snapshot that an image uses cannot be deleted.", errorCodes, func(l *lab) {
		image := l.available(nil)
		l.refused(l.deleteSnapshot(snapshots(image)[0])(l.ctx), "InvalidSnapshot.InUse")
	}},
	{"snapshot/unknown", "A snapshot that does not exist is refused.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeSnapshots(l.ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{"snap-0123456789abcdef0"}})
		l.refused(err, "InvalidSnapshot.NotFound")
		l.refused(l.deleteSnapshot("snap-0123456789abcdef0")(l.ctx), "InvalidSnapshot.NotFound")
	}},
	{"snapshot/outlives its image", "Deregistering an image leaves its snapshots unless told otherwise.", deregisterImage, func(l *lab) {
		image := l.available(nil)
		for _, id := range snapshots(image) {
			l.later(l.deleteSnapshot(id))
		}
		_, err := l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: image.ImageId})
		l.do(err)
		for _, id := range snapshots(image) {
			l.snapshot(id)
		}
	}},
}
