// Package fanout does one thing many times at once: bounded, with the results
// in the order of the input, and without one failure stopping the others.
package fanout

import (
	"golang.org/x/sync/errgroup"
)

// Each calls do for every index below n, at most limit at a time, and returns
// when all calls have. A limit below one means one call at a time.
func Each(n, limit int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(max(limit, 1))
	for i := range n {
		g.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = g.Wait() // do reports through its own results: no call returns an error
}

// Map is Each for a function with a result; results are in the order of in.
func Map[In, Out any](in []In, limit int, do func(In) Out) []Out {
	out := make([]Out, len(in))
	Each(len(in), limit, func(i int) { out[i] = do(in[i]) })
	return out
}
