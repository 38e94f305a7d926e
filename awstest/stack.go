package awstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// install puts the cloud where the network would be: behind input validation,
// idempotency tokens, retries and the finding of credentials, all of which run as
// in production.
func (c *Cloud) install(stack *middleware.Stack) error {
	if _, ok := stack.Finalize.Get("Retry"); !ok {
		return nil // presigning sends nothing
	}
	if err := stack.Initialize.Add(rememberInput{}, middleware.After); err != nil {
		return err
	}
	if err := spare(stack); err != nil {
		return err
	}
	return stack.Finalize.Insert(wire{c}, "Signing", middleware.After)
}

type inputKey struct{}

// rememberInput keeps the typed input for the step that answers the call: by
// then the SDK has made an HTTP request of it.
type rememberInput struct{}

func (rememberInput) ID() string { return "awstest:Input" }

func (rememberInput) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
}

// wire answers the call.
type wire struct{ cloud *Cloud }

func (wire) ID() string { return "awstest:Cloud" }

func (n wire) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, _ middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	var key string
	if req, ok := in.Request.(*smithyhttp.Request); ok {
		key = accessKey(req.Header.Get("Authorization"))
	}
	call := &Call{
		Service:   awsmiddleware.GetServiceID(ctx),
		Operation: awsmiddleware.GetOperationName(ctx),
		Region:    awsmiddleware.GetRegion(ctx),
		Input:     middleware.GetStackValue(ctx, inputKey{}),
		accessKey: key,
	}
	call.Write = mayChange(call.Operation, call.Input)
	result, err := n.cloud.call(ctx, call)
	if ahead := n.cloud.ahead(); ahead > 0 {
		metadata = dated(ctx, time.Now().Add(ahead))
	}
	awsmiddleware.SetRequestIDMetadata(&metadata, call.RequestID)
	out.Result = result
	return out, metadata, err
}

// ahead is how far AWS's clock is ahead of the caller's.
func (c *Cloud) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// dated is the metadata of an answer that has a Date, as AWS's have: the SDK reads it
// and measures how far the clocks are apart.
func dated(ctx context.Context, at time.Time) middleware.Metadata {
	answer := &smithyhttp.Response{Response: &http.Response{Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}}
	_, metadata, _ := awsmiddleware.RecordResponseTiming{}.HandleDeserialize(ctx, middleware.DeserializeInput{}, answered{answer})
	return metadata
}

// answered is the end of a stack whose answer is there already.
type answered struct{ response *smithyhttp.Response }

func (a answered) HandleDeserialize(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
	return middleware.DeserializeOutput{RawResponse: a.response}, middleware.Metadata{}, nil
}

// call is one attempt of one call, from the network's end.
func (c *Cloud) call(ctx context.Context, call *Call) (any, error) {
	faults, takes, err := c.arrive(call)
	if err == nil && takes > 0 {
		err = sleep(ctx, takes)
	}
	var out any
	if err == nil {
		out, err = c.through(ctx, faults, call)
	}
	if err != nil {
		err = c.answerError(call, err)
		out = nil
	}
	c.mu.Lock()
	if call.entry != nil {
		call.entry.Err = err
	}
	c.mu.Unlock()
	return out, err
}

// arrive numbers the call and enters it in the ledger, and tells how long it
// takes: the timing is read under the lock, as seeds change it for a moment.
func (c *Cloud) arrive(call *Call) (faults []Fault, takes time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Add(c.offset)
	if now.Before(c.born) {
		return nil, 0, errOtherClock
	}
	call.At = now
	who, err := c.identify(call.Service, call.Region, call.accessKey)
	call.Account = who.account
	call.caller = who
	c.ledger.start(call)
	return c.faults, c.timing.Call, err
}

// through passes the call along the faults to the world.
func (c *Cloud) through(ctx context.Context, faults []Fault, call *Call) (any, error) {
	if len(faults) == 0 {
		return c.execute(call)
	}
	return faults[0](ctx, call, func(ctx context.Context) (any, error) {
		return c.through(ctx, faults[1:], call)
	})
}

// execute runs the call's handler on the world as it is now.
func (c *Cloud) execute(call *Call) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step()
	if err := cmp.Or(c.enabled(call), call.refused); err != nil {
		return nil, err
	}
	c.answering = true
	c.attempt++
	defer func() { c.answering = false }()
	r := &request{
		store:   c.store(place{call.Account, call.Region}),
		service: call.Service,
		op:      call.Operation,
		caller:  call.caller,
	}
	return dispatch(r, call.Input)
}

// answerError makes of a handler's error what the SDK makes of AWS's: an API
// error inside a response error with status and request id. Errors that are not
// AWS's (the network's, this package's own) pass unchanged.
func (c *Cloud) answerError(call *Call, err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err
	}
	if _, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return err
	}
	status := statusOf(api.ErrorCode())
	return &awshttp.ResponseError{
		RequestID: call.RequestID,
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{
				Status:     fmt.Sprintf("%d %s", status, http.StatusText(status)),
				StatusCode: status,
				Header:     http.Header{"X-Amzn-Requestid": {call.RequestID}},
				Body:       http.NoBody,
			}},
			Err: err,
		},
	}
}

// sleep lets a call take its time, in the caller's goroutine and in no lock.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return &smithy.CanceledError{Err: ctx.Err()}
	case <-t.C:
		return nil
	}
}
