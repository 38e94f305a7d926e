package ami

import (
	"maps"
	"slices"
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
	// Category of the images, as [Category] tells it. [CategoryPrivate] needs
	// [Self] as the only owner, and [CategorySharedWithMe] an owner beside it.
	// Empty: any.
	Category ImageCategory
	// RootDevice is ebs or instance-store. Empty: any. No image can be made of
	// an instance whose image is backed by an instance store, nor a copy of it
	// by this module.
	RootDevice types.DeviceType
	// Name of the image; * stands for any characters and ? for one, a backslash
	// before them takes them literally. Empty: any.
	Name string
	// Tags that the image has, key and value, taken literally. Only the owner
	// sees tags. Nil: any.
	Tags map[string]string
	// Architecture such as "x86_64" or "arm64". Empty: any.
	Architecture string
	// MinAge and MaxAge bound the time since the image was created, which AWS
	// tells to the second or finer; both bounds belong to it. Zero: no bound.
	MinAge, MaxAge time.Duration
	// Deprecation leaves out deprecated images, or those that are not. Empty:
	// neither, as far as IncludeDeprecated shows them.
	Deprecation Deprecation
	// IncludeDeprecated finds deprecated images of other owners too. One's own
	// are always found. False: only one's own.
	IncludeDeprecated bool
	// IncludeDisabled finds disabled images beside those that are available.
	// Only the owner sees them. False: it does not.
	IncludeDisabled bool
	// Filters of AWS, passed on. One named "state" takes the place of the
	// default, which is available. Nil: none.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
	Filters []types.Filter
}

// Deprecation chooses images by their date of deprecation.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
type Deprecation string

const (
	// DeprecatedOnly finds images whose date of deprecation is over.
	DeprecatedOnly Deprecation = "deprecated"
	// NotDeprecated finds images that have no such date, or one to come.
	NotDeprecated Deprecation = "not-deprecated"
)

func (q *Query) check(op string, at fault.Place) error {
	if err := q.checkOwners(op, at); err != nil {
		return err
	}
	if err := q.checkCategory(op, at); err != nil {
		return err
	}
	switch q.RootDevice {
	case "", types.DeviceTypeEbs, types.DeviceTypeInstanceStore:
	default:
		return fault.Invalid(op, at, "RootDevice: %q, want %q or %q", q.RootDevice, types.DeviceTypeEbs, types.DeviceTypeInstanceStore)
	}
	switch q.Deprecation {
	case "", DeprecatedOnly, NotDeprecated:
	default:
		return fault.Invalid(op, at, "Deprecation: %q, want %q or %q", q.Deprecation, DeprecatedOnly, NotDeprecated)
	}
	if q.MinAge < 0 || q.MaxAge < 0 || q.MaxAge > 0 && q.MinAge > q.MaxAge {
		return fault.Invalid(op, at, "MinAge and MaxAge: nothing is from %v to %v old", q.MinAge, q.MaxAge)
	}
	for i, f := range q.Filters {
		if aws.ToString(f.Name) == "" || len(f.Values) == 0 {
			return fault.Invalid(op, at, "Filters[%d]: it needs a name and a value", i)
		}
	}
	return nil
}

func (q *Query) checkOwners(op string, at fault.Place) error {
	if len(q.Owners) == 0 {
		return fault.Invalid(op, at, "Owners is missing; %q finds images of strangers as well", AnyOwner)
	}
	for _, o := range q.Owners {
		switch o {
		case Self, Amazon, Marketplace, BackupVault:
		case AnyOwner:
			if len(q.Owners) > 1 {
				return fault.Invalid(op, at, "Owners: %q stands alone", AnyOwner)
			}
		default:
			if !accountID.MatchString(o) {
				return fault.Invalid(op, at, "Owners: %q is no account id and no alias of AWS", o)
			}
		}
	}
	return nil
}

func (q *Query) input() *ec2.DescribeImagesInput {
	in := &ec2.DescribeImagesInput{
		Filters:           slices.Clone(q.Filters),
		IncludeDeprecated: new(q.IncludeDeprecated || q.Deprecation == DeprecatedOnly),
		IncludeDisabled:   &q.IncludeDisabled,
		MaxResults:        new(int32(pageSize)),
	}
	if q.Owners[0] != AnyOwner {
		in.Owners = q.Owners
	}
	filter := func(name string, values ...string) {
		in.Filters = append(in.Filters, types.Filter{Name: &name, Values: values})
	}
	if q.Name != "" {
		filter("name", q.Name)
	}
	if q.Architecture != "" {
		filter("architecture", q.Architecture)
	}
	if q.RootDevice != "" {
		filter("root-device-type", string(q.RootDevice))
	}
	switch q.Category {
	case CategoryPrivate:
		filter("is-public", "false")
	case CategorySharedWithMe:
		filter("is-public", "false")
		in.ExecutableUsers = []string{Self}
	case CategoryPublic:
		filter("is-public", "true")
	case CategoryMarketplace:
		filter("product-code.type", string(types.ProductCodeValuesMarketplace))
	}
	for _, k := range slices.Sorted(maps.Keys(q.Tags)) {
		filter("tag:"+k, literal.Replace(q.Tags[k]))
	}
	if !slices.ContainsFunc(q.Filters, func(f types.Filter) bool { return aws.ToString(f.Name) == "state" }) {
		states := []string{string(types.ImageStateAvailable)}
		if q.IncludeDisabled {
			states = append(states, string(types.ImageStateDisabled))
		}
		filter("state", states...)
	}
	return in
}

// fits decides what AWS has no filter for.
func (q *Query) fits(img types.Image, now time.Time) bool {
	if q.Category != "" && q.Category != CategoryMarketplace && inMarketplace(img) {
		return false
	}
	if q.MinAge > 0 || q.MaxAge > 0 {
		made := created(img)
		age := now.Sub(made)
		if made.IsZero() || age < q.MinAge || q.MaxAge > 0 && age > q.MaxAge {
			return false
		}
	}
	switch q.Deprecation {
	case DeprecatedOnly:
		return Deprecated(img, now)
	case NotDeprecated:
		return !Deprecated(img, now)
	}
	return true
}

// Deprecated reports whether the date of deprecation of an image is over at a
// time. An image that is deprecated can be launched as before.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
func Deprecated(img types.Image, at time.Time) bool {
	date, err := time.Parse(time.RFC3339, aws.ToString(img.DeprecationTime))
	return err == nil && !at.Before(date)
}

// created is when an image was made; the zero time where AWS does not say.
func created(img types.Image) time.Time {
	t, err := time.Parse(time.RFC3339, aws.ToString(img.CreationDate))
	if err != nil {
		return time.Time{}
	}
	return t
}
