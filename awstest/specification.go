package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// specification is what a group launches from, or a refresh goes to: exactly
// one of the three.
type specification struct {
	template *astypes.LaunchTemplateSpecification
	policy   *astypes.MixedInstancesPolicy
	config   string // the name of a launch configuration
}

// source is the group's own specification.
func (g *groupSettings) source() specification {
	return specification{template: g.LaunchTemplate, policy: g.MixedInstancesPolicy, config: aws.ToString(g.LaunchConfigurationName)}
}

// use puts a specification in the place of the group's.
func (g *groupSettings) use(to specification) {
	g.LaunchTemplate, g.MixedInstancesPolicy, g.LaunchConfigurationName = clone(to.template), clone(to.policy), nil
	if to.config != "" {
		g.LaunchConfigurationName = new(to.config)
	}
}

// specificationOf is what a desired configuration goes to.
func specificationOf(d *astypes.DesiredConfiguration) specification {
	if d == nil {
		return specification{}
	}
	return specification{template: d.LaunchTemplate, policy: d.MixedInstancesPolicy}
}

// launchesFrom is what the group's next instance is made from: while a refresh
// is active, what the refresh goes to.
func (g *group) launchesFrom() specification {
	if g.active != nil && g.active.launches() {
		return g.active.source()
	}
	return g.source()
}

// choice is one way to launch an instance from a specification.
type choice struct {
	template     *astypes.LaunchTemplateSpecification // nil: a launch configuration
	config       string
	instanceType string // over the template's; empty: none
	requirements *astypes.InstanceRequirements
	imageID      string // over the template's; empty: none
	weight       int    // units of capacity; zero: the group has no weights
}

// units is how much of the group's capacity an instance of the choice is.
func (c choice) units() int { return max(c.weight, 1) }

// choices are all ways to launch, in the order of a policy's overrides.
func (s specification) choices() []choice {
	if s.policy == nil {
		return []choice{{template: s.template, config: s.config}}
	}
	base := s.policy.LaunchTemplate
	if len(base.Overrides) == 0 {
		return []choice{{template: base.LaunchTemplateSpecification}}
	}
	out := make([]choice, len(base.Overrides))
	for i, o := range base.Overrides {
		out[i] = choice{
			template:     base.LaunchTemplateSpecification,
			instanceType: aws.ToString(o.InstanceType),
			requirements: o.InstanceRequirements,
			imageID:      aws.ToString(o.ImageId),
			weight:       weightOf(o.WeightedCapacity),
		}
		if o.LaunchTemplateSpecification != nil {
			out[i].template = o.LaunchTemplateSpecification
		}
	}
	return out
}

// templates are all that it names, the base of a policy first.
func (s specification) templates() []*astypes.LaunchTemplateSpecification {
	switch {
	case s.template != nil:
		return []*astypes.LaunchTemplateSpecification{s.template}
	case s.policy == nil:
		return nil
	}
	out := []*astypes.LaunchTemplateSpecification{s.policy.LaunchTemplate.LaunchTemplateSpecification}
	for _, o := range s.policy.LaunchTemplate.Overrides {
		if o.LaunchTemplateSpecification != nil {
			out = append(out, o.LaunchTemplateSpecification)
		}
	}
	return out
}

// attributeBased is true for a policy that says what its instance types must
// have instead of naming them.
func (s specification) attributeBased() bool {
	return s.policy != nil && slices.ContainsFunc(s.policy.LaunchTemplate.Overrides, func(o astypes.LaunchTemplateOverrides) bool {
		return o.InstanceRequirements != nil
	})
}

// specFor is one launch by a choice, for the group.
func (g *group) specFor(c choice) (launchSpec, error) {
	spec, err := g.resolveChoice(c)
	if err != nil {
		return spec, err
	}
	if g.VPCZoneIdentifier != nil && spec.namedGroups {
		spec.subnetID = *g.VPCZoneIdentifier
		return spec, spec.checkNamedGroups()
	}
	spec.group = g.name
	spec.subnetID = g.emptiest().id
	spec.instanceTags = spec.instanceTags.with(g.instanceTags()...)
	return spec, nil
}

// imageProblem is what a scaling activity says of an image that nothing can be
// launched from.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-ami.html
func (s *store) imageProblem(imageID string) error {
	id, err := s.resolveImage(imageID)
	if err != nil {
		return err
	}
	switch i := s.catalogue.images[id]; {
	case i == nil || !s.sees(i) || i.state == ec2types.ImageStateDeregistered:
		return apiError("InvalidAMIID.NotFound", "The AMI ID %s does not exist.", id)
	case i.state != ec2types.ImageStateAvailable:
		return apiError("InvalidAMIID.Unavailable", "AMI %s is %s, and cannot be run.", id, i.state)
	}
	return nil
}

// resolveChoice reads a choice as its template is now.
func (s *store) resolveChoice(c choice) (launchSpec, error) {
	if c.template == nil {
		return s.configurationSpec(c.config)
	}
	spec, err := s.resolveTemplate(&ec2types.LaunchTemplateSpecification{
		LaunchTemplateId:   c.template.LaunchTemplateId,
		LaunchTemplateName: nameUnlessID(c.template),
		Version:            c.template.Version,
	})
	if err == nil {
		err = spec.placeInterfaces()
	}
	if err != nil {
		return spec, err
	}
	if c.imageID != "" {
		spec.imageID = c.imageID
	}
	if c.instanceType != "" {
		spec.instanceType = c.instanceType
	}
	need := c.requirements
	if need == nil && c.instanceType == "" {
		need = spec.requirements
	}
	if need != nil {
		spec.instanceType, err = s.typeFor(need, spec.imageID)
	}
	return spec, err
}

// nameUnlessID is the name to look a template up by: a group keeps both, and
// EC2 takes one.
func nameUnlessID(t *astypes.LaunchTemplateSpecification) *string {
	if t.LaunchTemplateId != nil {
		return nil
	}
	return t.LaunchTemplateName
}

// makes is true when the specification, read as it is now, would make an
// instance just like the member: the same version of the same template, an
// allowed instance type, and the same image over the template's.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html
func (s *store) makes(from specification, m *member) bool {
	for _, c := range from.choices() {
		spec, err := s.resolveChoice(c)
		if err != nil || spec.template == nil || m.spec.template == nil {
			continue
		}
		sameType := c.instanceType == "" || c.instanceType == m.spec.instanceType
		if *spec.template == *m.spec.template && sameType && c.imageID == m.choice.imageID {
			return true
		}
	}
	return false
}
