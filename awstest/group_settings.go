package awstest

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// groupSettings is what CreateAutoScalingGroup and UpdateAutoScalingGroup have
// in common, under AWS's names: an input is laid over it field by field.
type groupSettings struct {
	LaunchTemplate          *astypes.LaunchTemplateSpecification
	LaunchConfigurationName *string
	MixedInstancesPolicy    *astypes.MixedInstancesPolicy

	MinSize             *int32
	MaxSize             *int32
	DesiredCapacity     *int32
	DesiredCapacityType *string

	AvailabilityZones   []string
	AvailabilityZoneIds []string
	VPCZoneIdentifier   *string

	CapacityRebalance                *bool
	Context                          *string
	DefaultCooldown                  *int32
	DefaultInstanceWarmup            *int32
	DeletionProtection               astypes.DeletionProtection
	HealthCheckGracePeriod           *int32
	HealthCheckType                  *string
	InstanceMaintenancePolicy        *astypes.InstanceMaintenancePolicy
	MaxInstanceLifetime              *int32
	NewInstancesProtectedFromScaleIn *bool
	ServiceLinkedRoleARN             *string
	TerminationPolicies              []string
}

// groupSettingNames are the fields above, for the registry.
func groupSettingNames(more ...string) []string {
	for f := range reflect.TypeFor[groupSettings]().Fields() {
		if f.Name != "MixedInstancesPolicy" {
			more = append(more, f.Name)
		}
	}
	more = append(more, policyFields("MixedInstancesPolicy")...)
	return more
}

// overlay puts the set fields of one struct in the place of another's.
func overlay[T any](to *T, from T) {
	t, f := reflect.ValueOf(to).Elem(), reflect.ValueOf(from)
	for i := range f.NumField() {
		if f.Type().Field(i).IsExported() && !f.Field(i).IsZero() {
			t.Field(i).Set(f.Field(i))
		}
	}
}

// newSource is true for a change of what the group launches from.
func (g groupSettings) newSource() bool {
	return g.LaunchTemplate != nil || g.LaunchConfigurationName != nil || g.MixedInstancesPolicy != nil
}

// with is the settings after an update. One launch source replaces the other,
// and -1 takes back what can be unset.
func (g groupSettings) with(in groupSettings) groupSettings {
	if in.newSource() {
		g.LaunchTemplate, g.LaunchConfigurationName, g.MixedInstancesPolicy = nil, nil, nil
	}
	zones := in.AvailabilityZones != nil || in.AvailabilityZoneIds != nil
	if in.VPCZoneIdentifier != nil || zones {
		g.VPCZoneIdentifier, g.AvailabilityZones, g.AvailabilityZoneIds = nil, nil, nil // one follows from the other
	}
	overlay(&g, in)
	if aws.ToInt32(g.MaxInstanceLifetime) == 0 {
		g.MaxInstanceLifetime = nil
	}
	if aws.ToInt32(g.DefaultInstanceWarmup) == -1 {
		g.DefaultInstanceWarmup = nil
	}
	if p := g.InstanceMaintenancePolicy; p != nil && aws.ToInt32(p.MinHealthyPercentage) == -1 && aws.ToInt32(p.MaxHealthyPercentage) == -1 {
		g.InstanceMaintenancePolicy = nil
	}
	return g
}

// check refuses settings that do not fit together, the launch source aside.
func (g groupSettings) check() error {
	least, most, want := aws.ToInt32(g.MinSize), aws.ToInt32(g.MaxSize), aws.ToInt32(g.DesiredCapacity)
	switch {
	case least < 0 || most < 0:
		return validation("Group sizes must not be negative")
	case most < least:
		return validation("Max bound, %d, must be greater than or equal to min bound, %d", most, least)
	case want < least || want > most:
		return validation("Desired capacity:%d must be between the specified min size:%d and max size:%d", want, least, most)
	case aws.ToInt32(g.DefaultCooldown) < 0:
		return validation("DefaultCooldown must not be negative")
	case g.DefaultInstanceWarmup != nil && (*g.DefaultInstanceWarmup < 0 || *g.DefaultInstanceWarmup > 3600):
		return validation("DefaultInstanceWarmup must be between 0 and 3600 seconds")
	case aws.ToInt32(g.HealthCheckGracePeriod) < 0:
		return validation("HealthCheckGracePeriod must not be negative")
	}
	if life := aws.ToInt32(g.MaxInstanceLifetime); life != 0 && life < shortestLife {
		return validation("MaxInstanceLifetime must be 0 or at least %d seconds", shortestLife)
	}
	if err := g.checkCapacityType(); err != nil {
		return err
	}
	if !known(g.DeletionProtection.Values(), g.DeletionProtection) {
		return validation("'%s' is not a valid value for DeletionProtection", g.DeletionProtection)
	}
	if len(g.AvailabilityZones) > 0 && len(g.AvailabilityZoneIds) > 0 {
		return validation("AvailabilityZones and AvailabilityZoneIds cannot be specified together")
	}
	for check := range strings.SplitSeq(aws.ToString(g.HealthCheckType), ",") {
		if !slices.Contains([]string{"EC2", "EBS", "ELB", "VPC_LATTICE"}, check) {
			return validation("Health Check Type '%s' is not valid", check)
		}
	}
	return g.checkPolicy()
}

// shortestLife is the shortest maximum instance lifetime: a day.
const shortestLife = 86400

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceMaintenancePolicy.html
func (g groupSettings) checkPolicy() error {
	p := g.InstanceMaintenancePolicy
	if p == nil {
		return nil
	}
	if p.MinHealthyPercentage == nil || p.MaxHealthyPercentage == nil {
		return validation("Both MinHealthyPercentage and MaxHealthyPercentage must be specified")
	}
	return checkPercentages(*p.MinHealthyPercentage, p.MaxHealthyPercentage)
}

func checkPercentages(least int32, most *int32) error {
	switch {
	case least < 0 || least > 100:
		return validation("MinHealthyPercentage must be between 0 and 100")
	case most != nil && (*most < 100 || *most > 200):
		return validation("MaxHealthyPercentage must be between 100 and 200")
	case most != nil && *most-least > 100:
		return validation("The difference between MinHealthyPercentage and MaxHealthyPercentage must not be greater than 100")
	}
	return nil
}

// groupSubnets are the subnets that settings stand for; zones without subnets
// mean the default subnet of each.
func (s *store) groupSubnets(g groupSettings) ([]*subnet, error) {
	var out []*subnet
	zones := slices.Clone(g.AvailabilityZones)
	for _, id := range g.AvailabilityZoneIds {
		i := slices.IndexFunc(s.network.zones, func(z zone) bool { return z.id == id })
		if i < 0 {
			return nil, validation("Invalid availability zone ids: [%s]", id)
		}
		zones = append(zones, s.network.zones[i].name)
	}
	for id := range strings.SplitSeq(aws.ToString(g.VPCZoneIdentifier), ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		n := s.network.subnet(id)
		if n == nil {
			return nil, validation("The subnet ID '%s' does not exist", id)
		}
		if len(zones) > 0 && !slices.Contains(zones, n.zone.name) {
			return nil, validation("The availability zones of the specified subnets and the Auto Scaling group do not match")
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	if out != nil {
		return out, nil
	}
	for _, name := range zones {
		if s.network.zone(name) == nil {
			return nil, validation("Invalid availability zones: [%s]", name)
		}
		for _, n := range s.network.defaultSubnets() {
			if n.zone.name == name {
				out = append(out, n)
			}
		}
	}
	if out == nil {
		return nil, validation("At least one Availability Zone or VPC Subnet is required.")
	}
	return out, nil
}

// settle puts the group into the subnets; live members stay where they are.
func (g *group) settle(subnets []*subnet) {
	g.subnets = subnets
	g.placed = make([]int, len(subnets))
	for _, m := range g.members {
		if m.live() {
			g.place(m, 1)
		}
	}
}

func (g *group) place(m *member, n int) {
	if i := slices.Index(g.subnets, m.subnet); i >= 0 {
		g.placed[i] += n
	}
}

// emptiest is the subnet with the fewest live members.
func (g *group) emptiest() *subnet {
	best := 0
	for i, n := range g.placed {
		if n < g.placed[best] {
			best = i
		}
	}
	return g.subnets[best]
}
