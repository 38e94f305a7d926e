package main

import (
	"fmt"
	"io"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
)

// progress shows a delivery while it runs.
type progress interface {
	event(readyami.Event)
	done()
}

// lines prints one plain line for each event: for logs and pipes.
type lines struct {
	w    io.Writer
	last string
}

func newLines(w io.Writer) *lines { return &lines{w: w} }

// The image of the home Region is told as the source and as that target's: once
// is enough.
func (l *lines) event(e readyami.Event) {
	line := fmt.Sprintf("%-14s %s\n", e.Where().Region, describe(e))
	if line != l.last {
		io.WriteString(l.w, line)
	}
	l.last = line
}

func (l *lines) done() {}

// describe is an event in words.
func describe(e readyami.Event) string {
	s := headline(e)
	var err error
	switch e := e.(type) {
	case readyami.ImageEvent:
		err = e.Err
	case readyami.RefreshEvent:
		if e.Reason != "" {
			s += ": " + e.Reason
		}
		if !asg.Terminal(e.Status) { // the group's own event tells the error of an end
			err = e.Err
		}
	case readyami.GroupEvent:
		err = e.Err
	}
	if err != nil {
		s += ": " + err.Error()
	}
	return s
}

// headline is an event in the few words that fit beside a bar.
func headline(e readyami.Event) string {
	switch e := e.(type) {
	case readyami.ImageEvent:
		return fmt.Sprintf("image %s %s", e.ImageID, dash(string(e.State)))
	case readyami.VersionEvent:
		return fmt.Sprintf("template %s version %d -> %d", e.TemplateID, e.From, e.To)
	case readyami.RefreshEvent:
		s := fmt.Sprintf("group %s refresh %s", e.Group, dash(string(e.Status)))
		if e.Percentage >= 0 {
			s += fmt.Sprintf(" %d %%", e.Percentage)
		}
		return s
	case readyami.GroupEvent:
		return fmt.Sprintf("group %s %s", e.Group, e.Outcome)
	}
	return fmt.Sprintf("%T", e)
}
