package fanout

import "sync"

// Sink hands values on to one function: one at a time, in the order of Put, in a
// goroutine of its own. Put never waits for the function, so that a slow one, or
// one that makes calls itself, holds up nobody.
type Sink[T any] struct {
	to   func(T)
	wake chan struct{} // has a value while there may be something to hand on
	done chan struct{} // closed when all is handed on

	mu      sync.Mutex // never held while the function runs
	waiting []T
	closed  bool
}

// NewSink begins to hand values on to a function; nil: they are dropped. Close
// has to be called.
func NewSink[T any](to func(T)) *Sink[T] {
	s := &Sink[T]{to: to, wake: make(chan struct{}, 1), done: make(chan struct{})}
	if to == nil {
		close(s.done)
	} else {
		go s.run()
	}
	return s
}

// Put hands a value on, soon. It must not be called after Close.
func (s *Sink[T]) Put(v T) {
	if s.to == nil {
		return
	}
	s.mu.Lock()
	s.waiting = append(s.waiting, v)
	s.mu.Unlock()
	s.signal()
}

// Close returns when the function has had every value.
func (s *Sink[T]) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.signal()
	<-s.done
}

func (s *Sink[T]) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Sink[T]) run() {
	defer close(s.done) // also where the function ends the goroutine, as t.FailNow does
	for range s.wake {
		s.mu.Lock()
		batch, closed := s.waiting, s.closed
		s.waiting = nil
		s.mu.Unlock()
		for _, v := range batch {
			s.to(v)
		}
		if closed { // nothing is put any more
			return
		}
	}
}
