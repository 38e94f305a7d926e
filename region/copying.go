package region

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/poll"
)

// copying is one call of Copy.
type copying struct {
	in     CopyInput
	pool   *Pool
	opts   Options
	start  time.Time
	slots  chan struct{}
	image  types.Image // the source
	events sync.Mutex
}

// source waits for the source and takes over its tags.
func (c *copying) source(ctx context.Context) error {
	clients, err := c.pool.Clients(ctx, c.in.Source)
	if err != nil {
		return err
	}
	images, err := ami.Wait(ctx, clients.EC2, []string{c.in.SourceImageID}, c.waiting)
	if err != nil {
		return at(err, c.in.Source)
	}
	c.image = images[0]
	if !c.in.CopyTags {
		return nil
	}
	// Not CopyImageTags: AWS does not say what it does with a tag that is given
	// twice, and leaves out the tags of a source in another account.
	tags := map[string]string{}
	for _, t := range c.image.Tags {
		k := aws.ToString(t.Key)
		if !strings.HasPrefix(k, "aws:") && !strings.HasPrefix(k, "readyami:") {
			tags[k] = aws.ToString(t.Value)
		}
	}
	maps.Copy(tags, c.in.Tags)
	c.in.Tags = tags
	return nil
}

func (c *copying) waiting(o *ami.Options) { o.Poll = c.opts.Poll }

// to gives one target its image.
func (c *copying) to(ctx context.Context, d Destination) CopyResult {
	r := CopyResult{Target: d.Target}
	if d.Target == c.in.Source {
		r.ImageID, r.Image, r.Adopted = c.in.SourceImageID, &c.image, true
		c.tell(Event{Target: d.Target, ImageID: r.ImageID, State: c.image.State})
		return r
	}
	clients, err := c.pool.Clients(ctx, d.Target)
	if err == nil {
		input := c.in.of(d)
		var replayed bool
		if replayed, err = c.once(ctx, clients, input, &r); replayed {
			input.Predecessors = []string{r.ImageID}
			_, err = c.once(ctx, clients, input, &r)
		}
	}
	if err != nil {
		r.Err = at(err, d.Target)
		e := Event{Target: d.Target, ImageID: r.ImageID, Err: r.Err}
		if r.Image != nil {
			e.State = r.Image.State
		}
		c.tell(e)
	}
	return r
}

// once starts a copy and waits for it. It was replayed when AWS gave an id as
// if of a new image, and that was gone before we ever saw it alive.
func (c *copying) once(ctx context.Context, clients *Clients, in ami.CopyInput, r *CopyResult) (replayed bool, err error) {
	made, err := c.begin(ctx, clients, in)
	if err != nil {
		return false, err
	}
	r.ImageID, r.Adopted, r.Image = made.ImageID, made.Adopted, made.Image
	alive := made.Adopted
	for s, err := range ami.Watch(ctx, clients.EC2, []string{made.ImageID}, c.waiting) {
		if err != nil {
			return false, err
		}
		if s.Image != nil {
			r.Image = s.Image
			alive = alive || s.State != types.ImageStateDeregistered
		}
		if s.Done && s.Err != nil {
			return !alive && errors.Is(s.Err, ami.ErrGone), s.Err
		}
		c.tell(Event{Target: r.Target, ImageID: s.ImageID, State: s.State, Err: s.LastErr})
	}
	return false, nil
}

// begin starts a copy when one of the slots is free.
func (c *copying) begin(ctx context.Context, clients *Clients, in ami.CopyInput) (*ami.Created, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, &Error{Op: "region.Copy", Region: clients.Target.Region, Err: poll.Ended(ctx)}
	}
	return ami.Copy(ctx, clients.EC2, in, c.waiting)
}

func (c *copying) tell(e Event) {
	if c.opts.OnEvent == nil {
		return
	}
	c.events.Lock()
	defer c.events.Unlock()
	e.Elapsed = time.Since(c.start)
	c.opts.OnEvent(e)
}

// at names the account in the errors of err, which do not know it.
func at(err error, t Target) error {
	switch e := err.(type) {
	case *Error:
		if e.Account == "" {
			e.Account = t.Account
		}
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			at(err, t)
		}
	}
	return err
}
