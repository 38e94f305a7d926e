package region

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// FailurePolicy says what becomes of the other copies when one fails.
type FailurePolicy string

const (
	// FailurePolicyKeepGood keeps the copies that are good and lets the others go
	// on. It is the default. The same call again, or [RetryFailed], copies what is missing.
	FailurePolicyKeepGood FailurePolicy = "keep-good"
	// FailurePolicyAllOrNothing stops at the first failure, or when ctx ends, and
	// removes every copy that the call has made, with its snapshots, within 10
	// minutes more. Where AWS does not say whether it made one, the error names it.
	// Images that stood before the call are left alone.
	FailurePolicyAllOrNothing FailurePolicy = "all-or-nothing"
)

// removalBound is how long a removal goes on after ctx has ended.
const removalBound = 10 * time.Minute

// errSpoiled ends the targets that have not failed themselves.
var errSpoiled = errors.New("another target failed")

// run copies into all targets at once.
func (c *copying) run(ctx context.Context) []CopyResult {
	all := make([]int, len(c.in.Targets))
	for i := range all {
		all[i] = i
	}
	if c.in.Policy != FailurePolicyAllOrNothing {
		return fanout.Map(all, len(all), func(i int) CopyResult { return c.to(ctx, i) })
	}
	together, spoil := context.WithCancelCause(ctx)
	defer spoil(nil)
	results := fanout.Map(all, len(all), func(i int) CopyResult {
		r := c.to(together, i)
		if r.Err != nil {
			spoil(errSpoiled)
		}
		return r
	})
	if !slices.ContainsFunc(results, func(r CopyResult) bool { return r.Err != nil }) {
		return results
	}
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), removalBound)
	defer cancel()
	fanout.Each(len(results), c.opts.Limit, func(i int) { c.remove(detached, i, &results[i]) })
	return results
}

// remove takes back what this call has made in one target.
func (c *copying) remove(ctx context.Context, i int, r *CopyResult) {
	p := c.plans[i]
	if r.Skipped || r.Target == c.in.Source || p.stands != nil || !p.surveyed && r.Adopted {
		return
	}
	var unknown error
	if r.ImageID == "" && p.written && !answered(r.Err) {
		// The answer was lost. What has our intent now, and did not stand when
		// this call began, is of this call.
		r.ImageID, unknown = c.lost(ctx, p)
	}
	cause := r.Err
	if errors.Is(cause, errSpoiled) {
		cause = nil // it has not failed itself
	}
	r.Err = cause
	if r.ImageID == "" {
		switch {
		case unknown != nil:
			r.Err = errors.Join(cause, unknown)
			c.tell(Event{Target: r.Target, Err: r.Err})
		case cause == nil:
			r.Err = c.removed(r)
		}
		return
	}
	var err error
	if r.Image == nil { // else AWS could say that it does not know the image, which then appears
		err = c.appears(ctx, p.clients, r.ImageID)
	}
	if err == nil {
		err = c.deregister(ctx, p.clients, r.ImageID)
	}
	r.Removed = err == nil || errors.Is(err, ami.ErrSnapshotsLeft)
	if cause == nil && r.Removed {
		cause = c.removed(r)
	}
	if r.Err = cause; err != nil {
		r.Err = errors.Join(cause, err)
	}
	state := types.ImageStateDeregistered
	if !r.Removed {
		state = ""
	}
	c.tell(Event{Target: r.Target, ImageID: r.ImageID, State: state, Err: err})
}

// answered reports whether AWS has refused a call, so that it made nothing.
func answered(err error) bool {
	return fault.Code(err) != "" && !fault.Transient(err) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// removed is the error of a target that has not failed itself.
func (c *copying) removed(r *CopyResult) *Error {
	e := &Error{Op: "region.Copy", Account: r.Target.Account, Region: r.Target.Region, ID: r.ImageID, Kind: ErrRemoved}
	if r.Image != nil {
		e.State = string(r.Image.State)
	}
	return e
}

// appears waits until AWS shows an image whose id it has given, in whatever
// state.
func (c *copying) appears(ctx context.Context, clients *ClientSet, id string) error {
	for s, err := range ami.Watch(ctx, clients.EC2, []string{id}, c.waiting) {
		switch {
		case err != nil:
			return err
		case errors.Is(s.Err, ami.ErrNotVisible):
			e := &Error{Op: "region.Copy", Account: clients.Target.Account, Region: clients.Target.Region, ID: id, Kind: ami.ErrNotVisible, Elapsed: s.Elapsed}
			e.Hint = "AWS has accepted the copy; deregister it when it appears"
			return e
		case s.Image != nil || s.Done:
			return nil
		}
	}
	return nil
}

// deregister removes an image, outlasting what passes by itself.
func (c *copying) deregister(ctx context.Context, clients *ClientSet, id string) error {
	var last error
	for _, err := range poll.Ticks(ctx, c.schedule()) {
		if err == nil {
			if _, err = ami.Deregister(ctx, clients.EC2, id); ctx.Err() == nil {
				if !fault.Transient(err) {
					return err
				}
				last = err
				continue
			}
		}
		if last != nil {
			err = fmt.Errorf("%w; last error: %w", err, last)
		}
		return &Error{Op: "region.Copy", Account: clients.Target.Account, Region: clients.Target.Region, ID: id, Err: err, Hint: "the image is still there"}
	}
	panic("unreachable: Ticks ends only with an error")
}

// lost finds the copy whose id never arrived, one that has failed too; empty:
// there is none. Its error says that nobody knows.
func (c *copying) lost(ctx context.Context, p *plan) (id string, err error) {
	unknown := &Error{
		Op: "region.Copy", Account: p.clients.Target.Account, Region: p.clients.Target.Region, ID: p.input.Name,
		Hint: "a copy may stand under this name",
	}
	var last error
	for elapsed, err := range poll.Ticks(ctx, c.schedule()) {
		if err != nil {
			if last != nil {
				err = fmt.Errorf("%w; last error: %w", err, last)
			}
			unknown.Err = err
			return "", unknown
		}
		images, err := ami.Find(ctx, p.clients.EC2, ami.Query{
			Owners: []string{ami.Self}, Tags: map[string]string{ami.TagIntent: p.input.Intent()},
			Filters: []types.Filter{{Name: new("state"), Values: []string{
				string(types.ImageStatePending), string(types.ImageStateAvailable), string(types.ImageStateFailed),
			}}},
		}, c.waiting)
		switch {
		case err == nil:
			for _, img := range images {
				if c.made(p, img) {
					return aws.ToString(img.ImageId), nil
				}
			}
			if elapsed >= lookFor {
				return "", nil
			}
		case ctx.Err() == nil && !fault.Transient(err):
			unknown.Err = err
			return "", unknown
		case last == nil || ctx.Err() == nil: // else AWS's own words are in the last
			last = err
		}
	}
	panic("unreachable: Ticks ends only with an error")
}

// made reports whether an image with the intent of a copy is the one that this
// call has made: copies of other names have the same intent, and AWS may list a
// failed one without its name.
func (c *copying) made(p *plan, img types.Image) bool {
	name := aws.ToString(img.Name)
	if img.State != types.ImageStateFailed {
		return name == p.input.Name
	}
	began, err := time.Parse(time.RFC3339, aws.ToString(img.CreationDate))
	// AWS's clock and ours may differ a little.
	return (name == "" || name == p.input.Name) && err == nil && began.After(c.start.Add(-time.Minute))
}

// lookFor is how long AWS may take to list an image.
const lookFor = time.Minute
