package asg

import (
	"fmt"
	"strings"
	"time"
)

// WarmupComparison sets an image against the one before it. Either may be nil:
// unknown.
type WarmupComparison struct {
	Now, Before *ImageWarmup
}

// CompareWarmup sets the image that a group runs now against another. Where
// nothing was measured of one, because no instance of it is left, that side of
// the comparison is nil, and stays unknown: measured earlier, it can be put in.
// No AWS call is made.
func CompareWarmup(w *MeasureWarmupResult, now, before string) WarmupComparison {
	return WarmupComparison{Now: w.Of(now), Before: w.Of(before)}
}

// Gain is how much faster the image is than the one before, by their medians;
// negative where it is slower. It is false where one of them is unknown.
func (c WarmupComparison) Gain() (time.Duration, bool) {
	if c.Now == nil || c.Before == nil {
		return 0, false
	}
	return c.Before.Median - c.Now.Median, true
}

// String is the comparison as a sentence, by the medians.
func (c WarmupComparison) String() string {
	one := func(w *ImageWarmup) string {
		if w == nil {
			return "unknown"
		}
		return "in " + spoken(w.Median)
	}
	return "in service " + one(c.Now) + "; the one before " + one(c.Before)
}

// spoken is a time as one says it: 4 min 10 s.
func spoken(d time.Duration) string {
	d = d.Round(time.Second)
	var parts []string
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
			d %= u.size
		}
	}
	if parts == nil {
		return "0 s"
	}
	return strings.Join(parts, " ")
}
