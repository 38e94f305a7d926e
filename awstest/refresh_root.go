package awstest

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// checkRoots refuses what AWS cannot replace root volumes for: it takes a policy
// whose overrides all name an image with no more than a root volume, and there is
// one for each instance.
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
	case g.pool != nil:
		return validation("The ReplaceRootVolume strategy is not supported for an Auto Scaling group with a warm pool")
	}
	desired := specificationOf(in.DesiredConfiguration)
	for _, t := range append(g.source().templates(), desired.templates()...) {
		if _, err := strconv.Atoi(aws.ToString(t.Version)); err != nil {
			return validation("The ReplaceRootVolume strategy requires launch template versions that are numbers, not $Latest or $Default")
		}
	}
	for _, c := range desired.choices() {
		if c.imageID == "" {
			return validation("The ReplaceRootVolume strategy requires an ImageId in every override")
		}
		if i, err := g.usableImage(c.imageID); err == nil && len(i.mappings) != 1 {
			return validation("The ReplaceRootVolume strategy requires an image with one volume: %s has %d", i.id, len(i.mappings))
		}
	}
	for _, m := range g.members {
		if m.ending != nil {
			continue
		}
		if !g.usesTemplate(m) {
			return validation("The instance %s does not match the launch template of the Auto Scaling group", m.id)
		}
		if _, ok := desired.choiceFor(m); !ok {
			return validation("The instance type %s of the instance %s is not in the mixed instances policy", m.spec.instanceType, m.id)
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

// choiceFor is the choice that names the image for a member: the first for its
// instance type.
func (s specification) choiceFor(m *member) (choice, bool) {
	for _, c := range s.choices() {
		if c.imageID != "" && (c.instanceType == "" || c.instanceType == m.spec.instanceType) {
			return c, true
		}
	}
	return choice{}, false
}

// replaceRoot gives a member the root volume of its new image and keeps all else.
// It is false when that cannot be done: then the member is replaced. The hooks of
// a termination come before it, those of a launch after it.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
func (r *refresh) replaceRoot(m *member) bool {
	g := r.group
	c, ok := r.source().choiceFor(m)
	if !ok || r.back != nil && !m.templated(c) {
		return false
	}
	a := g.begin("Replacing the root volume of EC2 instance: "+m.id, g.at("the root volume of an instance was replaced in response to an instance refresh."))
	a.about(m, 30)
	a.status = astypes.ScalingActivityStatusCodeInPlaceUpdateInProgress
	plan, err := m.planRoot(c)
	if err != nil {
		a.failed(g.now, launchProblem(err)+" Replacing the root volume failed.")
		r.stalled(launchProblem(err))
		return false
	}
	m.launching.cancelled(g.now) // one that is under way, and to be undone
	m.launching, m.actions = a, nil
	m.change(func() {
		m.outdated, m.refresh = false, r
		m.checked, m.proven, m.warm = false, false, false
		m.state = astypes.LifecycleStateReplacingRootVolume
	})
	r.attend(m)
	swap := func() {
		m.goThrough(a, g.jitter(g.timing.InstanceStart, m.id+"/root"), astypes.LifecycleStateRootVolumeReplaced, func() {
			m.swapRoot(plan, c)
			if m.behaves().NeverStarts {
				m.lost(a)
				return
			}
			m.goThrough(a, 0, astypes.LifecycleStatePending, func() { m.goThrough(a, 0, astypes.LifecycleStatePending, m.arrive) })
		})
	}
	if !m.await(hookTerminating, astypes.LifecycleStateReplacingRootVolumeWait, func() {
		m.change(func() { m.state = astypes.LifecycleStateReplacingRootVolumeProceed })
		a.status = astypes.ScalingActivityStatusCodeInPlaceUpdateInProgress
		swap()
	}) {
		swap()
	}
	return true
}

// templated is true for a member of the template version that a choice has. One
// that a refresh has launched from another is not undone by its root volume.
func (m *member) templated(c choice) bool {
	spec, err := m.group.resolveChoice(c)
	return err == nil && spec.template != nil && m.spec.template != nil && *spec.template == *m.spec.template
}

// lost gives a member up that has not come back with its new root volume.
func (m *member) lost(a *activity) {
	g := m.group
	a.failed(g.now, *errStart.Message+". Replacing the root volume failed.")
	g.hold(m.units())
	m.end(g.at("an instance was taken out of service because its root volume could not be replaced."))
	if r := g.active; r != nil && m.refresh == r {
		r.stalled(a.message)
	}
}

// goThrough takes a member whose root volume is replaced to its next state,
// unless something else has come between.
func (m *member) goThrough(a *activity, d time.Duration, to astypes.LifecycleState, do func()) {
	g, from := m.group, m.state
	g.transition(&m.sight, d, func() {
		if m.ending == nil && m.launching == a && m.state == from {
			m.change(func() { m.state = to })
			do()
		}
	})
	g.hasten(&m.sight)
}

// planRoot is what a launch of a member by another choice would take.
func (m *member) planRoot(c choice) (*launchPlan, error) {
	g := m.group
	spec, err := g.resolveChoice(c)
	if err != nil {
		return nil, err
	}
	spec.group, spec.subnetID = g.name, m.subnet.id
	plan, err := g.planLaunch(spec)
	if err == nil && g.keyFault(plan) != nil {
		err = apiError("Client.InternalError", "%s", *errLaunchKey.Message)
	}
	return plan, err
}

// swapRoot puts the root volume of another image in the place of the instance's.
// Its launch template stays the version that it was launched from, since all else
// of that is as it was: the group shows the image next to it.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Instance.html
func (m *member) swapRoot(plan *launchPlan, c choice) {
	i, g := m.instance, m.group
	for _, root := range plan.mappings {
		for n := range i.volumes {
			if i.volumes[n].device == i.image.rootDevice && root.device == plan.image.rootDevice {
				i.volumes[n] = volume{
					id: g.newID("vol-"), device: root.device, created: g.now, attached: g.now, volumeSpec: root.volumeSpec,
					fast: g.fastRestored(root.snapshotID, i.subnet.zone.name), tags: plan.volumeTags,
				}
			}
		}
	}
	i.image, i.spec.imageID = plan.image, plan.imageID
	i.behavior = g.behaviorOf(plan.image)
	m.change(func() { m.choice = c }) // its weight may be another
}
