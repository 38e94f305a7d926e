package ami

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Reference is something that uses an image, or may.
type Reference struct {
	// Type of the resource, such as "ec2:LaunchTemplate", or what a hook names.
	Type string `json:"type"`
	// ID is an ARN where AWS says one, or what a hook gives.
	ID string `json:"id,omitempty"`
	// Account that the resources are in, where it is another one than the
	// owner's: AWS gives a number of resources then, and no ids.
	Account string `json:"account,omitempty"`
	// Count is that number, and 1 for what has an ID.
	Count int64 `json:"count"`
}

// String is one line for people.
func (r Reference) String() string {
	if r.Account != "" {
		return fmt.Sprintf("%d × %s in account %s", r.Count, r.Type, r.Account)
	}
	return r.Type + " " + r.ID
}

// Unchecked is a kind of use that [References] does not see.
type Unchecked string

// What no call of EC2 sees. A hook takes off those that it covers.
const (
	UncheckedGroups               Unchecked = "Auto Scaling groups, also those in the middle of an instance refresh"
	UncheckedLaunchConfigurations Unchecked = "launch configurations"
	UncheckedFleets               Unchecked = "EC2 Fleet and Spot Fleet requests"
	UncheckedNodeGroups           Unchecked = "EKS managed node groups and Karpenter node classes"
	UncheckedBatch                Unchecked = "AWS Batch compute environments"
	UncheckedTools                Unchecked = "code and state of other tools, such as CloudFormation and Terraform"
	UncheckedOtherAccounts        Unchecked = "groups, templates and tools of other accounts that the image is shared with"
	// UncheckedUsageReport is of a shared image for which AWS has no usage report, or
	// none that is recent enough: see [UsageRules] and [ReportUsage].
	UncheckedUsageReport Unchecked = "instances and launch templates of other accounts: there is no recent usage report"
)

// ReferenceHook adds what EC2 does not see. Its function speaks plain types, so
// that packages which do not know this one can offer it.
type ReferenceHook struct {
	// Type of what it finds, for Reference.Type. Required.
	Type string
	// Covers are the blind spots that it takes away. Nil: none.
	Covers []Unchecked
	// Find returns the ids of those that use each image. An error means that all
	// of the images count as in use; a resource that vanished meanwhile is none.
	// Required.
	Find func(ctx context.Context, imageIDs []string) (map[string][]string, error)
}

// UsageRules say what counts as use.
type UsageRules struct {
	// StaleAfter is how long ago an image that is shared with anyone must have
	// been launched last to count as unused; AWS says so a day late. One that
	// was never launched must be as old. At least 24 hours; zero: one that is
	// shared always counts as in use.
	StaleAfter time.Duration
	// ReportMaxAge is how old the newest usage report of a shared image may be to
	// count. An older one still shows what is in use and shows no longer what is
	// not: [UncheckedUsageReport] then says so. The default is 24 hours.
	ReportMaxAge time.Duration
	// Hooks add what EC2 does not see. Nil: none.
	Hooks []ReferenceHook
	// Without are types that EC2 is not asked for, for lack of permission, say;
	// each is a blind spot then. Nil: all are asked for.
	Without []types.ImageReferenceResourceType
}

func (r *UsageRules) check(op string, at fault.Place) error {
	if r.StaleAfter != 0 && r.StaleAfter < 24*time.Hour {
		return fault.Invalid(op, at, "StaleAfter: %s is less than the day by which AWS is late", r.StaleAfter)
	}
	if r.ReportMaxAge < 0 {
		return fault.Invalid(op, at, "ReportMaxAge must not be negative: %s", r.ReportMaxAge)
	}
	for i, h := range r.Hooks {
		if h.Type == "" || h.Find == nil {
			return fault.Invalid(op, at, "Hooks[%d]: Type or Find is missing", i)
		}
	}
	for _, t := range r.Without {
		if !known(t) {
			return fault.Invalid(op, at, "Without: %q is no type that EC2 knows", t)
		}
	}
	if len(r.Without) == len(t0.Values()) {
		return fault.Invalid(op, at, "Without: nothing is left to ask for")
	}
	return nil
}

// ReferencesResult is what is known of the use of one image.
type ReferencesResult struct {
	ImageID string
	// InUse says that the image must stay. It is true also where Err is set: a
	// check that cannot finish clears nothing.
	InUse bool
	// References that were found.
	References []Reference
	// Shared is who else may launch the image.
	Shared Permissions
	// LastLaunched as AWS says, a day late; zero: never, as far as it knows.
	LastLaunched time.Time
	// Stale says that the sharing does not count, by UsageRules.StaleAfter.
	Stale bool
	// ReportedAt is when AWS created the newest usage report, which counts what
	// other accounts have of the image. Zero: there is none, or the image is not
	// shared.
	ReportedAt time.Time
	// Unchecked are what was not looked at.
	Unchecked []Unchecked
	// Err is why the check could not finish; nil: it did.
	Err error `json:"-"`
}

// why says in words why an image counts as in use; empty: it does not.
func (u *ReferencesResult) why() string {
	if u.Err != nil {
		return "its use cannot be checked: " + u.Err.Error()
	}
	if n := len(u.References); n > 0 {
		text := "in use by " + u.References[0].String()
		if n > 1 {
			text += fmt.Sprintf(" and %d more", n-1)
		}
		return text
	}
	if !u.InUse {
		return ""
	}
	text := "shared with " + strings.Join(u.Shared.names(), ", ")
	if !u.LastLaunched.IsZero() {
		return text + ", last launched " + u.LastLaunched.Format(time.DateOnly)
	}
	return text
}

// fail marks an image whose use is not known.
func (u *ReferencesResult) fail(err error) { u.Err, u.InUse = errors.Join(u.Err, err), true }

// judge says whether the image is in use, after all is read.
func (u *ReferencesResult) judge(img *types.Image, r *UsageRules, now time.Time) {
	u.LastLaunched = parsed(img.LastLaunchedTime)
	used := u.LastLaunched
	if used.IsZero() {
		used = created(*img)
	}
	u.Stale = r.StaleAfter > 0 && now.Sub(used) > r.StaleAfter
	u.InUse = u.Err != nil || len(u.References) > 0 || !u.Shared.none() && !u.Stale
}

// blind are the blind spots of a check by these rules.
func (r *UsageRules) blind() []Unchecked {
	var out []Unchecked
	for _, b := range []Unchecked{UncheckedGroups, UncheckedLaunchConfigurations, UncheckedFleets, UncheckedNodeGroups, UncheckedBatch, UncheckedTools} {
		covered := false
		for _, h := range r.Hooks {
			for _, c := range h.Covers {
				covered = covered || c == b
			}
		}
		if !covered {
			out = append(out, b)
		}
	}
	for _, t := range r.Without {
		out = append(out, Unchecked(t))
	}
	return out
}

var t0 types.ImageReferenceResourceType

func known(t types.ImageReferenceResourceType) bool {
	for _, v := range t0.Values() {
		if v == t {
			return true
		}
	}
	return false
}
