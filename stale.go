package readyami

import (
	"errors"
	"fmt"
	"slices"

	"github.com/readyami/readyami/plan"
)

// stale names what differs between a plan and one that was made anew.
func (r *run) stale(anew *plan.Plan) error {
	var errs []error
	add := func(at *plan.Place, id, reason string) {
		errs = append(errs, &Error{Op: r.op, Account: at.Account, Region: at.Region, ID: id, Kind: ErrStale, Reason: reason, Hint: "plan again"})
	}
	if anew.Attempt != r.plan.Attempt {
		errs = append(errs, &Error{Op: r.op, ID: r.plan.Release, Kind: ErrStale, Reason: "another attempt has begun", Hint: "plan again"})
	}
	for i := range r.plan.Places {
		was, is := &r.plan.Places[i], &anew.Places[i]
		if was.Image.Action != is.Image.Action || was.Image.Action == plan.ImageActionUse && was.Image.ID != is.Image.ID {
			add(was, is.Image.ID, "the image is another one")
		}
		for j := range was.Groups {
			if !slices.Equal(launched(was, j), launched(is, j)) || !slices.Equal(was.Groups[j].Images, is.Groups[j].Images) {
				add(was, was.Groups[j].Name, "the group launches something else")
			}
		}
		for j := range was.Templates {
			t := &was.Templates[j]
			k := slices.IndexFunc(is.Templates, func(other plan.Template) bool { return other.ID == t.ID })
			if k >= 0 && (t.Default != is.Templates[k].Default || t.Latest != is.Templates[k].Latest) {
				add(was, t.ID, "the launch template has another default or latest version")
			}
		}
	}
	if len(errs) == 0 {
		errs = append(errs, &Error{Op: r.op, ID: r.plan.Release, Kind: ErrStale, Hint: "plan again"})
	}
	return errors.Join(errs...)
}

// launched are the launch template versions of a group, with the ids of the templates.
func launched(at *plan.Place, group int) []string {
	var out []string
	for _, l := range at.Groups[group].Launch {
		id := ""
		if l.Template >= 0 {
			id = at.Templates[l.Template].ID
		}
		out = append(out, fmt.Sprintf("%s %d %s", id, l.Version, l.Floating))
	}
	return out
}
