package step

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// NextVersion is the version with the image of a place that is created from a source
// version.
func NextVersion(at *facts.Place, t *facts.Template, source int64) launchtemplate.NextVersionInput {
	in := launchtemplate.NextVersionInput{
		Template: launchtemplate.Ref{ID: t.ID}, Source: source, ImageID: at.Image.ID, Image: at.Image.Raw,
	}
	if v := t.Version(source); v != nil && v.Raw != nil {
		in.SourceVersion = &launchtemplate.Version{
			TemplateID: t.ID, TemplateName: t.Name, Number: v.Number, ImageID: v.Image,
			Description: aws.ToString(v.Raw.VersionDescription), Data: v.Raw.LaunchTemplateData,
		}
	}
	return in
}

// CheckLaunch checks whether the groups of a place could launch the version with the
// image that is created from a source version, before it is created: it would be
// $Latest. EC2 is asked with a dry run, too, if dry is set. The result is that of each
// group that was checked, by its index; groups without a policy share their
// template's, and one of them is checked for all. The error joins what blocks.
func CheckLaunch(ctx context.Context, c *region.ClientSet, place *plan.Place, at *facts.Place, template int, source int64, dry bool) (map[int]*asg.CheckLaunchResult, error) {
	t := &at.Templates[template]
	in := NextVersion(at, t, source)
	if in.SourceVersion == nil {
		return nil, nil
	}
	data, err := launchtemplate.NextVersionData(in)
	if err != nil {
		return nil, err
	}
	out := map[int]*asg.CheckLaunchResult{}
	var errs []error
	plain := false
	for i := range place.Groups {
		g := &place.Groups[i]
		for k, l := range g.Launch {
			if l.Template != template || l.Version != source || plain && len(g.Launch) == 1 {
				continue
			}
			raw := at.Groups[i].Raw
			plain = plain || raw.MixedInstancesPolicy == nil
			check := asg.CheckLaunchInput{
				Image: *at.Image.Raw, Data: data, Group: raw,
				Template: &asg.TemplateSpec{ID: t.ID, Version: named(&at.Groups[i], k)},
			}
			if dry {
				check.Source = t.Version(source).Raw
			}
			checked, err := asg.CheckLaunch(ctx, c.EC2, check)
			out[i] = checked
			errs = append(errs, err)
			break
		}
	}
	return out, errors.Join(errs...)
}

// named is how a group names one of its launch template versions.
func named(g *facts.Group, launch int) string {
	if launch >= len(g.Launch) {
		return ""
	}
	if l := g.Launch[launch]; l.Spelling == "" {
		return strconv.FormatInt(l.Version, 10)
	}
	return g.Launch[launch].Spelling
}
