package asg_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

// pools is a group with a warm pool, and what was written to it.
type pools struct {
	group  types.AutoScalingGroup
	pages  []*autoscaling.DescribeWarmPoolOutput
	refuse error
	sent   []*autoscaling.PutWarmPoolInput
}

func (p *pools) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	if p.group.AutoScalingGroupName != nil && in.AutoScalingGroupNames[0] == *p.group.AutoScalingGroupName {
		out.AutoScalingGroups = append(out.AutoScalingGroups, p.group)
	}
	return out, nil
}

func (p *pools) DescribeWarmPool(_ context.Context, in *autoscaling.DescribeWarmPoolInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeWarmPoolOutput, error) {
	if p.refuse != nil {
		return nil, p.refuse
	}
	page := p.pages[0]
	p.pages = p.pages[1:]
	return page, nil
}

func (p *pools) PutWarmPool(_ context.Context, in *autoscaling.PutWarmPoolInput, _ ...func(*autoscaling.Options)) (*autoscaling.PutWarmPoolOutput, error) {
	p.sent = append(p.sent, in)
	return &autoscaling.PutWarmPoolOutput{}, p.refuse
}

func TestWarmPool(t *testing.T) {
	config := &types.WarmPoolConfiguration{PoolState: types.WarmPoolStateStopped}
	p := &pools{pages: []*autoscaling.DescribeWarmPoolOutput{
		{WarmPoolConfiguration: config, Instances: []types.Instance{{InstanceId: new("i-1")}}, NextToken: new("more")},
		{Instances: []types.Instance{{InstanceId: new("i-2")}}},
		{},
	}}
	pool, err := asg.DescribeWarmPool(t.Context(), p, "web")
	require.NoError(t, err)
	assert.Equal(t, config, pool.Configuration)
	assert.Len(t, pool.Instances, 2, "of every page")
	pool, err = asg.DescribeWarmPool(t.Context(), p, "web")
	require.NoError(t, err)
	assert.Equal(t, &asg.WarmPool{}, pool, "none is no error")

	_, err = asg.DescribeWarmPool(t.Context(), p, "")
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	p.refuse = refusal("AccessDenied")
	_, err = asg.DescribeWarmPool(t.Context(), p, "web")
	require.ErrorContains(t, err, "AccessDenied")
	assert.Equal(t, "web", failure(t, err).ID)
}

// TestPutWarmPoolWritesDifferences says what is a difference.
func TestPutWarmPoolWritesDifferences(t *testing.T) {
	reuse := &types.InstanceReusePolicy{ReuseOnScaleIn: new(true)}
	for name, tt := range map[string]struct {
		have  *types.WarmPoolConfiguration
		in    asg.PutWarmPoolInput
		write bool
	}{
		"a new one":          {nil, asg.PutWarmPoolInput{}, true},
		"nothing asked":      {&types.WarmPoolConfiguration{}, asg.PutWarmPoolInput{}, false},
		"the default state":  {&types.WarmPoolConfiguration{}, asg.PutWarmPoolInput{State: types.WarmPoolStateStopped}, false},
		"another state":      {&types.WarmPoolConfiguration{}, asg.PutWarmPoolInput{State: types.WarmPoolStateRunning}, true},
		"the size":           {&types.WarmPoolConfiguration{MinSize: new(int32(2))}, asg.PutWarmPoolInput{MinSize: new(int32(2))}, false},
		"another size":       {&types.WarmPoolConfiguration{MinSize: new(int32(2))}, asg.PutWarmPoolInput{MinSize: new(int32(0))}, true},
		"the capacity":       {&types.WarmPoolConfiguration{MaxGroupPreparedCapacity: new(int32(9))}, asg.PutWarmPoolInput{MaxGroupPreparedCapacity: new(int32(9))}, false},
		"no capacity":        {&types.WarmPoolConfiguration{}, asg.PutWarmPoolInput{MaxGroupPreparedCapacity: new(int32(-1))}, false},
		"capacity taken off": {&types.WarmPoolConfiguration{MaxGroupPreparedCapacity: new(int32(9))}, asg.PutWarmPoolInput{MaxGroupPreparedCapacity: new(int32(-1))}, true},
		"reuse":              {&types.WarmPoolConfiguration{InstanceReusePolicy: reuse}, asg.PutWarmPoolInput{ReuseOnScaleIn: new(true)}, false},
		"reuse ended":        {&types.WarmPoolConfiguration{InstanceReusePolicy: reuse}, asg.PutWarmPoolInput{ReuseOnScaleIn: new(false)}, true},
	} {
		p := &pools{group: types.AutoScalingGroup{AutoScalingGroupName: new("web"), WarmPoolConfiguration: tt.have}}
		tt.in.Group = "web"
		changed, err := asg.PutWarmPool(t.Context(), p, tt.in)
		require.NoError(t, err, name)
		assert.Equal(t, tt.write, changed, name)
		assert.Equal(t, tt.write, len(p.sent) == 1, name)
	}
}

func TestPutWarmPoolErrors(t *testing.T) {
	p := &pools{group: types.AutoScalingGroup{AutoScalingGroupName: new("web")}}
	for want, in := range map[string]asg.PutWarmPoolInput{
		"Group is missing":            {},
		`State "stopped" is unknown`:  {Group: "web", State: "stopped"},
		"MinSize -1":                  {Group: "web", MinSize: new(int32(-1))},
		"MaxGroupPreparedCapacity -2": {Group: "web", MaxGroupPreparedCapacity: new(int32(-2))},
	} {
		_, err := asg.PutWarmPool(t.Context(), p, in)
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, want)
	}
	_, err := asg.PutWarmPool(t.Context(), p, asg.PutWarmPoolInput{Group: "none"})
	require.ErrorIs(t, err, asg.ErrNotFound)

	spot, weights := policy(template("lt-1", "1")), policy(template("lt-1", "1"))
	spot.InstancesDistribution.OnDemandPercentageAboveBaseCapacity = new(int32(50))
	weights.LaunchTemplate.Overrides[0].WeightedCapacity = new("2")
	for want, mixed := range map[string]*types.MixedInstancesPolicy{"Spot Instances": spot, "weights": weights} {
		q := &pools{group: types.AutoScalingGroup{AutoScalingGroupName: new("web"), MixedInstancesPolicy: mixed}}
		_, err = asg.PutWarmPool(t.Context(), q, asg.PutWarmPoolInput{Group: "web"})
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, q.sent)
	}
	for code, kind := range map[string]error{"InstanceRefreshInProgress": asg.ErrRefreshInProgress, "LimitExceeded": nil} {
		p.refuse = refusal(code)
		_, err = asg.PutWarmPool(t.Context(), p, asg.PutWarmPoolInput{Group: "web"})
		require.ErrorContains(t, err, code)
		assert.Equal(t, kind, failure(t, err).Kind)
	}
}
