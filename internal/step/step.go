// Package step makes the writes of a release: one file for each kind of thing that
// is written. What is due has been decided before, by package release, from a look;
// nothing here decides, waits or remembers. A lost answer is a normal case: each
// write is made so that it can be made again.
package step

import (
	"context"
	"fmt"
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// Env is what a write is made with.
type Env struct {
	Plan *plan.Plan
	Look *facts.Look
	// Clients of the places, in their order.
	Clients []*region.ClientSet
	// Runner is the mark that the creating call of the source image carries.
	Runner facts.Runner
	// Now is the time by AWS's clock, and Deadline when writes that rest on the look
	// must have been sent.
	Now, Deadline time.Time
}

// Write makes a write.
func (e *Env) Write(ctx context.Context, w release.Write) error {
	switch w.Kind { // what is about an image is found again by its name and intent, however late it lands
	case release.WriteImage:
		return e.image(ctx, w)
	case release.WriteShare:
		return e.share(ctx, w)
	case release.WriteAttributes:
		return e.attributes(ctx, w)
	}
	ctx, cancel := context.WithDeadline(ctx, e.Deadline)
	defer cancel()
	switch w.Kind {
	case release.WriteRecord:
		return e.record(ctx, w)
	case release.WriteComplete:
		return e.complete(ctx, w)
	case release.WritePin, release.WriteUnpin:
		return e.pin(ctx, w)
	case release.WriteVersion, release.WriteRestate, release.WriteRestoreTemplate:
		return e.version(ctx, w)
	case release.WriteDefault:
		return e.setDefault(ctx, w)
	case release.WriteRefresh, release.WriteRestoreGroup:
		return e.refresh(ctx, w)
	case release.WriteCancel:
		return e.cancel(ctx, w)
	case release.WriteRollback:
		return e.rollback(ctx, w)
	case release.WriteReject, release.WriteRetry:
		return e.decide(ctx, w)
	case release.WriteMarkRejected:
		return e.markRejected(ctx)
	case release.WriteGatePassed, release.WriteGateFailed:
		return e.gate(ctx, w)
	}
	return fmt.Errorf("readyami: no write of kind %d", w.Kind)
}

func (e *Env) place(w release.Write) *plan.Place         { return &e.Plan.Places[w.Place] }
func (e *Env) facts(w release.Write) *facts.Place        { return &e.Look.Places[w.Place] }
func (e *Env) clients(w release.Write) *region.ClientSet { return e.Clients[w.Place] }
