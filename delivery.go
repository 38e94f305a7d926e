package readyami

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/region"
)

// Delivery says what is to be where in the end. It holds no state of a run:
// delivering the same Delivery again, from any process, goes on where the last
// run stopped and writes nothing once all is delivered.
type Delivery struct {
	// Name is the name of the image, the same in every target, and of the
	// delivery itself. Required; it follows the rules of AMI names.
	Name string
	// Description of the image. Empty: none.
	Description string
	// Source is what is delivered. Leave it zero when every target names an
	// image of its own in ImageID.
	Source Source
	// Targets are where it is delivered, in the order of the report and of the
	// rollout. At least one; no place twice.
	Targets []Target
	// Tags of the image and its snapshots, beside those that this module sets.
	Tags map[string]string
	// Finish is what the image of each target shall have besides: permissions,
	// deprecation, deregistration protection, further tags. Its ImageID stays
	// empty. It is given when all images are available and before any group is
	// refreshed. Nil: nothing more.
	Finish *ami.FinishInput
	// Revision tells two deliveries apart that would otherwise be the same,
	// such as the commit that the instance was prepared from. Empty: none.
	Revision string
	// Preferences of every instance refresh, AWS's own structure. Nil: AWS's
	// defaults, which at a desired capacity of one stop the only instance
	// before its replacement runs.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html
	Preferences *asgtypes.RefreshPreferences
	// Rollout is the order in which groups are refreshed. Zero: [Careful].
	Rollout Rollout
	// SetDefault moves the default version of a template to the new version
	// once every group of the delivery that uses the template has been refreshed,
	// and none in part. False: the default stays where it is.
	SetDefault bool
	// Pin spells the versions of groups that launch from $Latest or $Default as
	// the numbers that these mean, before a version is made of their templates: so
	// that it changes nothing for them, and a refresh can be rolled back. In the
	// end they are spelled again as before wherever that means what the group then
	// launches: $Latest after a rollout that succeeded, $Default also where
	// SetDefault has moved it. Elsewhere the group stays on its number, and a
	// warning in its report says so. A refresh of somebody else to a desired
	// configuration keeps AWS from pinning its group, whatever OnConflict says; and
	// each group that is pinned takes a tag of the image meanwhile, of which AWS
	// allows 50. False: such groups are refused.
	Pin bool
	// OnFailure is what becomes of a group whose refresh does not succeed. Zero:
	// [RollBack].
	OnFailure OnFailure
	// Stall is how long a refresh may show no progress before it counts as
	// failed. Zero: until AWS gives up by itself, which takes an hour.
	Stall time.Duration
	// OnConflict is what becomes of the refresh of somebody else that runs in a
	// group. Zero: it is left alone, and the group fails.
	OnConflict asg.Conflict
	// Retry refreshes groups again whose last refresh to this image failed, and
	// groups that run an image which was rolled back elsewhere. False: such a
	// group ends the run with [ErrFailedBefore] or [ErrRejected].
	Retry bool
}

// OnFailure is what becomes of a group whose refresh fails.
type OnFailure string

const (
	// RollBack brings the group back to what it ran before, proves it on the
	// instances, and tags the image rejected in every target, so that no later
	// run rolls it out unless told to. AWS does the rolling back itself, also
	// when the program that started the refresh is gone.
	RollBack OnFailure = ""
	// Keep leaves the group as it is: old and new instances side by side, for
	// somebody to look at.
	Keep OnFailure = "keep"
)

// Source is what a delivery starts from: an instance to image, or an image
// that exists already. Exactly one of the two is set, or none when the targets
// name their images.
type Source struct {
	Instance *InstanceSource
	Image    *ImageSource
}

// InstanceSource is a prepared instance: an image is made of it.
type InstanceSource struct {
	Account    string // empty: the account of the credentials
	Region     string
	InstanceID string
	// Consistency is how the instance's disks are brought to rest. Required
	// unless StopFirst is set.
	Consistency ami.Consistency
	// StopFirst stops a running instance for its image and starts it again
	// when the image is available. An instance of an Auto Scaling group would
	// be replaced meanwhile.
	StopFirst bool
	// Mappings are changes to the disks, as CreateImage takes them. Nil: every
	// volume as it is attached.
	Mappings []ec2types.BlockDeviceMapping
}

// ImageSource is an image that exists, whoever made it.
type ImageSource struct {
	Account string // empty: the account of the credentials
	Region  string
	ImageID string
}

// Target is one account and Region to deliver to.
type Target struct {
	Account string // empty: the account of the credentials
	Region  string
	// ImageID is the image to roll out here, when Source is zero.
	ImageID string
	// Groups are the names of the Auto Scaling groups to refresh, which have
	// to launch from a launch template. Empty: the image is all that is
	// delivered here.
	Groups []string
	// Encrypted encrypts the copy, with the key KMSKeyID or, if that is said,
	// with the Region's default key for EBS, which cannot be shared unless the
	// account has chosen one of its own. A copy of an encrypted image always is
	// encrypted, so that one of the two has to be set for it. All zero: a copy is
	// encrypted only where its source is, or the Region encrypts by default.
	Encrypted           bool
	KMSKeyID            string
	UseRegionDefaultKey bool
}

func (t Target) where() region.Target { return region.Target{Account: t.Account, Region: t.Region} }

// Rollout is an order in which groups are refreshed. After the first group that
// fails nothing more is started.
type Rollout string

const (
	// Careful refreshes one group, then the rest of its Region at once, then
	// Region by Region.
	Careful Rollout = ""
	// RegionByRegion refreshes all groups of a Region at once.
	RegionByRegion Rollout = "region-by-region"
	// AllAtOnce refreshes every group in every Region at once.
	AllAtOnce Rollout = "all-at-once"
)

// Sentinels to branch on. The errors of the packages that do the work come
// through as they are: [ami.ErrNameTaken], [region.ErrRegionNotEnabled], ….
var (
	// ErrInvalidInput marks a delivery that was refused before any write.
	ErrInvalidInput = fault.ErrInvalidInput
	// ErrCredentialsExpired marks a run that ended because AWS refused its
	// credentials as expired. Delivering again with fresh ones goes on.
	ErrCredentialsExpired = fault.ErrCredentialsExpired
	// ErrFloatingVersion marks a group that launches from $Latest of a
	// template which would get a new version: making the version would already
	// change what the group launches.
	ErrFloatingVersion = fault.New("readyami.FloatingVersion", "group follows the $Latest version of its launch template")
	// ErrUnsupportedGroup marks a group that cannot be refreshed to another
	// image by its launch template.
	ErrUnsupportedGroup = fault.New("readyami.UnsupportedGroup", "group cannot be refreshed to the image")
	// ErrRejected marks an image that groups were rolled back from. Nothing more
	// is refreshed to it unless Delivery.Retry says so.
	ErrRejected = fault.New("readyami.Rejected", "the image was rolled back before")
	// ErrFailedBefore marks a group whose last refresh to this very image did
	// not succeed. Delivery.Retry refreshes it again.
	ErrFailedBefore = fault.New("readyami.FailedBefore", "the last refresh to this image did not succeed")
)

// Error is the error of every function of this package. Find it with
// [errors.As] or [errors.AsType]; tell errors apart by [errors.Is] and the
// sentinels of the packages, or, in another process, by their code.
//
// Its fields, of which those that are not known are zero:
//
//   - Op string: the function that failed, such as "readyami.Deliver".
//   - Account string: the AWS account.
//   - Region string: the Region.
//   - ID string: the image, group or template that the error is about.
//   - IDs []string: what to resume from or to clean up: images, refreshes and instances.
//   - State string: the last state that was seen.
//   - Reason string: what was wrong, in AWS's words where AWS said it.
//   - Progress string: how far the snapshots of an image were, such as "42%".
//   - Hint string: what the reason usually means, and what to do.
//   - Elapsed time.Duration: how long a wait lasted.
//   - Kind error: the sentinel, which errors.Is finds as well.
//   - Err error: the cause, in which errors.As finds a smithy.APIError.
//
// Its methods besides Error and Unwrap:
//
//   - Code() string: a stable code. It is that of the sentinel, such as
//     "readyami.Rejected"; without one "DeadlineExceeded" or "Canceled"
//     if the context ended, AWS's own behind "aws.", or "Unknown".
//   - Retryable() bool: whether the same call may succeed later with nothing
//     changed but the credentials. It is true after throttling, server and
//     network errors, expired credentials and the end of a context.
//   - RequestID() string: that of the AWS call that failed.
//   - MarshalJSON and UnmarshalJSON: code, message, hint and retryable, and the
//     fields above in camelCase. An Error that was read from JSON has the same
//     text, code and sentinel.
type Error = fault.Error

const opDeliver = "readyami.Deliver"

func invalid(format string, args ...any) error {
	return fault.Invalid(opDeliver, fault.Place{}, format, args...)
}

// unmade holds the place of an image id in checks that are made before the image.
const unmade = "ami-00000000"

// validate checks all that needs no call.
func (d Delivery) validate() error {
	errs := []error{d.validateSource(), d.validateTargets(), d.validateFinish(), asg.CheckPreferences(d.Preferences)}
	if d.Source == (Source{}) && d.Name == "" {
		errs = append(errs, invalid("Name is required"))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		if strings.HasPrefix(key, "readyami:") {
			errs = append(errs, invalid("Tags: %q: keys that start with readyami: are set by this module", key))
		}
	}
	switch d.Rollout {
	case Careful, RegionByRegion, AllAtOnce:
	default:
		errs = append(errs, invalid("Rollout: %q is unknown", d.Rollout))
	}
	if d.Stall < 0 {
		errs = append(errs, invalid("Stall: %s is negative", d.Stall))
	}
	switch d.OnFailure {
	case RollBack, Keep:
	default:
		errs = append(errs, invalid("OnFailure: %q is unknown", d.OnFailure))
	}
	return errors.Join(errs...)
}

func (d Delivery) validateSource() error {
	in, im := d.Source.Instance, d.Source.Image
	switch {
	case in != nil && im != nil:
		return invalid("Source has both an instance and an image")
	case in != nil && in.Region == "":
		return invalid("Source.Instance.Region is required")
	case in != nil && in.StopFirst && in.Consistency != "":
		return invalid("Source.Instance has both StopFirst and Consistency")
	case in != nil && !in.StopFirst && in.Consistency == "":
		return invalid("Source.Instance.Consistency is required, or StopFirst")
	case in != nil:
		return d.createInput().Check(in.Region)
	case im != nil && im.Region == "":
		return invalid("Source.Image.Region is required")
	}
	return nil
}

func (d Delivery) validateTargets() error {
	if len(d.Targets) == 0 {
		return invalid("Targets is empty")
	}
	var errs []error
	for _, t := range d.Targets {
		errs = append(errs, d.validateImage(t))
		if t.Region == "" {
			errs = append(errs, invalid("Targets: one has no Region"))
		}
		for i, g := range t.Groups {
			if g == "" {
				errs = append(errs, invalid("Targets: %s has a group without a name", t.where()))
			} else if slices.Contains(t.Groups[:i], g) {
				errs = append(errs, invalid("Targets: %s has the group %s twice", t.where(), g))
			}
		}
	}
	return errors.Join(errs...)
}

// validateImage checks what a target's image is to be.
func (d Delivery) validateImage(t Target) error {
	own := d.Source == Source{}
	switch {
	case own && t.ImageID == "":
		return invalid("Targets: %s has no ImageID, and the delivery has no Source", t.where())
	case own && !strings.HasPrefix(t.ImageID, "ami-"):
		return invalid("Targets: %s: ImageID %q is no image id", t.where(), t.ImageID)
	case own && (t.Encrypted || t.KMSKeyID != "" || t.UseRegionDefaultKey):
		return invalid("Targets: %s names its image, which is not copied and cannot be encrypted", t.where())
	case own:
		return nil
	case t.ImageID != "":
		return invalid("Targets: %s has an ImageID, and the delivery has a Source", t.where())
	}
	image := unmade
	if d.Source.Image != nil {
		image = d.Source.Image.ImageID
	}
	return ami.CopyInput{
		SourceImageID: image,
		SourceRegion:  "any",
		Name:          d.Name,
		Description:   d.Description,
		Encrypted:     t.Encrypted,
		KMSKeyID:      t.KMSKeyID,

		UseRegionDefaultKey: t.UseRegionDefaultKey,

		Tags: d.tags(),
	}.Check(t.Region)
}

// tags are the caller's and the one that marks what is this delivery's.
func (d Delivery) tags() map[string]string {
	tags := map[string]string{ami.TagDelivery: d.Name}
	maps.Copy(tags, d.Tags)
	return tags
}

func (d Delivery) createInput() ami.CreateInput {
	in := d.Source.Instance
	return ami.CreateInput{
		InstanceID:  in.InstanceID,
		Name:        d.Name,
		Description: d.Description,
		Consistency: in.Consistency,
		Mappings:    in.Mappings,
		Tags:        d.tags(),
		Revision:    d.Revision,
	}
}
