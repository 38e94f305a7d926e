package ami

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Owners that are no account id.
const (
	Self        = "self"
	Amazon      = "amazon"
	Marketplace = "aws-marketplace"
	BackupVault = "aws-backup-vault"
	// AnyOwner finds images of strangers as well. Anybody may publish an image
	// of any name: never launch the newest one of a name and any owner.
	AnyOwner = "any"
)

// Query says which images are looked for: those that fit all of it.
type Query struct {
	// Owners: account ids, [Self], [Amazon], [Marketplace], [BackupVault]; or
	// [AnyOwner] alone. Required.
	Owners []string
	// Name of the image; * stands for any characters and ? for one, a backslash
	// before them takes them literally. Empty: any.
	Name string
	// Tags that the image has, key and value, taken literally. Only the owner
	// sees tags. Nil: any.
	Tags map[string]string
	// Architecture such as "x86_64" or "arm64". Empty: any.
	Architecture string
	// IncludeDeprecated finds deprecated images of other owners too. One's own
	// are always found.
	IncludeDeprecated bool
	// IncludeDisabled finds disabled images too; they are found only with a
	// filter for the state as well, since otherwise only available ones are.
	IncludeDisabled bool
	// Filters of AWS, passed on. One named "state" takes the place of the
	// default, which is available. Nil: none.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
	Filters []types.Filter
}

// Find returns the images that fit, the newest first; of equally old ones the
// order is that of their ids. None is no error.
//
// Errors: [ErrInvalidInput].
//
// Calls and IAM actions: ec2:DescribeImages.
func Find(ctx context.Context, api ec2.DescribeImagesAPIClient, q Query, optFns ...func(*Options)) ([]types.Image, error) {
	return find(ctx, api, "ami.Find", q, resolve(api, optFns).Region)
}

// Newest returns the image that fits and was created last.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: none fits; [ErrAmbiguous]: several
// that fit were created at the same time.
//
// Calls and IAM actions: ec2:DescribeImages.
func Newest(ctx context.Context, api ec2.DescribeImagesAPIClient, q Query, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.Newest"
	region := resolve(api, optFns).Region
	images, err := find(ctx, api, op, q, region)
	if err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, &Error{Op: op, Region: region, ID: q.Name, Kind: ErrNotFound}
	}
	e := &Error{Op: op, Region: region, Kind: ErrAmbiguous}
	for _, img := range images {
		if !created(img).Equal(created(images[0])) {
			break
		}
		e.IDs = append(e.IDs, aws.ToString(img.ImageId))
	}
	if len(e.IDs) > 1 {
		return nil, e
	}
	return &images[0], nil
}

// Get returns one image by its id, in whatever state it is, deprecated and
// disabled ones too.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: there is none, or none that the
// caller may see.
//
// Calls and IAM actions: ec2:DescribeImages.
func Get(ctx context.Context, api ec2.DescribeImagesAPIClient, id string, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.Get"
	region := resolve(api, optFns).Region
	if err := checkImageID(op, region, "id", id); err != nil {
		return nil, err
	}
	img, err := byID(ctx, api, id)
	if err != nil {
		return nil, refused(ctx, op, region, id, err)
	}
	if img == nil {
		return nil, &Error{Op: op, Region: region, ID: id, Kind: ErrNotFound}
	}
	return img, nil
}

func find(ctx context.Context, api ec2.DescribeImagesAPIClient, op string, q Query, region string) ([]types.Image, error) {
	if err := q.check(op, region); err != nil {
		return nil, err
	}
	images, err := describe(ctx, api, q.input())
	if err != nil {
		return nil, refused(ctx, op, region, q.Name, err)
	}
	slices.SortFunc(images, func(a, b types.Image) int {
		if c := created(b).Compare(created(a)); c != 0 {
			return c
		}
		return strings.Compare(aws.ToString(a.ImageId), aws.ToString(b.ImageId))
	})
	return images, nil
}

func (q *Query) check(op, region string) error {
	if len(q.Owners) == 0 {
		return fault.Invalid(op, region, "Owners is missing; %q finds images of strangers as well", AnyOwner)
	}
	for _, o := range q.Owners {
		switch o {
		case Self, Amazon, Marketplace, BackupVault:
		case AnyOwner:
			if len(q.Owners) > 1 {
				return fault.Invalid(op, region, "Owners: %q stands alone", AnyOwner)
			}
		default:
			if !accountID.MatchString(o) {
				return fault.Invalid(op, region, "Owners: %q is no account id and no alias of AWS", o)
			}
		}
	}
	return nil
}

func (q *Query) input() *ec2.DescribeImagesInput {
	in := &ec2.DescribeImagesInput{
		Filters:           slices.Clone(q.Filters),
		IncludeDeprecated: &q.IncludeDeprecated,
		IncludeDisabled:   &q.IncludeDisabled,
		MaxResults:        new(int32(pageSize)),
	}
	if q.Owners[0] != AnyOwner {
		in.Owners = q.Owners
	}
	filter := func(name, value string) {
		in.Filters = append(in.Filters, types.Filter{Name: &name, Values: []string{value}})
	}
	if q.Name != "" {
		filter("name", q.Name)
	}
	if q.Architecture != "" {
		filter("architecture", q.Architecture)
	}
	for _, k := range slices.Sorted(maps.Keys(q.Tags)) {
		filter("tag:"+k, literal.Replace(q.Tags[k]))
	}
	if !slices.ContainsFunc(q.Filters, func(f types.Filter) bool { return aws.ToString(f.Name) == "state" }) {
		filter("state", string(types.ImageStateAvailable))
	}
	return in
}

// created is when an image was made; the zero time where AWS does not say.
func created(img types.Image) time.Time {
	t, err := time.Parse(time.RFC3339, aws.ToString(img.CreationDate))
	if err != nil {
		return time.Time{}
	}
	return t
}
