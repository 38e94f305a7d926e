package readyami

import (
	"github.com/readyami/readyami/internal/poll"
)

// Schedule says how often a wait reads; see its fields. The zero Schedule is
// the default of each wait.
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
