package ami

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Schedule says when a wait reads. Each zero field means its default.
//
//   - Gate time.Duration: how long the first read is held back. The default is
//     zero, and the first read is made at once.
//   - Min, Max time.Duration: the bounds of the pause between two reads. The
//     defaults are 2 seconds and 15 seconds, or Min if that is longer.
//   - Fraction float64: the pause is this part of the time since the start, within
//     Min and Max, so that reads are dense at first and rare later. The default
//     is 0.015.
//   - Grace time.Duration: how long an id that AWS has just given may still be
//     unknown to it. The default is 5 minutes.
//
// Its method Pause(elapsed) is the pause after a read that began elapsed after
// the start, and Or(def) is the schedule with its zero fields taken from def.
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
	// Account and Region are what errors name. A client of the SDK knows its Region,
	// and a client of package region its account as well: what the client knows
	// wins. Set them for a mock, and Account for a client that was made otherwise.
	Account, Region string
	// Poll says when a wait reads. The zero value is the default Schedule.
	Poll Schedule
	// Progress has a watch read how far the snapshots of pending images are, in
	// one further call a tick for every 200 snapshots. False: it is read for
	// errors only.
	Progress bool
}

func (o Options) place() fault.Place { return fault.Place{Account: o.Account, Region: o.Region} }

func resolve(api any, optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if c, ok := api.(interface{ Options() ec2.Options }); ok {
		client := c.Options()
		at := fault.PlaceOf(client.Region, client.Credentials, o.place())
		o.Account, o.Region = at.Account, at.Region
	}
	o.Poll = o.Poll.Or(defaultPoll)
	return o
}
