package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Capacity can be counted in virtual processors or in memory where instance types
// are chosen by what they have.
func TestDesiredCapacityType(t *testing.T) {
	anything := astypes.LaunchTemplateOverrides{InstanceRequirements: &astypes.InstanceRequirements{
		VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(4))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(8192))},
	}}
	for unit, want := range map[string]struct {
		desired   int32
		instances int
		weight    string
	}{
		"units":      {4, 4, ""},
		"vcpu":       {8, 2, "4"},
		"memory-mib": {16384, 2, "8192"},
	} {
		f := mixed(t, 0, awstest.Instant, anything)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
			DesiredCapacityType: &unit, DesiredCapacity: &want.desired, MaxSize: new(2 * want.desired),
		}), unit)
		g := f.describe()
		assert.Equal(t, unit, *g.DesiredCapacityType)
		assert.Equal(t, want.desired, *g.DesiredCapacity)
		require.Len(t, g.Instances, want.instances, unit)
		assert.Equal(t, "c5.xlarge", *g.Instances[0].InstanceType)
		if want.weight == "" {
			assert.Nil(t, g.Instances[0].WeightedCapacity)
			continue
		}
		assert.Equal(t, want.weight, *g.Instances[0].WeightedCapacity)
		assert.Equal(t, int(want.desired), f.region.Capacity("web").InService)
		// Capacity is filled up whole: the last instance may be more than is missing.
		f.scale(want.desired + 1)
		assert.Len(t, f.describe().Instances, want.instances+1, unit)
	}
	named := mixed(t, 1, awstest.Instant, named("m5.large", ""))
	for _, unit := range []string{"vcpu", "memory-mib", "cores"} {
		assert.Equal(t, "ValidationError", codeOf(named.update(autoscaling.UpdateAutoScalingGroupInput{DesiredCapacityType: &unit})), unit)
	}
	require.NoError(t, named.update(autoscaling.UpdateAutoScalingGroupInput{DesiredCapacityType: new("units")}))
	assert.Nil(t, named.describe().DesiredCapacityType, "taken, and not told back")
}
