package release

import (
	"fmt"
	"slices"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// Input is what a plan is made from.
type Input struct {
	Delivery plan.Delivery
	// Places are the targets with their accounts, and after them the place of the
	// source if that is no target.
	Places []Where
	// Home is the index of the source image's place.
	Home int
	Look *facts.Look
	// Findings of other checks.
	Findings []plan.Finding
}

// Where is an account and Region.
type Where struct{ Account, Region string }

// Make makes the plan of a delivery from what a look has read. A plan made at any
// point of a release has the same steps, Before and digest as the first one.
func (p Protocol) Make(in Input) *plan.Plan {
	in.Delivery = in.Delivery.WithDefaults()
	d := in.Look.Marks.Decision
	out := &plan.Plan{
		Schema: plan.Schema, Kind: plan.KindDelivery, Release: in.Delivery.Release(), Attempt: max(d.Attempt, 1),
		Made: in.Look.Began, Delivery: in.Delivery, Home: in.Home, Waves: in.Delivery.Waves(),
		Findings: slices.Clone(in.Findings),
	}
	wave := in.Delivery.WaveOf()
	for i, where := range in.Places {
		at := plan.Place{Account: where.Account, Region: where.Region, Image: in.image(i)}
		facts := &in.Look.Places[i]
		p.templates(&at, facts, func(group int) int { return wave(i, group) })
		out.Places = append(out.Places, at)
		out.Findings = append(out.Findings, p.findings(&in.Delivery, &at, facts)...)
	}
	out.Seal()
	return out
}

// image is how the image comes to a place.
func (in *Input) image(place int) plan.Image {
	out := plan.Image{Action: plan.ImageActionCopy, ID: in.Look.Places[place].Image.ID}
	source := in.Delivery.Source
	switch {
	case source.IsZero():
		out.Action, out.ID = plan.ImageActionUse, in.Delivery.Targets[place].ImageID
	case place == in.Home && source.Image != nil:
		out.Action, out.ID = plan.ImageActionUse, source.Image.ImageID
	case place == in.Home:
		out.Action = plan.ImageActionCreate
	}
	if place == in.Home && !source.IsZero() {
		for _, w := range in.Places {
			if w.Account != in.Places[in.Home].Account && !slices.Contains(out.ShareWith, w.Account) {
				out.ShareWith = append(out.ShareWith, w.Account)
			}
		}
	}
	return out
}

// templates fills in the launch templates and groups of a place, with Before of each.
func (p *Protocol) templates(at *plan.Place, facts *facts.Place, wave func(group int) int) {
	for i := range facts.Templates {
		t := &facts.Templates[i]
		at.Templates = append(at.Templates, plan.Template{
			ID: t.ID, Name: t.Name, Default: defaultBefore(t), Latest: latestBefore(t),
		})
	}
	for i := range facts.Groups {
		g := &facts.Groups[i]
		before := plan.Group{Name: g.Name, Wave: wave(i), Launch: p.before(facts, g), Capacity: g.Capacity}
		for _, l := range before.Launch {
			if l.Template < 0 {
				continue
			}
			t := &at.Templates[l.Template]
			if t.Source(l.Version) != nil {
				continue
			}
			s := plan.SourceVersion{Number: l.Version}
			if v := facts.Templates[l.Template].Version(l.Version); v != nil {
				s.Image = v.Image
			}
			s.Unchanged = s.Image != "" && s.Image == facts.Image.ID
			t.Sources = append(t.Sources, s)
		}
		for _, image := range g.Images {
			if image == facts.Image.ID && len(before.Launch) > 0 && before.Launch[0].Template >= 0 {
				base := before.Launch[0]
				image = at.Templates[base.Template].Source(base.Version).Image
			}
			before.Images = append(before.Images, image)
		}
		at.Groups = append(at.Groups, before)
	}
}

// The codes of what planning finds by itself.
const (
	// CodeFloatingVersion is a group that launches $Latest or $Default, so that a new
	// version would reach it unproven, or AWS could not roll it back.
	CodeFloatingVersion = "readyami.FloatingVersion"
	// CodeUnsupportedGroup is a group that cannot be brought to another image by its
	// launch templates.
	CodeUnsupportedGroup = "readyami.UnsupportedGroup"
	// CodeAmbiguousDefault is a launch template whose groups launch several versions,
	// of which none is the default that is to be moved.
	CodeAmbiguousDefault = "readyami.AmbiguousDefault"
)

// findings are those that follow from Before.
func (p *Protocol) findings(d *plan.Delivery, at *plan.Place, facts *facts.Place) []plan.Finding {
	var out []plan.Finding
	blocker := func(code, resource, hint, format string, args ...any) {
		out = append(out, plan.Finding{
			Code: code, Severity: plan.SeverityBlocker, Account: at.Account, Region: at.Region,
			Resource: resource, Detail: fmt.Sprintf(format, args...), Hint: hint,
		})
	}
	if p.has(OutsideRefused) {
		for _, g := range facts.Outside {
			blocker(CodeFloatingVersion, g.Name, "set the group to a numbered version, or add it to the delivery",
				"the group is not in the delivery and launches %s of a launch template that gets a new version", spellingOf(&g))
		}
	}
	for i := range at.Groups {
		g := &at.Groups[i]
		for _, l := range g.Launch {
			pinned := d.Pin || l.Floating == "" || l.Floating == plan.VersionDefault && d.Rollout.OnFailure == plan.OnFailureLeave
			if !pinned {
				blocker(CodeFloatingVersion, g.Name, "set the group to a numbered version, or choose Pin",
					"the group launches %s of %s", l.Floating, at.Templates[l.Template].ID)
				break
			}
		}
		if others := otherImages(at, g); len(others) > 0 {
			blocker(CodeUnsupportedGroup, g.Name, "deliver one image to groups that launch one image",
				"the group launches several images: %v", others)
		}
	}
	for i := range at.Templates {
		if t := &at.Templates[i]; d.SetDefault && len(t.Sources) > 1 && t.Source(t.Default) == nil {
			blocker(CodeAmbiguousDefault, t.ID, "move the groups to one version, or leave SetDefault off",
				"its groups launch several versions, and none of them is the default version")
		}
	}
	return out
}

func spellingOf(g *facts.Group) string {
	for _, l := range g.Launch {
		if l.Spelling != "" {
			return l.Spelling
		}
	}
	return plan.VersionLatest
}

// otherImages are the images that a group launches, if there are several.
func otherImages(at *plan.Place, g *plan.Group) []string {
	var all []string
	for _, l := range g.Launch {
		if l.Template >= 0 {
			all = append(all, at.Templates[l.Template].Source(l.Version).Image)
		}
	}
	all = append(all, g.Images...)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 1 {
		return all
	}
	return nil
}
