package readyami

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/launchtemplate"
)

// line is one version of a template that groups launch from. The groups of a
// line get one new version among them.
type line struct {
	from   launchtemplate.Version
	groups []*group
	report *TemplateReport
	to     int64 // the version with the image; zero: not there yet
	tried  bool  // AWS would launch to
	err    error // why it could not be made
}

func before(l *line) int64 { return l.from.Number }
func after(l *line) int64  { return l.to }

// use is a launch template as a group names it, and the line that it is.
type use struct {
	spec asg.TemplateSpec
	line *line
}

// base is the line that the group launches from, where an override of its mixed
// instances policy has no template of its own.
func (g *group) base() *line { return g.uses[0].line }

// lineOf finds the line of a template that the group names.
func (g *group) lineOf(spec asg.TemplateSpec) *line {
	i := slices.IndexFunc(g.uses, func(u use) bool { return u.spec.ID == spec.ID && u.spec.Version == spec.Version })
	if i < 0 {
		return nil
	}
	return g.uses[i].line
}

// inspectLaunches finds out what a group launches from: one template, or those
// of a mixed instances policy.
func (r *run) inspectLaunches(ctx context.Context, p *place, g *group) error {
	specs := templatesOf(g.spec.LaunchTemplate, g.spec.MixedInstancesPolicy)
	if len(specs) == 0 {
		return p.refuse(g.name, ErrUnsupportedGroup, "it launches from a launch configuration: see Migrate")
	}
	for _, o := range overridesOf(g.spec.MixedInstancesPolicy) {
		if o.InstanceRequirements != nil {
			return p.refuse(g.name, asg.ErrAttributeBased, "AWS takes no desired configuration for it")
		}
	}
	for _, spec := range specs {
		if g.lineOf(spec) != nil {
			continue
		}
		if err := r.inspectSpelling(p, g, spec); err != nil {
			return err
		}
		from, err := launchtemplate.Resolve(ctx, p.clients.EC2, launchtemplate.Ref{ID: spec.ID}, spec.Version)
		if err != nil {
			return err
		}
		if strings.HasPrefix(from.ImageID, "resolve:") {
			return p.refuse(g.name, ErrUnsupportedGroup, "its template takes the image from "+from.ImageID+
				": AWS refuses a refresh with a desired configuration then")
		}
		l := p.lineOf(*from)
		l.groups = append(l.groups, g)
		g.uses = append(g.uses, use{spec, l})
	}
	g.report.TemplateID, g.report.From = g.base().from.TemplateID, g.base().from.Number
	return p.oneImage(g)
}

// inspectSpelling refuses a version that is no number, where that would hurt.
func (r *run) inspectSpelling(p *place, g *group, spec asg.TemplateSpec) error {
	switch {
	case r.Pin:
	case spec.Version == "$Latest":
		return p.refuse(g.name, ErrFloatingVersion, "set it to a numbered version of "+spec.ID+" first, or choose to pin it")
	case r.OnFailure == RollBack && (spec.Version == "" || spec.Version == "$Default"):
		return p.refuse(g.name, asg.ErrRollbackUnavailable, "it launches the $Default version of "+spec.ID+
			": set it to a number first, choose to pin it, or to keep what a failed refresh leaves")
	}
	return nil
}

// oneImage refuses a group that would keep launching some other image beside the
// new one, for another architecture perhaps: half a group is not delivered.
func (p *place) oneImage(g *group) error {
	image := g.base().from.ImageID
	var left []string
	for _, u := range g.uses {
		if other := u.line.from.ImageID; other != image {
			left = append(left, fmt.Sprintf("%s of %s version %d", other, u.line.from.TemplateID, u.line.from.Number))
		}
	}
	for _, o := range overridesOf(g.spec.MixedInstancesPolicy) {
		if other := value(o.ImageId); other != "" && other != image {
			left = append(left, other+" of the override for "+value(o.InstanceType))
		}
	}
	if len(left) == 0 {
		return nil
	}
	return p.refuse(g.name, ErrUnsupportedGroup, "beside "+image+" it launches "+strings.Join(left, ", ")+
		", and the delivery has one image for it")
}

// lineOf finds or adds the line of a template version.
func (p *place) lineOf(from launchtemplate.Version) *line {
	for _, l := range p.lines {
		if l.from.TemplateID == from.TemplateID && l.from.Number == from.Number {
			return l
		}
	}
	l := &line{from: from}
	p.lines = append(p.lines, l)
	return l
}

// refreshInput is the refresh that brings a group to a version of each of its
// lines. An image that an override of its policy names is the old one, and image
// comes in its place; an empty one leaves it.
func (r *run) refreshInput(g *group, version func(*line) int64, image string) (asg.RefreshInput, error) {
	in := asg.RefreshInput{Group: g.name, Preferences: r.preferences(), OnConflict: r.OnConflict}
	if g.spec.MixedInstancesPolicy == nil {
		in.TemplateID, in.Version = g.base().from.TemplateID, version(g.base())
		return in, nil
	}
	policy, err := asg.WithVersions(g.spec.MixedInstancesPolicy, func(spec asg.TemplateSpec) (int64, error) {
		l := g.lineOf(spec)
		if l == nil { // an earlier run's refresh has ended since the group was inspected
			i := slices.IndexFunc(g.uses, func(u use) bool { return u.spec.ID == spec.ID })
			if i < 0 {
				return 0, invalid("group %s launches from %s, and did not when the delivery began", g.name, spec)
			}
			l = g.uses[i].line
		}
		return version(l), nil
	})
	if err != nil {
		return in, err
	}
	for i, o := range policy.LaunchTemplate.Overrides { // a copy: WithVersions made it
		if o.ImageId != nil && image != "" {
			policy.LaunchTemplate.Overrides[i].ImageId = &image
		}
	}
	in.Policy = policy
	return in, nil
}

// runs tells whether the group launches the version of each line and this image
// and all its instances were launched from these.
func (g *group) runs(version func(*line) int64, image string) bool {
	for _, o := range overridesOf(g.spec.MixedInstancesPolicy) {
		if o.ImageId != nil && *o.ImageId != image {
			return false
		}
	}
	return g.launches(version) && len(g.others(version)) == 0
}

// launches tells whether the group's own versions are those of its lines.
func (g *group) launches(version func(*line) int64) bool {
	return !slices.ContainsFunc(g.uses, func(u use) bool { return version(u.line) != u.line.from.Number })
}

// others are the instances that were not launched from the version of any line.
func (g *group) others(version func(*line) int64) []string {
	known := map[string]bool{}
	for _, u := range g.uses {
		known[u.line.from.TemplateID+" "+strconv.FormatInt(version(u.line), 10)] = true
	}
	var out []string
	for _, i := range g.spec.Instances {
		if strings.HasPrefix(string(i.LifecycleState), "Terminat") {
			continue
		}
		if i.LaunchTemplate == nil || !known[value(i.LaunchTemplate.LaunchTemplateId)+" "+value(i.LaunchTemplate.Version)] {
			out = append(out, value(i.InstanceId))
		}
	}
	return out
}

// templatesOf lists every launch template that a group, or a desired
// configuration, names; the base of a policy first.
func templatesOf(plain *asgtypes.LaunchTemplateSpecification, policy *asgtypes.MixedInstancesPolicy) []asg.TemplateSpec {
	var out []asg.TemplateSpec
	add := func(t *asgtypes.LaunchTemplateSpecification) {
		if t != nil {
			out = append(out, asg.TemplateSpec{
				ID: value(t.LaunchTemplateId), Name: value(t.LaunchTemplateName), Version: value(t.Version),
			})
		}
	}
	add(plain)
	if policy != nil && policy.LaunchTemplate != nil {
		add(policy.LaunchTemplate.LaunchTemplateSpecification)
	}
	for _, o := range overridesOf(policy) {
		add(o.LaunchTemplateSpecification)
	}
	return out
}

func overridesOf(policy *asgtypes.MixedInstancesPolicy) []asgtypes.LaunchTemplateOverrides {
	if policy == nil || policy.LaunchTemplate == nil {
		return nil
	}
	return policy.LaunchTemplate.Overrides
}
