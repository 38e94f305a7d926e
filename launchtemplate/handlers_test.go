package launchtemplate_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/launchtemplate"
)

// Everything that calls the caller's code, at once, on one client whose calls
// take a second: the caller's code calls this package, and all fails.
func TestHandlersCallAWSWhileAllFails(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		cloud, api := start(t, awstest.WithTiming(awstest.Timing{Call: time.Second}))
		image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "one"})
		ref := launchtemplate.Ref{ID: cloud.Region(home).Template(awstest.TemplateSeed{Name: "web", ImageID: image})}
		look := func(ctx context.Context) {
			v, err := launchtemplate.Resolve(ctx, api, ref, launchtemplate.LatestVersion)
			if assert.NoError(t, err) {
				assert.Equal(t, int64(1), v.Number)
			}
		}
		errUsers := errors.New("nobody knows")
		began := time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { // a search for users that cannot be finished
				_, err := launchtemplate.Prune(t.Context(), api, launchtemplate.PruneInput{
					Template: ref, Keep: 1, Foreign: true,
					Users: []launchtemplate.UsesFunc{func(ctx context.Context, _ launchtemplate.Template) ([]launchtemplate.Use, error) {
						look(ctx)
						return nil, errUsers
					}},
				})
				assert.ErrorIs(t, err, launchtemplate.ErrUsesUnknown)
				assert.ErrorIs(t, err, errUsers)
			})
			all.Go(func() { // a change that is refused
				_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
					Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) {
						look(t.Context())
						d.ImageId = new("ami-0123456789abcdef0")
					},
				})
				assert.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
			})
			all.Go(func() { // a walk whose reader is slow
				for v, err := range launchtemplate.Versions(t.Context(), api, ref) {
					assert.NoError(t, err)
					assert.Equal(t, image, v.ImageID)
					look(t.Context())
				}
			})
		}
		all.Wait()
		assert.Less(t, time.Since(began), time.Minute)
		assert.Empty(t, cloud.Writes())
	})
}
