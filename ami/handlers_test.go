package ami_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// Everything that calls the caller's code, at once, on one client whose calls
// take a second: the caller's code calls this package and AWS, and all fails.
func TestHandlersCallAWSWhileAllFails(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		g, rules := atOnce(t, awstest.WithTiming(awstest.Timing{Call: time.Second, ImageCopy: time.Minute, Image: time.Minute}))
		api := client(g.cloud, here)
		errHandler := errors.New("the handler fails")
		look := func(ctx context.Context) error {
			found, err := ami.Find(ctx, api, ami.Query{Owners: []string{ami.Self}})
			assert.NoError(t, err)
			assert.NotEmpty(t, found)
			_, err = api.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
			assert.NoError(t, err)
			return errHandler
		}
		plan := g.plan(rules)
		plan.Decisions = slices.DeleteFunc(plan.Decisions, func(d ami.Decision) bool { return d.Action != ami.ActionDisable })
		require.NotEmpty(t, plan.Decisions)
		hooked := rules
		hooked.Usage.Hooks = []ami.ReferenceHook{{Type: "recipe", Find: func(ctx context.Context, _ []string) (map[string][]string, error) { return nil, look(ctx) }}}
		g.cloud.FailImages(awstest.ImageMatch{Name: "bad *"}, "Client.InternalError", "it failed")

		var all sync.WaitGroup
		for n := range 5 {
			all.Go(func() { // a record that is not kept
				_, err := ami.ApplyLifecycle(t.Context(), api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 10, Record: func(ctx context.Context, _ ami.SharingRecord) error { return look(ctx) }})
				assert.ErrorIs(t, err, ami.ErrRecordFailed)
				assert.ErrorIs(t, err, errHandler)
			})
			all.Go(func() { // a hook that finds nothing out
				_, err := ami.References(t.Context(), api, g.images, hooked.Usage)
				assert.ErrorIs(t, err, ami.ErrHookFailed)
				assert.ErrorIs(t, err, errHandler)
			})
			all.Go(func() { // a watch whose reader is slow
				made, err := api.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new(fmt.Sprint("bad ", n)), SourceImageId: &g.images[3], SourceRegion: new(here)})
				if !assert.NoError(t, err) {
					return
				}
				var last *ami.Status
				for s, err := range ami.Watch(t.Context(), api, []string{*made.ImageId}) {
					assert.NoError(t, err)
					assert.Equal(t, errHandler, look(t.Context()))
					last = s
				}
				assert.ErrorIs(t, last.Err, ami.ErrFailed)
			})
		}
		start := time.Now()
		all.Wait()
		assert.Less(t, time.Since(start), 5*time.Minute)
		require.NoError(t, t.Context().Err())
	})
}
