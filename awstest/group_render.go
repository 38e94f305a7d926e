package awstest

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// What an answer points to is laid out in one piece for each group and for all
// of its instances: a fleet is read often, and one allocation for each field
// would be most of the time.
type renderedGroup struct {
	name, arn, zones string
	created          time.Time
	sizes            [7]int32
	flags            [2]bool
	texts            [8]string
	template         astypes.LaunchTemplateSpecification
}

// render is the group as answers show it.
func (g *group) render(out *astypes.AutoScalingGroup, instances bool) {
	v := &renderedGroup{name: g.name, arn: g.arn, created: g.created}
	sizes, texts := v.sizes[:0], v.texts[:0]
	number := func(n *int32) *int32 {
		if n == nil {
			return nil
		}
		sizes = append(sizes, *n)
		return &sizes[len(sizes)-1]
	}
	text := func(s *string) *string {
		if s == nil {
			return nil
		}
		texts = append(texts, *s)
		return &texts[len(texts)-1]
	}
	v.flags = [2]bool{aws.ToBool(g.NewInstancesProtectedFromScaleIn), aws.ToBool(g.CapacityRebalance)}
	*out = astypes.AutoScalingGroup{
		AutoScalingGroupName:             &v.name,
		AutoScalingGroupARN:              &v.arn,
		CreatedTime:                      &v.created,
		MinSize:                          number(g.MinSize),
		MaxSize:                          number(g.MaxSize),
		DesiredCapacity:                  number(g.DesiredCapacity),
		DefaultCooldown:                  number(g.DefaultCooldown),
		DefaultInstanceWarmup:            number(g.DefaultInstanceWarmup),
		HealthCheckGracePeriod:           number(g.HealthCheckGracePeriod),
		HealthCheckType:                  text(g.HealthCheckType),
		Context:                          text(g.Context),
		ServiceLinkedRoleARN:             text(g.ServiceLinkedRoleARN),
		LaunchConfigurationName:          text(g.LaunchConfigurationName),
		MixedInstancesPolicy:             clone(g.MixedInstancesPolicy),
		InstanceMaintenancePolicy:        clone(g.InstanceMaintenancePolicy),
		NewInstancesProtectedFromScaleIn: &v.flags[0],
		TargetGroupARNs:                  g.targetGroupARNs(),
		Tags:                             clone(g.tags),
		SuspendedProcesses:               clone(g.suspensions),
		TerminationPolicies:              slices.Clone(g.TerminationPolicies),
		DeletionProtection:               g.DeletionProtection,
		MaxInstanceLifetime:              number(g.MaxInstanceLifetime),
		VPCZoneIdentifier:                &v.zones,
	}
	if g.source().attributeBased() { // told back of these alone, whatever was set
		// https://github.com/hashicorp/terraform-provider-aws/issues/47088
		out.DesiredCapacityType = text(g.DesiredCapacityType)
	}
	if t := g.LaunchTemplate; t != nil {
		v.template.LaunchTemplateId, v.template.LaunchTemplateName = text(t.LaunchTemplateId), text(t.LaunchTemplateName)
		v.template.Version = text(t.Version)
		out.LaunchTemplate = &v.template
	}
	if g.pool != nil {
		out.WarmPoolConfiguration, out.WarmPoolSize = new(clone(g.pool.config)), new(int32(len(g.pool.members)))
	}
	if g.deleting {
		out.Status = new("Delete in progress")
	}
	if g.CapacityRebalance != nil {
		out.CapacityRebalance = &v.flags[1]
	}
	if g.VPCZoneIdentifier != nil {
		v.zones = *g.VPCZoneIdentifier
	}
	out.AvailabilityZones = make([]string, 0, len(g.subnets))
	out.AvailabilityZoneIds = make([]string, 0, len(g.subnets))
	for _, n := range g.subnets {
		if !slices.Contains(out.AvailabilityZones, n.zone.name) {
			out.AvailabilityZones = append(out.AvailabilityZones, n.zone.name)
			out.AvailabilityZoneIds = append(out.AvailabilityZoneIds, n.zone.id)
		}
	}
	if instances && len(g.members) > 0 {
		out.Instances = renderMembers(g.members)
	}
}

// renderedMember is what the pointers of an instance point to.
type renderedMember struct {
	id, zone, zoneID, health, instanceType string
	template                               astypes.LaunchTemplateSpecification
	templateID, templateName, version      string
	protected                              bool
}

func renderMembers(members []*member) []astypes.Instance {
	values := make([]renderedMember, len(members))
	out := make([]astypes.Instance, len(members))
	for i, m := range members {
		m.render(&out[i], &values[i])
	}
	return out
}

// render writes the instance into o, with v for what is pointed to. It goes
// field by field: a literal would be made elsewhere and copied.
func (m *member) render(o *astypes.Instance, v *renderedMember) {
	v.id, v.instanceType, v.health, v.protected = m.shownID, m.shownType, "Healthy", m.protected
	v.zone, v.zoneID = m.zone.name, m.zone.id
	if m.unhealthy {
		v.health = "Unhealthy"
	}
	o.AvailabilityZone, o.AvailabilityZoneId = &v.zone, &v.zoneID
	o.HealthStatus, o.InstanceId, o.InstanceType = &v.health, &v.id, &v.instanceType
	o.LifecycleState, o.ProtectedFromScaleIn = m.state, &v.protected
	if m.choice.weight > 0 {
		o.WeightedCapacity = new(strconv.Itoa(m.choice.weight))
	}
	if m.choice.imageID != "" { // else the template tells
		o.ImageId = new(m.choice.imageID)
	}
	if m.templateID == "" {
		o.LaunchConfigurationName = new(m.config)
		return
	}
	v.templateID, v.templateName, v.version = m.templateID, m.templateName, m.templateVersion
	v.template.LaunchTemplateId, v.template.LaunchTemplateName, v.template.Version = &v.templateID, &v.templateName, &v.version
	o.LaunchTemplate = &v.template
}
