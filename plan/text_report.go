package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String is the report for people, in the manner of [Plan.String]: every step that has
// begun or is awaited, with its state. What this run has written has the sign of the
// plan (+, ~), what it has found as asked has "=", and what went wrong "!".
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, release %s, attempt %d\n", r.Plan.Delivery.Name, r.Outcome, r.Plan.Release, r.Plan.Attempt)
	if r.Error != nil {
		for _, l := range strings.Split(r.Error.Message, "\n") {
			fmt.Fprintf(&b, "  ! %s\n", l)
		}
		if r.Error.Hint != "" && !strings.Contains(r.Error.Message, r.Error.Hint) {
			fmt.Fprintf(&b, "    %s\n", r.Error.Hint)
		}
	}
	results := map[StepID]*Result{}
	for i := range r.Results {
		results[r.Results[i].Step] = &r.Results[i]
	}
	t := r.Plan.text()
	undo := section{title: "Undo"}
	for _, s := range r.Plan.Steps() {
		if l := t.line(&s); s.Kind.Undoes() && l.symbol != "" && r.undoes(&s, results) {
			undo.lines = append(undo.lines, l)
		}
	}
	w := newTable(&b)
	for _, s := range append(t.sections(), undo) {
		r.section(w, s, results)
	}
	w.section(r.summary(results))
	w.Flush()
	return b.String()
}

// section writes the steps of a section that have a result worth telling.
func (r *Report) section(w table, s section, results map[StepID]*Result) {
	titled := false
	for _, l := range s.lines {
		res := results[l.step]
		if res == nil || res.State == StateIdle {
			continue
		}
		if !titled {
			w.section(s.title)
			titled = true
		}
		symbol := " "
		switch {
		case res.State.Over() && !res.State.Done():
			symbol = "!"
		case slices.Contains(r.Wrote, l.step):
			if symbol = l.symbol; symbol == "=" {
				symbol = "~"
			}
		case res.State.Done():
			symbol = "="
		}
		text := res.text()
		restored := l.kind == string(StepRestoreGroup) && res.State.Done()
		if res.State == StateWaiting || restored || text == "" {
			text = l.what
		} else if res.Group != nil {
			name, _, _ := strings.Cut(l.what, " ")
			text = name + " " + text
		}
		w.row("  "+symbol+" "+l.kind, l.place, r.state(res.State), text)
	}
}

// state is a state as people say it: what waits in a release that goes no further has
// not begun.
func (r *Report) state(s State) string {
	if s == StateWaiting && r.Outcome != OutcomeInProgress && r.Outcome != OutcomeHeld {
		return "not begun"
	}
	return string(s)
}

// undoes reports whether a step of the undo had something to undo: what stands as
// before because it was never changed is not worth telling.
func (r *Report) undoes(s *Step, results map[StepID]*Result) bool {
	res := results[r.Plan.id(s)]
	if res == nil || !res.State.Done() || slices.Contains(r.Wrote, res.Step) {
		return true
	}
	switch s.Kind {
	case StepRestoreGroup:
		refresh := results[r.Plan.RefreshID(s.Place, s.Group)]
		return refresh != nil && refresh.Group != nil && refresh.Group.RefreshID != "" && r.inScope(s, refresh, results)
	case StepRestoreTemplate:
		for _, source := range r.Plan.Places[s.Place].Templates[s.Template].Sources {
			made := results[r.Plan.id(&Step{Kind: StepTemplateVersion, Place: s.Place, Template: s.Template, Source: source.Number})]
			if made != nil && made.Version != nil && made.Version.To > 0 {
				return true
			}
		}
		return false
	case StepRestoreDefault:
		return false
	}
	return true
}

// inScope reports whether the decision undoes a group.
func (r *Report) inScope(s *Step, refresh *Result, results map[StepID]*Result) bool {
	reject := results[r.Plan.RejectID()]
	if reject == nil || reject.Decision == nil {
		return true
	}
	switch d := reject.Decision; d.Scope {
	case ScopeGroup:
		return !refresh.State.Done()
	case ScopeWave:
		if !strings.HasPrefix(string(d.Step), string(StepRefresh)+"/") {
			return true
		}
		for _, failed := range r.Plan.steps() {
			if failed.Kind == StepRefresh && r.Plan.is(&failed, d.Step) {
				return failed.Wave == s.Wave
			}
		}
	}
	return true
}

func (r *Report) summary(results map[StepID]*Result) string {
	states := map[string]int{}
	for _, s := range r.Plan.Steps() {
		if res := results[s.ID]; res != nil && s.Kind == StepRefresh {
			states[r.state(res.State)]++
		}
	}
	var out []string
	for _, s := range slices.Sorted(maps.Keys(states)) {
		out = append(out, fmt.Sprintf("%d %s", states[s], s))
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	return fmt.Sprintf("Groups: %s. This run wrote for %s.", strings.Join(out, ", "), count(len(r.Wrote), "step"))
}

// String is the result on one line: the step, its state, and what AWS says.
func (r Result) String() string {
	out := string(r.Step) + ": " + string(r.State)
	if text := r.text(); text != "" {
		out += ", " + text
	}
	if !r.Next.IsZero() {
		out += ", next look at " + r.Next.UTC().Format(time.RFC3339)
	}
	return out
}

// text is what is known of a step beyond its state.
func (r *Result) text() string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case r.Image != nil && r.Image.ID != "":
		out = append(out, r.Image.text())
	case r.Version != nil:
		out = append(out, r.Version.text())
	case r.Group != nil:
		out = append(out, r.Group.text())
	case r.Decision != nil && r.Decision.Rejected:
		add("scope %s, %s at %s", r.Decision.Scope, r.Decision.Code, r.Decision.Step)
	case r.Pins != nil && len(r.Pins.Kept) > 0:
		add("on a numbered version: %s", few(slices.Sorted(maps.Keys(r.Pins.Kept))))
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	if len(out) > 0 && !r.Began.IsZero() && !r.Ended.IsZero() {
		add("in %s", short(Duration(r.Ended.Sub(r.Began).Round(time.Second))))
	}
	if r.Error != nil {
		out = append(out, r.Error.Message)
	}
	return strings.Join(out, ", ")
}

func (i *ImageResult) text() string {
	out := strings.TrimSpace(i.ID + " " + i.State)
	if i.Progress != "" {
		out += " " + i.Progress
	}
	if i.Reason != "" {
		out += ": " + i.Reason
	}
	return out
}

func (v *VersionResult) text() string {
	out := v.Template
	if v.From > 0 {
		out += " " + strconv.FormatInt(v.From, 10)
	}
	if v.To > 0 {
		out += " → " + strconv.FormatInt(v.To, 10)
	}
	if v.Default > 0 {
		out += fmt.Sprintf(", default %d", v.Default)
	}
	return out
}

func (g *GroupResult) text() string {
	var out []string
	if g.From > 0 && g.To > 0 && g.From != g.To {
		out = append(out, fmt.Sprintf("%d → %d", g.From, g.To))
	}
	if g.RefreshID != "" {
		status := g.RefreshID + " " + g.Status
		if g.Percentage >= 0 {
			status += fmt.Sprintf(" %d%%", g.Percentage)
		}
		if g.Reason != "" {
			status += ": " + strings.TrimSuffix(g.Reason, ".")
		}
		out = append(out, status)
	}
	if g.Hint != "" {
		out = append(out, g.Hint)
	}
	if len(g.NotReplaced) > 0 {
		out = append(out, "not replaced: "+few(g.NotReplaced))
	}
	return strings.Join(out, ", ")
}
