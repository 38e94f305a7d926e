package region

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
)

// copying is one call of Copy.
type copying struct {
	in     CopyInput
	pool   *ClientPool
	opts   Options
	start  time.Time
	starts chan struct{} // a place for each copy that is being started
	events *fanout.Sink[Event]

	image     types.Image // the source
	encrypted bool        // it is, in part at least
	volumes   int64       // those of it that have snapshots
	plans     []*plan     // by target
}

func (c *copying) waiting(o *ami.Options) { o.Poll, o.Progress = c.opts.Poll, c.opts.Progress }

// to gives one target its image.
func (c *copying) to(ctx context.Context, i int) CopyResult {
	d, p := c.in.Targets[i], c.plans[i]
	r := CopyResult{Target: d.Target}
	switch {
	case p.skipped:
		r.Skipped = true
		return r
	case d.Target == c.in.Source:
		r.ImageID, r.Image, r.Adopted = c.in.SourceImageID, &c.image, true
		c.tell(Event{Target: d.Target, ImageID: r.ImageID, State: c.image.State})
		return r
	}
	if err := c.deliver(ctx, p, &r); err != nil {
		r.Err = err
		if e, ok := r.Err.(*Error); ok {
			for _, left := range r.Leftover {
				if id := aws.ToString(left.SnapshotId); !slices.Contains(e.IDs, id) {
					e.IDs = append(e.IDs, id)
				}
			}
		}
		e := Event{Target: d.Target, ImageID: r.ImageID, Err: r.Err}
		if r.Image != nil {
			e.State = r.Image.State
		}
		c.tell(e)
	}
	return r
}

// deliver makes or adopts the copy of one target and waits for it.
func (c *copying) deliver(ctx context.Context, p *plan, r *CopyResult) (err error) {
	if p.clients == nil {
		if p.clients, err = c.pool.Clients(ctx, r.Target); err != nil {
			return err
		}
	}
	if err := c.wait(ctx, p, r); err != nil {
		return err
	}
	return c.readBack(ctx, p, r)
}

// wait has the copy started, and waits for it.
func (c *copying) wait(ctx context.Context, p *plan, r *CopyResult) (err error) {
	made := p.stands
	if made == nil {
		var done func()
		if made, done, err = c.begin(ctx, p, r); err != nil {
			return err
		}
		defer done()
	}
	r.ImageID, r.Adopted, r.Image = made.ImageID, made.Adopted, made.Image
	r.Leftover = append(r.Leftover, made.Leftover...)
	for s, err := range ami.Watch(ctx, p.clients.EC2, []string{made.ImageID}, c.waiting) {
		if err != nil {
			return err
		}
		if s.Image != nil {
			r.Image = s.Image
		}
		if s.Err != nil {
			return s.Err
		}
		c.tell(Event{Target: r.Target, ImageID: s.ImageID, State: s.State, Progress: s.Progress, Err: s.LastErr})
	}
	return nil
}

func (c *copying) tell(e Event) {
	e.Elapsed = time.Since(c.start)
	c.events.Put(e)
}

// at names the account in the error of a Check, which is not told of it.
func at(err error, t Target) error {
	if e, ok := err.(*Error); ok {
		e.Account = t.Account
	}
	return err
}
