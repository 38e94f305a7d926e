package readyami

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/asg"
)

// refresh brings groups of one place to the image and watches them together:
// one loop, however many they are.
func (r *run) refresh(ctx context.Context, p *place, groups []*group) error {
	if err := r.reread(ctx, p, groups); err != nil {
		return err
	}
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
			errs[i] = r.end(p, g, cmp.Or(g.was, Failed), err)
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
			for _, i := range failed {
				errs[i] = r.end(p, groups[i], Failed, errs[i])
			}
			for _, i := range slices.Sorted(maps.Values(watched)) {
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
	if g.runs(after, *p.image.ImageId) || g.refreshedTo(in) {
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
			if left := g.left(); len(left) > 0 && g.launches(after) && (r.leavesRest() || containsAll(g.report.NotReplaced, left)) {
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
// What that run did not come to any more is made up for: the way back, the proof
// of it, and the tag that tells of it.
func (r *run) failedBefore(ctx context.Context, p *place, g *group, last *asgtypes.InstanceRefresh) error {
	e := &Error{
		Op: opDeliver, Account: p.target.Account, Region: p.target.Region, ID: g.name,
		IDs: []string{value(last.InstanceRefreshId)}, State: string(last.Status), Reason: g.report.Reason,
		Kind: ErrFailedBefore, Hint: "deliver with Retry to refresh it again",
	}
	var cause error
	switch last.Status {
	case asgtypes.InstanceRefreshStatusRollbackSuccessful:
		cause = asg.ErrRolledBack
	case asgtypes.InstanceRefreshStatusRollbackFailed:
		cause = asg.ErrRollbackFailed
	case asgtypes.InstanceRefreshStatusFailed:
		cause = asg.ErrRefreshFailed
		if len(g.others(before)) == 0 {
			cause = asg.ErrRolledBack // as good as: the group itself has replaced what was launched
		}
	}
	if cause != nil && r.OnFailure == RollBack {
		g.was, e.Err = r.restore(ctx, p, g, cause)
	}
	if r.rejected(p) {
		e.Err = errors.Join(e.Err, ErrRejected)
	}
	return e
}

// lastRefresh is the newest refresh of the group to the same templates and
// images, nil for none.
func (r *run) lastRefresh(ctx context.Context, p *place, in asg.RefreshInput) (*asgtypes.InstanceRefresh, error) {
	want := desired(in)
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

// desired is what a refresh is to.
func desired(in asg.RefreshInput) asgtypes.DesiredConfiguration {
	if in.Policy != nil {
		return asgtypes.DesiredConfiguration{MixedInstancesPolicy: in.Policy}
	}
	return asgtypes.DesiredConfiguration{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{
		LaunchTemplateId: &in.TemplateID, Version: new(strconv.FormatInt(in.Version, 10)),
	}}
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

// refreshedTo tells whether an earlier run's refresh has come to its end since the
// group was inspected.
func (g *group) refreshedTo(in asg.RefreshInput) bool {
	now := asgtypes.DesiredConfiguration{LaunchTemplate: g.spec.LaunchTemplate, MixedInstancesPolicy: g.spec.MixedInstancesPolicy}
	return slices.Equal(launched(desired(in)), launched(now)) && len(g.others(after)) == 0
}

// reread sees to it that the groups are what was inspected: making images can
// have taken hours, and a refresh would undo what somebody has changed meanwhile.
func (r *run) reread(ctx context.Context, p *place, groups []*group) error {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.name
	}
	found, err := asg.Describe(ctx, p.clients.AutoScaling, names)
	if err != nil {
		return err
	}
	var errs []error
	for i, g := range groups {
		was, now := asg.SourceOf(g.spec), asg.SourceOf(found[i])
		if !reflect.DeepEqual(was, now) && !r.refreshed(ctx, p, found[i]) {
			errs = append(errs, r.end(p, g, Failed, p.refuse(g.name, asg.ErrOtherVersion,
				"it launches from "+now.String()+", and did from "+was.String()+" when the delivery began: deliver again")))
			continue
		}
		g.spec = found[i]
	}
	return errors.Join(errs...)
}

// refreshed tells whether a group is what it is by a refresh, of an earlier run
// perhaps, that has ended since.
func (r *run) refreshed(ctx context.Context, p *place, now asgtypes.AutoScalingGroup) bool {
	for last, err := range asg.Refreshes(ctx, p.clients.AutoScaling, value(now.AutoScalingGroupName)) {
		return err == nil && last.Status == asgtypes.InstanceRefreshStatusSuccessful && last.DesiredConfiguration != nil &&
			slices.Equal(launched(*last.DesiredConfiguration), launched(asgtypes.DesiredConfiguration{
				LaunchTemplate: now.LaunchTemplate, MixedInstancesPolicy: now.MixedInstancesPolicy,
			}))
	}
	return false
}

// end settles a group and passes its error through.
func (r *run) end(p *place, g *group, outcome Outcome, err error) error {
	if outcome == Failed && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		outcome = Interrupted
	}
	g.report.Outcome, g.report.Error = outcome, text(err)
	r.events.send(GroupEvent{Target: p.target, Group: g.name, Outcome: outcome, Err: err})
	return err
}
