package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// checkRoots refuses what AWS cannot replace root volumes for: it takes a policy
// whose overrides all name an image with no more than a root volume.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
func (g *group) checkRoots(in *autoscaling.StartInstanceRefreshInput) error {
	if in.Strategy != astypes.RefreshStrategyReplaceRootVolume {
		return nil
	}
	switch {
	case g.MixedInstancesPolicy == nil:
		return validation("The ReplaceRootVolume strategy requires an Auto Scaling group with a mixed instances policy")
	case in.DesiredConfiguration == nil || in.DesiredConfiguration.MixedInstancesPolicy == nil:
		return validation("The ReplaceRootVolume strategy requires a desired configuration with a mixed instances policy")
	case len(g.targetGroups) > 0:
		return validation("The ReplaceRootVolume strategy is not supported for an Auto Scaling group with load balancers")
	}
	for _, c := range specificationOf(in.DesiredConfiguration).choices() {
		if c.imageID == "" {
			return validation("The ReplaceRootVolume strategy requires an ImageId in every override")
		}
		if i, err := g.usableImage(c.imageID); err == nil && len(i.mappings) != 1 {
			return validation("The ReplaceRootVolume strategy requires an image with one volume: %s has %d", i.id, len(i.mappings))
		}
	}
	for _, m := range g.members {
		if !g.usesTemplate(m) {
			return validation("The instance %s does not match the launch template of the Auto Scaling group", m.id)
		}
	}
	return nil
}

// usesTemplate is true for a member that was launched from a template of the
// group.
func (g *group) usesTemplate(m *member) bool {
	for _, t := range g.source().templates() {
		if m.templateID != "" && aws.ToString(t.LaunchTemplateId) == m.templateID {
			return true
		}
	}
	return false
}

// choiceFor is the choice of the refresh that names the image for a member: the
// first for its instance type.
func (r *refresh) choiceFor(m *member) (choice, bool) {
	for _, c := range r.source().choices() {
		if c.imageID != "" && (c.instanceType == "" || c.instanceType == m.spec.instanceType) {
			return c, true
		}
	}
	return choice{}, false
}

// replaceRoot gives a member the root volume of its new image and keeps all else.
// It is false when that cannot be done: then the member is replaced.
func (r *refresh) replaceRoot(m *member) bool {
	g := r.group
	c, ok := r.choiceFor(m)
	if !ok {
		return false
	}
	a := g.begin("Replacing the root volume of EC2 instance: "+m.id, g.at("the root volume of an instance was replaced in response to an instance refresh."))
	a.about(m, 30)
	a.status = astypes.ScalingActivityStatusCodeInPlaceUpdateInProgress
	spec, err := g.resolveChoice(c)
	var plan *launchPlan
	if err == nil {
		spec.group, spec.subnetID = g.name, m.subnet.id
		plan, err = g.planLaunch(spec)
	}
	if err == nil && g.keyFault(plan) != nil {
		err = apiError("Client.InternalError", "%s", *errLaunchKey.Message)
	}
	if err != nil {
		a.failed(g.now, launchProblem(err)+" Replacing the root volume failed.")
		r.stalled(launchProblem(err))
		return false
	}
	m.launching = a
	m.change(func() {
		m.outdated, m.refresh = false, r
		m.checked, m.warm = false, false
		m.state = astypes.LifecycleStateReplacingRootVolume
	})
	r.attend(m)
	next := func(from, to astypes.LifecycleState, do func()) func() {
		return func() {
			if m.ending == nil && m.state == from {
				m.change(func() { m.state = to })
				do()
				g.hasten(&m.sight)
			}
		}
	}
	g.transition(&m.sight, g.jitter(g.timing.InstanceStart, m.id+"/root"),
		next(astypes.LifecycleStateReplacingRootVolume, astypes.LifecycleStateRootVolumeReplaced, func() {
			m.swapRoot(plan, c)
			g.transition(&m.sight, 0, func() {
				if m.ending == nil && m.state == astypes.LifecycleStateRootVolumeReplaced {
					m.inService()
				}
			})
		}))
	g.hasten(&m.sight)
	return true
}

// swapRoot puts the root volume of another image in the place of the instance's.
func (m *member) swapRoot(plan *launchPlan, c choice) {
	i, g := m.instance, m.group
	for _, root := range plan.mappings {
		for n := range i.volumes {
			if i.volumes[n].device == i.image.rootDevice && root.device == plan.image.rootDevice {
				i.volumes[n] = volume{
					id: g.newID("vol-"), device: root.device, attached: g.now, volumeSpec: root.volumeSpec, tags: plan.volumeTags,
				}
			}
		}
	}
	i.image = plan.image
	i.spec.imageID, i.spec.template = plan.imageID, plan.template
	i.behavior = g.behaviorOf(plan.image)
	m.choice = c
}
