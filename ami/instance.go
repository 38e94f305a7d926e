package ami

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// hostAPI is what it takes to look at an instance.
type hostAPI interface {
	ec2.DescribeInstancesAPIClient
	ec2.DescribeImagesAPIClient
}

// instance is the one that an image is made of.
type instance struct {
	api  hostAPI
	op   string
	at   fault.Place
	id   string
	poll Schedule
	in   CreateInput
}

func (in CreateInput) host(api hostAPI, op string, o Options) instance {
	return instance{api: api, op: op, at: o.place(), id: in.InstanceID, poll: o.Poll, in: in}
}

// read is the instance as AWS knows it now.
func (i instance) read(ctx context.Context) (*types.Instance, error) {
	p := ec2.NewDescribeInstancesPaginator(i.api, &ec2.DescribeInstancesInput{InstanceIds: []string{i.id}})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Reservations {
			if len(r.Instances) > 0 {
				return &r.Instances[0], nil
			}
		}
	}
	return nil, &Error{Op: "DescribeInstances", ID: i.id, Kind: ErrNotFound}
}

// until reads the instance until done says so. Errors that pass by themselves
// are outlasted; ctx is the only deadline.
func (i instance) until(ctx context.Context, done func(*types.Instance, types.InstanceStateName) (bool, error)) error {
	var last types.InstanceStateName
	var lastErr error
	fail := func(elapsed time.Duration, e *Error) error {
		e.Op, e.Account, e.Region, e.ID, e.State, e.Elapsed = i.op, i.at.Account, i.at.Region, i.id, string(last), elapsed
		return e
	}
	i.poll.Gate = 0
	for elapsed, err := range poll.Ticks(ctx, i.poll) {
		if err != nil {
			return fail(elapsed, &Error{Err: after(err, lastErr)})
		}
		found, err := i.read(ctx)
		if err == nil {
			last = state(found)
			var ok bool
			if ok, err = done(found, last); ok && err == nil {
				return nil
			}
		}
		if err == nil {
			lastErr = nil
		}
		switch {
		case err == nil:
		case ctx.Err() == nil && fault.Transient(err):
			lastErr = err
		default:
			e, ok := err.(*Error)
			if !ok {
				if ctx.Err() != nil {
					err = after(err, lastErr)
				}
				e = refused(ctx, "", fault.Place{}, "", err)
			}
			return fail(elapsed, e)
		}
	}
	return nil
}

// imageable waits out a shutdown and refuses what no image can be made of.
func (i instance) imageable(ctx context.Context) error {
	return i.until(ctx, func(found *types.Instance, s types.InstanceStateName) (bool, error) {
		switch s {
		case types.InstanceStateNameRunning, types.InstanceStateNameStopped:
			return true, i.suits(ctx, found)
		case types.InstanceStateNameStopping:
			return false, nil
		}
		return false, &Error{Kind: ErrInstanceState}
	})
}

// after is err with the error before it that was outlasted.
func after(err, lastErr error) error {
	if lastErr == nil {
		return err
	}
	return fmt.Errorf("%w; last error: %w", err, lastErr)
}

func state(i *types.Instance) types.InstanceStateName {
	if i.State == nil {
		return ""
	}
	return i.State.Name
}
