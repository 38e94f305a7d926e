package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// unchanged reports whether a version has the image of the place already.
func (p *Place) unchanged(l Launch) bool {
	if l.Template < 0 {
		return false
	}
	s := p.Templates[l.Template].Source(l.Version)
	return s != nil && s.Unchanged
}

// changes reports whether the template gets a new version.
func (t *Template) changes() bool {
	return slices.ContainsFunc(t.Sources, func(s SourceVersion) bool { return !s.Unchanged })
}

// named is a launch template by its id, and by its name if that tells more.
func (t *text) named(at *Place, template int) string {
	tpl := &at.Templates[template]
	if tpl.Name == "" {
		return tpl.ID
	}
	return tpl.ID + " (" + tpl.Name + ")"
}

// number is a version to be created, as it is expected.
func (t *text) number(place int, l Launch) string {
	if n := t.numbers[versionKey{place, l.Template, l.Version}]; n > 0 {
		return strconv.FormatInt(n, 10)
	}
	return "new"
}

// fromTo is the version that a group launches, and the one that it is to launch.
func (t *text) fromTo(place int, l Launch) string {
	if t.Places[place].unchanged(l) {
		return strconv.FormatInt(l.Version, 10)
	}
	return fmt.Sprintf("%d → %s", l.Version, t.number(place, l))
}

// each is what is said of every launch template version of a group, once.
func (t *text) each(place int, g *Group, say func(id string, l Launch) string) string {
	var out []string
	for _, l := range g.Launch {
		if l.Template < 0 {
			continue
		}
		s := say(t.Places[place].Templates[l.Template].ID, l)
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " " + strings.Join(out, ", ")
}

// refreshed is what a refresh changes, and what stays in service.
func (t *text) refreshed(place int, g *Group) string {
	at := &t.Places[place]
	out := t.each(place, g, func(id string, l Launch) string { return id + " " + t.fromTo(place, l) })
	if out == "" {
		return ": no launch template"
	}
	if at.Unchanged(g) {
		return out + " has the image"
	}
	if len(g.Images) > 0 {
		out += ", images of overrides " + few(g.Images) + " → the new one"
	}
	out += fmt.Sprintf(", at least %d of %d in service", g.MinInService, g.Capacity)
	if len(g.NotReplaced) > 0 {
		out += ", leaves " + few(g.NotReplaced)
	}
	return out
}

// restored is what a group goes back to.
func (t *text) restored(place int, g *Group) string {
	return t.each(place, g, func(id string, l Launch) string {
		return fmt.Sprintf("%s %s → %d", id, t.number(place, l), l.Version)
	})
}

// newDefault is how the default version of a template moves.
func (t *text) newDefault(place, template int) string {
	tpl := &t.Places[place].Templates[template]
	source := tpl.Default
	if tpl.Source(source) == nil && len(tpl.Sources) > 0 {
		source = tpl.Sources[0].Number
	}
	l := Launch{Template: template, Version: source}
	return fmt.Sprintf("%d → %s", tpl.Default, t.number(place, l))
}

// onFailure is what the policy does.
func (t *text) onFailure() string {
	when := "If a group fails"
	if n := t.Delivery.Rollout.MaxFailures; n > 0 {
		when = fmt.Sprintf("If more than %s of a wave fail", count(n, "group"))
		if n == 1 {
			when += "s"
		}
	}
	for _, w := range t.Waves {
		if w.Gated() {
			when += ", or a check"
			break
		}
	}
	switch t.Delivery.Rollout.OnFailure.Scope() {
	case ScopeGroup:
		return when + ", the groups that failed are rolled back"
	case ScopeWave:
		return when + ", the groups of its wave are rolled back"
	case ScopeRelease:
		return when + ", all groups of the release are rolled back"
	}
	return when + ", the rollout stops and nothing is undone"
}

// undo is what a failure would undo, the groups of a place that go back to the same
// version on one line.
func (t *text) undo() []line {
	if t.Delivery.Rollout.OnFailure.Scope() == ScopeNone {
		return nil
	}
	var out []line
	for _, s := range t.Steps() {
		if !s.Kind.Undoes() {
			continue
		}
		at := &t.Places[s.Place]
		if s.Kind == StepRestoreGroup {
			if at.Unchanged(&at.Groups[s.Group]) {
				continue
			}
			if s.Group == t.firstChanged(at) {
				out = append(out, t.restoredGroups(s.Place)...)
			}
			continue
		}
		if l := t.line(&s); l.symbol != "" {
			out = append(out, l)
		}
	}
	return out
}

func (t *text) firstChanged(at *Place) int {
	return slices.IndexFunc(at.Groups, func(g Group) bool { return !at.Unchanged(&g) })
}

func (t *text) restoredGroups(place int) []line {
	at := &t.Places[place]
	var to []string
	names := map[string][]string{}
	for i := range at.Groups {
		g := &at.Groups[i]
		if at.Unchanged(g) {
			continue
		}
		version := t.restored(place, g)
		if _, known := names[version]; !known {
			to = append(to, version)
		}
		names[version] = append(names[version], g.Name)
	}
	var out []line
	for _, version := range to {
		out = append(out, line{
			symbol: "~", kind: string(StepRestoreGroup), place: t.placeOf(at.Account, at.Region), what: few(names[version]) + version,
		})
	}
	return out
}
