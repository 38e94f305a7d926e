package asg

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// WithVersions is a mixed instances policy with other versions of its launch
// templates and everything else as it was: [RefreshInput] takes it. version is
// asked for the base template and for that of each override that has one, and
// answers the number that the policy is to name: the new one of a template that
// gets one, and for any other what its version resolves to now. A number below
// 1, and a policy without a base template, are [ErrInvalidInput]; an error of
// version is returned as it is.
//
// The policy that was passed in is not changed. No AWS call is made.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups-launch-template-overrides.html
func WithVersions(policy *types.MixedInstancesPolicy, version func(TemplateSpec) (int64, error)) (*types.MixedInstancesPolicy, error) {
	const op = "asg.WithVersions"
	if baseTemplate(policy) == nil {
		return nil, fault.Invalid(op, fault.Place{}, "the policy has no launch template")
	}
	number := func(t *types.LaunchTemplateSpecification) (*types.LaunchTemplateSpecification, error) {
		spec := *specOf(t)
		n, err := version(spec)
		if err != nil {
			return nil, err
		}
		if n < 1 {
			return nil, fault.Invalid(op, fault.Place{}, "%d is not the number of a version of %s", n, spec.ID+spec.Name)
		}
		spec.Version = strconv.FormatInt(n, 10)
		return spec.send(), nil
	}
	var err error
	out := *policy
	template := *policy.LaunchTemplate
	out.LaunchTemplate = &template
	if template.LaunchTemplateSpecification, err = number(template.LaunchTemplateSpecification); err != nil {
		return nil, err
	}
	template.Overrides = slices.Clone(template.Overrides)
	for i, o := range template.Overrides {
		if o.LaunchTemplateSpecification == nil {
			continue
		}
		if template.Overrides[i].LaunchTemplateSpecification, err = number(o.LaunchTemplateSpecification); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// templatesOf is the base template of a policy and those of its overrides.
func templatesOf(p *types.MixedInstancesPolicy) []*types.LaunchTemplateSpecification {
	var out []*types.LaunchTemplateSpecification
	if base := baseTemplate(p); base != nil {
		out = append(out, base)
	}
	for _, o := range overrides(p) {
		if o.LaunchTemplateSpecification != nil {
			out = append(out, o.LaunchTemplateSpecification)
		}
	}
	return out
}

func overrides(p *types.MixedInstancesPolicy) []types.LaunchTemplateOverrides {
	if p == nil || p.LaunchTemplate == nil {
		return nil
	}
	return p.LaunchTemplate.Overrides
}

// attributeBased reports whether instance types are chosen by attributes: AWS
// takes no desired configuration for such a group.
func attributeBased(p *types.MixedInstancesPolicy) bool {
	return slices.ContainsFunc(overrides(p), func(o types.LaunchTemplateOverrides) bool { return o.InstanceRequirements != nil })
}

// policyProblem is what is wrong with a policy as the desired configuration of a
// refresh; empty when nothing is.
func policyProblem(p *types.MixedInstancesPolicy, strategy types.RefreshStrategy) string {
	if baseTemplate(p) == nil {
		return "Policy has no launch template"
	}
	if attributeBased(p) {
		return "Policy has InstanceRequirements; AWS refreshes attribute-based groups without a desired configuration only"
	}
	for _, t := range templatesOf(p) {
		spec := specOf(t)
		if _, ok := spec.Number(); !ok {
			return fmt.Sprintf("Policy names version %q of %s, which is not a number", versionOrDefault(spec.Version), spec.ID+spec.Name)
		}
		if (spec.ID == "") == (spec.Name == "") {
			return "Policy names a template by its id or by its name, not both: see WithVersions"
		}
	}
	if strategy != types.RefreshStrategyReplaceRootVolume {
		return ""
	}
	if len(overrides(p)) == 0 {
		return "Strategy ReplaceRootVolume needs a Policy with an image in every override"
	}
	for i, o := range overrides(p) {
		if aws.ToString(o.ImageId) == "" {
			return fmt.Sprintf("Strategy ReplaceRootVolume needs an ImageId in every override of the Policy, and override %d has none", i)
		}
	}
	return ""
}

// sameDesired compares what we ask for with what a refresh has.
func sameDesired(want, have *types.DesiredConfiguration) bool {
	if want == nil || have == nil {
		return want == nil && have == nil
	}
	return sameTemplate(want.LaunchTemplate, have.LaunchTemplate) &&
		samePolicy(want.MixedInstancesPolicy, have.MixedInstancesPolicy)
}

// samePolicy compares a policy that is asked for with one that AWS shows, which
// has AWS's defaults and the templates' names as well.
func samePolicy(want, have *types.MixedInstancesPolicy) bool {
	if want == nil || have == nil {
		return want == have
	}
	if !sameTemplate(baseTemplate(want), baseTemplate(have)) || len(overrides(want)) != len(overrides(have)) {
		return false
	}
	for i, w := range overrides(want) {
		h := overrides(have)[i]
		if !sameTemplate(w.LaunchTemplateSpecification, h.LaunchTemplateSpecification) {
			return false
		}
		w.LaunchTemplateSpecification, h.LaunchTemplateSpecification = nil, nil
		if !reflect.DeepEqual(w, h) {
			return false
		}
	}
	return want.InstancesDistribution == nil || have.InstancesDistribution != nil && covers(*want.InstancesDistribution, *have.InstancesDistribution)
}

// covers reports whether have has every field that want sets, with that value. An
// empty string takes back what AWS does not show then.
func covers[T any](want, have T) bool {
	w, h := reflect.ValueOf(want), reflect.ValueOf(have)
	for i := range w.NumField() {
		if !w.Type().Field(i).IsExported() || w.Field(i).IsZero() || reflect.DeepEqual(w.Field(i).Interface(), h.Field(i).Interface()) {
			continue
		}
		if s, ok := w.Field(i).Interface().(*string); ok && *s == "" && h.Field(i).IsZero() {
			continue
		}
		return false
	}
	return true
}
