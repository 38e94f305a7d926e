package asg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// settings looks at what the group is.
func (p *preflight) settings() {
	if names := suspendedOf(p.Group, refreshProcesses); len(names) > 0 {
		p.find(Finding{Code: FindingProcessSuspended, Detail: strings.Join(names, ", "), IDs: names, Blocks: true})
	}
	if names := suspendedOf(p.Group, []string{"AddToLoadBalancer"}); len(names) > 0 && balanced(p.Group) {
		p.find(Finding{Code: FindingProcessSuspended, Detail: "AddToLoadBalancer: new instances get no traffic", IDs: names})
	}
	if problem := noWarmPool(p.in.Policy); problem != "" && p.Group.WarmPoolConfiguration != nil {
		p.find(Finding{Code: FindingWarmPool, Detail: "the Policy " + problem + ": delete the warm pool first"})
	}
	if missing := unheeded(p.Group); missing != "" {
		p.find(Finding{
			Code:   FindingHealthCheckType,
			Detail: fmt.Sprintf("HealthCheckType is %s without %s", aws.ToString(p.Group.HealthCheckType), missing),
		})
	}
}

// target looks at whether the group takes the desired configuration.
func (p *preflight) target() {
	switch {
	case attributeBased(p.Group.MixedInstancesPolicy):
		p.find(Finding{Code: FindingAttributeBased, Detail: "AWS refreshes it without a desired configuration only; see RefreshCurrent", Blocks: true})
	case p.Group.MixedInstancesPolicy != nil && p.in.Policy == nil:
		p.find(Finding{Code: FindingMixedInstances, Detail: "a plain launch template would replace it; give a Policy", Blocks: true})
	}
}

// balanced reports whether the group's instances get traffic from something that
// it registers them with.
func balanced(g types.AutoScalingGroup) bool {
	return len(g.LoadBalancerNames)+len(g.TargetGroupARNs)+len(g.TrafficSources) > 0
}

// unheeded is the health check type that the group's traffic sources have and
// the group does not use; empty: none.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
func unheeded(g types.AutoScalingGroup) string {
	var elb, lattice bool
	elb = len(g.LoadBalancerNames)+len(g.TargetGroupARNs) > 0
	for _, t := range g.TrafficSources {
		if aws.ToString(t.Type) == "vpc-lattice" {
			lattice = true
		} else {
			elb = true
		}
	}
	have := strings.Split(aws.ToString(g.HealthCheckType), ",")
	for i := range have {
		have[i] = strings.TrimSpace(have[i])
	}
	switch {
	case elb && !slices.Contains(have, "ELB"):
		return "ELB"
	case lattice && !slices.Contains(have, "VPC_LATTICE"):
		return "VPC_LATTICE"
	}
	return ""
}

// instances looks at those that a refresh does not simply replace.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html
func (p *preflight) instances() {
	var prefs types.RefreshPreferences
	if p.in.Preferences != nil {
		prefs = *p.in.Preferences
	}
	for _, i := range p.Group.Instances {
		protected, standby := aws.ToBool(i.ProtectedFromScaleIn), strings.HasSuffix(string(i.LifecycleState), "Standby")
		switch {
		case protected && prefs.ScaleInProtectedInstances == types.ScaleInProtectedInstancesIgnore,
			standby && prefs.StandbyInstances == types.StandbyInstancesIgnore:
			p.NotReplaced = append(p.NotReplaced, aws.ToString(i.InstanceId))
		case protected && prefs.ScaleInProtectedInstances != types.ScaleInProtectedInstancesRefresh,
			standby && prefs.StandbyInstances != types.StandbyInstancesTerminate:
			p.WaitsFor = append(p.WaitsFor, aws.ToString(i.InstanceId))
		}
	}
	if len(p.WaitsFor) > 0 {
		p.find(Finding{
			Code: FindingInstancesHeld, IDs: p.WaitsFor,
			Detail: "the refresh waits an hour for them to be released, and then fails",
		})
	}
	if len(p.NotReplaced) > 0 {
		p.find(Finding{Code: FindingInstancesHeld, IDs: p.NotReplaced, Detail: "the refresh leaves them as they are"})
	}
}

// capacity works out how few instances may be in service.
func (p *preflight) capacity() {
	p.MinInService = leastInService(p.Group, p.in)
	if p.MinInService == 0 && aws.ToInt32(p.Group.DesiredCapacity) > 0 {
		p.find(Finding{
			Code:   FindingNoneInService,
			Detail: fmt.Sprintf("of %d; see LaunchBeforeTerminate", aws.ToInt32(p.Group.DesiredCapacity)),
		})
	}
}

// leastInService: without a maximum AWS terminates and launches together, one at
// least; an explicit one makes it launch first where nothing else is possible. A
// root volume is replaced in place, and the instance out of service meanwhile.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func leastInService(g types.AutoScalingGroup, in RefreshInput) int {
	least, most := int32(90), (*int32)(nil)
	if m := g.InstanceMaintenancePolicy; m != nil && aws.ToInt32(m.MinHealthyPercentage) >= 0 && m.MaxHealthyPercentage != nil {
		least, most = aws.ToInt32(m.MinHealthyPercentage), m.MaxHealthyPercentage
	}
	if in.Preferences != nil && in.Preferences.MinHealthyPercentage != nil {
		least = *in.Preferences.MinHealthyPercentage
		most = firstOf(in.Preferences.MaxHealthyPercentage, most)
	}
	want := int(aws.ToInt32(g.DesiredCapacity))
	floor := (want*int(least) + 99) / 100
	if most == nil || strategyOf(in.Strategy) == types.RefreshStrategyReplaceRootVolume {
		return min(floor, max(want-1, 0))
	}
	return floor
}

func firstOf(a, b *int32) *int32 {
	if a != nil {
		return a
	}
	return b
}

// conflict looks at a refresh that runs.
func (p *preflight) conflict(active *types.InstanceRefresh) {
	if active != nil {
		p.find(Finding{
			Code: FindingRefreshInProgress, Detail: string(active.Status), IDs: []string{aws.ToString(active.InstanceRefreshId)},
			Blocks: p.in.OnConflict == ConflictFail,
		})
	}
}
