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

// TagRestart is on an instance for as long as [CreateStopped] has it stopped, so
// that a run after a crash knows that it was running. Its value is the intent of
// the image.
const TagRestart = "readyami:restart"

// CreateStoppedAPI is what [CreateStopped] calls.
type CreateStoppedAPI interface {
	CreateAPI
	StopInstances(context.Context, *ec2.StopInstancesInput, ...func(*ec2.Options)) (*ec2.StopInstancesOutput, error)
	StartInstances(context.Context, *ec2.StartInstancesInput, ...func(*ec2.Options)) (*ec2.StartInstancesOutput, error)
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	DeleteTags(context.Context, *ec2.DeleteTagsInput, ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error)
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
// [NoReboot]. CreateResult is not nil when an image stands, also with an error. An
// image that is adopted is waited for, and its instance only touched where a
// crashed process left it stopped, which [TagRestart] on the instance tells: it
// is started again.
//
// An Auto Scaling group replaces an instance that is stopped, unless it is in
// standby. CreateStopped refuses such an instance with [ErrGroupMember] before
// the first write, unless the input says StopGroupMember. AWS does not stop a
// Spot Instance of a one-time request, which is [ErrUnsupported].
//
// Reboot of the input must be empty. Other errors: as of Create and [Wait].
//
// Calls and IAM actions: those of Create, and ec2:StopInstances,
// ec2:StartInstances, ec2:CreateTags and ec2:DeleteTags on the instance. For an
// instance of an Auto Scaling group also
// autoscaling:DescribeAutoScalingInstances.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
func CreateStopped(ctx context.Context, api CreateStoppedAPI, in CreateInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "ami.CreateStopped"
	o := resolve(api, optFns)
	if in.Reboot != "" {
		return nil, fault.Invalid(op, o.place(), "Reboot: %q, must be empty: the instance is stopped", in.Reboot)
	}
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	in.Reboot = stopped
	host := in.host(api, op, o)

	var halted bool // by us, so that we start it again
	made, err := in.claim(api, op, o, func(ctx context.Context) (err error) {
		halted, err = host.stop(ctx, api, in.Intent())
		return err
	}).make(ctx, api)
	if err == nil {
		_, err = Wait(ctx, api, []string{made.ImageID}, func(w *Options) { *w = o })
	}
	if made != nil && made.Adopted && ctx.Err() == nil {
		marked, failed := host.marked(ctx)
		halted, err = halted || marked, errors.Join(err, failed)
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
func (i instance) stop(ctx context.Context, api CreateStoppedAPI, intent string) (halted bool, err error) {
	var accepted, stopping, suited bool
	err = i.until(ctx, func(found *types.Instance, s types.InstanceStateName) (bool, error) {
		if !suited && lives(s) {
			if err := i.suits(ctx, found); err != nil {
				return false, err
			}
			suited = true
		}
		halted = halted || Tag(found.Tags, TagRestart) != ""
		switch {
		case s == types.InstanceStateNameStopped:
			return true, nil
		case s == types.InstanceStateNameStopping:
			stopping = accepted
			return false, nil
		case s == types.InstanceStateNameRunning && !accepted:
			if err := i.expendable(ctx, found); err != nil {
				return false, err
			}
			if Tag(found.Tags, TagRestart) == "" {
				if err := i.mark(ctx, api, intent); err != nil {
					return false, err
				}
			}
			halted = true
			_, err := api.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{i.id}})
			accepted = err == nil
			if fault.Is(err, "UnsupportedOperation") {
				err = &Error{Kind: ErrUnsupported, Err: err, Hint: "choose Reboot or NoReboot"}
			}
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

// lives reports whether an instance in a state can be imaged now or soon.
func lives(s types.InstanceStateName) bool {
	return s == types.InstanceStateNameRunning || s == types.InstanceStateNameStopping || s == types.InstanceStateNameStopped
}

// mark notes on the instance that it runs and is about to be stopped.
func (i instance) mark(ctx context.Context, api CreateStoppedAPI, intent string) error {
	_, err := api.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{i.id}, Tags: []types.Tag{{Key: new(TagRestart), Value: &intent}}})
	return err
}

// marked reports whether a run before this one has left the instance stopped.
// One that is gone is not.
func (i instance) marked(ctx context.Context) (yes bool, err error) {
	err = i.until(ctx, func(found *types.Instance, s types.InstanceStateName) (bool, error) {
		over := s == types.InstanceStateNameTerminated || s == types.InstanceStateNameShuttingDown
		yes = Tag(found.Tags, TagRestart) != "" && !over
		return true, nil
	})
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return yes, err
}

// start starts the instance again, and takes its mark away. A shutdown that is
// under way ends first.
func (i instance) start(ctx context.Context, api CreateStoppedAPI) error {
	started := false
	err := i.until(ctx, func(_ *types.Instance, s types.InstanceStateName) (bool, error) {
		switch s {
		case types.InstanceStateNameRunning, types.InstanceStateNamePending:
		case types.InstanceStateNameStopping:
			return false, nil
		case types.InstanceStateNameStopped:
			_, err := api.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: []string{i.id}})
			if fault.Is(err, "IncorrectInstanceState") {
				return false, nil // AWS sees it stopping still
			}
			if err != nil {
				return false, err
			}
		default:
			return false, &Error{Kind: ErrInstanceState}
		}
		started = true
		_, err := api.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{i.id}, Tags: []types.Tag{{Key: new(TagRestart)}}})
		return err == nil, err
	})
	if e, ok := errors.AsType[*Error](err); ok {
		e.Hint = "the instance was running and was not started again"
		if started {
			e.Hint = "the instance runs again, and still has the tag " + TagRestart
		}
	}
	return err
}
