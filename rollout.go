package readyami

import (
	"context"
	"errors"
	"slices"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/launchtemplate"
)

// part is what one wave does in one place.
type part struct {
	place  *place
	groups []*group
}

// wave is what is refreshed at once.
type wave []part

// waves is the order of the rollout.
func (r *run) waves() []wave {
	var parts []part
	for _, p := range r.places {
		if len(p.groups) > 0 {
			parts = append(parts, part{p, p.groups})
		}
	}
	if r.Rollout == AllAtOnce && len(parts) > 0 {
		return []wave{parts}
	}
	var out []wave
	for i, p := range parts {
		if r.Rollout == Careful && i == 0 && len(p.groups) > 1 {
			out = append(out, wave{{p.place, p.groups[:1]}})
			p.groups = p.groups[1:]
		}
		out = append(out, wave{p})
	}
	return out
}

// rollOut refreshes the groups, moves the defaults and spells the groups again as
// they were.
func (r *run) rollOut(ctx context.Context) error {
	err := r.refreshAll(ctx)
	return errors.Join(err, r.inPart(), r.each(func(p *place) error { return r.respell(ctx, p) }))
}

// refreshAll refreshes wave after wave and stops after the first that fails.
func (r *run) refreshAll(ctx context.Context) error {
	for _, w := range r.waves() {
		err := errors.Join(fanout.Map(w, r.o.Limit, func(p part) error {
			return r.refresh(ctx, p.place, p.groups)
		})...)
		if err != nil {
			return err
		}
	}
	return r.each(func(p *place) error { return r.moveDefaults(ctx, p) })
}

// versions gives each template of a group a version with the image, and says to
// what the group is to be refreshed.
func (r *run) versions(ctx context.Context, p *place, g *group) (asg.RefreshInput, error) {
	for _, u := range g.uses {
		if err := r.version(ctx, p, u.line); err != nil {
			return asg.RefreshInput{}, err
		}
	}
	in, err := r.refreshInput(g, after, *p.image.ImageId)
	if err == nil {
		err = r.tryLaunch(ctx, p, g, in)
	}
	return in, err
}

// version gives a template a version with the image, once for all groups that
// launch from the same version.
func (r *run) version(ctx context.Context, p *place, l *line) error {
	if l.to != 0 || l.err != nil {
		return l.err
	}
	next, err := launchtemplate.NextVersion(ctx, p.clients.EC2, r.nextVersion(p, l))
	if next != nil {
		l.report.To = next.Version.Number
		l.report.Outcome = Delivered
		if next.Unchanged || next.Adopted {
			l.report.Outcome = Unchanged
		}
	}
	if err != nil {
		l.fail(err)
		return err
	}
	l.to, l.tried = next.Version.Number, l.tried || next.Unchanged
	r.events.send(VersionEvent{
		Target: p.target, TemplateID: l.from.TemplateID, From: l.from.Number, To: l.to, Adopted: next.Adopted,
	})
	return nil
}

// fail settles a line that no group can be refreshed to.
func (l *line) fail(err error) {
	l.err = err
	l.report.Outcome, l.report.Error = Failed, err.Error()
}

// tryLaunch asks AWS whether the new versions could be launched, once for all
// groups of a line: a dry run of RunInstances costs the budget of real ones.
func (r *run) tryLaunch(ctx context.Context, p *place, g *group, in asg.RefreshInput) error {
	if !slices.ContainsFunc(g.uses, func(u use) bool { return !u.line.tried }) {
		return nil
	}
	in.OnConflict = asg.AdoptSame // what runs already is looked at when the refresh is started
	if _, err := asg.Preflight(ctx, p.clients.AutoScaling, p.clients.EC2, in); err != nil {
		if errors.Is(err, asg.ErrLaunchRefused) {
			for _, u := range g.uses {
				u.line.fail(err)
			}
		}
		return err
	}
	for _, u := range g.uses {
		u.line.tried = true
	}
	return nil
}

// moveDefaults makes the proven version the default of each template.
func (r *run) moveDefaults(ctx context.Context, p *place) error {
	if !r.SetDefault {
		return nil
	}
	var errs []error
	for _, l := range p.lines {
		if slices.ContainsFunc(l.groups, func(g *group) bool { return g.partly != nil }) {
			continue // some of its instances have not proven the version
		}
		moved, err := launchtemplate.SetDefault(ctx, p.clients.EC2, launchtemplate.Ref{ID: l.from.TemplateID}, l.to)
		if err != nil {
			l.report.Outcome, l.report.Error = Failed, err.Error()
			errs = append(errs, err)
			continue
		}
		l.report.Default = moved.After
		if moved.Before != moved.After {
			l.report.Outcome = Delivered
		}
	}
	return errors.Join(errs...)
}
