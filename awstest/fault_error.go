package awstest

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
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

// Deny answers every call that fits as AWS does when the caller lacks the
// permission: UnauthorizedOperation by EC2, AccessDenied by the others.
func Deny(m Match) Fault {
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if !m.fits(call) {
			return next(ctx)
		}
		code := "AccessDenied"
		switch call.Service {
		case "EC2":
			return nil, apiError("UnauthorizedOperation", "You are not authorized to perform this operation.")
		case "SSM", "KMS": // services that speak JSON
			code = "AccessDeniedException"
		}
		action := strings.ToLower(strings.ReplaceAll(call.Service, " ", "")) + ":" + call.Operation
		return nil, apiError(code, "User: %s is not authorized to perform: %s", call.caller.arn, action)
	}
}

// ExpireCredentials answers every call that fits, from the k-th on, counted from
// 1, as AWS does when temporary credentials have expired: RequestExpired by EC2,
// ExpiredToken by the others.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func ExpireCredentials(m Match, k int) Fault {
	var seen atomic.Int64
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if m.fits(call) && seen.Add(1) >= int64(k) {
			return nil, expired(call.Service)
		}
		return next(ctx)
	}
}

// expired is the answer to temporary credentials whose time is over.
func expired(service string) error {
	switch service {
	case "EC2":
		return apiError("RequestExpired", "Request has expired.")
	case "SSM", "KMS":
		return apiError("ExpiredTokenException", "The security token included in the request is expired")
	}
	return apiError("ExpiredToken", "The security token included in the request is expired")
}

// Throttle answers every k-th call that fits, counted from 1, as AWS answers
// when calls come too fast. With k 2 half of the calls are throttled. See
// [LimitRates] for AWS's own token buckets.
func Throttle(m Match, k int) Fault {
	var seen atomic.Int64
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if !m.fits(call) || seen.Add(1)%int64(k) != 0 {
			return next(ctx)
		}
		return nil, throttled(call)
	}
}

// throttled is the answer to a call that comes too fast: status 503 from EC2,
// 400 from the others.
func throttled(call *Call) error {
	switch call.Service {
	case "EC2":
		return apiError("RequestLimitExceeded", "Request limit exceeded.")
	case "SSM", "KMS":
		return apiError("ThrottlingException", "Rate exceeded")
	}
	return apiError("Throttling", "Rate exceeded")
}

// Delay lets calls that fit take so much longer, before they reach the world.
func Delay(m Match, d time.Duration) Fault {
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if m.fits(call) {
			if err := sleep(ctx, d); err != nil {
				return nil, err
			}
		}
		return next(ctx)
	}
}
