package readyami_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// Every change of a step is told, in its order, with AWS's progress and when AWS is
// asked next.
func TestEventsTellProgressAndTheNextLook(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		states := map[plan.StepID][]plan.State{}
		progress := map[plan.StepID][]string{}
		percentages := map[plan.StepID][]int{}
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))

		report, err := w.act(onEvent(func(e readyami.Event) {
			logger.Info("step", "event", e)
			id := e.Step.ID
			assert.Equal(t, id, e.Result.Step)
			assert.Equal(t, awstest.DefaultAccount, e.Account)
			if e.Result.State == plan.StateRunning {
				assert.True(t, e.Result.Next.After(time.Now().Add(-time.Second)), "%s: the next look", id)
			}
			if s := states[id]; len(s) == 0 || s[len(s)-1] != e.Result.State {
				states[id] = append(s, e.Result.State)
			}
			if i := e.Result.Image; i != nil && i.Progress != "" {
				progress[id] = append(progress[id], i.Progress)
			}
			if g := e.Result.Group; g != nil && g.RefreshID != "" && e.Step.Kind == plan.StepRefresh {
				percentages[id] = append(percentages[id], g.Percentage)
			}
		}))

		require.NoError(t, err)
		for _, s := range report.Plan.Steps() {
			switch s.Kind {
			case plan.StepCreateImage, plan.StepCopyImage:
				assert.Subset(t, states[s.ID], []plan.State{plan.StateRunning, plan.StateSucceeded}, s.ID)
				assert.Greater(t, len(slices.Compact(progress[s.ID])), 3, "%s: %v", s.ID, progress[s.ID])
			case plan.StepRefresh:
				assert.Subset(t, states[s.ID], []plan.State{plan.StateRunning, plan.StateSucceeded}, s.ID)
				assert.True(t, slices.IsSorted(percentages[s.ID]), percentages[s.ID])
				assert.Equal(t, 100, percentages[s.ID][len(percentages[s.ID])-1])
			}
		}
		for _, word := range []string{"event.step=copy-image/", "event.status=pending", "event.progress=", "event.percentage=100", "event.next="} {
			assert.Contains(t, log.String(), word)
		}
	})
}

// Without a handler nobody pays for the progress of snapshots.
func TestProgressIsReadOnlyIfSomebodyIsTold(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		_, err := w.act()
		require.NoError(t, err)
		assert.Zero(t, w.cloud.Count("DescribeSnapshots"))
	})
}

// AWS may say that a copy is available a moment before it lists its snapshots. Nothing
// is begun with it before.
func TestACopyCountsAsAvailableWithItsSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Targets = w.Targets[1:2]
		var mu sync.Mutex
		var listed time.Time
		w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			list, ok := out.(*ec2.DescribeImagesOutput)
			if !ok || call.Region != "us-east-1" {
				return out, err
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range list.Images {
				if image := &list.Images[i]; *image.Name == "web-2" && image.State == "available" {
					if listed.IsZero() {
						listed = time.Now().Add(2 * time.Minute)
					}
					if time.Now().Before(listed) {
						for k := range image.BlockDeviceMappings {
							image.BlockDeviceMappings[k].Ebs.SnapshotId = nil
						}
					}
				}
			}
			return out, err
		})
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		for _, call := range w.cloud.Writes() {
			if call.Region == "us-east-1" && !strings.HasPrefix(call.Operation, "CopyImage") {
				assert.False(t, call.At.Before(listed), call)
			}
		}
		assert.False(t, listed.IsZero())
	})
}
