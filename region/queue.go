package region

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/semaphore"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// defaultSnapshotCopies is how many snapshots AWS copies into a Region at a
// time for an account that has not asked for more.
// https://docs.aws.amazon.com/general/latest/gr/ebs-service.html
const defaultSnapshotCopies = 20

// queue holds back copies into one target beyond what AWS takes at a time.
type queue struct {
	all  int64
	free *semaphore.Weighted
}

func newQueue(limit int) *queue {
	if limit < 1 {
		limit = defaultSnapshotCopies
	}
	return &queue{all: int64(limit), free: semaphore.NewWeighted(int64(limit))}
}

// begin starts a copy when it is its turn. What it returns ends its turn.
func (c *copying) begin(ctx context.Context, p *plan, r *CopyResult) (*ami.CreateResult, func(), error) {
	var refused error // why AWS does not take more copies now
	fail := func(err error) *Error {
		if refused != nil {
			err = fmt.Errorf("%w; last error: %w", err, refused)
		}
		return &Error{Op: "region.Copy", Account: r.Target.Account, Region: r.Target.Region, ID: p.input.Name, State: string(Queued), Elapsed: time.Since(c.start), Err: err}
	}
	q := p.clients.copies
	// An image of more volumes than all may take them all.
	n := min(max(c.volumes, 1), q.all)
	if !q.free.TryAcquire(n) {
		c.tell(Event{Target: r.Target, State: Queued})
		if q.free.Acquire(ctx, n) != nil {
			return nil, nil, fail(poll.Ended(ctx))
		}
	}
	done := func() { q.free.Release(n) }
	for _, err := range poll.Ticks(ctx, c.schedule()) {
		if err != nil {
			done()
			return nil, nil, fail(err)
		}
		made, err := c.call(ctx, p)
		if made != nil {
			r.ImageID = made.ImageID
		}
		if err == nil {
			return made, done, nil
		}
		if !fault.Is(err, "ResourceLimitExceeded") {
			done()
			if refused != nil && ctx.Err() != nil { // ctx ended within a call
				err = fail(err)
			}
			return nil, nil, err
		}
		if refused == nil {
			c.tell(Event{Target: r.Target, State: Queued, Err: err})
		}
		refused = err
		r.Leftover = append(r.Leftover, leftover(err)...)
	}
	panic("unreachable: Ticks ends only with an error")
}

// leftover are the snapshots that an error of a copy names: the next try finds
// no failed image any more, and does not know of them.
func leftover(err error) (left []types.DeleteSnapshotReturnCode) {
	if e, ok := errors.AsType[*Error](err); ok {
		for _, id := range e.IDs {
			if strings.HasPrefix(id, "snap-") {
				left = append(left, types.DeleteSnapshotReturnCode{SnapshotId: &id})
			}
		}
	}
	return left
}

// call starts a copy while not too many others are being started.
func (c *copying) call(ctx context.Context, p *plan) (*ami.CreateResult, error) {
	select {
	case c.starts <- struct{}{}:
		defer func() { <-c.starts }()
	case <-ctx.Done():
		return nil, &Error{Op: "region.Copy", Account: p.clients.Target.Account, Region: p.clients.Target.Region, Err: poll.Ended(ctx)}
	}
	p.written = true
	return ami.Copy(ctx, p.clients.EC2, p.input, c.waiting)
}

// schedule is that of waits for what is not an image.
func (c *copying) schedule() ami.Schedule {
	s := c.opts.Poll.Or(ami.Schedule{Min: 2 * time.Second, Max: 15 * time.Second, Fraction: 0.015, Grace: 5 * time.Minute})
	s.Gate = 0
	return s
}
