package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(putWarmPool, "AutoScalingGroupName", "InstanceReusePolicy", "MaxGroupPreparedCapacity", "MinSize", "PoolState")
	handle(describeWarmPool, "AutoScalingGroupName", "MaxRecords", "NextToken")
	handle(deleteWarmPool, "AutoScalingGroupName", "ForceDelete")
}

// putWarmPool makes a warm pool or changes the one that is there; what is not
// sent stays.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
func putWarmPool(r *request, in *autoscaling.PutWarmPoolInput) (*autoscaling.PutWarmPoolOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.active != nil {
		return nil, &astypes.InstanceRefreshInProgressFault{
			Message: new("An Instance Refresh is in progress and blocks the change of the warm pool."),
		}
	}
	config := astypes.WarmPoolConfiguration{MinSize: new(int32(0)), PoolState: astypes.WarmPoolStateStopped}
	if g.pool != nil {
		config = clone(g.pool.config)
	}
	overlay(&config, convert[astypes.WarmPoolConfiguration](*in))
	switch {
	case config.Status == astypes.WarmPoolStatusPendingDelete:
		return nil, validation("The warm pool of the group %s is pending deletion", g.name)
	case !known(config.PoolState.Values(), config.PoolState):
		return nil, validation("'%s' is not a valid value for PoolState", config.PoolState)
	case *config.MinSize < 0:
		return nil, validation("MinSize must not be negative")
	case aws.ToInt32(config.MaxGroupPreparedCapacity) < -1:
		return nil, validation("MaxGroupPreparedCapacity must not be less than -1")
	}
	if problem := r.noWarmPool(g.groupSettings); problem != "" {
		return nil, validation("%s", problem)
	}
	if aws.ToInt32(config.MaxGroupPreparedCapacity) == -1 {
		config.MaxGroupPreparedCapacity = nil
	}
	if g.pool == nil {
		g.pool = &warmPool{}
	}
	g.pool.config = config
	g.wake()
	return &autoscaling.PutWarmPoolOutput{}, nil
}

// describeWarmPool tells of a group without a warm pool nothing at all.
func describeWarmPool(r *request, in *autoscaling.DescribeWarmPoolInput) (*autoscaling.DescribeWarmPoolOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.pool == nil {
		return &autoscaling.DescribeWarmPoolOutput{}, nil
	}
	found, next, err := asPage(r.store, g.pool.members, limits{def: 50, max: 50}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		r.show(&m.sight)
	}
	return &autoscaling.DescribeWarmPoolOutput{
		Instances: renderMembers(found), NextToken: next, WarmPoolConfiguration: new(clone(g.pool.config)),
	}, nil
}

// deleteWarmPool removes an empty pool at once. One that is forced is shown as
// pending until its instances are gone.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteWarmPool.html
func deleteWarmPool(r *request, in *autoscaling.DeleteWarmPoolInput) (*autoscaling.DeleteWarmPoolOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	switch {
	case g.pool == nil:
		return nil, validation("No warm pool found for the Auto Scaling group %s", g.name)
	case len(g.pool.members) > 0 && !aws.ToBool(in.ForceDelete):
		return nil, &astypes.ResourceInUseFault{Message: new("You cannot delete the warm pool while there are instances in it.")}
	}
	g.pool.config.Status = astypes.WarmPoolStatusPendingDelete
	for _, m := range slices.Clone(g.pool.members) {
		if m.ending == nil {
			m.end(g.at("an instance was taken out of the warm pool in response to a user request to delete it."))
		}
	}
	g.tendPool()
	return &autoscaling.DeleteWarmPoolOutput{}, nil
}

// noWarmPool says why AWS allows a group with these settings no warm pool, empty
// when it does.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
func (s *store) noWarmPool(g groupSettings) string {
	from := g.source()
	if s.aliased(from) {
		return "A warm pool is not supported for launch templates that use a Systems Manager parameter for the image"
	}
	if t := aws.ToString(g.DesiredCapacityType); t != "" && t != capacityUnits {
		return "A warm pool is not supported for an Auto Scaling group whose capacity is not counted in instances"
	}
	for _, c := range from.choices() {
		if c.weight > 0 {
			return "A warm pool is not supported for an Auto Scaling group with weights"
		}
	}
	for _, c := range from.choices() {
		if spec, err := s.resolveChoice(c); err == nil && spec.spot {
			return "A warm pool is not supported for an Auto Scaling group that launches Spot Instances"
		}
	}
	if p := from.policy; p != nil {
		d := p.InstancesDistribution
		if d != nil && d.OnDemandPercentageAboveBaseCapacity != nil && *d.OnDemandPercentageAboveBaseCapacity < 100 {
			return "A warm pool is not supported for an Auto Scaling group that launches Spot Instances"
		}
	}
	return ""
}

// checkPool refuses a launch source that the group's warm pool could not have.
func (g *group) checkPool(to groupSettings) error {
	if g.pool == nil {
		return nil
	}
	if problem := g.noWarmPool(to); problem != "" {
		return apiError(g.unconfirmed.sourceBesideWarmPool(), "%s. Delete the warm pool first.", problem)
	}
	return nil
}
