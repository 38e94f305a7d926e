package ami

import (
	"context"
	"strconv"
	"time"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// patiently makes a call until it succeeds, or fails with an error that does
// not pass by itself, or has failed for the grace of the schedule.
func patiently[T any](ctx context.Context, s Schedule, call func(context.Context) (T, error)) (out T, err error) {
	var last error
	s.Gate = 0
	for elapsed, ended := range poll.Ticks(ctx, s) {
		if ended != nil {
			return out, after(ended, last)
		}
		if out, err = call(ctx); err == nil || ctx.Err() != nil || !fault.Transient(err) || elapsed >= s.Grace {
			return out, err
		}
		last = err
	}
	return out, err
}

// age is a time span for people: whole days, below two of them hours, and below
// two of these minutes.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return plural(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Hour:
		return plural(int(d/time.Hour), "hour")
	case d >= time.Minute:
		return plural(int(d/time.Minute), "minute")
	}
	return "less than a minute"
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}
