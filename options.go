package readyami

import (
	"github.com/readyami/readyami/internal/poll"
)

// Schedule says when a wait reads. Each zero field means the default of
// [ami.Watch] or [asg.Watch].
//
//   - Gate time.Duration: how long the first read is held back. The default is
//     zero, and the first read is made at once.
//   - Min, Max time.Duration: the bounds of the pause between two reads.
//   - Fraction float64: the pause is this part of the time since the start, within
//     Min and Max, so that reads are dense at first and rare later.
//   - Grace time.Duration: how long an id that AWS has just given may still be
//     unknown to it.
//
// Its method Pause(elapsed) is the pause after a read that began elapsed after
// the start, and Or(def) is the schedule with its zero fields taken from def.
type Schedule = poll.Schedule

// Options say how a delivery is run, not what it is.
type Options struct {
	// OnEvent is told what happens, one call at a time, in the goroutine that
	// saw it happen: it should return soon. Nil: nobody is told.
	OnEvent func(Event)
	// Images is the schedule of the waits for images, Refreshes that of the
	// watches of instance refreshes. Zero: the defaults of ami.Watch and
	// asg.Watch.
	Images, Refreshes Schedule
	// Limit is how many targets are worked on at a time. Zero: 16.
	Limit int
}

func (o *Options) fill(optFns []func(*Options)) {
	for _, fn := range optFns {
		fn(o)
	}
	if o.Limit == 0 {
		o.Limit = 16
	}
}
