package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSource is what a group launches from: one of the two.
type launchSource struct {
	template *astypes.LaunchTemplateSpecification
	config   string // the name of a launch configuration
}

func (g *groupSettings) source() launchSource {
	return launchSource{template: g.LaunchTemplate, config: aws.ToString(g.LaunchConfigurationName)}
}

// launchesFrom is the source of the group's next instance: while a refresh is
// active, what the refresh goes to.
func (g *group) launchesFrom() launchSource {
	if g.active != nil && g.active.launches() {
		return g.active.source()
	}
	return g.source()
}

// specFor is one launch from a source, for the group.
func (g *group) specFor(from launchSource) (launchSpec, error) {
	spec, err := g.resolveSource(from)
	if err != nil {
		return spec, err
	}
	spec.group = g.name
	spec.subnetID = g.emptiest().id
	spec.instanceTags = spec.instanceTags.with(g.instanceTags())
	return spec, nil
}

// resolveSource reads a source as it is now.
func (s *store) resolveSource(from launchSource) (launchSpec, error) {
	if from.template == nil {
		return s.groups.configs.spec(from.config)
	}
	return s.resolveTemplate(&ec2types.LaunchTemplateSpecification{
		LaunchTemplateId:   from.template.LaunchTemplateId,
		LaunchTemplateName: nameUnlessID(from.template),
		Version:            from.template.Version,
	})
}

// nameUnlessID is the name to look a template up by: a group keeps both, and
// EC2 takes one.
func nameUnlessID(t *astypes.LaunchTemplateSpecification) *string {
	if t.LaunchTemplateId != nil {
		return nil
	}
	return t.LaunchTemplateName
}

// checkSource tests a group's launch source as AWS does when it is set, and
// completes the template by its id or name.
func (s *store) checkSource(g *groupSettings, subnets []*subnet) error {
	if (g.LaunchTemplate == nil) == (g.LaunchConfigurationName == nil) {
		return errOneSource()
	}
	if g.LaunchTemplate == nil {
		if s.groups.configs.byName[*g.LaunchConfigurationName] == nil {
			return validation("Launch configuration name not found - Launch configuration %s not found", *g.LaunchConfigurationName)
		}
		return nil
	}
	full, err := s.checkTemplate(g.LaunchTemplate, subnets)
	if err == nil {
		g.LaunchTemplate = full
	}
	return err
}

func errOneSource() error {
	return validation("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
}

// checkTemplate tests that a launch from the template would work now. It
// returns the specification with both id and name, the version as it was given.
func (s *store) checkTemplate(t *astypes.LaunchTemplateSpecification, subnets []*subnet) (*astypes.LaunchTemplateSpecification, error) {
	if (t.LaunchTemplateId == nil) == (t.LaunchTemplateName == nil) {
		return nil, validation("Valid requests must contain either launchTemplateId or LaunchTemplateName")
	}
	spec, err := s.resolveSource(launchSource{template: t})
	if err == nil {
		spec.subnetID = subnets[0].id
		_, err = s.planLaunch(spec)
	}
	if code, message := apiParts(err); code != "" {
		return nil, validation("You must use a valid fully-formed launch template. %s", message)
	}
	if err != nil {
		return nil, err
	}
	return &astypes.LaunchTemplateSpecification{
		LaunchTemplateId:   new(spec.template.id),
		LaunchTemplateName: new(spec.template.name),
		Version:            clone(t.Version),
	}, nil
}

// completed is a checked specification with both id and name.
func (s *store) completed(t *astypes.LaunchTemplateSpecification) *astypes.LaunchTemplateSpecification {
	out := clone(t)
	if found, err := s.findTemplate(t.LaunchTemplateId, nameUnlessID(t)); err == nil {
		out.LaunchTemplateId, out.LaunchTemplateName = new(found.id), new(found.name)
	}
	return out
}
