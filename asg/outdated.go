package asg

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// OutdatedInstances returns the IDs of the instances that were not launched from the source, as
// far as AWS tells: the template and its number, the launch configuration, and
// the image where an override names one. Instances that are on their way out do
// not count. A template version that is not a number fits no instance: what it
// means changes.
func OutdatedInstances(source LaunchSource, instances []types.Instance) []string {
	var ids []string
	for _, i := range instances {
		if stays(i) && !launchedFrom(source, i) {
			ids = append(ids, aws.ToString(i.InstanceId))
		}
	}
	return ids
}

// stays reports whether an instance is not on its way out of the group.
func stays(i types.Instance) bool {
	state := string(i.LifecycleState)
	return !strings.HasPrefix(state, "Terminat") && !strings.HasPrefix(state, "Detach") &&
		!strings.HasPrefix(state, "Warmed:Terminat")
}

func launchedFrom(source LaunchSource, i types.Instance) bool {
	switch {
	case source.Template != nil:
		return sameNumber(source.Template.send(), i.LaunchTemplate)
	case source.MixedInstancesPolicy != nil:
		return launchedFromPolicy(source.MixedInstancesPolicy, i)
	}
	return source.LaunchConfiguration != "" && source.LaunchConfiguration == aws.ToString(i.LaunchConfigurationName)
}

// launchedFromPolicy looks at the overrides that can have made the instance:
// those of its type, and those that choose by attributes.
func launchedFromPolicy(p *types.MixedInstancesPolicy, i types.Instance) bool {
	if len(overrides(p)) == 0 {
		return sameNumber(baseTemplate(p), i.LaunchTemplate)
	}
	return slices.ContainsFunc(overrides(p), func(o types.LaunchTemplateOverrides) bool {
		if o.InstanceType != nil && *o.InstanceType != aws.ToString(i.InstanceType) {
			return false
		}
		if o.ImageId != nil && i.ImageId != nil && *o.ImageId != *i.ImageId {
			return false
		}
		template := o.LaunchTemplateSpecification
		if template == nil {
			template = baseTemplate(p)
		}
		return sameNumber(template, i.LaunchTemplate)
	})
}

// sameNumber compares a template of a group with that of an instance, which has
// the number that was launched.
func sameNumber(group, instance *types.LaunchTemplateSpecification) bool {
	if group == nil || instance == nil {
		return false
	}
	_, ok := specOf(group).Number()
	return ok && sameTemplate(group, instance)
}

// numbered is what keeps a source from being one that AWS can roll back to;
// empty: nothing.
func numbered(source LaunchSource) string {
	specs := templatesOf(source.MixedInstancesPolicy)
	if source.Template != nil {
		specs = append(specs, source.Template.send())
	}
	for _, t := range specs {
		if _, ok := specOf(t).Number(); !ok {
			return "version of " + specOf(t).ID + " is " + versionOrDefault(aws.ToString(t.Version))
		}
	}
	return ""
}

// sameSource compares two launch sources as AWS shows them.
func sameSource(a, b LaunchSource) bool {
	return a.LaunchConfiguration == b.LaunchConfiguration && sameTemplate(a.Template.send(), b.Template.send()) &&
		samePolicy(a.MixedInstancesPolicy, b.MixedInstancesPolicy)
}
