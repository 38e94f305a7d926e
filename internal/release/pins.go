package release

import (
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// toPin are the groups of a place that launch $Latest or $Default of a template that
// the release changes, and that has no version of this attempt yet.
func (v *view) toPin(place int) []int {
	if !v.has(PinFirst) {
		return nil
	}
	at := &v.look.Places[place]
	var out []int
	for i := range v.plan.Places[place].Groups {
		g := v.group(place, i)
		for k, l := range g.now.Launch {
			if l.Spelling == "" || l.Template < 0 || !g.shaped() {
				continue
			}
			if g.changes(k) && !(v.has(PinUntilVersion) && v.anyVersion(&at.Templates[l.Template])) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// changes reports whether the release makes a version of a template that the group
// launches, or refreshes the group to a numbered one.
func (g *group) changes(launch int) bool {
	t := g.was.Launch[launch].Template
	for _, s := range g.plan.Places[g.place].Templates[t].Sources {
		if !s.Unchanged {
			return true
		}
	}
	return !g.atBefore()
}

// unrecorded are the groups of a place that launch $Latest or $Default and are not
// in its pin record.
func (v *view) unrecorded(place int) []int {
	at := &v.look.Places[place]
	var out []int
	for i := range at.Groups {
		if _, known := at.Record.Spellings[facts.RecordKey(at.Groups[i].Name)]; !known && floats(&at.Groups[i]) {
			out = append(out, i)
		}
	}
	return out
}

func floats(g *facts.Group) bool {
	for _, l := range g.Launch {
		if l.Spelling != "" {
			return true
		}
	}
	return false
}

// pin is what is known about the spelling of one group when it may be restored.
type pin struct {
	group
	launch []facts.Launch // the group's versions as they were named before
	equal  bool           // they mean what the group launches
}

// pins are the groups of a place that the pin record has, and that are not named as
// it says.
func (v *view) pins(place int) []pin {
	at := &v.look.Places[place]
	var out []pin
	for i := range at.Groups {
		g := v.group(place, i)
		letters := v.recorded(at, g.now)
		if letters == "" || !g.shaped() {
			continue
		}
		p := pin{group: g, equal: true, launch: make([]facts.Launch, len(letters))}
		restored := true
		for k, l := range g.now.Launch {
			p.launch[k] = l
			if s := facts.Spelling(letters[k]); s != "" {
				p.launch[k].Spelling = s
			}
			restored = restored && p.launch[k].Spelling == l.Spelling
			t := &at.Templates[l.Template]
			p.equal = p.equal && v.same(t, t.Resolve(p.launch[k]), t.Resolve(l))
		}
		if !restored {
			out = append(out, p)
		}
	}
	return out
}

// restates is the template of a pinned group whose $Latest has other data than the
// group launches, and can be given them: -1 if there is none.
func (p *pin) restates() (template int, source int64) {
	if !p.has(RestateLatest) || p.refreshState() != plan.StateSucceeded {
		return -1, 0
	}
	for k, l := range p.now.Launch {
		t := &p.at.Templates[l.Template]
		if p.launch[k].Spelling == plan.VersionLatest && !p.same(t, t.Latest, t.Resolve(l)) {
			return l.Template, t.Resolve(l)
		}
	}
	return -1, 0
}

// otherData is why a group stays on a numbered version.
const otherData = "$Latest or $Default resolves to other data than the group launches"

// unpin is how far the restoring of $Latest and $Default is behind the last wave.
func (v *view) unpin(s *plan.Step) plan.Result {
	out := plan.Result{State: plan.StateSucceeded, Pins: &plan.PinsResult{Kept: map[string]string{}}}
	for _, p := range v.pins(s.Place) {
		template, _ := p.restates()
		if p.equal || template >= 0 {
			out.State = plan.StateWaiting
			continue
		}
		out.Pins.Kept[p.now.Name] = otherData
	}
	if out.State == plan.StateSucceeded && len(out.Pins.Kept) > 0 {
		out.State = plan.StatePartial
	}
	return out
}
