package readyami

import (
	"context"
	"errors"

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

// rollOut refreshes wave after wave and stops after the first that fails.
func (r *run) rollOut(ctx context.Context) error {
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

// version gives the group's template a version with the image, once for all
// groups that launch from the same version.
func (r *run) version(ctx context.Context, p *place, l *line) (int64, error) {
	if l.to != 0 || l.err != nil {
		return l.to, l.err
	}
	next, err := launchtemplate.NextVersion(ctx, p.clients.EC2, launchtemplate.NextVersionInput{
		Template:      launchtemplate.Ref{ID: l.from.TemplateID},
		Source:        l.from.Number,
		SourceVersion: &l.from,
		ImageID:       *p.image.ImageId,
		Image:         p.image,
		Description:   r.Name,
	})
	if next != nil {
		l.report.To = next.Version.Number
		l.report.Outcome = Delivered
		if next.Unchanged || next.Adopted {
			l.report.Outcome = Unchanged
		}
	}
	if err == nil {
		err = r.tryLaunch(ctx, p, l, next)
	}
	if err != nil {
		l.err = err
		l.report.Outcome, l.report.Error = Failed, err.Error()
		return 0, err
	}
	l.to = next.Version.Number
	r.events.send(VersionEvent{
		Target: p.target, TemplateID: l.from.TemplateID, From: l.from.Number, To: l.to, Adopted: next.Adopted,
	})
	return l.to, nil
}

// tryLaunch asks AWS whether the new version could be launched, once for all
// groups of the line: a dry run of RunInstances costs the budget of real ones.
func (r *run) tryLaunch(ctx context.Context, p *place, l *line, next *launchtemplate.Next) error {
	if next.Unchanged {
		return nil
	}
	_, err := asg.Preflight(ctx, p.clients.AutoScaling, p.clients.EC2, asg.RefreshInput{
		Group:       l.groups[0].name,
		TemplateID:  l.from.TemplateID,
		Version:     next.Version.Number,
		Preferences: r.preferences(),
	})
	return err
}

// moveDefaults makes the proven version the default of each template.
func (r *run) moveDefaults(ctx context.Context, p *place) error {
	if !r.SetDefault {
		return nil
	}
	var errs []error
	for _, l := range p.lines {
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
