package ami

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrPublicImage: AWS does not let the image be made public, or lets nobody change
// this of a public one; Error.Reason says why.
var ErrPublicImage = fault.New("ami.PublicImage", "not possible for a public image")

// defaultPublicQuota is how many public images an account may have in a Region.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
const defaultPublicQuota = 5

// CheckConfigureAPI is what [CheckConfigure] calls.
type CheckConfigureAPI interface {
	readFinishAPI
	GetImageBlockPublicAccessState(context.Context, *ec2.GetImageBlockPublicAccessStateInput, ...func(*ec2.Options)) (*ec2.GetImageBlockPublicAccessStateOutput, error)
	GetSnapshotBlockPublicAccessState(context.Context, *ec2.GetSnapshotBlockPublicAccessStateInput, ...func(*ec2.Options)) (*ec2.GetSnapshotBlockPublicAccessStateOutput, error)
}

var _ CheckConfigureAPI = (*ec2.Client)(nil)

// CheckConfigure refuses what [Configure] would refuse before its first write, and
// writes nothing. It waits for the image as Configure does.
//
// Errors: those of Configure, but for [ErrNotApplied].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeSnapshots,
// ec2:DescribeImageAttribute, ec2:DescribeSnapshotAttribute; for an encrypted
// image that is to be shared kms:DescribeKey; for a public one
// ec2:GetImageBlockPublicAccessState, ec2:GetSnapshotBlockPublicAccessState.
func CheckConfigure(ctx context.Context, api CheckConfigureAPI, keys DescribeKeyAPI, in ConfigureInput, optFns ...func(*Options)) error {
	const op = "ami.CheckConfigure"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return err
	}
	if _, err := Wait(ctx, api, []string{in.ImageID}, func(w *Options) { *w = o }); err != nil {
		return err
	}
	f := &finishing{api: api, keys: keys, in: in, op: op, at: o.place()}
	_, err := settling{
		op: op, at: o.place(), id: in.ImageID, poll: o.Poll,
		missing: func(ctx context.Context) ([]change, error) {
			if err := f.read(ctx, api); err != nil {
				return nil, err
			}
			return nil, f.allowed(ctx)
		},
	}.run(ctx)
	return err
}

// allowed refuses what AWS would refuse in the middle of the writes, where it
// is not so already.
func (f *finishing) allowed(ctx context.Context) error {
	for _, id := range f.resources() {
		if n := countTags(f.tagged()[id], f.in.Tags); n > maxTags {
			return fault.Invalid(f.op, f.at, "Tags: %s would have %d, at most %d are allowed", id, n, maxTags)
		}
	}
	share := f.in.Share.minus(f.permissions)
	for _, had := range f.volumes {
		more := f.storage().minus(had)
		share.Accounts = append(share.Accounts, more.Accounts...)
		share.Public = share.Public || more.Public
	}
	if !share.none() {
		if err := f.shareable(ctx); err != nil {
			return err
		}
	}
	if share.Public {
		if err := f.publishable(ctx); err != nil {
			return err
		}
	}
	return f.deprecatable()
}

// countTags is how many tags a resource has after it got more; those of AWS do
// not count.
func countTags(have []types.Tag, more map[string]string) int {
	n := len(more)
	for _, t := range have {
		k := aws.ToString(t.Key)
		if _, replaced := more[k]; !replaced && !strings.HasPrefix(k, "aws:") {
			n++
		}
	}
	return n
}

func (f *finishing) shareable(ctx context.Context) error {
	for _, key := range f.keysOf() {
		if owner := keyAccount(key); owner != "" && owner != aws.ToString(f.image.OwnerId) {
			continue // AWS's own keys work in their own account only
		}
		if f.keys == nil {
			return fault.Invalid(f.op, f.at, "keys is nil, and %s is encrypted", f.in.ImageID)
		}
		managed, err := managedByAWS(ctx, f.keys, key)
		if err != nil {
			return err
		}
		if managed {
			return &Error{Kind: ErrUnshareableKey, IDs: []string{key}}
		}
	}
	return nil
}

func (f *finishing) publishable(ctx context.Context) error {
	refuse := func(reason string) error { return &Error{Kind: ErrPublicImage, Reason: reason} }
	if len(f.keysOf()) > 0 {
		return refuse("it is encrypted")
	}
	if len(f.image.ProductCodes) > 0 {
		return refuse("it has a product code")
	}
	access, err := f.api.GetImageBlockPublicAccessState(ctx, &ec2.GetImageBlockPublicAccessStateInput{})
	if err != nil {
		return err
	}
	if s := aws.ToString(access.ImageBlockPublicAccessState); s != string(types.ImageBlockPublicAccessDisabledStateUnblocked) {
		return refuse("block public access for AMIs: " + s + ", managed by " + string(access.ManagedBy))
	}
	if !f.in.LaunchOnly {
		access, err := f.api.GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{})
		if err != nil {
			return err
		}
		if access.State != types.SnapshotBlockPublicAccessStateUnblocked {
			return refuse("block public access for snapshots: " + string(access.State) + ", managed by " + string(access.ManagedBy))
		}
	}
	if f.permissions.Public {
		return nil
	}
	public, err := describe(ctx, f.api, &ec2.DescribeImagesInput{
		Owners:            []string{Self},
		Filters:           []types.Filter{{Name: new("is-public"), Values: []string{"true"}}},
		IncludeDeprecated: new(true),
		MaxResults:        new(int32(pageSize)),
	})
	if err != nil {
		return err
	}
	quota := f.in.PublicQuota
	if quota == 0 {
		quota = defaultPublicQuota
	}
	if len(public) >= quota {
		e := &Error{Kind: ErrPublicImage, Reason: "the quota of public images in the Region is used up"}
		for _, img := range public {
			e.IDs = append(e.IDs, aws.ToString(img.ImageId))
		}
		slices.Sort(e.IDs)
		return e
	}
	return nil
}

// deprecatable refuses a time that AWS would not take.
func (f *finishing) deprecatable() error {
	at := minute(f.in.DeprecateAt)
	if at.IsZero() || f.in.DeprecateAt.IsZero() || deprecation(f.image).Equal(at) {
		return nil
	}
	now := time.Now()
	latest, why := now.AddDate(10, 0, 0), "10 years ahead"
	if f.in.Share.Public || f.permissions.Public {
		latest, why = created(*f.image).AddDate(2, 0, 0), "2 years after the creation of a public image"
	}
	switch {
	case !at.After(now):
		return fault.Invalid(f.op, f.at, "DeprecateAt: %s is past", at.Format(time.RFC3339))
	case at.After(latest):
		return fault.Invalid(f.op, f.at, "DeprecateAt: %s is later than %s", at.Format(time.RFC3339), why)
	}
	return nil
}
