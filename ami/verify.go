package ami

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrDiffers: the image is not what it should be; Error.Reason says in what.
var ErrDiffers = fault.New("ami.Differs", "image differs")

// VerifyInput says what an image is compared with.
type VerifyInput struct {
	// ImageID of the image in the Region of the client. Required.
	ImageID string
	// Image is what AWS says of it, where that has been read already. Nil: it is
	// read.
	Image *types.Image
	// Source is the image that it is a copy of, as AWS described it in its own
	// Region. Required.
	Source types.Image
	// Encrypted wants every snapshot encrypted. False: those that are in the
	// source.
	Encrypted bool
	// KMSKeyID wants every encrypted snapshot encrypted with this key: its id or
	// its ARN, but no alias, which only KMS can resolve. Empty: any key.
	KMSKeyID string
	// Tags wants the image and its snapshots to have these tags, among others.
	// Nil: any.
	Tags map[string]string
	// Share wants the image and its snapshots to be shared with these and nobody
	// else, snapshots only with accounts and all. Nil: they may be shared with
	// anybody.
	Share *Permissions
	// LaunchOnly wants the snapshots shared with nobody, as [ConfigureInput] does.
	// False: as Share says.
	LaunchOnly bool
	// DeprecateAt wants this date of deprecation, to the minute. Zero: any.
	DeprecateAt time.Time
}

// VerifyAPI is what [Verify] calls.
type VerifyAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeSnapshotsAPIClient
	permissionsAPI
}

var _ VerifyAPI = (*ec2.Client)(nil)

// An id of a key, or the ARN of one.
var keyID = regexp.MustCompile(`^(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/)?[A-Za-z0-9-]+$`)

// Verify reads an image and lists the attributes in which it differs from its
// source, as [Compare] does, and from what else the input asks for. It writes
// nothing.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: there is no such image. That it
// differs is no error.
//
// Calls and IAM actions: ec2:DescribeImages; ec2:DescribeSnapshots where
// Encrypted, KMSKeyID or Tags are set; ec2:DescribeImageAttribute and
// ec2:DescribeSnapshotAttribute where Share is.
func Verify(ctx context.Context, api VerifyAPI, in VerifyInput, optFns ...func(*Options)) ([]Difference, error) {
	const op = "ami.Verify"
	o := resolve(api, optFns)
	at := o.place()
	if err := in.check(op, at); err != nil {
		return nil, err
	}
	image := in.Image
	if image == nil {
		var err error
		image, err = patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return byID(ctx, api, in.ImageID) })
		if err != nil {
			return nil, refused(ctx, op, at, in.ImageID, err)
		}
	}
	if image == nil {
		return nil, &Error{Op: op, Account: at.Account, Region: at.Region, ID: in.ImageID, Kind: ErrNotFound}
	}
	c := comparison{found: Compare(in.Source, *image)}
	if image.State != types.ImageStateAvailable {
		c.field("State", types.ImageStateAvailable, image.State)
	}
	c.tags("", in.Tags, image.Tags)
	if in.Encrypted || in.KMSKeyID != "" || len(in.Tags) > 0 {
		list, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.Snapshot, error) {
			return describeSnapshots(ctx, api, "snapshot-id", snapshotsOf(image))
		})
		if err != nil {
			return nil, refused(ctx, op, at, in.ImageID, err)
		}
		c.snapshots(&in, image, list)
	}
	if !in.DeprecateAt.IsZero() {
		c.field("DeprecationTime", rfc3339(minute(in.DeprecateAt)), rfc3339(deprecation(image)))
	}
	if in.Share != nil {
		has, err := patiently(ctx, o.Poll, func(ctx context.Context) (Permissions, error) { return launchPermissions(ctx, api, in.ImageID) })
		if err != nil {
			return nil, refused(ctx, op, at, in.ImageID, err)
		}
		c.permissions("LaunchPermissions", *in.Share, has)
		want := in.Share.storage()
		if in.LaunchOnly {
			want = Permissions{}
		}
		for _, m := range image.BlockDeviceMappings {
			if m.Ebs == nil || m.Ebs.SnapshotId == nil {
				continue
			}
			has, err := patiently(ctx, o.Poll, func(ctx context.Context) (Permissions, error) {
				return volumePermissions(ctx, api, *m.Ebs.SnapshotId)
			})
			if err != nil {
				return nil, refused(ctx, op, at, *m.Ebs.SnapshotId, err)
			}
			c.permissions(aws.ToString(m.DeviceName)+" CreateVolumePermissions", want, has)
		}
	}
	return c.found, nil
}

func (in *VerifyInput) check(op string, at fault.Place) error {
	if err := checkImageID(op, at, "ImageID", in.ImageID); err != nil {
		return err
	}
	if in.Source.ImageId == nil {
		return fault.Invalid(op, at, "Source is missing")
	}
	if in.KMSKeyID != "" && !keyID.MatchString(in.KMSKeyID) {
		return fault.Invalid(op, at, "KMSKeyID: %q is no id and no ARN of a key", in.KMSKeyID)
	}
	if in.Share != nil {
		return in.Share.check(op, at, "Share")
	}
	return nil
}

// snapshots compares tags and encryption, which images do not tell in full.
func (c *comparison) snapshots(in *VerifyInput, image *types.Image, list []types.Snapshot) {
	found := map[string]types.Snapshot{}
	for _, n := range list {
		found[aws.ToString(n.SnapshotId)] = n
	}
	for _, m := range image.BlockDeviceMappings {
		if m.Ebs == nil || m.Ebs.SnapshotId == nil {
			continue
		}
		device := aws.ToString(m.DeviceName)
		n, ok := found[*m.Ebs.SnapshotId]
		if !ok {
			c.field(device+" SnapshotId", *m.Ebs.SnapshotId, "")
			continue
		}
		encrypted := aws.ToBool(n.Encrypted)
		if in.Encrypted {
			c.field(device+" Encrypted", true, encrypted)
		}
		if got := aws.ToString(n.KmsKeyId); in.KMSKeyID != "" && encrypted && got != in.KMSKeyID && !strings.HasSuffix(got, "key/"+in.KMSKeyID) {
			c.field(device+" KmsKeyId", in.KMSKeyID, got)
		}
		c.tags(device+" ", in.Tags, n.Tags)
	}
}

func (c *comparison) permissions(field string, want, got Permissions) {
	for _, missing := range want.minus(got).names() {
		c.field(field, missing, "")
	}
	for _, extra := range got.minus(want).names() {
		c.field(field, "", extra)
	}
}

func (c *comparison) tags(of string, want map[string]string, got []types.Tag) {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		c.field(of+k+" Tags", want[k], Tag(got, k))
	}
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
