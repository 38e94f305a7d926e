package ami

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Lifecycle says how images of one account and Region grow old: an image that
// is not kept is deprecated, later disabled, and later deregistered together
// with its snapshots.
type Lifecycle struct {
	// Query chooses the images, those that other tools made too. Its Owners must
	// be [Self] alone. Deprecated, disabled and failed ones are found as well,
	// unless it has a filter for the state.
	Query Query
	// Family names what an image is a version of. Keep counts within a family. An
	// image with an empty name is left alone. The default is the value of the tag
	// [TagFamily].
	Family func(types.Image) string
	// Keep is how many of the newest images of a family stay as they are, those
	// that were rejected not counted. Zero: 1.
	Keep int
	// Kept are ids of images that stay, whatever their age: those that fleets
	// run. What the tag [TagPredecessor] of such an image, or of the newest of a
	// family, names as the last good one stays too. Nil: none.
	Kept []string
	// Until is the last thing that is done to an image: [ActionDeprecate],
	// [ActionDisable] or [ActionDeregister]. Required.
	Until Action
	// DeprecateAfter is how old an image must be to be deprecated; DisableAfter
	// how long it must have been deprecated to be disabled; DeregisterAfter how
	// long disabled, or failed, to be deregistered. Zero: no time at all.
	DeprecateAfter, DisableAfter, DeregisterAfter time.Duration
	// Usage says what counts as use. An image in use is deprecated and nothing
	// more.
	Usage UsageRules
	// Snapshots names further snapshots that go with their image: without it only
	// those go that this module made, which have the tag [TagIntent]. One that
	// another image uses stays always. Nil: no more.
	Snapshots func(types.Snapshot) bool
}

// Action is what a plan does to an image.
type Action string

const (
	// ActionKeep does nothing, now.
	ActionKeep Action = "keep"
	// ActionDeprecate hides it from the lists of other accounts.
	ActionDeprecate Action = "deprecate"
	// ActionDisable ends new launches of it, and its sharing.
	ActionDisable Action = "disable"
	// ActionStamp notes when an image was first seen disabled; AWS does not say.
	ActionStamp Action = "stamp"
	// ActionDeregister removes it and its snapshots.
	ActionDeregister Action = "deregister"
	// ActionCollect removes snapshots that are left of an image which is gone.
	ActionCollect Action = "collect"
)

// depth is how far an action goes.
var depth = map[Action]int{ActionDeprecate: 1, ActionDisable: 2, ActionDeregister: 3}

// removes reports whether an action takes something away from somebody.
func (a Action) removes() bool { return depth[a] >= depth[ActionDisable] || a == ActionCollect }

func (l *Lifecycle) check(op string, at fault.Place) error {
	if err := l.Query.check(op, at); err != nil {
		return err
	}
	switch {
	case !slices.Equal(l.Query.Owners, []string{Self}):
		return &Error{Op: op, Account: at.Account, Region: at.Region, Kind: ErrNotOwner, Err: ErrInvalidInput, Reason: "Query: Owners must be \"self\" alone"}
	case depth[l.Until] == 0:
		return fault.Invalid(op, at, "Until: %q, want %q, %q or %q", l.Until, ActionDeprecate, ActionDisable, ActionDeregister)
	case l.Keep < 0:
		return fault.Invalid(op, at, "Keep: %d is negative", l.Keep)
	case min(l.DeprecateAfter, l.DisableAfter, l.DeregisterAfter) < 0:
		return fault.Invalid(op, at, "an age is negative")
	}
	for _, id := range l.Kept {
		if err := checkImageID(op, at, "Kept", id); err != nil {
			return err
		}
	}
	return l.Usage.check(op, at)
}

// query is the Query with all states in it that a lifecycle knows.
func (l *Lifecycle) query() Query {
	q := l.Query
	q.IncludeDeprecated, q.IncludeDisabled = true, true
	if !slices.ContainsFunc(q.Filters, func(f types.Filter) bool { return aws.ToString(f.Name) == "state" }) {
		q.Filters = append(slices.Clone(q.Filters), types.Filter{Name: new("state"), Values: []string{
			string(types.ImageStateAvailable), string(types.ImageStateDisabled), string(types.ImageStateFailed),
		}})
	}
	return q
}

func (l *Lifecycle) family(img types.Image) string {
	if l.Family != nil {
		return l.Family(img)
	}
	return Tag(img.Tags, TagFamily)
}

// LifecyclePlan is what [PlanLifecycle] found. It is plain data.
type LifecyclePlan struct {
	Account string    `json:"account,omitempty"` // empty: it was not known
	Region  string    `json:"region"`
	At      time.Time `json:"at"`
	// Decisions are one for each image that the query finds, the oldest first,
	// and then one for each image that is gone and has left snapshots.
	Decisions []Decision `json:"decisions"`
	// Frees is how many bytes the removals free at most.
	Frees int64 `json:"frees"`
	// Unchecked are what the reference checks did not look at, each once. Those
	// of a single image are in its Usage field.
	Unchecked []Unchecked `json:"unchecked,omitempty"`
}

// Decision is what a plan does to one image, and why.
type Decision struct {
	ImageID string    `json:"imageId"`
	Name    string    `json:"name,omitempty"`
	Family  string    `json:"family,omitempty"`
	Created time.Time `json:"created,omitzero"`
	// Stage the image is in, and since when; zero: nobody knows.
	Stage  Stage     `json:"stage"`
	Since  time.Time `json:"since,omitzero"`
	Action Action    `json:"action"`
	// Reason is for people.
	Reason string `json:"reason"`
	// Due is when an image will be old enough that is only kept for its age.
	Due time.Time `json:"due,omitzero"`
	// Upcoming are all actions that the rules still have for the image, with the
	// earliest time of each: the first is Action itself, or comes at Due. They
	// hold as long as the rules stay, the plan of each time is applied at that
	// time, and the image is not used. Empty: the image stays.
	Upcoming []Upcoming `json:"upcoming,omitempty"`
	// Snapshots go, and Spared stay, when the image is deregistered.
	Snapshots []string `json:"snapshots,omitempty"`
	Spared    []string `json:"spared,omitempty"`
	// Frees is the size of Snapshots in bytes: AWS says what is in a snapshot in
	// full, so that it is less where later snapshots build on it.
	Frees int64 `json:"frees,omitempty"`
	// Usage of an image that would be disabled or deregistered; nil: it was not
	// looked at.
	Usage *ReferencesResult `json:"usage,omitempty"`
}

// Upcoming is an action that a plan foresees.
type Upcoming struct {
	Action Action    `json:"action"`
	At     time.Time `json:"at"`
}

// GoneAt is the earliest time at which the image is deregistered. It is zero if
// the rules keep the image.
func (d Decision) GoneAt() time.Time {
	for _, u := range d.Upcoming {
		if u.Action == ActionDeregister {
			return u.At
		}
	}
	return time.Time{}
}

// String is one line for people: the image, what happens to it and why, and what
// happens next and when.
func (d Decision) String() string {
	text := strings.TrimSpace(d.Name+" "+d.ImageID) + ": " + string(d.Action) + ": " + d.Reason
	for _, u := range d.Upcoming {
		if u.Action != d.Action {
			text += "; " + string(u.Action) + " on " + u.At.Format(time.DateOnly)
		}
	}
	return text
}
