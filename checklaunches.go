package readyami

import (
	"context"
	"errors"
	"slices"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/launchtemplate"
)

// checkLaunches refuses images that groups cannot launch, in every place, before
// there is a version of any template: one that cannot be launched is not to become
// $Latest.
func (r *run) checkLaunches(ctx context.Context) error {
	return r.each(func(p *place) error {
		var errs []error
		checked := map[*line]bool{} // for plain groups: their types are the template's
		for _, g := range p.groups {
			if g.runs(before, *p.image.ImageId) && g.base().from.ImageID == *p.image.ImageId {
				continue // delivered by an earlier run
			}
			for _, u := range g.uses {
				if u.line.from.ImageID == *p.image.ImageId || g.spec.MixedInstancesPolicy == nil && checked[u.line] {
					continue // there will be no version, or it has been checked
				}
				checked[u.line] = true
				if err := r.checkLaunch(ctx, p, g, u); err != nil {
					errs = append(errs, r.end(p, g, Failed, err))
					break
				}
			}
		}
		return errors.Join(errs...)
	})
}

func (r *run) checkLaunch(ctx context.Context, p *place, g *group, u use) error {
	data, err := launchtemplate.NextVersionData(r.nextVersion(p, u.line))
	if err != nil {
		return err
	}
	checked, err := asg.CheckLaunch(ctx, p.clients.EC2, asg.CheckLaunchInput{
		Image: *p.image, Data: data, Group: g.spec, Template: &u.spec,
		Source: &ec2types.LaunchTemplateVersion{
			LaunchTemplateId: &u.line.from.TemplateID, VersionNumber: &u.line.from.Number, LaunchTemplateData: u.line.from.Data,
		},
	})
	if checked != nil {
		u.line.tried = !slices.ContainsFunc(checked.Findings, func(f asg.Finding) bool { return f.Code == asg.FindingLaunchNotTried })
		for _, f := range checked.Findings {
			if text := f.String(); !f.Blocks && !strings.Contains(strings.Join(g.report.Warnings, "\n"), text) {
				g.report.Warnings = append(g.report.Warnings, text)
			}
		}
	}
	return err
}

// nextVersion is the version that a line gets.
func (r *run) nextVersion(p *place, l *line) launchtemplate.NextVersionInput {
	return launchtemplate.NextVersionInput{
		Template:      launchtemplate.Ref{ID: l.from.TemplateID},
		Source:        l.from.Number,
		SourceVersion: &l.from,
		ImageID:       *p.image.ImageId,
		Image:         p.image,
		Description:   r.Name,
	}
}
