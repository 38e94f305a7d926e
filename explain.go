package readyami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/poll"
	"github.com/readyami/readyami/plan"
)

// explain reads why the refreshes of groups failed, once, at the end of a run: AWS
// tells in the scaling activities alone why an instance could not be launched. It
// decides nothing, so that it is no part of a look.
func (r *run) explain(ctx context.Context) {
	r.hints = map[plan.StepID]string{}
	for _, s := range r.plan.Steps() {
		res, known := r.results[s.ID]
		if !known || s.Kind != plan.StepRefresh || res.State != plan.StateFailed || res.Group == nil || poll.Ended(ctx) != nil {
			continue
		}
		name := r.plan.Places[s.Place].Groups[s.Group].Name
		found, err := asg.FailedActivities(ctx, r.clients[s.Place].AutoScaling, name, res.Began)
		if err != nil {
			r.hints[s.ID] = "the scaling activities, which tell why, could not be read: " + err.Error()
			continue
		}
		group := *res.Group
		group.Activities = nil
		for _, a := range found {
			group.Activities = append(group.Activities, aws.ToString(a.StatusMessage))
			if hint := asg.DiagnoseActivity(aws.ToString(a.StatusMessage)).Hint; hint != "" && r.hints[s.ID] == "" {
				r.hints[s.ID] = hint
			}
		}
		group.Hint = r.hints[s.ID]
		res.Group = &group
		r.results[s.ID] = res
	}
}
