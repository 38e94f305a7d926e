package facts

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

// groups reads the groups of the query, fifty a call.
func (r *reader) groups(ctx context.Context) error {
	found, err := asg.Describe(ctx, r.query.Clients.AutoScaling, r.query.Groups)
	if err != nil {
		return err
	}
	r.place.Groups = make([]Group, len(found))
	for i := range found {
		r.place.Groups[i] = r.group(&found[i])
	}
	return nil
}

func (r *reader) group(g *asgtypes.AutoScalingGroup) Group {
	out := Group{
		Name: aws.ToString(g.AutoScalingGroupName), Capacity: int(aws.ToInt32(g.DesiredCapacity)),
		Launch: r.launches(g.LaunchTemplate, g.MixedInstancesPolicy),
		Raw:    *g,
	}
	for _, o := range Overrides(g.MixedInstancesPolicy) {
		if o.ImageId != nil {
			out.Images = append(out.Images, *o.ImageId)
		}
	}
	for _, i := range g.Instances {
		if strings.HasPrefix(string(i.LifecycleState), "Terminat") || strings.HasPrefix(string(i.LifecycleState), "Warmed") {
			continue
		}
		instance := Instance{
			ID: aws.ToString(i.InstanceId), Template: -1, Protected: aws.ToBool(i.ProtectedFromScaleIn),
			Standby: i.LifecycleState == asgtypes.LifecycleStateStandby || i.LifecycleState == asgtypes.LifecycleStateEnteringStandby,
		}
		if t := i.LaunchTemplate; t != nil {
			if k, known := r.index[aws.ToString(t.LaunchTemplateId)]; known {
				instance.Template = k
			}
			instance.Version, _ = strconv.ParseInt(aws.ToString(t.Version), 10, 64)
		}
		out.Instances = append(out.Instances, instance)
	}
	return out
}

// launches are the launch template versions that a group, or a desired configuration,
// names: its own first, then those of overrides.
func (r *reader) launches(own *asgtypes.LaunchTemplateSpecification, policy *asgtypes.MixedInstancesPolicy) []Launch {
	var out []Launch
	for _, t := range Specifications(own, policy) {
		l := Launch{Template: r.template(aws.ToString(t.LaunchTemplateId), aws.ToString(t.LaunchTemplateName))}
		switch v := aws.ToString(t.Version); v {
		case plan.VersionLatest:
			l.Spelling = plan.VersionLatest
		case plan.VersionDefault, "":
			l.Spelling = plan.VersionDefault
		default:
			l.Version, _ = strconv.ParseInt(v, 10, 64)
		}
		out = append(out, l)
	}
	return out
}

// Specifications are the launch templates that a group, or a desired configuration,
// names: its own first, then those of overrides.
func Specifications(own *asgtypes.LaunchTemplateSpecification, policy *asgtypes.MixedInstancesPolicy) []*asgtypes.LaunchTemplateSpecification {
	var out []*asgtypes.LaunchTemplateSpecification
	if own != nil {
		out = append(out, own)
	}
	if policy != nil && policy.LaunchTemplate != nil && policy.LaunchTemplate.LaunchTemplateSpecification != nil {
		out = append(out, policy.LaunchTemplate.LaunchTemplateSpecification)
	}
	for _, o := range Overrides(policy) {
		if o.LaunchTemplateSpecification != nil {
			out = append(out, o.LaunchTemplateSpecification)
		}
	}
	return out
}

// Overrides are those of a mixed instances policy.
func Overrides(policy *asgtypes.MixedInstancesPolicy) []asgtypes.LaunchTemplateOverrides {
	if policy == nil || policy.LaunchTemplate == nil {
		return nil
	}
	return policy.LaunchTemplate.Overrides
}

// outside finds the groups outside the release that launch $Latest or $Default of
// one of its templates, and those of which a new version would reach them: $Default
// moves only at the end, if at all, and so counts only if the release moves it.
func (r *reader) outside(ctx context.Context) error {
	for g, err := range asg.All(ctx, r.query.Clients.AutoScaling) {
		if err != nil {
			return err
		}
		if slices.Contains(r.query.Groups, aws.ToString(g.AutoScalingGroupName)) {
			continue
		}
		out := Group{Name: aws.ToString(g.AutoScalingGroupName)}
		reached := false
		for _, t := range Specifications(g.LaunchTemplate, g.MixedInstancesPolicy) {
			i, known := r.index[aws.ToString(t.LaunchTemplateId)]
			if !known {
				continue
			}
			l := Launch{Template: i, Spelling: plan.VersionDefault}
			if aws.ToString(t.Version) == plan.VersionLatest {
				l.Spelling, reached = plan.VersionLatest, true
			} else if v := aws.ToString(t.Version); v == plan.VersionDefault || v == "" {
				reached = reached || r.query.Delivery.SetDefault
			}
			out.Launch = append(out.Launch, l)
		}
		if reached {
			r.place.Outside = append(r.place.Outside, out)
		}
	}
	return nil
}
