package asg

import (
	"fmt"
	"strings"
	"time"

	"github.com/readyami/readyami/internal/fault"
)

// fail is why one refresh did not succeed.
func (w *watcher) fail(s Status, kind, cause error) *Error {
	e := &Error{Op: w.op, Account: w.o.Account, Region: w.o.Region, ID: s.Group, Kind: kind}
	if cause != nil {
		e = fault.Call(w.op, w.o.place(), s.Group, cause)
	}
	e.IDs, e.State, e.Reason, e.Elapsed = []string{s.ID}, string(s.Status), s.Reason, s.Elapsed
	return e
}

// ended reports the end of ctx, with the last error of AWS if there was one.
func (w *watcher) ended(cause error) *Error {
	for _, g := range w.groups {
		for _, s := range g.open {
			if s.LastErr != nil {
				cause = fmt.Errorf("%w; last error: %w", cause, s.LastErr)
				return w.over(&Error{Op: w.op, Account: w.o.Account, Region: w.o.Region, Err: cause})
			}
		}
	}
	return w.over(&Error{Op: w.op, Account: w.o.Account, Region: w.o.Region, Err: cause})
}

// over names in e the refreshes that had not ended, and how far they were.
func (w *watcher) over(e *Error) *Error {
	var order []string
	in := map[string][]string{}
	e.Elapsed = time.Since(w.start)
	var last Status
	for _, g := range w.groups {
		for _, s := range g.open {
			state := string(s.Status.Status)
			if state == "" {
				state = "not visible"
			}
			if in[state] == nil {
				order = append(order, state)
			}
			in[state] = append(in[state], s.RefreshKey.String())
			e.IDs = append(e.IDs, s.RefreshKey.String())
			last = s.Status
		}
	}
	e.State = strings.Join(order, "")
	if len(order) > 1 {
		for i, state := range order {
			order[i] = state + " " + strings.Join(in[state], " ")
		}
		e.State = strings.Join(order, ", ")
	}
	if len(e.IDs) == 1 {
		e.ID, e.IDs, e.Reason = last.Group, []string{last.ID}, last.Reason
	}
	return e
}
