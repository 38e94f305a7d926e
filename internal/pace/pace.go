// Package pace keeps a client below the request rates that AWS allows, so that
// a delivery to many groups waits its turn instead of being throttled.
package pace

import (
	"context"
	"fmt"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	"github.com/readyami/readyami/internal/poll"
)

// Bucket is a token bucket: so many calls at once, and so many a second after.
type Bucket struct {
	Burst  int
	Refill float64
}

// share is how much of AWS's refill we take: the clocks of the two ends differ.
const share = 0.98

// The documented buckets of EC2, for each account, Region and API.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
var (
	ec2Read  = Bucket{100, 20}
	ec2Write = Bucket{50, 5}
	ec2      = map[string]Bucket{
		"CopyImage":                   {100, 1},
		"CreateLaunchTemplateVersion": {100, 5},
		"ModifyLaunchTemplate":        {100, 5},
		"ModifyImageAttribute":        {100, 5},
		"ModifySnapshotAttribute":     {100, 5},
		"DeregisterImage":             {100, 5},
		"DeleteSnapshot":              {100, 5},
		"CreateSnapshot":              {100, 5},
		"CreateTags":                  {100, 10},
		"DeleteTags":                  {100, 10},
		"RunInstances":                {5, 2},
		"StartInstances":              {5, 2},
		"TerminateInstances":          {100, 5},
	}
)

// autoScaling is one bucket for all calls of that API: AWS publishes no
// figures, only that one limit is shared by all its calls.
var autoScaling = Bucket{20, 10}

// Pacer holds the buckets of one client set: one account in one Region.
type Pacer struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

// New returns a Pacer with full buckets.
func New() *Pacer { return &Pacer{limiters: map[string]*rate.Limiter{}} }

// Install makes every attempt of a call, retries included, take a token first.
// It is for aws.Config.APIOptions.
func (p *Pacer) Install(stack *middleware.Stack) error {
	if _, retried := stack.Finalize.Get("Retry"); !retried {
		return nil // a presigned request is not sent
	}
	return stack.Finalize.Insert(p, "Retry", middleware.After)
}

// ID names the middleware.
func (p *Pacer) ID() string { return "readyami:Pace" }

// HandleFinalize waits for a token, or until ctx ends.
func (p *Pacer) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	service, op := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	if l := p.limiter(service, op); l != nil {
		// Not Limiter.Wait: it gives up early when it sees that ctx will end.
		turn := l.Reserve()
		if err := poll.Sleep(ctx, turn.Delay()); err != nil {
			turn.Cancel()
			return out, metadata, fmt.Errorf("waiting for the turn of %s: %w", op, err)
		}
	}
	return next.HandleFinalize(ctx, in)
}

func (p *Pacer) limiter(service, op string) *rate.Limiter {
	key, b, ok := bucket(service, op)
	if !ok {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.limiters[key]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(b.Refill*share), b.Burst)
		p.limiters[key] = l
	}
	return l
}

// bucket names the bucket that a call draws from.
func bucket(service, op string) (key string, b Bucket, ok bool) {
	switch service {
	case "Auto Scaling":
		return service, autoScaling, true
	case "EC2":
		if b, ok := ec2[op]; ok {
			return op, b, true
		}
		if isRead(op) {
			return op, ec2Read, true
		}
		return op, ec2Write, true
	}
	return "", Bucket{}, false
}

func isRead(op string) bool {
	for _, verb := range []string{"Describe", "Get", "List"} {
		if len(op) > len(verb) && op[:len(verb)] == verb {
			return true
		}
	}
	return false
}
