package asg

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// RevertToInput says what a group is reverted to.
type RevertToInput struct {
	// Group is its name; required.
	Group string
	// To is what the group launched before, with numbered versions: what
	// [SourceOf] said of it, or an older version of its template. Required.
	To LaunchSource
	// Preferences of the refresh. Nil: those of [RevertPreferences].
	Preferences *types.RefreshPreferences
	// OnConflict: see [RefreshInput].
	OnConflict Conflict
}

// RevertTo brings a group back to an older version when the refresh away from it
// has ended, well, badly or cancelled, and so cannot be rolled back any more. It
// refreshes the group to that version, waits, and proves the result on the group
// and its instances as [Rollback] does. Instances that have the version already
// stay. For a refresh that is still active, use Rollback.
//
// The image of the older version has to be there still: [Preflight] tells.
// Errors: [ErrInvalidInput]; [ErrRollbackUnavailable], where To is not numbered
// or is a launch configuration, which no desired configuration can name;
// [ErrAttributeBased]; those of [StartRefresh] and [Wait];
// [ErrRollbackIncomplete]. Once the refresh has been started, its id comes back
// also with an error.
//
// AWS calls and IAM: those of [StartRefresh], [Wait] and [VerifyRollback].
func RevertTo(ctx context.Context, api StartRefreshAPI, in RevertToInput, optFns ...func(*Options)) (*StartRefreshResult, error) {
	const op = "asg.RevertTo"
	o := newOptions(api, optFns)
	refresh, err := in.refresh(op, o)
	if err != nil {
		return nil, err
	}
	started, err := startRefresh(ctx, api, op, refresh, o)
	if err != nil {
		return nil, err
	}
	f := follower{api: api, op: op, o: o}
	s, err := f.follow(ctx, in.Group, started.RefreshID)
	if err == nil {
		err = s.Err
	}
	if err != nil {
		return started, err
	}
	return started, checkRestored(ctx, api, op, VerifyRollbackInput{Group: in.Group, Source: in.To}, o)
}

// refresh is the refresh that returns.
func (in *RevertToInput) refresh(op string, o Options) (RefreshInput, error) {
	out := RefreshInput{Group: in.Group, Preferences: in.Preferences, OnConflict: in.OnConflict}
	if out.Preferences == nil {
		out.Preferences = RevertPreferences()
	}
	hint := numbered(in.To)
	switch {
	case in.Group == "":
		return out, fault.Invalid(op, o.place(), "Group is missing")
	case in.To.LaunchConfiguration != "":
		hint = "launch configuration cannot be a desired configuration"
	case in.To.MixedInstancesPolicy != nil:
		if attributeBased(in.To.MixedInstancesPolicy) {
			return out, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrAttributeBased}
		}
	case in.To.Template == nil:
		return out, fault.Invalid(op, o.place(), "To is empty")
	case in.To.Template.ID == "":
		return out, fault.Invalid(op, o.place(), "To.Template has no ID")
	}
	if hint != "" {
		return out, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Group, Kind: ErrRollbackUnavailable, Hint: "its " + hint}
	}
	if in.To.Template != nil {
		out.TemplateID = in.To.Template.ID
		out.Version, _ = in.To.Template.Number()
		return out, nil
	}
	var err error
	out.Policy, err = WithVersions(in.To.MixedInstancesPolicy, func(t TemplateSpec) (int64, error) {
		n, _ := t.Number()
		return n, nil
	})
	return out, err
}
