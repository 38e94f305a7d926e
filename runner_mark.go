package readyami

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// runner returns a copy of what is known, and keep replaces it.
func (c *Client) runner(release string) runner {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.runners[release]; r != nil {
		return *r
	}
	return runner{}
}

func (c *Client) keep(release string, change func(*runner)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.runners[release]
	if r == nil {
		r = &runner{}
		c.runners[release] = r
	}
	change(r)
}

// mine is this runner's mark among those that a look has read.
func (c *Client) mine(m facts.Marks) (facts.Runner, bool) {
	i := slices.IndexFunc(m.Runners, func(r facts.Runner) bool { return r.ID == c.o.Runner })
	if i < 0 {
		return facts.Runner{}, false
	}
	return m.Runners[i], true
}

// mark sees to it that this runner's mark is there before a write. ready is false if
// the mark has just been written: then the look is too old to rest a write on.
func (w *world) mark(ctx context.Context, look *facts.Look) (ready bool, err error) {
	image := look.Places[w.home].Image.ID
	if image == "" {
		return true, nil // the creating call carries the mark
	}
	c := w.client
	r := c.runner(w.release)
	if m, there := c.mine(look.Marks); there && r.first.IsZero() { // a lane of an earlier call, or the creating call
		c.keep(w.release, func(r *runner) { r.first, r.renewed = m.Time, m.Time })
		r = c.runner(w.release)
	} else if !there {
		r.renewed = time.Time{}
	}
	if w.client.now().Sub(r.renewed) < renewAfter {
		return look.Began.Sub(r.first) >= settle, nil
	}
	began := w.client.now()
	k, v := facts.RunnerTag(w.release, facts.Runner{ID: c.o.Runner, Time: began})
	if err := step.Tag(ctx, w.clients[w.home], map[string]string{k: v}, image); err != nil {
		return false, err
	}
	fresh := r.renewed.IsZero() || began.Sub(r.renewed) >= restOn
	c.keep(w.release, func(r *runner) {
		if fresh {
			r.first = w.client.now()
		}
		r.renewed = began
	})
	return !fresh && look.Began.Sub(r.first) >= settle, w.sweep(ctx, look, began)
}

// sweep deletes the marks of runners that are void: their owners can no longer write.
func (w *world) sweep(ctx context.Context, look *facts.Look, at time.Time) error {
	var keys []string
	for _, r := range look.Marks.Runners {
		if r.ID != w.client.o.Runner && at.Sub(r.Time) >= countsFor {
			k, _ := facts.RunnerTag(w.release, r)
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return step.Untag(ctx, w.clients[w.home], look.Places[w.home].Image.ID, keys...)
}

// alone reports whether no other runner may be writing, by both readings of the marks
// of a look.
func (w *world) alone(readings ...facts.Marks) bool {
	at := w.client.now()
	if at.Before(w.client.runner(w.release).unanswered) {
		return false
	}
	for _, m := range readings {
		for _, r := range m.Runners {
			if r.ID != w.client.o.Runner && at.Sub(r.Time) < countsFor {
				return false
			}
		}
	}
	return true
}

// answered notes whether a write got an answer. One that got none may still land.
func (w *world) answered(err error) {
	if err == nil || fault.Code(err) != "" {
		return
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Err == nil {
		return // our own refusal
	}
	until := w.client.now().Add(2 * release.T)
	w.client.keep(w.release, func(r *runner) { r.unanswered = until })
}

// leave removes this runner's mark at the end of a run, if it is alone and all of its
// writes were answered. Else the mark is left to grow old.
func (w *world) leave(ctx context.Context, look *facts.Look) error {
	m, there := w.client.mine(look.Marks)
	if !there || !w.alone(look.Marks) {
		return nil
	}
	k, _ := facts.RunnerTag(w.release, m)
	if err := step.Untag(ctx, w.clients[w.home], look.Places[w.home].Image.ID, k); err != nil {
		return err
	}
	w.client.keep(w.release, func(r *runner) { r.first, r.renewed = time.Time{}, time.Time{} })
	return nil
}

// Leave ends a run that is driven by [Client.Step]: it removes this client's mark, so
// that the next runner need not wait for it. It writes nothing while something runs,
// and nothing if there is no mark.
//
// Errors: [ErrNotOver] if a step runs; those of AWS.
//
// AWS calls: those of [Client.Status], and ec2:DeleteTags.
func (c *Client) Leave(ctx context.Context, p *plan.Plan) error {
	const op = "readyami.Leave"
	w, err := c.worldOf(ctx, p)
	if err != nil {
		return err
	}
	look, err := w.look(ctx, p, scope{})
	if err != nil {
		return err
	}
	for _, r := range c.protocol.Observe(p, look) {
		if r.State == plan.StateRunning {
			return &Error{Op: op, ID: string(r.Step), Kind: ErrNotOver}
		}
	}
	return w.leave(ctx, look)
}
