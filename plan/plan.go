package plan

import "time"

// Schema is the version of the shape of plans and reports. It rises when a field
// changes its meaning or goes away. A new field does not raise it.
const Schema = 1

// Plan is what stands, what is to stand, and what leads there.
type Plan struct {
	// Schema is the version of the shape, the constant of that name.
	Schema int `json:"schema"`
	// Kind of the plan.
	Kind Kind `json:"kind"`
	// Release identifies the release in the marks that it leaves on AWS: see
	// [Delivery.Release].
	Release string `json:"release"`
	// Attempt counts from 1. Retry begins the next one.
	Attempt int `json:"attempt"`
	// Digest is of all that an approval covers: the specification, the attempt, and
	// Before of everything. It leaves out what the release itself makes, sizes and
	// health, so that a plan made at any point of a release has the same one.
	Digest string `json:"digest"`
	// Made is the time when the plan was made, by AWS's clock.
	Made time.Time `json:"made,omitzero"`
	// Delivery is the specification.
	Delivery Delivery `json:"delivery"`
	// Places are the targets, in the order of the delivery, and after them the place
	// of the source if that is no target.
	Places []Place `json:"places"`
	// Home is the index in Places of the source image, which carries the marks.
	Home int `json:"home"`
	// Waves of the rollout, in their order.
	Waves []Wave `json:"waves,omitempty"`
	// Findings are the blockers and warnings.
	Findings []Finding `json:"findings,omitempty"`
}

// Kind is a kind of plan.
type Kind string

const (
	// KindDelivery brings an image to groups.
	KindDelivery Kind = "delivery"
)

// Place is an account in a Region: what stands there before the release, and what
// is to stand there after it.
type Place struct {
	// Account id.
	Account string `json:"account"`
	// Region such as "eu-west-1".
	Region string `json:"region"`
	// Image is the image of the place.
	Image Image `json:"image"`
	// Templates are the launch templates that its groups launch from.
	Templates []Template `json:"templates,omitempty"`
	// Groups are the Auto Scaling groups to refresh.
	Groups []Group `json:"groups,omitempty"`
}

// String is "account/Region".
func (p *Place) String() string { return p.Account + "/" + p.Region }

// Image is the image of a place.
type Image struct {
	// Action is how the place gets the image.
	Action ImageAction `json:"action"`
	// ID of the image. Empty if it did not exist when the plan was made.
	ID string `json:"id,omitempty"`
	// ShareWith are the accounts that the source image is shared with, so that they
	// can copy it.
	ShareWith []string `json:"shareWith,omitempty"`
}

// ImageAction is how a place gets its image.
type ImageAction string

const (
	// ImageActionUse is an image that exists and is not of the release.
	ImageActionUse ImageAction = "use"
	// ImageActionCreate is created of an instance.
	ImageActionCreate ImageAction = "create"
	// ImageActionCopy is a copy of the source image.
	ImageActionCopy ImageAction = "copy"
)

// Template is a launch template that groups of the release launch from.
type Template struct {
	// ID of the launch template.
	ID string `json:"id"`
	// Name of the launch template.
	Name string `json:"name"`
	// Default is the number of the default version before the release.
	Default int64 `json:"default"`
	// Latest is the number of the latest version before the release.
	Latest int64 `json:"latest"`
	// Sources are the versions that groups launch before the release. Each gets one
	// new version with the image of the place.
	Sources []SourceVersion `json:"sources"`
}

// SourceVersion is a version that groups launch before the release.
type SourceVersion struct {
	// Number of the version.
	Number int64 `json:"number"`
	// Image of the version.
	Image string `json:"image,omitempty"`
	// Unchanged means that the version has the image of the place already and gets
	// no new one.
	Unchanged bool `json:"unchanged,omitempty"`
}

// Group is an Auto Scaling group to refresh.
type Group struct {
	// Name of the group.
	Name string `json:"name"`
	// Wave is the index in [Plan.Waves].
	Wave int `json:"wave"`
	// Launch are the launch template versions that the group launches before the
	// release: the group's own first, then those of overrides of a mixed instances
	// policy.
	Launch []Launch `json:"launch"`
	// Images are those that overrides of the group's mixed instances policy name,
	// before the release.
	Images []string `json:"images,omitempty"`
	// MinInService is the smallest number of instances in service, or of capacity
	// units if the group has weights, that the preferences allow during the refresh.
	MinInService int `json:"minInService"`
	// Capacity is the desired capacity at the time when the plan was made.
	Capacity int `json:"capacity"`
	// NotReplaced are instances that the refresh will leave as they are, since they
	// are protected or in standby and the preferences ignore those.
	NotReplaced []string `json:"notReplaced,omitempty"`
}

// Floats reports whether the group launches from $Latest or $Default.
func (g *Group) Floats() bool {
	for _, l := range g.Launch {
		if l.Floating != "" {
			return true
		}
	}
	return false
}

// Launch is a launch template version that a group launches.
type Launch struct {
	// Template is the index in [Place.Templates], and -1 for a launch template that is
	// not in the plan.
	Template int `json:"template"`
	// Version is the number that the group launches.
	Version int64 `json:"version"`
	// Floating is "$Latest" or "$Default" if the group does not name the number.
	Floating string `json:"floating,omitempty"`
}

// The versions that a group can name without a number.
const (
	VersionLatest  = "$Latest"
	VersionDefault = "$Default"
)

// Unchanged reports whether every version that the group launches has the image
// of the place already.
func (p *Place) Unchanged(g *Group) bool {
	for _, l := range g.Launch {
		if s := p.Templates[l.Template].Source(l.Version); s == nil || !s.Unchanged {
			return false
		}
	}
	return true
}

// Source finds a source version by its number.
func (t *Template) Source(number int64) *SourceVersion {
	for i := range t.Sources {
		if t.Sources[i].Number == number {
			return &t.Sources[i]
		}
	}
	return nil
}
