package ami

import (
	"cmp"
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// CopyInput says what is copied into the Region of the client.
type CopyInput struct {
	// SourceImageID is the image to copy; it must be available. Required.
	SourceImageID string
	// SourceRegion is where it is. Required.
	SourceRegion string
	// Name of the copy, as in [CreateInput]. Required.
	Name string
	// Description of the copy, at most 255 characters. Empty: none.
	Description string
	// Encrypted makes encrypted snapshots. False: they are as AWS makes them,
	// encrypted where those of the source are or the account asks for it.
	Encrypted bool
	// KMSKeyID is a key in the Region of the copy: its id, alias or ARN. It
	// needs Encrypted, and Encrypted needs it or UseRegionDefaultKey.
	KMSKeyID string
	// UseRegionDefaultKey encrypts with the Region's default key for EBS, which
	// is AWS's own unless the account has chosen another. What is encrypted with
	// AWS's own key can never be shared. False: KMSKeyID is what it is encrypted
	// with, if it is.
	UseRegionDefaultKey bool
	// CompletionDuration is the time in which AWS promises to finish the copy of
	// the snapshots, for a price: a multiple of 15 minutes, at least one and at
	// most 48 hours. Zero: no promise and no price.
	// https://docs.aws.amazon.com/ebs/latest/userguide/time-based-copies.html
	CompletionDuration time.Duration
	// CopyTags lets AWS copy the tags that the caller's account has put on the
	// source. AWS does not say which value a tag gets that is in Tags too. False:
	// the copy has Tags alone.
	CopyTags bool
	// Tags of the copy and of its snapshots, beside [TagIntent] and [TagSource],
	// which may not be among them. Nil: no more.
	Tags map[string]string
	// Revision tells copies of the same image apart, as in [CreateInput].
	Revision string
	// Family and Predecessor are as in [CreateInput].
	Family, Predecessor string
}

// Bounds and step of a copy's promised time.
// https://docs.aws.amazon.com/ebs/latest/userguide/time-based-copies.html
const (
	minCompletion = 15 * time.Minute
	maxCompletion = 48 * time.Hour
)

// CopyAPI is what [Copy] calls.
type CopyAPI interface {
	ec2.DescribeImagesAPIClient
	DeregisterAPI
	CopyImage(context.Context, *ec2.CopyImageInput, ...func(*ec2.Options)) (*ec2.CopyImageOutput, error)
}

var _ CopyAPI = (*ec2.Client)(nil)

// Copy starts to copy an image into the Region of the client, once: where a
// copy of this name and intent stands already, finished or not, that one is
// returned. It returns as soon as AWS has given the id; [Wait] tells when the
// copy is available. The intent is a hash of the source, the encryption and the
// revision.
//
// A failed copy of the same intent is deregistered first, with its snapshots,
// also where AWS lists it without its name. AWS accepts a key that it cannot use
// and fails the copy later. Copies carry no launch permissions.
//
// Errors: [ErrInvalidInput]; [ErrNameTaken], also where the copy is the same
// but disabled; both come before the first write. [ErrNotVisible] means that AWS
// refuses the name and does not show which image has it, within the grace period
// of the schedule: that is how a copy of an earlier call appears whose answer was
// lost.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:CopyImage, ec2:CreateTags; with
// a failed predecessor also ec2:DeregisterImage and ec2:DeleteSnapshot; for
// encrypted copies kms:DescribeKey, kms:CreateGrant, kms:Decrypt,
// kms:ReEncrypt*, kms:GenerateDataKey*.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
func Copy(ctx context.Context, api CopyAPI, in CopyInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "ami.Copy"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	intent, nonce := in.Intent(), rand.Text()
	call := &ec2.CopyImageInput{
		SourceImageId:     &in.SourceImageID,
		SourceRegion:      &in.SourceRegion,
		Name:              &in.Name,
		TagSpecifications: tagSpecs(in.Tags, in.ownTags()),
	}
	if in.Description != "" {
		call.Description = &in.Description
	}
	if in.Encrypted {
		// Never false: AWS refuses that for an encrypted source.
		call.Encrypted = new(true)
	}
	if in.KMSKeyID != "" {
		call.KmsKeyId = &in.KMSKeyID
	}
	if in.CopyTags {
		call.CopyImageTags = new(true)
	}
	if d := in.CompletionDuration; d != 0 {
		call.SnapshotCopyCompletionDurationMinutes = new(int64(d / time.Minute))
	}
	return claim{
		op: op, at: o.place(), name: in.Name, intent: intent, poll: o.Poll, nameless: true,
		write: func(ctx context.Context, before []string) (string, error) {
			// One token makes every try of this call one copy. Another call of Copy
			// has another one: AWS answers a token that it has seen with the image
			// that it created then, also if that has been deregistered since, and
			// nothing tells such an image from a new one that is not visible yet. A
			// later call finds the copy by its name.
			// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
			call := *call
			call.ClientToken = new(digest("token", nonce, before))
			out, err := api.CopyImage(ctx, &call)
			if err != nil {
				return "", err
			}
			return aws.ToString(out.ImageId), nil
		},
	}.make(ctx, api)
}

// FindCopy returns the image that [Copy] would adopt for the same input: nil
// where it would make one, in place of a failed one too. It only reads.
//
// Errors: as of Copy; [ErrNameTaken] is found here before anything is written
// in any Region.
//
// Calls and IAM actions: ec2:DescribeImages.
func FindCopy(ctx context.Context, api ec2.DescribeImagesAPIClient, in CopyInput, optFns ...func(*Options)) (*CreateResult, error) {
	o := resolve(api, optFns)
	if err := in.check("ami.FindCopy", o.place()); err != nil {
		return nil, err
	}
	c := claim{op: "ami.FindCopy", at: o.place(), name: in.Name, intent: in.Intent()}
	made := &CreateResult{Intent: c.intent}
	holder, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return c.named(ctx, api) })
	if err != nil {
		return nil, c.fail(made, refused(ctx, "", fault.Place{}, "", err))
	}
	switch {
	case holder == nil:
		return nil, nil
	case !c.ours(holder):
		return nil, c.fail(made, c.taken(holder))
	case hasFailed(holder.State):
		return nil, nil
	}
	made.ImageID, made.Adopted, made.Image = aws.ToString(holder.ImageId), true, holder
	return made, nil
}

// Intent is what [Copy] tags with [TagIntent]. It does not depend on the name.
func (in CopyInput) Intent() string {
	return digest("copy", in.SourceRegion, in.SourceImageID, in.Encrypted, in.KMSKeyID, in.Revision)
}

func (in *CopyInput) ownTags() ownTags {
	return ownTags{in.Intent(), in.SourceRegion + "/" + in.SourceImageID, in.Family, in.Predecessor}
}

// Check refuses, as [Copy] does first, what a copy into a Region cannot be made
// of; it makes no call. Without a Region that of a key is not compared.
//
// Errors: [ErrInvalidInput].
func (in CopyInput) Check(region string) error {
	return in.check("ami.Copy", fault.Place{Region: region})
}

func (in *CopyInput) check(op string, at fault.Place) error {
	if err := checkImageID(op, at, "SourceImageID", in.SourceImageID); err != nil {
		return err
	}
	if in.SourceRegion == "" {
		return fault.Invalid(op, at, "SourceRegion is missing")
	}
	if err := checkName(op, at, in.Name, in.Description); err != nil {
		return err
	}
	switch {
	case in.KMSKeyID != "" && !in.Encrypted:
		return fault.Invalid(op, at, "KMSKeyID is set and Encrypted is not")
	case in.KMSKeyID != "" && in.UseRegionDefaultKey:
		return fault.Invalid(op, at, "KMSKeyID and UseRegionDefaultKey are both set")
	case in.Encrypted && in.KMSKeyID == "" && !in.UseRegionDefaultKey:
		return fault.Invalid(op, at, "KMSKeyID is missing: keys belong to a Region; name one of %s, or set UseRegionDefaultKey", cmp.Or(at.Region, "its own"))
	}
	if d := in.CompletionDuration; d != 0 && (d < minCompletion || d > maxCompletion || d%minCompletion != 0) {
		return fault.Invalid(op, at, "CompletionDuration: %v, want a multiple of %v up to %v", d, minCompletion, maxCompletion)
	}
	if key := arnRegion(in.KMSKeyID); !same(key, at.Region) {
		return fault.Invalid(op, at, "KMSKeyID: the key is in %s; a copy needs one of its own Region", key)
	}
	return in.ownTags().check(op, at, in.Tags)
}

// arnRegion is the Region of a key's ARN, empty for an id or an alias.
func arnRegion(key string) string {
	if parts := strings.SplitN(key, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[3]
	}
	return ""
}
