package asg

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// DescribeWarmPoolAPI is what [DescribeWarmPool] calls.
type DescribeWarmPoolAPI interface {
	autoscaling.DescribeWarmPoolAPIClient
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

// PutWarmPoolAPI is what [PutWarmPool] calls.
type PutWarmPoolAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	PutWarmPool(context.Context, *autoscaling.PutWarmPoolInput, ...func(*autoscaling.Options)) (*autoscaling.PutWarmPoolOutput, error)
}

var (
	_ DescribeWarmPoolAPI = (*autoscaling.Client)(nil)
	_ PutWarmPoolAPI      = (*autoscaling.Client)(nil)
)

// WarmPool is the warm pool of a group.
type WarmPool struct {
	// Configuration of the pool; nil: the group has none.
	Configuration *types.WarmPoolConfiguration
	// Instances in the pool. They are none of the group's Instances.
	Instances []types.Instance
}

// DescribeWarmPool reads the warm pool of a group: its settings and its instances. A
// group without one is no error.
//
// A change of the group's template leaves the instances of the pool as they are;
// a refresh renews them, after those in service. [OutdatedInstances] tells which are old.
//
// Errors: [ErrInvalidInput]; [ErrNotFound], if there is no such group.
//
// AWS calls: DescribeWarmPool, one for each 50 instances, and
// DescribeAutoScalingGroups if AWS refuses it. IAM: autoscaling:DescribeWarmPool,
// autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
func DescribeWarmPool(ctx context.Context, api DescribeWarmPoolAPI, group string, optFns ...func(*Options)) (*WarmPool, error) {
	const op = "asg.DescribeWarmPool"
	o := newOptions(api, optFns)
	if group == "" {
		return nil, fault.Invalid(op, o.place(), "group is required")
	}
	return warmPool(ctx, api, op, group, o)
}

func warmPool(ctx context.Context, api DescribeWarmPoolAPI, op, group string, o Options) (*WarmPool, error) {
	pool := &WarmPool{}
	pages := autoscaling.NewDescribeWarmPoolPaginator(api, &autoscaling.DescribeWarmPoolInput{AutoScalingGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, refused(ctx, api, op, group, err, o)
		}
		if page.WarmPoolConfiguration != nil {
			pool.Configuration = page.WarmPoolConfiguration
		}
		pool.Instances = append(pool.Instances, page.Instances...)
	}
	return pool, nil
}

// PutWarmPoolInput says what the warm pool of a group is to be.
type PutWarmPoolInput struct {
	// Group is its name; required.
	Group string
	// State of the instances in the pool: Stopped, Running or Hibernated.
	// Empty: what it is, and Stopped for a new pool.
	State types.WarmPoolState
	// MinSize is how many instances are in the pool at least. Nil: what it is,
	// and 0 for a new pool.
	MinSize *int32
	// MaxGroupPreparedCapacity is how many instances the group and its pool have
	// together. Nil: what it is, and the group's MaxSize for a new pool. -1:
	// the group's MaxSize again.
	MaxGroupPreparedCapacity *int32
	// ReuseOnScaleIn has instances return to the pool when the group scales in.
	// Nil: what it is, and false for a new pool.
	ReuseOnScaleIn *bool
}

// PutWarmPool gives a group a warm pool, or changes the one that it has, and
// reports whether anything was written: settings that are there already are not.
//
// Errors: [ErrInvalidInput], also for a group that AWS allows no warm pool (Spot
// Instances, or weights); [ErrNotFound]; [ErrRefreshInProgress], while a refresh
// runs.
//
// AWS calls: DescribeAutoScalingGroups, and PutWarmPool where something differs.
// IAM: autoscaling:DescribeAutoScalingGroups, autoscaling:PutWarmPool.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
func PutWarmPool(ctx context.Context, api PutWarmPoolAPI, in PutWarmPoolInput, optFns ...func(*Options)) (changed bool, err error) {
	const op = "asg.PutWarmPool"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return false, fault.Invalid(op, o.place(), "%s", problem)
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return false, err
	}
	if problem := noWarmPool(groups[0].MixedInstancesPolicy); problem != "" {
		return false, fault.Invalid(op, o.place(), "group %s %s, and AWS allows it no warm pool", in.Group, problem)
	}
	if in.is(groups[0].WarmPoolConfiguration) {
		return false, nil
	}
	request := &autoscaling.PutWarmPoolInput{
		AutoScalingGroupName: &in.Group, PoolState: in.State,
		MinSize: in.MinSize, MaxGroupPreparedCapacity: in.MaxGroupPreparedCapacity,
	}
	if in.ReuseOnScaleIn != nil {
		request.InstanceReusePolicy = &types.InstanceReusePolicy{ReuseOnScaleIn: in.ReuseOnScaleIn}
	}
	_, err = api.PutWarmPool(ctx, request)
	switch {
	case err == nil:
		return true, nil
	case fault.Is(err, codeRefreshInProgress):
		return false, inProgress(op, o.place(), in.Group, nil, err)
	}
	return false, refused(ctx, api, op, in.Group, err, o)
}

// is reports whether a pool is what the input says.
func (in *PutWarmPoolInput) is(have *types.WarmPoolConfiguration) bool {
	if have == nil {
		return false
	}
	capacity, most := aws.ToInt32(have.MaxGroupPreparedCapacity), in.MaxGroupPreparedCapacity
	if have.MaxGroupPreparedCapacity == nil {
		capacity = -1
	}
	state := have.PoolState
	if state == "" {
		state = types.WarmPoolStateStopped
	}
	reuse := have.InstanceReusePolicy != nil && aws.ToBool(have.InstanceReusePolicy.ReuseOnScaleIn)
	return (in.State == "" || in.State == state) &&
		(in.MinSize == nil || *in.MinSize == aws.ToInt32(have.MinSize)) &&
		(most == nil || *most == capacity) &&
		(in.ReuseOnScaleIn == nil || *in.ReuseOnScaleIn == reuse)
}

func (in *PutWarmPoolInput) problem() string {
	switch {
	case in.Group == "":
		return "Group is required"
	case in.State != "" && !slices.Contains(in.State.Values(), in.State):
		return fmt.Sprintf("State %q is unknown", in.State)
	case aws.ToInt32(in.MinSize) < 0:
		return fmt.Sprintf("MinSize %d is below 0", *in.MinSize)
	case aws.ToInt32(in.MaxGroupPreparedCapacity) < -1:
		return fmt.Sprintf("MaxGroupPreparedCapacity %d is below -1", *in.MaxGroupPreparedCapacity)
	}
	return ""
}

// noWarmPool says why AWS allows a group no warm pool; empty: it may have one.
func noWarmPool(p *types.MixedInstancesPolicy) string {
	if p == nil {
		return ""
	}
	for _, o := range overrides(p) {
		if aws.ToString(o.WeightedCapacity) != "" {
			return "has weights"
		}
	}
	if d := p.InstancesDistribution; d != nil && d.OnDemandPercentageAboveBaseCapacity != nil && *d.OnDemandPercentageAboveBaseCapacity < 100 {
		return "has Spot Instances"
	}
	return ""
}
