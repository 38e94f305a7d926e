package readyami

import (
	"context"
	"errors"
	"slices"
	"strconv"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/asg"
)

// refresh brings groups of one place to the image and watches them together:
// one loop, however many they are.
func (r *run) refresh(ctx context.Context, p *place, groups []*group) error {
	if err := r.pin(ctx, p); err != nil {
		return err
	}
	errs := make([]error, len(groups))
	var subjects []asg.Subject
	watched := map[asg.Subject]int{} // index in groups
	var failed []int
	for i := 0; i < len(groups); i++ {
		g := groups[i]
		id, err := r.start(ctx, p, g)
		switch {
		case err != nil:
			errs[i] = r.end(p, g, Failed, err)
			groups = groups[:i+1] // what has not been started stays so
		case id == "" && len(g.left()) > 0:
			r.endInPart(p, g, g.left())
		case id == "":
			_ = r.end(p, g, Unchanged, nil)
		default:
			s := asg.Subject{Group: g.name, RefreshID: id}
			watched[s] = i
			subjects = append(subjects, s)
		}
	}
	watch := asg.Watch(ctx, p.clients.AutoScaling, subjects, func(o *asg.Options) {
		o.Poll, o.Stall = r.o.Refreshes, r.Stall
	})
	for s, err := range watch {
		if err != nil {
			for _, i := range watched {
				errs[i] = r.end(p, groups[i], Interrupted, nil)
			}
			return errors.Join(append(errs, err)...)
		}
		i := watched[s.Subject]
		g := groups[i]
		g.progress(s)
		r.events.send(RefreshEvent{
			Target: p.target, Group: g.name, RefreshID: s.RefreshID, Status: s.Status,
			Percentage: int(s.Percentage), Reason: s.Reason, Elapsed: s.Elapsed, Err: errors.Join(s.Err, s.LastErr),
		})
		if !s.Done {
			continue
		}
		delete(watched, s.Subject)
		switch {
		case s.Err != nil:
			errs[i] = s.Err
			failed = append(failed, i)
			for _, a := range s.Activities {
				g.report.Activities = append(g.report.Activities, value(a.StatusMessage))
			}
		case len(s.NotReplaced) > 0:
			r.endInPart(p, g, s.NotReplaced)
		default:
			_ = r.end(p, g, Delivered, nil)
		}
	}
	for _, i := range failed { // now that no other group has to be watched
		outcome, err := r.restore(ctx, p, groups[i], errs[i])
		errs[i] = r.end(p, groups[i], outcome, err)
	}
	return errors.Join(errs...)
}

// start decides what a group needs: nothing (no id), a refresh that runs
// already, or a new one.
func (r *run) start(ctx context.Context, p *place, g *group) (refreshID string, err error) {
	in, err := r.versions(ctx, p, g)
	if err != nil {
		return "", err
	}
	g.report.To = g.base().to
	if g.runs(after, *p.image.ImageId) {
		return "", nil
	}
	last, err := r.lastRefresh(ctx, p, in)
	if err != nil {
		return "", err
	}
	if last != nil {
		g.report.RefreshID, g.report.Status = value(last.InstanceRefreshId), string(last.Status)
		switch last.Status {
		case asgtypes.InstanceRefreshStatusFailed, asgtypes.InstanceRefreshStatusCancelled,
			asgtypes.InstanceRefreshStatusRollbackFailed, asgtypes.InstanceRefreshStatusRollbackSuccessful:
			g.report.Reason = value(last.StatusReason)
			if !r.Retry {
				return "", r.failedBefore(ctx, p, g, last)
			}
		case asgtypes.InstanceRefreshStatusSuccessful:
			if left := g.left(); len(left) > 0 && g.launches(after) && containsAll(g.report.NotReplaced, left) {
				return "", nil // it has done what the preferences let it
			}
		default:
			return value(last.InstanceRefreshId), nil // it runs: an earlier run started it
		}
	}
	if r.rejected(p) && !r.Retry {
		return "", p.refuse(*p.image.ImageId, ErrRejected, "group "+g.name+" is not refreshed to it")
	}
	started, err := asg.StartRefresh(ctx, p.clients.AutoScaling, in)
	if err != nil {
		return "", err
	}
	g.report.RefreshID = started.RefreshID
	return started.RefreshID, nil
}

// failedBefore is the error about a group that an earlier run failed to refresh.
// A run that ended between a rollback and the tag that tells of it left the
// image without: that is made up for.
func (r *run) failedBefore(ctx context.Context, p *place, g *group, last *asgtypes.InstanceRefresh) error {
	e := &Error{
		Op: opDeliver, Account: p.target.Account, Region: p.target.Region, ID: g.name,
		IDs: []string{value(last.InstanceRefreshId)}, State: string(last.Status), Reason: g.report.Reason,
		Kind: ErrFailedBefore, Hint: "deliver with Retry to refresh it again",
	}
	if r.OnFailure == RollBack && last.Status == asgtypes.InstanceRefreshStatusRollbackSuccessful {
		e.Err = r.reject(ctx)
	}
	if e.Err == nil && r.rejected(p) {
		e.Err = ErrRejected
	}
	return e
}

// lastRefresh is the newest refresh of the group to the same templates and
// images, nil for none.
func (r *run) lastRefresh(ctx context.Context, p *place, in asg.RefreshInput) (*asgtypes.InstanceRefresh, error) {
	want := asgtypes.DesiredConfiguration{MixedInstancesPolicy: in.Policy}
	if in.Policy == nil {
		want.LaunchTemplate = &asgtypes.LaunchTemplateSpecification{
			LaunchTemplateId: &in.TemplateID, Version: new(strconv.FormatInt(in.Version, 10)),
		}
	}
	for refresh, err := range asg.Refreshes(ctx, p.clients.AutoScaling, in.Group) {
		if err != nil {
			return nil, err
		}
		if have := refresh.DesiredConfiguration; have != nil && slices.Equal(launched(want), launched(*have)) {
			return &refresh, nil
		}
	}
	return nil, nil
}

// launched lists the versions and images that a desired configuration names.
func launched(c asgtypes.DesiredConfiguration) []string {
	var out []string
	for _, spec := range templatesOf(c.LaunchTemplate, c.MixedInstancesPolicy) {
		out = append(out, spec.ID+" "+spec.Version)
	}
	for _, o := range overridesOf(c.MixedInstancesPolicy) {
		if o.ImageId != nil {
			out = append(out, *o.ImageId)
		}
	}
	return out
}

func (g *group) progress(s *asg.Status) {
	g.report.Status, g.report.Reason, g.report.Percentage = string(s.Status), s.Reason, int(s.Percentage)
	if s.Refresh != nil && s.Refresh.RollbackDetails != nil && g.report.Reason == "" {
		g.report.Reason = value(s.Refresh.RollbackDetails.RollbackReason)
	}
}

// end settles a group and passes its error through.
func (r *run) end(p *place, g *group, outcome Outcome, err error) error {
	g.report.Outcome, g.report.Error = outcome, text(err)
	r.events.send(GroupEvent{Target: p.target, Group: g.name, Outcome: outcome, Err: err})
	return err
}
