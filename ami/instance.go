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

// instance is the one that an image is made of.
type instance struct {
	api            ec2.DescribeInstancesAPIClient
	op, region, id string
	poll           Schedule
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
		e.Op, e.Region, e.ID, e.State, e.Elapsed = i.op, i.region, i.id, string(last), elapsed
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
			if ok, err = done(found, last); ok {
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
				e = refused(ctx, "", "", "", err)
			}
			return fail(elapsed, e)
		}
	}
	return nil
}

// imageable waits out a shutdown and refuses what no image can be made of.
func (i instance) imageable(ctx context.Context) error {
	return i.until(ctx, func(found *types.Instance, s types.InstanceStateName) (bool, error) {
		if err := hasDisk(found); err != nil {
			return false, err
		}
		switch s {
		case types.InstanceStateNameRunning, types.InstanceStateNameStopped:
			return true, nil
		case types.InstanceStateNameStopping:
			return false, nil
		}
		return false, &Error{Kind: ErrInstanceState}
	})
}

func hasDisk(i *types.Instance) error {
	if i.RootDeviceType == types.DeviceTypeInstanceStore {
		return &Error{Kind: ErrUnsupported, Reason: "its root device is an instance store"}
	}
	return nil
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
