package readyami

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/readyami/readyami/region"
)

// clock is AWS's clock: the local one and how far the two are apart, as the Date of
// AWS's answers shows. Marks and budgets are compared with AWS's own times.
type clock struct{ ahead atomic.Int64 }

// now is the time by AWS's clock.
func (c *clock) now() time.Time { return time.Now().UTC().Add(time.Duration(c.ahead.Load())) }

// exact is how exact the measured difference is: AWS dates its answers to the second.
const exact = 2 * time.Second

// watch has the clients of a configuration measure the difference.
func (c *clock) watch(configs region.ConfigFunc) region.ConfigFunc {
	return func(ctx context.Context, t region.Target) (aws.Config, error) {
		cfg, err := configs(ctx, t)
		cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("readyami:Clock", c.measure), middleware.Before)
		})
		return cfg, err
	}
}

func (c *clock) measure(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleInitialize(ctx, in)
	if at, ok := awsmiddleware.GetServerTime(metadata); ok {
		ahead := time.Until(at)
		if ahead.Abs() < exact {
			ahead = 0
		}
		if was := time.Duration(c.ahead.Load()); (ahead - was).Abs() >= exact {
			c.ahead.Store(int64(ahead))
		}
	}
	return out, metadata, err
}
