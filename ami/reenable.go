package ami

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ReenableAPI is what [Reenable] calls.
type ReenableAPI interface {
	ec2.DescribeImagesAPIClient
	permissionsAPI
	EnableImage(context.Context, *ec2.EnableImageInput, ...func(*ec2.Options)) (*ec2.EnableImageOutput, error)
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
}

var _ ReenableAPI = (*ec2.Client)(nil)

// Reenable enables a disabled image again and shares it and its snapshots as the
// record says, which AWS does not do. What is so already is not written, so that
// the same call again goes on after an error. The image stays deprecated, which
// hides it from the lists of others and hinders no launch. It is tagged
// [TagStage], and a lifecycle leaves it alone until that tag is removed.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: the image is deregistered;
// [ErrNotOwner]; [ErrNotApplied].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeImageAttribute,
// ec2:DescribeSnapshotAttribute, ec2:EnableImage, ec2:ModifyImageAttribute,
// ec2:ModifySnapshotAttribute, ec2:CreateTags.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImage.html
func Reenable(ctx context.Context, api ReenableAPI, r SharingRecord, optFns ...func(*Options)) (*ConfigureResult, error) {
	const op = "ami.Reenable"
	o := resolve(api, optFns)
	if err := r.check(op, o.place()); err != nil {
		return nil, err
	}
	u := &undoing{finishing: finishing{in: ConfigureInput{ImageID: r.ImageID, Share: r.Permissions}, op: op, at: o.place()}, api: api, record: r}
	written, err := settling{
		op: op, at: o.place(), id: r.ImageID, poll: o.Poll, missing: u.missing,
	}.run(ctx)
	if u.image == nil {
		return nil, err
	}
	return &ConfigureResult{Image: u.image, SnapshotIDs: snapshotsOf(u.image), Permissions: u.permissions, Written: written}, err
}

// same reports whether two names can be of one thing: an empty one is not known.
func same(a, b string) bool { return a == "" || b == "" || a == b }

func (r *SharingRecord) check(op string, at fault.Place) error {
	if err := checkImageID(op, at, "ImageID", r.ImageID); err != nil {
		return err
	}
	if !same(r.Region, at.Region) || !same(r.Account, at.Account) {
		return fault.Invalid(op, at, "the record is of %s", strings.TrimSpace(r.Account+" "+r.Region))
	}
	if err := r.Permissions.check(op, at, "Permissions"); err != nil {
		return err
	}
	for id, p := range r.Snapshots {
		if err := p.check(op, at, "Snapshots: "+id); err != nil {
			return err
		}
	}
	return nil
}

// undoing is one call of Reenable.
type undoing struct {
	finishing
	api    ReenableAPI
	record SharingRecord
}

func (u *undoing) missing(ctx context.Context) (due []change, err error) {
	if u.image, err = owned(ctx, u.api, u.record.ImageID); err != nil {
		return nil, err
	}
	if u.image.State == types.ImageStateDisabled {
		// The rest when AWS shows that it is enabled: it cannot be shared before.
		return []change{{"enabling", func(ctx context.Context) error {
			_, err := u.api.EnableImage(ctx, &ec2.EnableImageInput{ImageId: &u.record.ImageID})
			return unless(ctx, u.api, u.record.ImageID, types.ImageStateAvailable, err)
		}}}, nil
	}
	if u.image.State != types.ImageStateAvailable {
		return nil, &Error{Kind: ErrFailed, State: string(u.image.State)}
	}
	if u.permissions, err = launchPermissions(ctx, u.api, u.record.ImageID); err != nil {
		return nil, err
	}
	for _, id := range snapshotsOf(u.image) {
		want, recorded := u.record.Snapshots[id]
		if !recorded {
			continue
		}
		have, err := volumePermissions(ctx, u.api, id)
		if err != nil {
			return nil, err
		}
		if add := want.storage().minus(have); !add.none() {
			due = append(due, grantVolume(u.api, id, add))
		}
	}
	if add := u.record.Permissions.minus(u.permissions); !add.none() {
		due = append(due, grantLaunch(u.api, u.record.ImageID, add))
	}
	if stage, _ := stamped(u.image.Tags); stage != StageEnabled {
		due = append(due, change{"the tag " + TagStage, func(ctx context.Context) error {
			_, err := u.api.CreateTags(ctx, &ec2.CreateTagsInput{
				Resources: []string{u.record.ImageID},
				Tags:      []types.Tag{{Key: new(TagStage), Value: new(stamp(StageEnabled, now()))}},
			})
			return err
		}})
	}
	return due, nil
}
