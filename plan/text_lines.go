package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// text says the steps of a plan in words.
type text struct {
	*Plan
	one     bool // all places are of one account, so that the Region names them
	numbers map[versionKey]int64
}

// section is a part of the text, and line what one step does.
type section struct {
	title string
	lines []line
}

type line struct {
	step   StepID
	symbol string // "+", "~", "=" or "|"; empty: there is nothing to do
	kind   string
	place  string
	what   string
}

// versionKey is a version that groups launch before the release.
type versionKey struct {
	place, template int
	source          int64
}

func (p *Plan) text() *text { return &text{p, p.oneAccount(), p.expected()} }

// expected are the numbers that the new versions get if no one else creates any, which
// is known of a first attempt only.
func (p *Plan) expected() map[versionKey]int64 {
	out := map[versionKey]int64{}
	if p.Attempt > 1 {
		return out
	}
	next := map[[2]int]int64{}
	for _, s := range p.Steps() {
		if s.Kind != StepRefresh {
			continue
		}
		at := &p.Places[s.Place]
		for _, l := range at.Groups[s.Group].Launch {
			key := versionKey{s.Place, l.Template, l.Version}
			if out[key] > 0 || l.Template < 0 || at.unchanged(l) {
				continue
			}
			next[[2]int{s.Place, l.Template}]++
			out[key] = at.Templates[l.Template].Latest + next[[2]int{s.Place, l.Template}]
		}
	}
	return out
}

func (t *text) placeOf(account, region string) string {
	if t.one || account == "" {
		return region
	}
	return account + "/" + region
}

// sections are the steps forward that have something to do.
func (t *text) sections() []section {
	images, pins, after := section{title: "Images"}, section{title: "Pins"}, section{title: "After the last wave"}
	waves := make([]section, len(t.Waves))
	for w, wave := range t.Waves {
		waves[w].title = fmt.Sprintf("Wave %d of %d: %s%s", w+1, len(t.Waves), wave.Name, limits(&wave))
	}
	first := t.firstWaves()
	for _, s := range t.Steps() {
		l := t.line(&s)
		if l.symbol == "" {
			continue
		}
		switch s.Kind {
		case StepPin:
			pins.lines = append(pins.lines, l)
		case StepTemplateVersion:
			w := first[versionKey{s.Place, s.Template, s.Source}]
			waves[w].lines = append(waves[w].lines, l)
		case StepRefresh, StepGate:
			waves[s.Wave].lines = append(waves[s.Wave].lines, l)
		case StepSetDefault, StepUnpin:
			after.lines = append(after.lines, l)
		default:
			if !s.Kind.Undoes() {
				images.lines = append(images.lines, l)
			}
		}
	}
	all := slices.Concat([]section{images, pins}, waves, []section{after})
	return slices.DeleteFunc(all, func(s section) bool { return len(s.lines) == 0 })
}

// limits are what a wave allows, as far as that is not usual.
func limits(w *Wave) string {
	out := ""
	if w.Limit > 0 {
		out += fmt.Sprintf(", %d at a time", w.Limit)
	}
	if w.MaxFailures > 0 {
		out += fmt.Sprintf(", %s may fail", count(w.MaxFailures, "group"))
	}
	return out
}

// firstWaves are the waves that need a version first.
func (t *text) firstWaves() map[versionKey]int {
	out := map[versionKey]int{}
	for i := range t.Places {
		for _, g := range t.Places[i].Groups {
			for _, l := range g.Launch {
				key := versionKey{i, l.Template, l.Version}
				if w, known := out[key]; !known || g.Wave < w {
					out[key] = g.Wave
				}
			}
		}
	}
	return out
}

// line is what a step does.
func (t *text) line(s *Step) line {
	at := &t.Places[s.Place]
	l := line{step: s.ID, symbol: "~", kind: string(s.Kind), place: t.placeOf(at.Account, at.Region)}
	switch s.Kind {
	case StepUseImage:
		l.symbol, l.what = "=", at.Image.ID
	case StepCreateImage:
		l.symbol, l.what = "+", t.created(at)
	case StepCopyImage:
		l.symbol, l.what = "+", t.copied(s.Place)
	case StepShareSource:
		l.what = "with " + few(at.Image.ShareWith)
	case StepImageAttributes:
		l.what = t.Delivery.Attributes.text()
	case StepPin, StepUnpin:
		if l.what = t.pinned(at, s.Kind == StepUnpin); l.what == "" {
			l.symbol = ""
		}
	case StepTemplateVersion:
		l.symbol = "+"
		l.what = t.named(at, s.Template) + " " + t.fromTo(s.Place, Launch{Template: s.Template, Version: s.Source})
	case StepRefresh:
		g := &at.Groups[s.Group]
		if len(g.Launch) > 0 && at.Unchanged(g) {
			l.symbol, l.kind = "=", "unchanged"
		}
		l.what = g.Name + t.refreshed(s.Place, g)
	case StepGate:
		l.symbol, l.place, l.what = "|", "", gate(&t.Waves[s.Wave])
	case StepSetDefault:
		if l.what = t.named(at, s.Template) + " " + t.newDefault(s.Place, s.Template); !at.Templates[s.Template].changes() {
			l.symbol = ""
		}
	case StepReject:
		l.symbol, l.what = "+", "marks the source image, so that no later run rolls it out"
	case StepRestoreGroup:
		g := &at.Groups[s.Group]
		l.what = g.Name + t.restored(s.Place, g)
	case StepRestoreTemplate:
		tpl := &at.Templates[s.Template]
		l.symbol, l.what = "+", fmt.Sprintf("%s: a version with the data of %d, for $Latest", t.named(at, s.Template), tpl.Latest)
	case StepRestoreDefault:
		l.what = fmt.Sprintf("%s: %d is $Default again", t.named(at, s.Template), at.Templates[s.Template].Default)
	}
	if (s.Kind == StepRestoreTemplate || s.Kind == StepRestoreDefault) && !at.Templates[s.Template].changes() {
		l.symbol = ""
	}
	if done := at.Image.ID; done != "" && (s.Kind == StepCreateImage || s.Kind == StepCopyImage) {
		l.symbol, l.what = "=", done+" is there"
	}
	return l
}

func (t *text) created(at *Place) string {
	in := t.Delivery.Source.Instance
	how := map[RebootBehavior]string{
		Reboot: "which is rebooted", NoReboot: "without a reboot", StopFirst: "which is stopped first",
	}[in.Reboot]
	return fmt.Sprintf("%s of %s, %s", t.Delivery.Name, in.InstanceID, how)
}

func (t *text) copied(place int) string {
	home := &t.Places[t.Home]
	out := fmt.Sprintf("%s of the image in %s", t.Delivery.Name, t.placeOf(home.Account, home.Region))
	if place < len(t.Delivery.Targets) {
		switch target := &t.Delivery.Targets[place]; {
		case target.KMSKeyID != "":
			out += ", encrypted with " + target.KMSKeyID
		case target.Encrypted || target.UseRegionDefaultKey:
			out += ", encrypted with the Region's default key"
		}
	}
	return out
}

// text is what an image gets.
func (a *Attributes) text() string {
	var out []string
	if n := len(a.Share.Accounts) + len(a.Share.Organizations) + len(a.Share.OrganizationalUnits); n > 0 {
		out = append(out, "shared with "+few(slices.Concat(a.Share.Accounts, a.Share.Organizations, a.Share.OrganizationalUnits)))
	}
	if a.Share.Public {
		out = append(out, "public")
	}
	if a.LaunchOnly {
		out = append(out, "to launch only")
	}
	if !a.DeprecateAt.IsZero() {
		out = append(out, "deprecated at "+a.DeprecateAt.UTC().Format(time.RFC3339))
	}
	if a.Protection != ProtectionUnchanged {
		out = append(out, "deregistration protection "+string(a.Protection))
	}
	if len(a.Tags) > 0 {
		out = append(out, "tags "+few(slices.Sorted(maps.Keys(a.Tags))))
	}
	return strings.Join(out, ", ")
}

// pinned are the groups of a place that launch $Latest or $Default.
func (t *text) pinned(at *Place, back bool) string {
	var out []string
	for i := range at.Groups {
		g := &at.Groups[i]
		for _, l := range g.Launch {
			switch {
			case l.Floating == "":
				continue
			case back:
				out = append(out, g.Name+" → "+l.Floating)
			default:
				out = append(out, fmt.Sprintf("%s %s → %d", g.Name, l.Floating, l.Version))
			}
			break
		}
	}
	return few(out)
}

func gate(w *Wave) string {
	var out []string
	if w.Soak > 0 {
		out = append(out, "soak "+short(w.Soak))
	}
	if len(w.Checks) > 0 {
		out = append(out, "checks "+strings.Join(w.Checks, ", "))
	}
	if w.Approval {
		out = append(out, "approval")
	}
	return strings.Join(out, ", ")
}
