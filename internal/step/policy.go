package step

import (
	"slices"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// policyWith is a copy of a mixed instances policy with other versions, in the order
// of facts.Specifications. An empty name leaves a version as it is.
func policyWith(policy *asgtypes.MixedInstancesPolicy, name func(i int) string) *asgtypes.MixedInstancesPolicy {
	out, template := *policy, *policy.LaunchTemplate
	out.LaunchTemplate = &template
	n := 0
	with := func(t *asgtypes.LaunchTemplateSpecification) *asgtypes.LaunchTemplateSpecification {
		if t == nil {
			return nil
		}
		other := *t
		if v := name(n); v != "" {
			other.Version = &v
		}
		other.LaunchTemplateName = nil // AWS tells both, and a call takes one
		n++
		return &other
	}
	template.LaunchTemplateSpecification = with(template.LaunchTemplateSpecification)
	template.Overrides = slices.Clone(template.Overrides)
	for i := range template.Overrides {
		template.Overrides[i].LaunchTemplateSpecification = with(template.Overrides[i].LaunchTemplateSpecification)
	}
	return &out
}
