package awstest

import (
	"context"
	"sync/atomic"
)

// Refuse answers the n-th call that fits, counted from 1, with an error of
// AWS's; it does not reach the world. With n zero every call that fits is
// refused.
func Refuse(m Match, n int, code, message string) Fault {
	var seen atomic.Int64
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if !m.fits(call) {
			return next(ctx)
		}
		if k := seen.Add(1); n != 0 && k != int64(n) {
			return next(ctx)
		}
		return nil, apiError(code, "%s", message)
	}
}

// ExpireCredentials answers ExpiredToken to every call that fits from the k-th
// on, counted from 1.
func ExpireCredentials(m Match, k int) Fault {
	var seen atomic.Int64
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if m.fits(call) && seen.Add(1) >= int64(k) {
			return nil, apiError("ExpiredToken", "The security token included in the request is expired")
		}
		return next(ctx)
	}
}

// Throttle answers every k-th call that fits, counted from 1, as AWS answers
// when calls come too fast. With k 2 half of the calls are throttled.
func Throttle(m Match, k int) Fault {
	var seen atomic.Int64
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if !m.fits(call) || seen.Add(1)%int64(k) != 0 {
			return next(ctx)
		}
		if call.Service == "Auto Scaling" {
			return nil, apiError("Throttling", "Rate exceeded")
		}
		return nil, apiError("RequestLimitExceeded", "Request limit exceeded.")
	}
}
