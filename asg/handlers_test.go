package asg_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// Refreshes of many groups fail at once, on one client whose calls take a second,
// and each handler calls this package.
func TestHandlersCallAWSWhileAllFails(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		slow := timing
		slow.Call = time.Second
		f := start(t, awstest.WithTiming(slow))
		var names []string
		for n := range 4 {
			names = append(names, fmt.Sprint("web-", n))
			f.group(names[n])
		}
		heard := make([]int, len(names))
		look := func(ctx context.Context, n int) {
			heard[n]++
			_, err := asg.Describe(ctx, f, names)
			assert.NoError(t, err)
		}

		// The verification of each group calls AWS and fails; each rolls back.
		var all sync.WaitGroup
		for n, name := range names {
			all.Go(func() {
				in := f.verified(func(ctx context.Context, _ []string) error {
					look(ctx, n)
					return errBroken
				})
				in.Group = name
				_, err := asg.RefreshVerified(t.Context(), f, in, func(o *asg.Options) {
					o.OnStatus = func(*asg.Status) { look(t.Context(), n) }
				})
				assert.ErrorIs(t, err, errBroken)
				assert.ErrorIs(t, err, asg.ErrRolledBack)
			})
		}
		all.Wait()
		for n := range names {
			assert.Greater(t, heard[n], 2, names[n])
		}

		// Refreshes that never get further are watched together, and each alone.
		var keys []asg.RefreshKey
		for _, name := range names {
			in := f.refresh()
			in.Group = name
			keys = append(keys, asg.RefreshKey{Group: name, ID: f.start(in).RefreshID})
		}
		f.removeImage("2")
		watch := func(n int, keys []asg.RefreshKey) error {
			_, err := asg.Wait(t.Context(), f, keys, func(o *asg.Options) {
				o.OnStatus = func(*asg.Status) { look(t.Context(), n) }
			})
			return err
		}
		errs := make([]error, len(names)+1)
		together := 0
		all.Go(func() {
			_, errs[len(names)] = asg.Wait(t.Context(), f, keys, func(o *asg.Options) {
				o.OnStatus = func(*asg.Status) {
					together++
					_, err := asg.Describe(t.Context(), f, names)
					assert.NoError(t, err)
				}
			})
		})
		for n := range names {
			all.Go(func() { errs[n] = watch(n, keys[n:n+1]) })
		}
		all.Wait()
		for _, err := range errs {
			require.ErrorIs(t, err, asg.ErrRefreshFailed)
		}
		for _, name := range names {
			assert.ErrorContains(t, errs[len(names)], name, "none of those that failed at once is left out")
		}
		assert.Positive(t, together)
	})
}
