package plan

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// String is the plan for people, in the manner of Terraform: images, pins, and wave
// by wave what is made (+), changed (~) or already as asked (=), then what follows the
// last wave, what a failure would undo, and the findings (!). The numbers of versions
// to be created are those that AWS gives if no one else creates one.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", p.title(), p.subtitle())
	w := newTable(&b)
	t := p.text()
	for _, s := range t.sections() {
		w.section(s.title)
		for _, l := range s.lines {
			w.row("  "+l.symbol+" "+l.kind, l.place, l.what)
		}
	}
	w.section(t.onFailure())
	for _, l := range t.undo() {
		w.row("  "+l.symbol+" "+l.kind, l.place, l.what)
	}
	if len(p.Findings) > 0 {
		w.section("Findings")
	}
	for _, f := range p.Findings {
		w.row("  ! "+string(f.Severity), t.placeOf(f.Account, f.Region), f.text())
	}
	w.section(p.summary())
	w.Flush()
	return b.String()
}

// title names the release.
func (p *Plan) title() string {
	name := p.Delivery.Name
	if p.Delivery.Family != "" {
		name += " of " + p.Delivery.Family
	}
	return fmt.Sprintf("%s: %s, release %s, attempt %d", name, p.Kind, p.Release, p.Attempt)
}

// subtitle counts what the plan is about, and names the bounds and the account.
func (p *Plan) subtitle() string {
	groups := 0
	for i := range p.Places {
		groups += len(p.Places[i].Groups)
	}
	out := fmt.Sprintf("%s, %s, %s", count(len(p.Places), "place"), count(groups, "group"), count(len(p.Waves), "wave"))
	if p.oneAccount() && p.Places[0].Account != "" {
		out += " in account " + p.Places[0].Account
	}
	var bounds []string
	b := p.Delivery.Budgets
	for _, each := range []struct {
		name string
		d    Duration
	}{{"image", b.Image}, {"copy", b.Copy}, {"refresh", b.Refresh}, {"stall", b.Stall}} {
		if each.d > 0 {
			bounds = append(bounds, each.name+" "+short(each.d))
		}
	}
	if len(bounds) > 0 {
		out += "; budgets: " + strings.Join(bounds, ", ")
	}
	return out
}

func (p *Plan) oneAccount() bool {
	for i := range p.Places {
		if p.Places[i].Account != p.Places[0].Account {
			return false
		}
	}
	return len(p.Places) > 0
}

// summary is the last line: how much there is to do, and whether it can be done.
func (p *Plan) summary() string {
	counts := map[StepKind]int{}
	unchanged := 0
	for _, s := range p.Steps() {
		at := &p.Places[s.Place]
		switch s.Kind {
		case StepCreateImage, StepCopyImage:
			if at.Image.ID != "" {
				continue
			}
		case StepRefresh:
			if at.Unchanged(&at.Groups[s.Group]) {
				unchanged++
				continue
			}
		}
		counts[s.Kind]++
	}
	out := fmt.Sprintf("Plan: %s to create, %s to create, %s to refresh, %d unchanged.",
		count(counts[StepCreateImage]+counts[StepCopyImage], "image"), count(counts[StepTemplateVersion], "template version"),
		count(counts[StepRefresh], "group"), unchanged)
	if n := len(p.Blockers()); n > 0 {
		out += fmt.Sprintf(" It cannot be applied: %s.", count(n, "blocker"))
	}
	return out
}

// text is the finding without its severity and place.
func (f Finding) text() string {
	out := strings.TrimSpace(f.Code+" "+f.Resource) + ": " + f.Detail
	if f.Hint != "" {
		out += " (" + f.Hint + ")"
	}
	return out
}

// table writes rows whose columns are aligned within their section.
type table struct{ *tabwriter.Writer }

func newTable(b *strings.Builder) table { return table{tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)} }

func (t table) section(title string) { fmt.Fprintf(t, "\n%s\n", title) }

func (t table) row(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// short is a duration without zero minutes and seconds: 1h rather than 1h0m0s.
func short(d Duration) string {
	out := strings.TrimSuffix(time.Duration(d).String(), "m0s")
	if out != time.Duration(d).String() {
		out += "m"
	}
	if cut, ok := strings.CutSuffix(out, "h0m"); ok {
		out = cut + "h"
	}
	return cmp.Or(out, "0s")
}

// few are the first names of a list, and how many more there are.
func few(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), len(names)-most+1)
}
