package ami

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// ErrNotApplied: AWS accepted a change and does not show it; Error.State says
// which. The same call again looks once more.
var ErrNotApplied = fault.New("ami.NotApplied", "a change is not visible", fault.Retryable)

// change is one write that something is missing for.
type change struct {
	name  string // what it is about, such as "launch permissions"
	write func(context.Context) error
}

// settling reads how something is, writes what is missing, and reads it back.
type settling struct {
	op   string
	at   fault.Place
	id   string
	poll Schedule
	// missing reads, and returns the writes that are still due, in their order.
	missing func(ctx context.Context) ([]change, error)
	// check refuses changes before the first write. Nil: nothing is refused.
	check func(ctx context.Context) error
}

// run returns the names of the changes that it wrote, in their order. A change
// is written once: what AWS does not show at once is waited for, for the grace.
// Errors that pass by themselves, and ids that AWS does not know yet, are
// outlasted for as long.
func (s settling) run(ctx context.Context) (written []string, err error) {
	var trouble, last time.Time // of the first error in a row; of the last write
	var lastErr error
	seen := false // AWS has shown it all once
	outlast := func(err error) bool {
		if ctx.Err() != nil || !fault.Transient(err) && (!seen || !fault.NotFound(err)) {
			return false
		}
		if trouble.IsZero() {
			trouble = time.Now()
		}
		lastErr = err
		return time.Since(trouble) < s.poll.Grace
	}
	s.poll.Gate = 0
	checked := s.check == nil
	var open []string
	for elapsed, err := range poll.Ticks(ctx, s.poll) {
		if err != nil {
			return written, s.fail(&Error{Err: after(err, lastErr), Elapsed: elapsed}, open)
		}
		due, err := s.missing(ctx)
		seen = seen || err == nil
		if err == nil && len(due) > 0 && !checked {
			if err = s.check(ctx); err == nil {
				checked = true
			}
		}
		if err == nil {
			open = nil
			for _, c := range due {
				open = append(open, c.name)
			}
			if len(due) == 0 {
				return written, nil
			}
			err = s.write(ctx, due, &written, &last)
		}
		switch {
		case err == nil:
			trouble, lastErr = time.Time{}, nil
			if len(due) > 0 && time.Since(last) >= s.poll.Grace {
				return written, s.fail(&Error{Kind: ErrNotApplied, Elapsed: elapsed}, open)
			}
		case !outlast(err):
			e, ours := errors.AsType[*Error](err)
			if !ours {
				e = refused(ctx, "", fault.Place{}, "", err)
			}
			return written, s.fail(e, open)
		}
	}
	panic("unreachable: Ticks ends only with an error")
}

func (s settling) write(ctx context.Context, due []change, written *[]string, last *time.Time) error {
	for _, c := range due {
		if slices.Contains(*written, c.name) {
			continue
		}
		if ctx.Err() != nil {
			return poll.Ended(ctx)
		}
		if err := c.write(ctx); err != nil {
			return err
		}
		*written, *last = append(*written, c.name), time.Now()
	}
	return nil
}

// fail completes an error with the place and with what is not done.
func (s settling) fail(e *Error, open []string) error {
	e.Op, e.Account, e.Region = s.op, s.at.Account, s.at.Region
	if e.ID == "" {
		e.ID = s.id
	}
	if e.State == "" && len(open) > 0 {
		e.State = "without " + join(open)
	}
	return e
}
