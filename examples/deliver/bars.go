package main

import (
	"context"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// A Region's way in hundredths: its image is half of it, its group the rest.
const (
	wayPending   = 10
	wayAvailable = 50
	wayVersion   = 55
	wayDone      = 100
)

// barWidth is how many columns a bar takes, if the words beside it leave that many.
const barWidth = 40

// bars shows one progress bar for each Region.
type bars struct {
	all      *mpb.Progress
	mu       sync.Mutex
	byRegion map[string]*bar
}

type bar struct {
	*mpb.Bar
	text string
}

func newBars(w io.Writer, d plan.Delivery) *bars {
	b := &bars{all: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh()), byRegion: map[string]*bar{}}
	for _, t := range d.Targets {
		one := &bar{text: "waiting"}
		one.Bar = b.all.AddBar(wayDone,
			mpb.BarWidth(barWidth),
			mpb.PrependDecorators(decor.Name(t.Region, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				b.mu.Lock()
				defer b.mu.Unlock()
				return one.text
			})),
		)
		b.byRegion[t.Region] = one
	}
	return b
}

func (b *bars) event(_ context.Context, e readyami.Event) {
	one := b.byRegion[e.Region]
	if one == nil || e.Step.Kind == plan.StepReject {
		return // the source, if it is no target, or the decision, which is about no Region
	}
	b.mu.Lock()
	one.text = headline(e)
	b.mu.Unlock()
	switch {
	case e.Result.Image != nil && e.Result.State.Done():
		one.SetCurrent(wayAvailable)
	case e.Result.Image != nil:
		one.SetCurrent(wayPending)
	case e.Step.Kind == plan.StepTemplateVersion && e.Result.State.Done():
		one.SetCurrent(wayVersion)
	case e.Step.Kind == plan.StepRefresh && e.Result.State.Done():
		one.SetCurrent(wayDone)
	case e.Step.Kind == plan.StepRefresh && e.Result.Group.Percentage > 0:
		one.SetCurrent(int64(wayVersion + e.Result.Group.Percentage*(wayDone-wayVersion)/100 - 1))
	}
}

// done leaves the bars as they stand.
func (b *bars) done() {
	for _, one := range b.byRegion {
		if !one.Completed() {
			one.Abort(false)
		}
	}
	b.all.Wait()
}
