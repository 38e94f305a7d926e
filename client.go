package readyami

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/readyami/readyami/internal/poll"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/region"
)

// Schedule is how often AWS is read while something is awaited. Each zero field means
// its default.
//
//   - Gate time.Duration: how long the first read is held back. The default is
//     zero, and the first read is made at once.
//   - Min, Max time.Duration: the bounds of the pause between two reads. The
//     defaults are those of the field of [Options].
//   - Fraction float64: the pause is this part of the time since the start, within
//     Min and Max, so that reads are dense at first and rare later. The default
//     is 0.05.
//   - Grace time.Duration: how long an id that AWS has just given may still be
//     unknown to it. The default is 5 minutes.
//
// Its method Pause(elapsed) is the pause after a read that began elapsed after
// the start, and Or(def) is the schedule with its zero fields taken from def.
type Schedule = poll.Schedule

// Options are how a [Client] works.
type Options struct {
	// OnEvent is called for every step's result as it changes. Calls are serialized,
	// in a goroutine of their own: a slow handler delays nothing but later events. A
	// call of the client returns when the handler has returned from its last event.
	OnEvent func(context.Context, Event)
	// Images is the schedule of reads while an image is pending, and Refreshes while
	// an instance refresh runs. The defaults are pauses of 5 to 30 seconds, and of 10
	// to 60 seconds.
	Images, Refreshes Schedule
	// Limit is how many places are read at a time. The default is 16. It bounds calls,
	// never waits.
	Limit int
	// MaxWait is how far away the next look may be before Apply returns [ErrNotDue].
	// The default is an hour.
	MaxWait time.Duration
	// Runner identifies this process in the marks on AWS. Calls with one id must not
	// overlap. The default is a new id for each client.
	Runner string
	// Pool changes how clients of places are made.
	Pool func(*region.ClientPoolOptions)
}

// Client plans and applies releases. It owns the clients of all places, which keep
// to AWS's request rates together: use one for a process. It may be used by several
// goroutines at once.
type Client struct {
	pool     *region.ClientPool
	o        Options
	protocol release.Protocol
	clock

	mu      sync.Mutex
	runners map[string]*runner // by release
}

// New returns a Client. configs gives the configuration of each account and Region;
// [region.OneAccount] is the usual one.
func New(configs region.ConfigFunc, optFns ...func(*Options)) *Client {
	c := &Client{runners: map[string]*runner{}}
	for _, fn := range optFns {
		fn(&c.o)
	}
	if c.o.Limit < 1 {
		c.o.Limit = 16
	}
	if c.o.MaxWait <= 0 {
		c.o.MaxWait = time.Hour
	}
	if c.o.Runner == "" {
		id := make([]byte, 6)
		rand.Read(id)
		c.o.Runner = hex.EncodeToString(id)
	}
	c.o.Images = c.o.Images.Or(Schedule{Min: 5 * time.Second, Max: 30 * time.Second, Fraction: 0.05})
	c.o.Refreshes = c.o.Refreshes.Or(Schedule{Min: 10 * time.Second, Max: 60 * time.Second, Fraction: 0.05})
	var pool []func(*region.ClientPoolOptions)
	if c.o.Pool != nil {
		pool = append(pool, c.o.Pool)
	}
	c.pool = region.NewClientPool(c.watch(configs), pool...)
	return c
}
