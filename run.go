package readyami

import (
	"time"

	"github.com/readyami/readyami/plan"
)

// run is one call of Apply.
type run struct {
	*world
	op      string
	began   time.Time
	plan    *plan.Plan
	report  *plan.Report
	events  *events
	steps   map[plan.StepID]plan.Step
	order   []plan.StepID // of the steps in the plan
	results map[plan.StepID]plan.Result
	failed  map[plan.StepID]error // what steps met that another try does not help
	hints   map[plan.StepID]string
}

// list are the results in the order of the steps.
func (r *run) list() []plan.Result {
	out := make([]plan.Result, 0, len(r.results))
	for _, id := range r.order {
		if res, ok := r.results[id]; ok {
			if err := r.failed[id]; err != nil {
				res.Error = dataOf(err)
			}
			out = append(out, res)
		}
	}
	return out
}

// rejected reports whether the release has been rejected, as far as this run knows.
func (r *run) rejected() bool {
	d := r.results[r.plan.RejectID()].Decision
	return d != nil && d.Rejected
}
