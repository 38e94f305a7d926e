package ami

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Protection keeps an image from being deregistered, by whomever. The values
// are AWS's own.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
type Protection string

const (
	// ProtectWithoutCooldown ends when it is disabled.
	ProtectWithoutCooldown Protection = "enabled-without-cooldown"
	// ProtectWithCooldown ends 24 hours after it is disabled.
	ProtectWithCooldown Protection = "enabled-with-cooldown"
)

// ConfigureInput says what an image shall have that no call which makes or copies
// one can give it. What is not named stays as it is.
type ConfigureInput struct {
	// ImageID of an image of the caller's account. Required.
	ImageID string
	// Tags that the image and its snapshots get, as in [CreateInput]. Nil: no more.
	Tags map[string]string
	// Share is who else may launch the image and, but for organizations and
	// their units, copy it. Public sharing is a field of its own. The zero value
	// shares with nobody more.
	Share Permissions
	// LaunchOnly leaves the snapshots unshared: the image can be launched by
	// those in Share, and not copied. False: the accounts in Share can copy it.
	LaunchOnly bool
	// PublicQuota is how many public images the account may have in the Region.
	// Zero: 5, which is AWS's default.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
	PublicQuota int
	// DeprecateAt is when other accounts lose sight of the image in their lists,
	// to the minute. Zero: it is left as it is.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
	DeprecateAt time.Time
	// Protect is the deregistration protection. Empty: it is left as it is.
	Protect Protection
}

// ConfigureResult is how an image is, as AWS showed it last.
type ConfigureResult struct {
	Image *types.Image
	// SnapshotIDs are its snapshots, each once.
	SnapshotIDs []string
	// Permissions are all that the image has; read only where Share or
	// DeprecateAt is set.
	Permissions Permissions
	// Written names the changes that were made, in their order; empty: all was
	// as asked already.
	Written []string
	// Warnings are what is true of the image now and may surprise.
	Warnings []Finding
}

// ConfigureAPI is what [Configure] calls.
type ConfigureAPI interface {
	CheckConfigureAPI
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
	EnableImageDeprecation(context.Context, *ec2.EnableImageDeprecationInput, ...func(*ec2.Options)) (*ec2.EnableImageDeprecationOutput, error)
	EnableImageDeregistrationProtection(context.Context, *ec2.EnableImageDeregistrationProtectionInput, ...func(*ec2.Options)) (*ec2.EnableImageDeregistrationProtectionOutput, error)
}

var _ ConfigureAPI = (*ec2.Client)(nil)

// Configure gives an image in its own Region what copying leaves behind: tags,
// deregistration protection, deprecation, the permissions of its snapshots and
// then its own. It writes what is missing, and reads it back until AWS shows it;
// where all is so already it writes nothing. An image that is still pending is
// waited for. [Unconfigure] is its counterpart.
//
// All of this is refused before the first write: sharing what is encrypted with
// a key of AWS ([ErrUnshareableKey]); public sharing of an encrypted image or
// one with a product code, while the account blocks it, or beyond the quota
// ([ErrPublicImage]); a deprecation that is past or too far ahead, more tags than a
// resource may have, and malformed input ([ErrInvalidInput]); an image of
// another account ([ErrNotOwner]).
//
// AWS grants the permissions of snapshots to accounts and to all only, so that
// organizations and their units can launch and not copy; a [Finding] says so.
// Adding keeps those who are there already.
//
// Errors: as above, those of [Wait], and [ErrNotApplied]. After an error the
// same call goes on with what is missing. keys may be nil where the image is not
// encrypted.
//
// Calls and IAM actions: those of [CheckConfigure], ec2:CreateTags,
// ec2:ModifyImageAttribute, ec2:ModifySnapshotAttribute,
// ec2:EnableImageDeprecation, ec2:EnableImageDeregistrationProtection.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
func Configure(ctx context.Context, api ConfigureAPI, keys DescribeKeyAPI, in ConfigureInput, optFns ...func(*Options)) (*ConfigureResult, error) {
	const op = "ami.Configure"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	if _, err := Wait(ctx, api, []string{in.ImageID}, func(w *Options) { *w = o }); err != nil {
		return nil, err
	}
	f := &finishing{api: api, keys: keys, in: in, op: op, at: o.place()}
	written, err := settling{
		op: op, at: o.place(), id: in.ImageID, poll: o.Poll,
		missing: func(ctx context.Context) ([]change, error) {
			if err := f.read(ctx, api); err != nil {
				return nil, err
			}
			return f.additions(api), nil
		},
		check: f.allowed,
	}.run(ctx)
	return f.finished(written), err
}

// Check refuses, as [Configure] does first, what no image can be given; it makes
// no call.
//
// Errors: [ErrInvalidInput].
func (in ConfigureInput) Check(region string) error {
	return in.check("ami.Configure", fault.Place{Region: region})
}

func (in *ConfigureInput) check(op string, at fault.Place) error {
	if err := checkImageID(op, at, "ImageID", in.ImageID); err != nil {
		return err
	}
	if err := checkTags(op, at, in.Tags); err != nil {
		return err
	}
	if err := in.Share.check(op, at, "Share"); err != nil {
		return err
	}
	if in.PublicQuota < 0 {
		return fault.Invalid(op, at, "PublicQuota: %d is negative", in.PublicQuota)
	}
	switch in.Protect {
	case "", ProtectWithoutCooldown, ProtectWithCooldown:
	default:
		return fault.Invalid(op, at, "Protect: %q, want %q or %q", in.Protect, ProtectWithoutCooldown, ProtectWithCooldown)
	}
	if len(in.Tags) == 0 && in.Share.none() && in.DeprecateAt.IsZero() && in.Protect == "" {
		return fault.Invalid(op, at, "nothing is asked for: Tags, Share, DeprecateAt and Protect are empty")
	}
	return nil
}

// additions are the writes that are due. Whoever sees the image finds it
// finished: its own permissions come last.
func (f *finishing) additions(api ConfigureAPI) []change {
	var due []change
	if ids := f.untagged(); len(ids) > 0 {
		due = append(due, change{"tags", func(ctx context.Context) error {
			_, err := api.CreateTags(ctx, &ec2.CreateTagsInput{Resources: ids, Tags: tagList(f.in.Tags)})
			return err
		}})
	}
	if p := f.in.Protect; p != "" && protection(f.image) != p {
		due = append(due, change{"deregistration protection", func(ctx context.Context) error {
			_, err := api.EnableImageDeregistrationProtection(ctx, &ec2.EnableImageDeregistrationProtectionInput{
				ImageId: &f.in.ImageID, WithCooldown: new(p == ProtectWithCooldown),
			})
			return err
		}})
	}
	if at := minute(f.in.DeprecateAt); !at.IsZero() && !deprecation(f.image).Equal(at) {
		due = append(due, change{"deprecation", func(ctx context.Context) error {
			_, err := api.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &f.in.ImageID, DeprecateAt: &at})
			return err
		}})
	}
	for _, id := range f.snapshotIDs {
		add := f.storage().minus(f.volumes[id])
		if add.none() {
			continue
		}
		due = append(due, grantVolume(api, id, add))
	}
	if add := f.in.Share.minus(f.permissions); !add.none() {
		due = append(due, grantLaunch(api, f.in.ImageID, add))
	}
	return due
}

// tagList is tags as AWS takes them, in the order of their keys.
func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: new(k), Value: new(tags[k])})
	}
	return list
}
