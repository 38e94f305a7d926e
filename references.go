package readyami

import (
	"context"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/launchtemplate"
)

// GroupReferences lets a reference check of images see the Auto Scaling groups of
// the Region, those in the middle of an instance refresh too, and launch
// configurations: EC2 itself does not see them. Give it to ami.UsageRules.
//
// AWS calls and IAM: those of asg.References.
func GroupReferences(api asg.ReferencesAPI, ec2api asg.ReferencesEC2API) ami.ReferenceHook {
	return ami.ReferenceHook{
		Type:   "autoscaling:Group",
		Covers: []ami.Unchecked{ami.UncheckedGroups, ami.UncheckedLaunchConfigurations},
		Find: func(ctx context.Context, imageIDs []string) (map[string][]string, error) {
			refs, err := asg.References(ctx, api, ec2api, imageIDs)
			if err != nil {
				return nil, err
			}
			found := map[string][]string{}
			for _, r := range refs {
				found[r.Image] = append(found[r.Image], r.String())
			}
			return found, nil
		},
	}
}

// TemplateUses lets launchtemplate.Uses and launchtemplate.Prune see the Auto
// Scaling groups of the Region that use a template: by themselves, by an override,
// or by an instance refresh that is active.
//
// AWS calls and IAM: those of asg.Uses.
func TemplateUses(api asg.UsesAPI) launchtemplate.UsesFunc {
	return func(ctx context.Context, t launchtemplate.Template) ([]launchtemplate.Use, error) {
		uses, err := asg.Uses(ctx, api)
		if err != nil {
			return nil, err
		}
		var out []launchtemplate.Use
		for _, u := range uses {
			if u.IsOf(t.ID, t.Name) {
				out = append(out, launchtemplate.Use{Version: u.Template.Version, By: u.By, ID: u.Group})
			}
		}
		return out, nil
	}
}
