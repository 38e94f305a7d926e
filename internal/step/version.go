package step

import (
	"context"
	"strconv"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/launchtemplate"
)

// version creates a version of a launch template: with the image of the place, with
// the data of a group that is to launch $Latest again, or with the data from before.
func (e *Env) version(ctx context.Context, w release.Write) error {
	at := e.facts(w)
	t := &at.Templates[w.Template]
	mark := facts.Mark{Kind: facts.MarkRelease, Attempt: e.Plan.Attempt, Source: w.Source, Default: w.Number}
	in := launchtemplate.NextVersionInput{
		Template: launchtemplate.Ref{ID: t.ID}, Source: w.Source,
		Revision: e.Plan.Release + " attempt " + strconv.Itoa(e.Plan.Attempt),
	}
	switch w.Kind {
	case release.WriteVersion:
		if _, err := CheckLaunch(ctx, e.clients(w), e.place(w), at, w.Template, w.Source, true); err != nil {
			return err
		}
		revision := in.Revision
		in = NextVersion(at, t, w.Source)
		in.Revision = revision
	case release.WriteRestate:
		in.Revision += " again after " + strconv.FormatInt(t.Latest, 10)
		if m := t.MarkOf(w.Source); m.Kind != facts.MarkNone {
			mark.Source, mark.Attempt = m.Source, m.Attempt
		}
	case release.WriteRestoreTemplate:
		mark.Kind = facts.MarkRestores
		in.Revision += " restores after " + strconv.FormatInt(t.Latest, 10)
	}
	in.Description = facts.Description(e.Plan.Release, e.Plan.Delivery.Name, mark)
	_, err := launchtemplate.NextVersion(ctx, e.clients(w).EC2, in)
	return err
}

// setDefault moves the default version of a launch template.
func (e *Env) setDefault(ctx context.Context, w release.Write) error {
	t := &e.facts(w).Templates[w.Template]
	_, err := launchtemplate.SetDefault(ctx, e.clients(w).EC2, launchtemplate.Ref{ID: t.ID}, w.Number)
	return err
}
