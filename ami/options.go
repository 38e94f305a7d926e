package ami

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/poll"
)

// Schedule says when a wait reads. The zero Schedule takes the default of this
// package: a pause of 1.5 % of the time waited so far, at least 2 s and at most
// 15 s, the first read at once, and 5 minutes of grace for an image that AWS
// does not show yet.
type Schedule = poll.Schedule

// AWS advises to start at a couple of seconds and to allow for minutes.
// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
var defaultPoll = Schedule{
	Min:      2 * time.Second,
	Max:      15 * time.Second,
	Fraction: 0.015,
	Grace:    5 * time.Minute,
}

// Options say how a function of this package is run.
type Options struct {
	// Region that errors name. Empty takes that of the client; only a mock,
	// which has none, needs it.
	Region string
	// Poll says when a wait reads. The zero value is the default Schedule.
	Poll Schedule
	// Progress has a watch read how far the snapshots of pending images are, in
	// one further call a tick for every 200 snapshots. False: it is read for
	// errors only.
	Progress bool
}

func resolve(api any, optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if c, ok := api.(interface{ Options() ec2.Options }); ok && o.Region == "" {
		o.Region = c.Options().Region
	}
	o.Poll = o.Poll.Or(defaultPoll)
	return o
}
