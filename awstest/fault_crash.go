package awstest

import (
	"context"
	"errors"
	"sync/atomic"
)

// errCrashed is what every call answers after a crash: the process is gone, so
// nothing may retry it.
var errCrashed = errors.New("awstest: the process has crashed")

// CrashAtWrite is the crash switch: from the k-th call on that may change
// something, counted from 1, every call answers an error that nothing retries.
// The k-th call itself takes effect when done is true. To go on as another
// process would, end the fault with the function that is returned.
func CrashAtWrite(k int, done bool) (f Fault, restart func()) {
	var writes atomic.Int64
	var crashed, over atomic.Bool
	f = func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		switch {
		case over.Load():
			return next(ctx)
		case crashed.Load():
			return nil, errCrashed
		case !call.Write || writes.Add(1) < int64(k):
			return next(ctx)
		}
		crashed.Store(true)
		if done {
			_, _ = next(ctx) // nobody is left to read the answer
		}
		return nil, errCrashed
	}
	return f, func() { over.Store(true) }
}
