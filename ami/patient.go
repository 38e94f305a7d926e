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

// age is how long ago a time was, for people: whole days, or hours below two
// days.
func age(d time.Duration) string {
	if d >= 48*time.Hour {
		return plural(int(d/(24*time.Hour)), "day")
	}
	return plural(int(d/time.Hour), "hour")
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}
