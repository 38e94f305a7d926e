package step

import (
	"context"
	"errors"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/release"
)

// decide writes a decision to the source image. A rejection also goes to the copies,
// for whoever reads their tags: nothing decides by those.
func (e *Env) decide(ctx context.Context, w release.Write) error {
	home := e.Plan.Home
	d := w.Decision
	d.Time = e.Now
	k, v := facts.DecisionTag(e.Plan.Release, d)
	if err := Tag(ctx, e.Clients[home], map[string]string{k: v}, e.Look.Places[home].Image.ID); err != nil {
		return err
	}
	if !d.Rejected {
		return nil
	}
	return e.markRejected(ctx)
}

// markRejected tags the image of every place as rejected by this delivery.
func (e *Env) markRejected(ctx context.Context) error {
	var errs []error
	for i := range e.Look.Places {
		image := &e.Look.Places[i].Image
		if image.ID == "" || image.Rejected != "" {
			continue
		}
		errs = append(errs, Tag(ctx, e.Clients[i], map[string]string{ami.TagRejected: e.Plan.Delivery.Name}, image.ID))
	}
	return errors.Join(errs...)
}

// gate writes down that a gate has passed, or that one of its checks has failed.
func (e *Env) gate(ctx context.Context, w release.Write) error {
	home := e.Plan.Home
	wave := facts.WaveKey(e.Plan.Waves[w.Wave].Name)
	mark := facts.Gate{Attempt: e.Plan.Attempt, Time: e.Now}
	var k, v string
	if w.Kind == release.WriteGateFailed {
		k, v = facts.FailedTag(e.Plan.Release, facts.FailedGate{Gate: mark, Wave: wave, Code: w.Code})
	} else {
		gates := map[string]facts.Gate{wave: mark}
		for name, g := range e.Look.Marks.Gates {
			if name != wave {
				gates[name] = g
			}
		}
		k, v = facts.GatesTag(e.Plan.Release, gates)
	}
	return Tag(ctx, e.Clients[home], map[string]string{k: v}, e.Look.Places[home].Image.ID)
}
