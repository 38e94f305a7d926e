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
type lines struct{ w io.Writer }

func newLines(w io.Writer) *lines { return &lines{w} }

func (l *lines) event(e readyami.Event) {
	fmt.Fprintf(l.w, "%-14s %s\n", e.Where().Region, describe(e))
}

func (l *lines) done() {}

// describe is an event in words.
func describe(e readyami.Event) string {
	switch e := e.(type) {
	case readyami.ImageEvent:
		return withError(fmt.Sprintf("image %s %s", e.ImageID, dash(string(e.State))), e.Err)
	case readyami.VersionEvent:
		return fmt.Sprintf("template %s version %d -> %d", e.TemplateID, e.From, e.To)
	case readyami.RefreshEvent:
		s := fmt.Sprintf("group %s refresh %s", e.Group, dash(string(e.Status)))
		if e.Percentage >= 0 {
			s += fmt.Sprintf(" %d %%", e.Percentage)
		}
		if e.Reason != "" {
			s += ": " + e.Reason
		}
		if asg.Terminal(e.Status) {
			return s // the group's own event tells the error
		}
		return withError(s, e.Err)
	case readyami.GroupEvent:
		return withError(fmt.Sprintf("group %s %s", e.Group, e.Outcome), e.Err)
	}
	return fmt.Sprintf("%+v", e)
}

func withError(s string, err error) string {
	if err == nil {
		return s
	}
	return s + ": " + err.Error()
}
