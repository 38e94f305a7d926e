package readyami_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// recorder notes what is written with the configs of a delivery, act by act. It
// notes nothing before the first.
type recorder struct {
	t     testing.TB
	mu    sync.Mutex // guards what is below
	names *names
	acts  []actWrites
}

// begin begins an act. What one writes that goes on after a cut counts as if
// nothing had been cut.
func (r *recorder) begin(name string, goesOn bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if goesOn {
		r.acts[len(r.acts)-1].Act += ", " + name
		return
	}
	r.acts = append(r.acts, actWrites{Act: name, Writes: map[string][]write{}})
}

// invocation is one call of an SDK client of the delivery, with all the attempts
// that the SDK makes of it.
type invocation struct {
	landed   bool // AWS has done what it asks for
	recorded bool
}

type invocationKey struct{}

func invocationOf(ctx context.Context) *invocation {
	i, _ := ctx.Value(invocationKey{}).(*invocation)
	return i
}

// ours makes the clients of a config known as those of the delivery: whoever
// else acts in a scenario has clients of their own.
func ours(cfg aws.Config) aws.Config {
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("readyami_test.ours",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
				middleware.InitializeOutput, middleware.Metadata, error,
			) {
				return next.HandleInitialize(context.WithValue(ctx, invocationKey{}, &invocation{}), in)
			}), middleware.Before)
	})
	return cfg
}

// sees is a fault that changes nothing, and is before all others: what the caller
// is told is what it sees.
func (r *recorder) sees(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
	r.mu.Lock()
	r.names.places[region.Target{Account: call.Account, Region: call.Region}] = true
	begun := len(r.acts) > 0
	r.mu.Unlock()
	of := invocationOf(ctx)
	if !begun || !call.Write || of == nil {
		return next(ctx)
	}
	writes := r.describe(call) // before it changes what there is
	out, err := next(ctx)
	api, answered := errors.AsType[smithy.APIError](err)
	switch {
	case of.recorded: // the SDK has sent it again, and AWS had done it
		return out, err
	case of.landed:
	case answered && !throttled(err):
		for i := range writes {
			writes[i].Refused = api.ErrorCode()
		}
	default: // it has not arrived
		return out, err
	}
	of.recorded = true
	r.mu.Lock()
	defer r.mu.Unlock()
	act, place := &r.acts[len(r.acts)-1], call.Account+"/"+call.Region
	act.Writes[place] = append(act.Writes[place], writes...)
	return out, err
}

func throttled(err error) bool {
	codes := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	return codes.IsErrorThrottle(err).Bool()
}

// arrives is a fault that changes nothing, and is behind all others: what it sees
// succeed has been done, whatever becomes of the answer.
func arrives(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
	out, err := next(ctx)
	if of := invocationOf(ctx); of != nil && err == nil {
		of.landed = true
	}
	return out, err
}

// describe tells what a call writes.
func (r *recorder) describe(call *awstest.Call) []write {
	r.mu.Lock()
	defer r.mu.Unlock()
	place := region.Target{Account: call.Account, Region: call.Region}
	writes, err := describe(call.Operation, place, call.Input, r.names)
	if err != nil {
		r.t.Errorf("%s in %s cannot be recorded: %v", call.Operation, place, err)
	}
	return writes
}
