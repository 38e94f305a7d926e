package launchtemplate

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Schedule says when reads are repeated, until AWS shows what it has made. Each zero field means its default.
//
//   - Gate time.Duration: how long the first read is held back. The default is
//     zero, and the first read is made at once.
//   - Min, Max time.Duration: the bounds of the pause between two reads. The
//     defaults are 1 second and 5 seconds, or Min if that is longer.
//   - Fraction float64: the pause is this part of the time since the start, within
//     Min and Max, so that reads are dense at first and rare later. The default
//     is 0.25.
//   - Grace time.Duration: how long an id that AWS has just given may still be
//     unknown to it. The default is 1 minute.
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
	// Poll is how a template that AWS says exists is read until it can be
	// seen. Zero fields mean: every 1 to 5 seconds, for at most 1 minute.
	Poll Schedule
}

var defaultPoll = Schedule{Min: time.Second, Max: 5 * time.Second, Fraction: 0.25, Grace: time.Minute}

func (o Options) place() fault.Place { return fault.Place{Account: o.Account, Region: o.Region} }

func newOptions(api any, optFns []func(*Options)) Options {
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

// Ref names a launch template by exactly one of id and name.
type Ref struct {
	ID   string // lt-…
	Name string // case counts
}

// String is the id or the name.
func (r Ref) String() string {
	if r.ID != "" {
		return r.ID
	}
	return r.Name
}

func (r Ref) check(op string, at fault.Place) error {
	switch {
	case r.ID == "" && r.Name == "":
		return fault.Invalid(op, at, "the launch template needs an ID or a Name")
	case r.ID != "" && r.Name != "":
		return fault.Invalid(op, at, "the launch template has both ID %q and Name %q; give one", r.ID, r.Name)
	case r.ID != "" && !strings.HasPrefix(r.ID, "lt-"):
		return fault.Invalid(op, at, "launch template ID %q does not start with lt-", r.ID)
	}
	return nil
}

// split gives the two as AWS takes them: nil for the one that is not set.
func (r Ref) split() (id, name *string) {
	if r.ID != "" {
		return &r.ID, nil
	}
	return nil, &r.Name
}
