package main

import (
	"io"
	"sync"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/readyami/readyami"
)

// A Region's way in hundredths: its image is half of it, its group the rest.
const (
	wayPending   = 10
	wayAvailable = 50
	wayVersion   = 55
	wayDone      = 100
)

// barWidth is how many columns a bar takes, where the words beside it leave it
// so many.
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

func newBars(w io.Writer, d readyami.Delivery) *bars {
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

func (b *bars) event(e readyami.Event) {
	one := b.byRegion[e.Where().Region]
	if one == nil {
		return // the source, where it is no target
	}
	b.mu.Lock()
	one.text = headline(e)
	b.mu.Unlock()
	switch e := e.(type) {
	case readyami.ImageEvent:
		one.SetCurrent(wayPending)
		if e.State == ec2types.ImageStateAvailable {
			one.SetCurrent(wayAvailable)
		}
	case readyami.VersionEvent:
		one.SetCurrent(wayVersion)
	case readyami.RefreshEvent:
		if e.Percentage > 0 {
			one.SetCurrent(int64(wayVersion + e.Percentage*(wayDone-wayVersion)/100 - 1))
		}
	case readyami.GroupEvent:
		if e.Err == nil {
			one.SetCurrent(wayDone)
		}
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
