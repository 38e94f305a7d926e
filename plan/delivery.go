package plan

import "cmp"

// Delivery is the desired state: the image that each target should have, and the
// groups that should run it. It is the specification of a release, and holds
// nothing of a run: planning the same Delivery again, from any process, finds how
// far the release is.
type Delivery struct {
	// Name of the image, the same in every target, and of the release. Required
	// unless every target names its image; it follows the rules of AMI names.
	Name string `json:"name"`
	// Family groups the images that follow one another, such as "storefront" for
	// the releases "storefront-1" and "storefront-2": retirement keeps the newest
	// of a family. Optional.
	Family string `json:"family,omitempty"`
	// Description of the image. Optional.
	Description string `json:"description,omitempty"`
	// Revision distinguishes releases that would otherwise be equal, such as the
	// commit that the instance was prepared from. Optional.
	Revision string `json:"revision,omitempty"`
	// Source is what is delivered. Leave it zero if every target names an image of
	// its own in ImageID.
	Source Source `json:"source,omitzero"`
	// Targets are the places that are delivered to, in the order of the report and
	// of the rollout. At least one is required. A place must not be named twice.
	Targets []Target `json:"targets"`
	// Tags of the image and its snapshots, in addition to those that this module
	// sets. Keys must not begin with "readyami:". Optional.
	Tags map[string]string `json:"tags,omitempty"`
	// Attributes are applied to the image in every target when it is available and
	// before any group of the target is refreshed. If nil, there are none.
	Attributes *Attributes `json:"attributes,omitempty"`
	// Preferences of every instance refresh, AWS's own structure. If nil, AWS's
	// defaults apply, which terminate the only instance of a group of one before
	// its replacement runs.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html
	Preferences *Preferences `json:"preferences,omitempty"`
	// Rollout is the order in which the groups are refreshed, and what a failure
	// does. The zero value is the careful rollout with [OnFailureRollBackGroup].
	Rollout Rollout `json:"rollout,omitzero"`
	// SetDefault moves the default version of each launch template to the new
	// version once the rollout has proven it.
	SetDefault bool `json:"setDefault,omitempty"`
	// Pin replaces $Latest and $Default in the groups' launch templates with the
	// version numbers that they resolve to, before a new version is created.
	// Without it, creating the version would change what those groups launch, and
	// AWS could not roll back their refresh: such groups are refused. After the
	// rollout $Latest and $Default are restored wherever they resolve to what the
	// group launches.
	Pin bool `json:"pin,omitempty"`
	// OnConflict is what happens if a group has an instance refresh in progress
	// that this release did not start. The default is [ConflictFail].
	OnConflict Conflict `json:"onConflict,omitempty"`
	// Budgets bound how long the parts of the release may take.
	Budgets Budgets `json:"budgets,omitzero"`
}

// WithDefaults returns the delivery with the defaults of Rollout and OnConflict
// as words, as its plan has them.
func (d Delivery) WithDefaults() Delivery {
	d.Rollout.Order = cmp.Or(d.Rollout.Order, OrderCareful)
	d.Rollout.OnFailure = cmp.Or(d.Rollout.OnFailure, OnFailureRollBackGroup)
	d.OnConflict = cmp.Or(d.OnConflict, ConflictFail)
	return d
}

// Source is what a delivery starts from: an instance that an image is created
// of, or an image that exists already. Exactly one is set, or none if the targets
// name their images.
type Source struct {
	// Instance is an instance that the image is created of.
	Instance *InstanceSource `json:"instance,omitempty"`
	// Image is an image that exists.
	Image *ImageSource `json:"image,omitempty"`
}

// IsZero reports whether the source names nothing.
func (s Source) IsZero() bool { return s.Instance == nil && s.Image == nil }

// InstanceSource is a prepared instance.
type InstanceSource struct {
	// Account of the instance. If empty, the account of the credentials.
	Account string `json:"account,omitempty"`
	// Region of the instance. Required.
	Region string `json:"region"`
	// InstanceID is required.
	InstanceID string `json:"instanceId"`
	// Reboot is what happens to the instance while its image is created. It has no
	// default: an unexpected reboot is as bad as an image with truncated files.
	Reboot RebootBehavior `json:"reboot"`
	// BlockDeviceMappings are changes to the volumes, as CreateImage takes them. If
	// nil, every volume is taken over as it is attached.
	BlockDeviceMappings []BlockDeviceMapping `json:"blockDeviceMappings,omitempty"`
}

// RebootBehavior is what happens to an instance while its image is created.
type RebootBehavior string

const (
	// Reboot shuts the instance down and starts it again.
	Reboot RebootBehavior = "reboot"
	// NoReboot leaves the instance running. What it has not yet written to disk is
	// not in the image.
	NoReboot RebootBehavior = "no-reboot"
	// StopFirst stops a running instance and starts it again when the image is
	// available.
	StopFirst RebootBehavior = "stop-first"
)

// ImageSource is an image that exists, in any account.
type ImageSource struct {
	// Account whose credentials read it. If empty, that of the credentials.
	Account string `json:"account,omitempty"`
	// Region of the image. Required.
	Region string `json:"region"`
	// ImageID is required.
	ImageID string `json:"imageId"`
}

// Target is an account and Region to deliver to.
type Target struct {
	// Account id. If empty, the account of the credentials.
	Account string `json:"account,omitempty"`
	// Region such as "eu-west-1". Required.
	Region string `json:"region"`
	// ImageID is the image to roll out here. Required if Source is zero, and not
	// allowed otherwise.
	ImageID string `json:"imageId,omitempty"`
	// Groups are the names of the Auto Scaling groups that should run the image. If
	// empty, the image is all that is delivered here.
	Groups []string `json:"groups,omitempty"`
	// Encrypted encrypts the copy, with KMSKeyID or, if UseRegionDefaultKey is set,
	// with the Region's default key for EBS. A copy of an encrypted image is always
	// encrypted and needs one of the two. If all are zero, the copy is encrypted
	// only if its source is, or if the Region encrypts by default.
	Encrypted bool `json:"encrypted,omitempty"`
	// KMSKeyID is a key id, an alias or an ARN of this Region. It requires Encrypted.
	KMSKeyID string `json:"kmsKeyId,omitempty"`
	// UseRegionDefaultKey is the alternative to KMSKeyID. It requires Encrypted.
	UseRegionDefaultKey bool `json:"useRegionDefaultKey,omitempty"`
}

// Conflict is what happens if a group has an instance refresh in progress that
// the release did not start.
type Conflict string

const (
	// ConflictFail leaves the refresh running and fails the group.
	ConflictFail Conflict = "fail"
	// ConflictWait waits until the refresh has ended.
	ConflictWait Conflict = "wait"
	// ConflictCancel cancels the refresh.
	ConflictCancel Conflict = "cancel"
)

// Budgets are bounds on the parts of a release, counted from AWS's own times, so
// that a restart does not begin them anew. If one runs out, what it bounds counts
// as failed. Zero means that there is no bound.
type Budgets struct {
	// Image is how long the creation of the source image may take.
	Image Duration `json:"image,omitzero"`
	// Copy is how long the copy of an image may take.
	Copy Duration `json:"copy,omitzero"`
	// Refresh is how long an instance refresh may take.
	Refresh Duration `json:"refresh,omitzero"`
	// Stall is how long an instance refresh may make no progress.
	Stall Duration `json:"stall,omitzero"`
}
