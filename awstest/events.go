package awstest

import (
	"container/heap"
	"time"
)

// event is one thing that will happen to the world.
type event struct {
	at  time.Time
	seq int // events of one instant happen in the order they were made
	do  func()
}

type eventQueue struct {
	events []event
	seq    int
}

func (q *eventQueue) Len() int { return len(q.events) }
func (q *eventQueue) Less(i, j int) bool {
	a, b := q.events[i], q.events[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.seq < b.seq
}
func (q *eventQueue) Swap(i, j int) { q.events[i], q.events[j] = q.events[j], q.events[i] }
func (q *eventQueue) Push(x any)    { q.events = append(q.events, x.(event)) }
func (q *eventQueue) Pop() any {
	last := len(q.events) - 1
	e := q.events[last]
	q.events[last] = event{}
	q.events = q.events[:last]
	return e
}

// Advance moves the cloud's clock forward of the real one (or the bubble's),
// and with it everything that happens by then.
func (c *Cloud) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	c.step()
}

// Now is the cloud's time.
func (c *Cloud) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// step brings the world up to now. While an event runs, c.now is the instant at
// which it happens, so that what it starts in turn is dated right.
func (c *Cloud) step() {
	released := c.shown
	c.shown = nil
	for _, do := range released {
		do()
	}
	now := time.Now().Add(c.offset)
	for c.queue.Len() > 0 && !c.queue.events[0].at.After(now) {
		e := heap.Pop(&c.queue).(event)
		if e.at.After(c.now) {
			c.now = e.at
		}
		e.do()
	}
	if now.After(c.now) {
		c.now = now
	}
}

// after runs do when d has passed, whatever the timing preset: for what AWS
// itself dates, such as a deprecation or a stall.
func (c *Cloud) after(d time.Duration, do func()) {
	c.queue.seq++
	heap.Push(&c.queue, event{at: c.now.Add(max(d, 0)), seq: c.queue.seq, do: do})
}

// sight is embedded by what has transitions: under SeenOnce a transition
// happens at the first call after the one that showed the thing.
type sight struct{ pending []func() }

// transition runs do when d has passed or, under SeenOnce, when the thing has
// been shown once.
func (c *Cloud) transition(s *sight, d time.Duration, do func()) {
	if c.timing.SeenOnce {
		s.pending = append(s.pending, do)
		return
	}
	c.after(d, do)
}

// show notes that an answer shows the thing.
func (c *Cloud) show(s *sight) {
	c.shown = append(c.shown, s.pending...)
	s.pending = nil
}

// hasten lets the thing's transitions happen now, shown or not: for what goes on
// inside of something else that is what an answer shows.
func (c *Cloud) hasten(s *sight) {
	for _, do := range s.pending {
		c.after(0, do)
	}
	s.pending = nil
}
