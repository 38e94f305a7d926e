package asg

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Schedule says when a watch reads. Each zero field means its default.
//
//   - Gate time.Duration: how long the first read is held back. The default is
//     zero, and the first read is made at once.
//   - Min, Max time.Duration: the bounds of the pause between two reads. The
//     defaults are 5 seconds and 30 seconds, or Min if that is longer.
//   - Fraction float64: the pause is this part of the time since the start, within
//     Min and Max, so that reads are dense at first and rare later. The default
//     is 0.005.
//   - Grace time.Duration: how long an id that AWS has just given may still be
//     unknown to it. The default is 5 minutes.
//
// Its method Pause(elapsed) is the pause after a read that began elapsed after
// the start, and Or(def) is the schedule with its zero fields taken from def.
type Schedule = poll.Schedule

// Options say how a function of this package runs.
type Options struct {
	// Account and Region are what errors name. A client of the SDK knows its Region,
	// and a client of package region its account as well: what the client knows
	// wins. Set them for a mock, and Account for a client that was made otherwise.
	Account, Region string
	// Poll is the schedule of [Watch] and [Wait]. Zero fields mean: a pause of
	// 0.5 % of the time since the start, 5 to 30 seconds, and 5 minutes in
	// which a new refresh may still be unknown to AWS.
	Poll Schedule
	// Stall is how long a watched refresh may show no change of its status, its
	// percentage and its instances to update, before it counts as stalled: give
	// more than an instance takes to launch, pass its health checks and warm up.
	// The delay after a checkpoint and the bake time come on top where they are
	// due. Zero: no refresh counts as stalled, and AWS's own limit holds, an hour
	// without progress.
	Stall time.Duration
	// OnStatus is told each status by the functions that wait themselves, from
	// [Wait] to [RefreshVerified], in the caller's goroutine. Nil: nobody is.
	OnStatus func(*Status)

	since time.Time // when the watch began that this one goes on with; zero: now
}

var defaultPoll = Schedule{Min: 5 * time.Second, Max: 30 * time.Second, Fraction: 0.005, Grace: 5 * time.Minute}

// settling is for a read of what AWS has just told us it has.
var settling = Schedule{Min: time.Second, Max: 5 * time.Second, Fraction: 0.25, Grace: time.Minute}

func (o Options) place() fault.Place { return fault.Place{Account: o.Account, Region: o.Region} }

func newOptions(api any, optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if c, ok := api.(interface{ Options() autoscaling.Options }); ok {
		client := c.Options()
		at := fault.PlaceOf(client.Region, client.Credentials, o.place())
		o.Account, o.Region = at.Account, at.Region
	}
	if c, ok := api.(interface{ Options() ec2.Options }); ok { // of a function that asks EC2 alone
		client := c.Options()
		at := fault.PlaceOf(client.Region, client.Credentials, o.place())
		o.Account, o.Region = at.Account, at.Region
	}
	o.Poll = o.Poll.Or(defaultPoll)
	return o
}
