package readyami

import (
	"context"
	"time"

	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// Retry begins a new attempt of a release that was rejected, or that stopped: what
// failed in earlier attempts is history then, and its image is rolled out again. It
// makes one write. Plan again to get the plan of the new attempt.
//
// Errors: [ErrInvalidInput]; [ErrNotOver] while the run, or its undo, has something
// left to do, and while another process may be writing.
//
// AWS calls: those of [Client.Status], and ec2:CreateTags.
func (c *Client) Retry(ctx context.Context, p *plan.Plan) error {
	const op = "readyami.Retry"
	if !p.Sealed() {
		return invalid(op, "the plan has been changed since it was made")
	}
	w, err := c.worldOf(ctx, p)
	if err != nil {
		return err
	}
	look, err := w.look(ctx, p, scope{})
	if err != nil {
		return err
	}
	refuse := func(reason string) error {
		return &Error{Op: op, ID: p.Delivery.Name, Kind: ErrNotOver, Reason: reason}
	}
	d := look.Marks.Decision
	if d.Attempt != p.Attempt {
		return &Error{Op: op, ID: p.Delivery.Name, Kind: ErrStale, Reason: "another attempt has begun", Hint: "plan again"}
	}
	switch c.protocol.Outcome(p, look) {
	case plan.OutcomeStopped, plan.OutcomeRolledBack, plan.OutcomeRollbackIncomplete:
	case plan.OutcomeInProgress:
		return refuse("steps run or may go")
	case plan.OutcomeHeld:
		return &Error{Op: op, ID: p.Delivery.Name, Kind: ErrHeld}
	default:
		return nil // delivered: there is nothing to try again
	}
	again, err := w.marks(ctx, look)
	if err != nil {
		return err
	}
	if !w.alone(look.Marks, again) || again.Decision != d {
		return refuse("another process may be writing")
	}
	env := &step.Env{Plan: p, Look: look, Clients: w.clients, Now: c.now(), Deadline: time.Now().Add(release.T)}
	return env.Write(ctx, release.Write{Kind: release.WriteRetry, Place: p.Home, Decision: plan.Decision{Attempt: p.Attempt + 1}})
}
