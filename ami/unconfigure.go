package ami

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// UnconfigureAPI is what [Unconfigure] calls.
type UnconfigureAPI interface {
	UnshareAPI
	DeleteTags(context.Context, *ec2.DeleteTagsInput, ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error)
	DisableImageDeprecation(context.Context, *ec2.DisableImageDeprecationInput, ...func(*ec2.Options)) (*ec2.DisableImageDeprecationOutput, error)
	DisableImageDeregistrationProtection(context.Context, *ec2.DisableImageDeregistrationProtectionInput, ...func(*ec2.Options)) (*ec2.DisableImageDeregistrationProtectionOutput, error)
}

// UnshareAPI is what [Unshare] calls.
type UnshareAPI interface {
	readFinishAPI
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
}

var (
	_ UnconfigureAPI = (*ec2.Client)(nil)
	_ UnshareAPI     = (*ec2.Client)(nil)
)

// Unconfigure takes back what [Configure] with the same input has given: the launch
// permissions, those of the snapshots, the deprecation if it is the one that the
// input names, the deregistration protection, and the tags that still have the
// value of the input. What is not there is no error. It reads until AWS shows
// that all is gone.
//
// A protection with a cooldown goes on for 24 hours; a [Finding] says until
// when. A snapshot of several images is unshared for all of them.
//
// Errors: [ErrInvalidInput]; [ErrNotOwner]; [ErrNotFound]; [ErrPublicImage]: AWS does
// not cancel the deprecation of an image that stays public; [ErrNotApplied].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeSnapshots,
// ec2:DescribeImageAttribute, ec2:DescribeSnapshotAttribute,
// ec2:ModifyImageAttribute, ec2:ModifySnapshotAttribute,
// ec2:DisableImageDeprecation, ec2:DisableImageDeregistrationProtection,
// ec2:DeleteTags.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableImageDeregistrationProtection.html
func Unconfigure(ctx context.Context, api UnconfigureAPI, in ConfigureInput, optFns ...func(*Options)) (*ConfigureResult, error) {
	const op = "ami.Unconfigure"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	f := &finishing{in: in, op: op, at: o.place()}
	done, err := f.take(ctx, api, o, func() []change {
		return append(f.removals(api), f.endings(api)...)
	}, func(context.Context) error {
		if f.permissions.Public && !in.Share.Public && f.deprecated() {
			return &Error{Kind: ErrPublicImage, Reason: "its deprecation cannot be cancelled"}
		}
		return nil
	})
	if p := protection(orEmpty(f.image)); done != nil && in.Protect != "" && strings.HasPrefix(string(p), "disabled after") {
		done.Warnings = append(done.Warnings, Finding{FindingCooldown, []string{string(p)}})
	}
	return done, err
}

// Unshare takes permissions away from an image and from its snapshots, the
// image first. Those that it does not have are no error. It reads until AWS
// shows that they are gone. A snapshot of several images is unshared for all of
// them.
//
// Errors: [ErrInvalidInput], also where who is empty; [ErrNotOwner];
// [ErrNotFound]; [ErrNotApplied].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeSnapshots,
// ec2:DescribeImageAttribute, ec2:DescribeSnapshotAttribute,
// ec2:ModifyImageAttribute, ec2:ModifySnapshotAttribute.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
func Unshare(ctx context.Context, api UnshareAPI, id string, who Permissions, optFns ...func(*Options)) (*ConfigureResult, error) {
	const op = "ami.Unshare"
	o := resolve(api, optFns)
	if err := checkImageID(op, o.place(), "id", id); err != nil {
		return nil, err
	}
	if err := who.check(op, o.place(), "who"); err != nil {
		return nil, err
	}
	if who.none() {
		return nil, fault.Invalid(op, o.place(), "who is empty")
	}
	f := &finishing{in: ConfigureInput{ImageID: id, Share: who}, op: op, at: o.place()}
	return f.take(ctx, api, o, func() []change { return f.removals(api) }, nil)
}

func (f *finishing) take(ctx context.Context, api readFinishAPI, o Options, due func() []change, check func(context.Context) error) (*ConfigureResult, error) {
	written, err := settling{
		op: f.op, at: o.place(), id: f.in.ImageID, poll: o.Poll, check: check,
		missing: func(ctx context.Context) ([]change, error) {
			if err := f.read(ctx, api); err != nil {
				return nil, err
			}
			return due(), nil
		},
	}.run(ctx)
	if f.image == nil {
		return nil, err
	}
	return &ConfigureResult{Image: f.image, SnapshotIDs: f.snapshotIDs, Permissions: f.permissions, Written: written}, err
}

// removals unshare: nobody who sees the image still shall lack its snapshots.
func (f *finishing) removals(api UnshareAPI) []change {
	var due []change
	if less := f.in.Share.and(f.permissions); !less.none() {
		due = append(due, revokeLaunch(api, f.in.ImageID, less))
	}
	for _, id := range f.snapshotIDs {
		less := f.storage().and(f.volumes[id])
		if less.none() {
			continue
		}
		due = append(due, revokeVolume(api, id, less))
	}
	return due
}

// endings take back the rest. A public image must be private before.
func (f *finishing) endings(api UnconfigureAPI) []change {
	var due []change
	if f.deprecated() {
		due = append(due, change{"deprecation", func(ctx context.Context) error {
			_, err := api.DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{ImageId: &f.in.ImageID})
			return err
		}})
	}
	if p := protection(f.image); f.in.Protect != "" && (p == ProtectWithCooldown || p == ProtectWithoutCooldown) {
		due = append(due, change{"deregistration protection", func(ctx context.Context) error {
			_, err := api.DisableImageDeregistrationProtection(ctx, &ec2.DisableImageDeregistrationProtectionInput{ImageId: &f.in.ImageID})
			return err
		}})
	}
	have := f.tagged()
	ids := slices.DeleteFunc(f.resources(), func(id string) bool {
		for k, v := range f.in.Tags {
			if slices.ContainsFunc(have[id], is(k, v)) {
				return false
			}
		}
		return true
	})
	if len(ids) > 0 {
		// With their values: a tag that somebody has changed since stays.
		due = append(due, change{"tags", func(ctx context.Context) error {
			_, err := api.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: ids, Tags: tagList(f.in.Tags)})
			return err
		}})
	}
	return due
}

// deprecated reports whether the image has the deprecation of the input.
func (f *finishing) deprecated() bool {
	return !f.in.DeprecateAt.IsZero() && minute(f.in.DeprecateAt).Equal(deprecation(f.image))
}

func orEmpty(img *types.Image) *types.Image {
	if img == nil {
		return &types.Image{}
	}
	return img
}
