// Package poll is the one polling loop of this module.
package poll

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Schedule says when a watch reads. The zero Schedule is the package's default
// wherever one is taken.
type Schedule struct {
	// Gate is how long the first read is held back. Zero reads at once.
	Gate time.Duration
	// Min and Max bound the pause between two reads. Zero takes the default
	// of the function that watches.
	Min, Max time.Duration
	// Fraction of the time since the start of the watch that a pause lasts,
	// within Min and Max: reads are dense at first and rare later. Zero takes
	// the default of the function that watches.
	Fraction float64
	// Grace is how long an id that AWS has just given us may still be unknown
	// to it. Zero takes the default of the function that watches.
	Grace time.Duration
}

// Or fills the zero fields of s from def.
func (s Schedule) Or(def Schedule) Schedule {
	if s.Gate == 0 {
		s.Gate = def.Gate
	}
	if s.Min == 0 {
		s.Min = def.Min
	}
	if s.Max == 0 {
		s.Max = max(def.Max, s.Min)
	}
	if s.Fraction == 0 {
		s.Fraction = def.Fraction
	}
	if s.Grace == 0 {
		s.Grace = def.Grace
	}
	return s
}

// Pause is how long to wait after a read that began elapsed after the start.
func (s Schedule) Pause(elapsed time.Duration) time.Duration {
	p := time.Duration(s.Fraction * float64(elapsed))
	return max(min(p, s.Max), s.Min)
}

// Ticks yields the time since its start, once for each read that is due, for as
// long as the range goes on. When ctx ends it yields [Ended] once and stops.
// There is no other deadline, no goroutine, and a second range starts anew.
func Ticks(ctx context.Context, s Schedule) iter.Seq2[time.Duration, error] {
	return func(yield func(time.Duration, error) bool) {
		start := time.Now()
		pause := s.Gate
		for {
			if err := Sleep(ctx, pause); err != nil {
				yield(time.Since(start), err)
				return
			}
			elapsed := time.Since(start)
			if !yield(elapsed, nil) {
				return
			}
			pause = s.Pause(elapsed)
		}
	}
}

// Sleep pauses for d, or returns [Ended] when ctx ends first. A ctx that has
// ended already wins over a pause of zero.
func Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return Ended(ctx)
	}
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return Ended(ctx)
	case <-t.C:
		return nil
	}
}

// Ended is why ctx ended: both ctx.Err() and the cause, so that errors.Is finds
// context.DeadlineExceeded also where the caller gave a cause of its own.
// It is nil while ctx lives.
func Ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || errors.Is(cause, err) {
		return cause
	}
	return &ended{err: err, cause: cause}
}

type ended struct{ err, cause error }

func (e *ended) Error() string   { return e.err.Error() + ": " + e.cause.Error() }
func (e *ended) Unwrap() []error { return []error{e.err, e.cause} }
