package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// What AWS leaves open of refreshes is as a test wants it.
func TestWhatIsOpenOfRefreshes(t *testing.T) {
	for name, test := range map[string]struct {
		open    awstest.Unconfirmed
		size    int32 // and the maximum is twice that, or the same
		full    bool
		prefs   *astypes.RefreshPreferences
		low     int // of the instances that are ready
		highest int // of those that are live
	}{
		"rounded down":     {awstest.Unconfirmed{}, 3, false, percentages(100, 150), 3, 4},
		"rounded up":       {awstest.Unconfirmed{RoundUpMaximum: true}, 3, false, percentages(100, 150), 3, 5},
		"above the size":   {awstest.Unconfirmed{}, 4, true, percentages(100, 150), 4, 6},
		"capped":           {awstest.Unconfirmed{MaxSizeCapsRefresh: true}, 4, true, percentages(100, 150), 3, 4},
		"not capped there": {awstest.Unconfirmed{MaxSizeCapsRefresh: true}, 4, false, percentages(100, 150), 4, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, test.size, wholeSeconds, awstest.WithUnconfirmed(test.open))
				if test.full {
					f.sizes(0, test.size, test.size)
				}
				f.start(f.version("next"), test.prefs)
				low, high := int(test.size), 0
				end := f.run(func(c awstest.Capacity, _ astypes.InstanceRefresh) { low, high = min(low, c.Ready), max(high, c.Live) })
				assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
				assert.Equal(t, []int{test.low, test.highest}, []int{low, high})
			})
		})
	}
}

func TestRollbackOfARollback(t *testing.T) {
	for open, code := range map[string]string{"": "ActiveInstanceRefreshNotFound", "IrreversibleInstanceRefresh": "IrreversibleInstanceRefresh"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 1, wholeSeconds, awstest.WithUnconfirmed(awstest.Unconfirmed{RollbackTwice: open, UpperCaseHealth: open != ""}))
			f.start(f.version("next"), nil)
			time.Sleep(30 * time.Second)
			in := &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: new("web")}
			_, err := f.as.RollbackInstanceRefresh(t.Context(), in)
			require.NoError(t, err)
			_, err = f.as.RollbackInstanceRefresh(t.Context(), in)
			assert.Equal(t, code, codeOf(err))

			out, err := f.as.DescribeAutoScalingInstances(t.Context(), &autoscaling.DescribeAutoScalingInstancesInput{})
			require.NoError(t, err)
			assert.Equal(t, map[bool]string{false: "Healthy", true: "HEALTHY"}[open != ""], *out.AutoScalingInstances[0].HealthStatus)
			assert.Equal(t, "Healthy", *f.describe().Instances[0].HealthStatus)
		})
	}
}
