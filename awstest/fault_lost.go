package awstest

import (
	"context"
	"errors"
	"sync/atomic"
)

var errConnectionReset = errors.New("read: connection reset by peer")

// errLostForGood is the end of a call whose answer never comes: nothing that
// the SDK retries, so that the caller is left not knowing.
var errLostForGood = errors.New("awstest: the response was lost for good")

// LoseResponse lets the next call that fits take effect and breaks the
// connection before its answer arrives: the SDK sends the call again and meets
// its own effect.
func LoseResponse(m Match) Fault {
	return lose(m, connectionLost())
}

// LoseResponseForGood is as [LoseResponse], but what the caller gets is an
// error that nothing retries: only another run can find out what happened.
func LoseResponseForGood(m Match) Fault {
	return lose(m, errLostForGood)
}

func lose(m Match, answer error) Fault {
	var done atomic.Bool
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		if !m.fits(call) || done.Load() {
			return next(ctx)
		}
		out, err := next(ctx)
		if err != nil || !done.CompareAndSwap(false, true) {
			return out, err
		}
		return nil, answer
	}
}
