package awstest

import (
	"math"
	"time"
)

// event is one thing that will happen to the world.
type event struct {
	at  time.Duration // since the cloud was made
	seq int           // events of one instant happen in the order they were made
	do  func()
}

// eventQueue is a binary heap, the next event on top. It is written out because
// the time of a simulation is mostly spent here.
type eventQueue struct {
	events []event
	seq    int
}

func (q *eventQueue) before(i, j int) bool {
	a, b := &q.events[i], &q.events[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (q *eventQueue) push(at time.Duration, do func()) {
	q.seq++
	q.events = append(q.events, event{at, q.seq, do})
	for i := len(q.events) - 1; i > 0 && q.before(i, (i-1)/2); i = (i - 1) / 2 {
		q.events[i], q.events[(i-1)/2] = q.events[(i-1)/2], q.events[i]
	}
}

// pop takes the next event out, if it is due.
func (q *eventQueue) pop(now time.Duration) (e event, due bool) {
	last := len(q.events) - 1
	if last < 0 || q.events[0].at > now {
		return e, false
	}
	e = q.events[0]
	q.events[0], q.events[last] = q.events[last], event{}
	q.events = q.events[:last]
	for i := 0; ; {
		next := 2*i + 1
		if next >= last {
			return e, true
		}
		if next+1 < last && q.before(next+1, next) {
			next++
		}
		if !q.before(next, i) {
			return e, true
		}
		q.events[i], q.events[next] = q.events[next], q.events[i]
		i = next
	}
}

// Advance moves the cloud's clock forward of the real one (or the bubble's),
// and with it everything that happens by then. The SDK and its caller go on by
// theirs: the session of a role does not grow older by it, as the SDK would keep
// its credentials beyond their end, and what a caller dates, such as a
// deprecation, it has to date by [Cloud.Now]. In a bubble time.Sleep moves all
// clocks.
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
	age := now.Sub(c.born)
	for e, due := c.queue.pop(age); due; e, due = c.queue.pop(age) {
		if at := c.born.Add(e.at); at.After(c.now) {
			c.now = at
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
	age := c.now.Sub(c.born)
	c.queue.push(age+min(max(d, 0), math.MaxInt64-age), do) // some things are for ever
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
