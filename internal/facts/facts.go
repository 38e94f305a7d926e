// Package facts holds what a look at a release has read from AWS, as plain values:
// the marks on the source image, and in each place its image, its launch templates
// and its groups with their newest instance refreshes. What follows from them is
// decided elsewhere.
package facts

import (
	"slices"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/plan"
)

// Look is what one look has read. Its marks are read first and once more at the
// end, groups before templates: what a later process needs is written in the
// opposite order.
type Look struct {
	// Began is when the look began, and Run when the run began that makes it, by
	// AWS's clock. A look that no run makes has no Run.
	Began, Run time.Time
	Marks      Marks
	Places     []Place // in the order of the plan
}

// Place is an account in a Region.
type Place struct {
	Image     Image
	Templates []Template // in the order of the plan
	Groups    []Group    // in the order of the plan
	Record    Record
	// RecordTags are the tags of the record on each snapshot of the image.
	RecordTags map[string]map[string]string
	// Outside are groups of the place that are not in the release and launch from
	// $Latest or $Default of one of its templates. They are read when planning.
	Outside []Group
}

// Image is the image of a place.
type Image struct {
	ID        string // empty: there is none yet
	State     string // AWS's
	Reason    string // AWS's, for a state that is not good
	Progress  string // of its snapshots, while it is pending; empty: not read
	Hint      string // what the reason usually means
	Created   time.Time
	Snapshots []string
	// Shared means that every account that copies the image may.
	Shared bool
	// Attributed means that the image has all attributes that are asked for.
	Attributed bool
	// SharedWith, DeprecateAt and Warnings are what there is of those attributes.
	SharedWith  []string
	DeprecateAt string
	Warnings    []string
	// Rejected names the release that was rolled back from the image: empty for none.
	Rejected string
	// Tags of the image, and the pin record of the place that they or those of its
	// snapshots hold.
	Tags map[string]string
	// Instance is that of an image which is created of one, if it is stopped first.
	Instance SourceInstance
	// Raw is the image as AWS described it, nil if there is none.
	Raw *ec2types.Image
}

// SourceInstance is an instance that is stopped for its image.
type SourceInstance struct {
	State string // AWS's
	// Restart means that it ran before it was stopped.
	Restart bool
}

// Template is a launch template.
type Template struct {
	ID, Name        string
	Default, Latest int64
	// Versions in ascending order: those that groups launch, those of the release,
	// and all that are newer than the first of these.
	Versions []Version
}

// Version is a version of a launch template.
type Version struct {
	Number int64
	Image  string
	// Data identifies the data of the version: versions with equal data launch the
	// same.
	Data    string
	Created time.Time
	Mark    Mark
	// Raw is the version as AWS described it.
	Raw *ec2types.LaunchTemplateVersion
}

// Mark is what the description of a version says about the release. The zero mark
// is that of a version which is not the release's.
type Mark struct {
	Kind MarkKind
	// Attempt that made the version.
	Attempt int
	// Source is the version that it was made from, or whose data it restores.
	Source int64
	// Default is the template's default version at that time.
	Default int64
}

// MarkKind is a kind of mark.
type MarkKind uint8

const (
	// MarkNone is a version of somebody else.
	MarkNone MarkKind = iota
	// MarkRelease is a version with the image of the release.
	MarkRelease
	// MarkRestores is a version that restores the data of an older one.
	MarkRestores
)

// Group is an Auto Scaling group.
type Group struct {
	Name string
	// Launch are the launch template versions that the group names, its own first.
	Launch []Launch
	// Images are those that overrides name.
	Images []string
	// Capacity is the desired one, in instances or capacity units.
	Capacity int
	// Instances are those that are not being terminated.
	Instances []Instance
	// Refreshes are the newest one and all of the release, newest first. They are
	// known only if RefreshesRead is set.
	Refreshes     []Refresh
	RefreshesRead bool
	// Raw is the group as AWS described it.
	Raw asgtypes.AutoScalingGroup
}

// Launch is a launch template version as a group names it.
type Launch struct {
	Template int    // index in Place.Templates; -1: a template that is not the plan's
	Spelling string // "$Latest" or "$Default"; empty: the number
	Version  int64  // the number, if that is named
}

// Instance is an instance of a group.
type Instance struct {
	ID       string
	Template int // index in Place.Templates; -1: another template, or none
	Version  int64
	// Protected from scale-in, and in standby: a refresh may ignore such instances.
	Protected, Standby bool
}

// Refresh is an instance refresh.
type Refresh struct {
	ID         string
	State      RefreshState
	Status     string // AWS's
	Reason     string // AWS's
	Percentage int    // -1: AWS tells none
	// Desired are the versions of its desired configuration, in the order of
	// Group.Launch. Nil: it has none.
	Desired    []Launch
	Start, End time.Time
	// Moved is when the refresh last made progress.
	Moved time.Time
	// Patience is how long it may pause by itself: checkpoint delay, bake time and
	// lifecycle hooks.
	Patience time.Duration
}

// RefreshState is a state of a refresh, as far as a release tells them apart.
type RefreshState uint8

const (
	RefreshActive RefreshState = iota
	// RefreshRollingBack is one that is being rolled back or cancelled.
	RefreshRollingBack
	RefreshSuccessful
	RefreshFailed
	RefreshCancelled
	RefreshRolledBack
	RefreshRollbackFailed
)

// Active reports whether the refresh has not ended.
func (s RefreshState) Active() bool { return s == RefreshActive || s == RefreshRollingBack }

// Newest is the newest refresh of the group, nil if there is none.
func (g *Group) Newest() *Refresh {
	if len(g.Refreshes) == 0 {
		return nil
	}
	return &g.Refreshes[0]
}

// Version finds a version by its number, nil if it has not been read.
func (t *Template) Version(number int64) *Version {
	i, found := slices.BinarySearchFunc(t.Versions, number, func(v Version, n int64) int { return int(v.Number - n) })
	if !found {
		return nil
	}
	return &t.Versions[i]
}

// Resolve is the number that a group launches.
func (t *Template) Resolve(l Launch) int64 {
	switch l.Spelling {
	case plan.VersionLatest:
		return t.Latest
	case plan.VersionDefault:
		return t.Default
	}
	return l.Version
}

// MarkOf is the mark of a version. A version that has not been read has none.
func (t *Template) MarkOf(number int64) Mark {
	if v := t.Version(number); v != nil {
		return v.Mark
	}
	return Mark{}
}

// FirstMarked is the oldest version of the release, nil if there is none.
func (t *Template) FirstMarked() *Version {
	for i := range t.Versions {
		if t.Versions[i].Mark.Kind != MarkNone {
			return &t.Versions[i]
		}
	}
	return nil
}
