package asg

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// sendPolicy is a policy as a call takes it: AWS shows each template with its id
// and its name, and takes one of the two. The policy passed in stays as it is.
func sendPolicy(p *types.MixedInstancesPolicy) *types.MixedInstancesPolicy {
	return eachTemplate(p, func(_ int, t TemplateSpec) TemplateSpec { return t })
}

// eachTemplate is a policy with another specification for each template in it;
// the base is number -1, an override has its index.
func eachTemplate(p *types.MixedInstancesPolicy, change func(i int, t TemplateSpec) TemplateSpec) *types.MixedInstancesPolicy {
	if p == nil || p.LaunchTemplate == nil {
		return p
	}
	send := func(i int, t *types.LaunchTemplateSpecification) *types.LaunchTemplateSpecification {
		if t == nil {
			return nil
		}
		return new(change(i, *specOf(t))).send()
	}
	out, template := *p, *p.LaunchTemplate
	out.LaunchTemplate = &template
	template.LaunchTemplateSpecification = send(-1, template.LaunchTemplateSpecification)
	template.Overrides = slices.Clone(template.Overrides)
	for i, o := range template.Overrides {
		template.Overrides[i].LaunchTemplateSpecification = send(i, o.LaunchTemplateSpecification)
	}
	return &out
}

// mixedProblem is what is wrong with a policy of a group; empty when nothing is.
func mixedProblem(p *types.MixedInstancesPolicy) string {
	if p == nil {
		return ""
	}
	if baseTemplate(p) == nil {
		return "Policy has no launch template"
	}
	for _, t := range templatesOf(p) {
		if problem := specOf(t).problem(); problem != "" {
			return "Policy: " + problem
		}
	}
	return ""
}
