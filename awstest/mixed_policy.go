package awstest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	strategyPrioritized = "prioritized"
	strategyLowestPrice = "lowest-price"
)

// withPolicyDefaults puts AWS's defaults into a policy, as answers show them.
func withPolicyDefaults(p *astypes.MixedInstancesPolicy) {
	if p.LaunchTemplate.Overrides == nil {
		p.LaunchTemplate.Overrides = []astypes.LaunchTemplateOverrides{}
	}
	d := p.InstancesDistribution
	if d == nil {
		d = &astypes.InstancesDistribution{}
		p.InstancesDistribution = d
	}
	if d.OnDemandAllocationStrategy == nil {
		d.OnDemandAllocationStrategy = new(strategyPrioritized)
		if (specification{policy: p}).attributeBased() {
			d.OnDemandAllocationStrategy = new(strategyLowestPrice)
		}
	}
	if d.OnDemandBaseCapacity == nil {
		d.OnDemandBaseCapacity = new(int32(0))
	}
	if d.OnDemandPercentageAboveBaseCapacity == nil {
		d.OnDemandPercentageAboveBaseCapacity = new(int32(100))
	}
	if d.SpotAllocationStrategy == nil {
		d.SpotAllocationStrategy = new(strategyLowestPrice)
	}
	if d.SpotInstancePools == nil && *d.SpotAllocationStrategy == strategyLowestPrice {
		d.SpotInstancePools = new(int32(defaultSpotPools))
	}
	if aws.ToString(d.SpotMaxPrice) == "" { // the empty price takes one back
		d.SpotMaxPrice = nil
	}
}

const defaultSpotPools = 2

// weightOf reads a weight; zero is none, or no number.
func weightOf(s *string) int {
	n, err := strconv.Atoi(aws.ToString(s))
	if err != nil {
		return 0
	}
	return n
}

// next is the choices for the group's next instance, the first to be tried
// first, and whether it is a Spot Instance.
//
// On-Demand capacity is filled in the order of the overrides. The fake knows no
// prices and no free capacity, so that Spot capacity is spread over the pools,
// the emptiest first; with lowest-price only the first SpotInstancePools of the
// overrides are pools.
func (g *group) next(from specification) (tries []choice, spot bool) {
	all := from.choices()
	if from.policy == nil || !g.nextIsSpot(from.policy.InstancesDistribution) {
		return all, false
	}
	d := from.policy.InstancesDistribution
	if d != nil && cmp.Or(aws.ToString(d.SpotAllocationStrategy), strategyLowestPrice) == strategyLowestPrice {
		pools := int(cmp.Or(aws.ToInt32(d.SpotInstancePools), defaultSpotPools))
		all = all[:min(pools, len(all))]
	}
	count := func(c choice) (n int) {
		for _, m := range g.members {
			if m.live() && m.spec.spot && m.choice.instanceType == c.instanceType && m.choice.imageID == c.imageID {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b choice) int { return cmp.Compare(count(a), count(b)) })
	return all, true
}

// nextIsSpot tells whether On-Demand has its share already: the base, and the
// percentage of what is above it, rounded up.
func (g *group) nextIsSpot(d *astypes.InstancesDistribution) bool {
	if d == nil || d.OnDemandPercentageAboveBaseCapacity == nil || *d.OnDemandPercentageAboveBaseCapacity == 100 {
		return false
	}
	base := int(aws.ToInt32(d.OnDemandBaseCapacity))
	onDemand := 0
	for _, m := range g.members {
		if m.live() && !m.spec.spot {
			onDemand += m.units()
		}
	}
	above := max(g.tally.live+1-base, 0)
	share := base + (above*int(*d.OnDemandPercentageAboveBaseCapacity)+99)/100
	return onDemand >= share
}

// heaviest is the largest weight that the group has or may launch; 1 for a
// group without weights. No step of its capacity is larger.
func (g *group) heaviest() int {
	most := 1
	for _, c := range g.weighed(g.launchesFrom()) {
		most = max(most, c.units())
	}
	if g.tally.live > g.tally.members {
		for _, m := range g.members {
			most = max(most, m.units())
		}
	}
	return most
}
