package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// progress shows a delivery while it runs.
type progress interface {
	event(context.Context, readyami.Event)
	done()
}

// lines prints one plain line for each event: for logs and pipes.
type lines struct {
	w     io.Writer
	begun map[plan.StepID]bool
}

func newLines(w io.Writer) lines { return lines{w, map[plan.StepID]bool{}} }

// A step of an undo that has nothing to undo is not shown.
func (l lines) event(_ context.Context, e readyami.Event) {
	r := e.Result
	if r.Wrote || r.State == plan.StateRunning || r.Group != nil && r.Group.RefreshID != "" {
		l.begun[e.Step.ID] = true
	}
	if !e.Step.Kind.Undoes() || l.begun[e.Step.ID] {
		fmt.Fprintf(l.w, "%-14s %s\n", e.Region, describe(e))
	}
}

func (lines) done() {}

// describe is an event in words.
func describe(e readyami.Event) string {
	s := headline(e)
	switch r := e.Result; {
	case r.Error != nil:
		s += ": " + r.Error.Message
	case r.Group != nil && r.Group.Reason != "":
		s += ": " + r.Group.Reason
	case r.Image != nil && r.Image.Reason != "":
		s += ": " + r.Image.Reason
	}
	return s
}

// headline is an event in the few words that fit beside a bar.
func headline(e readyami.Event) string {
	r := e.Result
	switch {
	case r.Image != nil:
		return fmt.Sprintf("image %s %s", r.Image.ID, dash(r.Image.State))
	case r.Version != nil && r.Version.To != 0:
		return fmt.Sprintf("template %s version %d -> %d", r.Version.Template, r.Version.From, r.Version.To)
	case r.Group != nil:
		s := fmt.Sprintf("group %s %s", subject(e.Step.ID), e.Step.Kind)
		if r.State.Over() {
			return s + " " + string(r.State)
		}
		if r.Group.Status == "" {
			return s + " begun"
		}
		s += " " + r.Group.Status
		if r.Group.Percentage >= 0 {
			s += fmt.Sprintf(" %d %%", r.Group.Percentage)
		}
		return s
	case r.Decision != nil && r.Decision.Rejected:
		return "rejected because of " + r.Decision.Code
	case r.Wrote && !r.State.Over():
		return string(e.Step.Kind) + " begun"
	}
	return fmt.Sprintf("%s %s", e.Step.Kind, r.State)
}

// subject is what a step is about: what its id has behind kind, account and Region.
func subject(id plan.StepID) string {
	parts := strings.SplitN(string(id), "/", 4)
	return parts[len(parts)-1]
}
