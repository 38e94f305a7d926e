package readyami

import (
	"errors"
	"maps"
	"slices"
	"strings"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// errors are those that a run ends with, by its results: one for each step that did
// not succeed, in the order of the plan, and one for the release.
func (r *run) errors() error {
	var errs []error
	decision := plan.Decision{}
	if res := r.results[r.plan.RejectID()]; res.Decision != nil {
		decision = *res.Decision
	}
	if decision.Rejected {
		errs = append(errs, r.rejection(decision))
	}
	for _, s := range r.plan.Steps() {
		if res, known := r.results[s.ID]; known {
			if err := r.stepError(&s, &res, decision); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.failed)) {
		errs = append(errs, r.failed[id])
	}
	if decision.Held {
		errs = append(errs, &Error{Op: r.op, ID: r.plan.Release, Kind: ErrHeld})
	}
	return errors.Join(errs...)
}

// stepError is the error of a step that did not succeed, nil if there is none.
func (r *run) stepError(s *plan.Step, res *plan.Result, d plan.Decision) error {
	at := &r.plan.Places[s.Place]
	e := &Error{Op: r.op, Account: at.Account, Region: at.Region, ID: string(s.ID), State: string(res.State)}
	switch s.Kind {
	case plan.StepUseImage, plan.StepCreateImage, plan.StepCopyImage:
		if res.State != plan.StateFailed || res.Image == nil {
			return nil
		}
		e.ID, e.State, e.Reason, e.Kind = res.Image.ID, res.Image.State, res.Image.Reason, ami.ErrFailed
		e.Progress, e.Hint = res.Image.Progress, res.Image.Hint
		if e.State == "pending" {
			e.Kind, e.Reason = ErrBudget, "the image is not available in time"
		}
		return e
	case plan.StepRefresh:
		return r.groupError(e, s, res, d)
	case plan.StepTemplateVersion:
		if res.State != plan.StateStale {
			return nil
		}
		e.ID, e.Kind, e.Err = at.Templates[s.Template].ID, ErrStale, asg.ErrOtherVersion
		e.Reason = "its groups launch something that the plan does not know"
		return e
	case plan.StepRestoreGroup:
		if !d.Rejected || res.State != plan.StateFailed && res.State != plan.StateStale {
			return nil
		}
		e.ID, e.Kind = at.Groups[s.Group].Name, asg.ErrRollbackIncomplete
		e.Reason, e.Hint = "the group could not be brought back to what it ran before", "inspect the group"
		return e
	case plan.StepGate:
		if res.State != plan.StateFailed || d.Rejected {
			return nil
		}
		e.Reason = res.Error.Code
		return e
	}
	return nil
}

// rejection is the error of a release that has been undone. It names the groups that
// keep a numbered version.
func (r *run) rejection(d plan.Decision) error {
	e := &Error{
		Op: r.op, ID: r.plan.Delivery.Name, State: "scope " + string(d.Scope), Kind: ErrRejected, Reason: d.Code,
		Hint: "repair the image and deliver it under a new name, or begin a new attempt with Retry",
	}
	if kind := fault.ByCode(d.Code); kind != nil {
		e.Err = kind
	}
	var kept []string
	for _, res := range r.list() {
		if res.Pins != nil {
			kept = append(kept, slices.Sorted(maps.Keys(res.Pins.Kept))...)
		}
	}
	if len(kept) > 0 {
		e.Reason += ": these groups stay on a numbered version: " + strings.Join(kept, ", ")
	}
	return e
}

// groupError is the error of a group whose refresh did not deliver the image, nil if
// there is none.
func (r *run) groupError(e *Error, s *plan.Step, res *plan.Result, d plan.Decision) error {
	e.ID = r.plan.Places[s.Place].Groups[s.Group].Name
	g := res.Group
	if g == nil {
		g = &plan.GroupResult{}
	}
	e.State, e.Reason, e.Hint = g.Status, g.Reason, r.hints[s.ID]
	if g.RefreshID != "" {
		e.IDs = []string{g.RefreshID}
	}
	status := asgtypes.InstanceRefreshStatus(g.Status)
	switch res.State {
	case plan.StateFailed:
		switch {
		case status == asgtypes.InstanceRefreshStatusRollbackSuccessful:
			e.Kind = asg.ErrRolledBack
		case status == asgtypes.InstanceRefreshStatusRollbackFailed:
			e.Kind = asg.ErrRollbackFailed
		case !asg.Terminal(status):
			e.Kind = asg.ErrRefreshStalled
		default:
			e.Kind = asg.ErrRefreshFailed
		}
		if d.Rejected && d.Step == s.ID && d.Code == release.CodeRefreshStalled {
			e.Err = asg.ErrRefreshStalled
		}
	case plan.StateCancelled:
		e.Kind = asg.ErrRefreshCancelled
	case plan.StateStale:
		e.Kind, e.Err, e.Reason = ErrStale, asg.ErrOtherVersion, "the group launches something that the plan does not know"
		switch {
		case status == "":
		case asg.Terminal(status):
			e.Err, e.Reason = asg.ErrOtherRefresh, "another instance refresh has run"
		default:
			e.Err, e.Reason = asg.ErrRefreshInProgress, "another instance refresh is in progress"
		}
	case plan.StatePartial:
		e.Kind, e.IDs = asg.ErrNotReplaced, g.NotReplaced
	default:
		return nil
	}
	return e
}
