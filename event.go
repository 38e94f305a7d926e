package readyami

import (
	"context"
	"log/slog"
	"sync"

	"github.com/readyami/readyami/plan"
)

// Event is the result of a step, as it changes: a new state, another status or
// percentage at AWS, a write.
type Event struct {
	// Release and Attempt are those of the plan.
	Release string
	Attempt int
	// Account and Region are the place of the step.
	Account, Region string
	// Step and Result are how far it is.
	Step   plan.Step
	Result plan.Result
}

// LogValue is the event as attributes of a log record.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("step", string(e.Step.ID)), slog.String("state", string(e.Result.State))}
	if g := e.Result.Group; g != nil && g.RefreshID != "" {
		attrs = append(attrs, slog.String("refresh", g.RefreshID), slog.String("status", g.Status), slog.Int("percentage", g.Percentage))
	}
	if i := e.Result.Image; i != nil {
		attrs = append(attrs, slog.String("image", i.ID), slog.String("status", i.State))
		if i.Progress != "" {
			attrs = append(attrs, slog.String("progress", i.Progress))
		}
	}
	if err := e.Result.Error; err != nil {
		attrs = append(attrs, slog.String("error", err.Message))
	}
	if !e.Result.Next.IsZero() {
		attrs = append(attrs, slog.Time("next", e.Result.Next))
	}
	return slog.GroupValue(attrs...)
}

// events hands events to the caller's handler, one at a time and in their order, in
// a goroutine of their own. Sending never waits for the handler.
type events struct {
	to    func(context.Context, Event)
	mu    sync.Mutex
	queue []Event
	more  chan struct{} // of one: something is in the queue
	done  chan struct{}
}

// start begins to hand events on. stop waits until the handler has had all of them.
func startEvents(ctx context.Context, to func(context.Context, Event)) *events {
	e := &events{to: to, more: make(chan struct{}, 1), done: make(chan struct{})}
	if to == nil {
		close(e.done)
		return e
	}
	go func() {
		defer close(e.done)
		for range e.more {
			for _, event := range e.take() {
				to(ctx, event)
			}
		}
	}()
	return e
}

func (e *events) take() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.queue
	e.queue = nil
	return out
}

func (e *events) send(event Event) {
	if e.to == nil {
		return
	}
	e.mu.Lock()
	e.queue = append(e.queue, event)
	e.mu.Unlock()
	select {
	case e.more <- struct{}{}:
	default:
	}
}

func (e *events) stop() {
	if e.to != nil {
		close(e.more)
	}
	<-e.done
}
