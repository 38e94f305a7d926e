package ami

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// startBound is how long CreateStopped tries to start an instance again after
// its context has ended: a shutdown that is under way has to finish first.
const startBound = 10 * time.Minute

// CreateStoppedAPI is what [CreateStopped] calls.
type CreateStoppedAPI interface {
	CreateAPI
	StopInstances(context.Context, *ec2.StopInstancesInput, ...func(*ec2.Options)) (*ec2.StopInstancesOutput, error)
	StartInstances(context.Context, *ec2.StartInstancesInput, ...func(*ec2.Options)) (*ec2.StartInstancesOutput, error)
}

var _ CreateStoppedAPI = (*ec2.Client)(nil)

// CreateStopped is [Create] with the instance stopped meanwhile, which gives an
// image of a file system at rest. It waits until the image is available or has
// failed, and then starts the instance again if it was running: AWS does not
// document that starting it earlier is safe.
//
// The instance is started again also when the image fails and when ctx ends,
// then for at most 10 minutes more; the error joins both failures. After ctx
// has ended the image may be unfinished, and is as good as one made with
// [NoReboot]. Created is not nil when an image stands, also with an error. An
// image that is adopted is waited for, and its instance not touched: one that a
// crashed process left stopped stays stopped.
//
// Stopping an instance of an Auto Scaling group makes the group replace it,
// unless it is in standby.
//
// Consistency of the input must be empty. Errors: as of Create and [Wait].
//
// Calls and IAM actions: those of Create, and ec2:StopInstances,
// ec2:StartInstances.
func CreateStopped(ctx context.Context, api CreateStoppedAPI, in CreateInput, optFns ...func(*Options)) (*Created, error) {
	const op = "ami.CreateStopped"
	o := resolve(api, optFns)
	if in.Consistency != "" {
		return nil, fault.Invalid(op, o.Region, "Consistency: %q, must be empty: the instance is stopped", in.Consistency)
	}
	if err := in.check(op, o.Region); err != nil {
		return nil, err
	}
	in.Consistency = stopped
	host := instance{api: api, op: op, region: o.Region, id: in.InstanceID, poll: o.Poll}

	var halted bool // by us, so that we start it again
	made, err := in.claim(api, op, o, func(ctx context.Context) (err error) {
		halted, err = host.stop(ctx, api)
		return err
	}).make(ctx, api)
	if err == nil {
		_, err = Wait(ctx, api, []string{made.ImageID}, func(w *Options) { *w = o })
	}
	if halted {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), startBound)
		defer cancel()
		if failed := host.start(detached, api); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return made, err
}

// stop has the instance stopped. It was halted by us where we asked for that,
// also when the answer was an error: it may have had its effect.
func (i instance) stop(ctx context.Context, api CreateStoppedAPI) (halted bool, err error) {
	var accepted, stopping bool
	err = i.until(ctx, func(found *types.Instance, s types.InstanceStateName) (bool, error) {
		if err := hasDisk(found); err != nil {
			return false, err
		}
		switch {
		case s == types.InstanceStateNameStopped:
			return true, nil
		case s == types.InstanceStateNameStopping:
			stopping = accepted
			return false, nil
		case s == types.InstanceStateNameRunning && !accepted:
			halted = true
			_, err := api.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{i.id}})
			accepted = err == nil
			return false, err
		case s == types.InstanceStateNameRunning && !stopping:
			return false, nil // an old answer: AWS has accepted the stop
		}
		e := &Error{Kind: ErrInstanceState}
		if accepted {
			e.Hint = "it was stopped for its image; somebody else has changed its state"
		}
		return false, e
	})
	return halted, err
}

// start starts the instance again. A shutdown that is under way ends first.
func (i instance) start(ctx context.Context, api CreateStoppedAPI) error {
	err := i.until(ctx, func(_ *types.Instance, s types.InstanceStateName) (bool, error) {
		switch s {
		case types.InstanceStateNameRunning, types.InstanceStateNamePending:
			return true, nil
		case types.InstanceStateNameStopping:
			return false, nil
		case types.InstanceStateNameStopped:
			_, err := api.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: []string{i.id}})
			if fault.Is(err, "IncorrectInstanceState") {
				return false, nil // AWS sees it stopping still
			}
			return err == nil, err
		}
		return false, &Error{Kind: ErrInstanceState}
	})
	if e, ok := errors.AsType[*Error](err); ok {
		e.Hint = "the instance was running and was not started again"
	}
	return err
}
