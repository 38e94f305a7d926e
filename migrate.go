package readyami

import (
	"context"
	"strconv"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/launchtemplate"
)

// MigrateAPI is the Auto Scaling half of what [Migrate] calls.
type MigrateAPI interface {
	asg.UpdateAPI
	asg.ConfigurationAPI
}

// MigrateInput says which group is migrated.
type MigrateInput struct {
	// Group is its name; required.
	Group string
	// TemplateName is the name of the launch template. Empty: that of the launch
	// configuration, so that the groups which share this get one template.
	TemplateName string
	// Tags of the launch template. Nil: none.
	Tags map[string]string
}

// Migrated says what [Migrate] did.
type Migrated struct {
	// LaunchConfiguration that the group had; empty: it had none.
	LaunchConfiguration string
	// Source is what the group launches from now.
	Source asg.LaunchSource
	// Changed is false where the group had a launch template or a mixed instances
	// policy already, and nothing was written.
	Changed bool
	// Warnings are what AWS found wrong with the data of a template that this call
	// made.
	Warnings []string
}

// Migrate gives a group that has a launch configuration a launch template that
// launches the same, see asg.TemplateData, as its numbered first version. It does
// nothing to the instances that run and never starts an instance refresh: new
// instances come from the template from then on. The launch configuration stays.
//
// It can be called again, also after a run that ended in the middle: the template
// is found, and a group that has one is left as it is.
//
// Errors: [ErrInvalidInput]; asg.ErrNotFound, for a group or launch configuration
// that is not there; asg.ErrNotEquivalent, where no template is; and
// launchtemplate.ErrNameTaken, where the name has a template that was made from
// anything else; and asg.ErrOtherVersion, where somebody gives the group another
// launch source meanwhile. The group stays as it is then.
//
// AWS calls: those of asg.Update, asg.Configuration and launchtemplate.Create;
// they name their IAM actions.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
func Migrate(ctx context.Context, api MigrateAPI, ec2api launchtemplate.CreateAPI, in MigrateInput) (*Migrated, error) {
	const op = "readyami.Migrate"
	if in.Group == "" {
		return nil, fault.Invalid(op, fault.Place{}, "Group is missing")
	}
	groups, err := asg.Describe(ctx, api, []string{in.Group})
	if err != nil {
		return nil, err
	}
	out := &Migrated{Source: asg.SourceOf(groups[0])}
	out.LaunchConfiguration = out.Source.LaunchConfiguration
	if out.LaunchConfiguration == "" {
		return out, nil
	}
	config, err := asg.Configuration(ctx, api, out.LaunchConfiguration)
	if err != nil {
		return out, err
	}
	before := out.Source
	data, err := asg.TemplateData(*config)
	if err != nil {
		return out, err
	}
	name := in.TemplateName
	if name == "" {
		name = out.LaunchConfiguration
	}
	made, err := launchtemplate.Create(ctx, ec2api, launchtemplate.CreateInput{
		Name: name, Description: "from a launch configuration", Data: data, Tags: in.Tags,
	})
	if err != nil {
		return out, err
	}
	out.Warnings = made.Warnings
	done, err := asg.Update(ctx, api, asg.UpdateInput{
		Group:    in.Group,
		From:     &before,
		Template: &asg.TemplateSpec{ID: made.TemplateID, Version: strconv.FormatInt(made.Version, 10)},
	})
	if err != nil {
		return out, err
	}
	out.Source, out.Changed = done.After, done.Changed
	return out, nil
}
