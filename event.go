package readyami

import (
	"sync"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/region"
)

// Event is something that happened in a delivery: one of [ImageEvent],
// [VersionEvent], [RefreshEvent] and [GroupEvent].
type Event interface {
	// Where is the account and Region that the event is about.
	Where() region.Target
}

// ImageEvent tells a new state of an image: the source's or a copy.
type ImageEvent struct {
	Target  region.Target
	ImageID string
	State   ec2types.ImageState
	Elapsed time.Duration // since the wait for it began
	Err     error         // the last error that is retried, or the one that ended the wait
}

// VersionEvent tells that a launch template has a version with the image.
type VersionEvent struct {
	Target     region.Target
	TemplateID string
	From, To   int64 // equal when the version had the image already
	Adopted    bool  // made by an earlier run
}

// RefreshEvent tells a new status or percentage of an instance refresh.
type RefreshEvent struct {
	Target     region.Target
	Group      string
	RefreshID  string
	Status     asgtypes.InstanceRefreshStatus
	Percentage int           // -1 while AWS tells none
	Reason     string        // AWS's words for the status
	Elapsed    time.Duration // since the watch of it began
	Err        error         // the last error that is retried, or the one that ended the watch
}

// GroupEvent tells how a group ended.
type GroupEvent struct {
	Target  region.Target
	Group   string
	Outcome Outcome
	Err     error
}

func (e ImageEvent) Where() region.Target   { return e.Target }
func (e VersionEvent) Where() region.Target { return e.Target }
func (e RefreshEvent) Where() region.Target { return e.Target }
func (e GroupEvent) Where() region.Target   { return e.Target }

// events hands events on one at a time.
type events struct {
	mu sync.Mutex
	to func(Event)
}

func (e *events) send(event Event) {
	if e.to == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.to(event)
}
