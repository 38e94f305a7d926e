package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
)

// A protected instance that is left is no failure, since the preferences say to
// leave it, and no plain success either.
func TestAGroupWithInstancesThatAreLeftIsDeliveredInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Preferences.ScaleInProtectedInstances = asgtypes.ScaleInProtectedInstancesIgnore
		held := *w.describeGroup("eu-west-1", "web").Instances[0].InstanceId
		protect := func(on bool) {
			_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).SetInstanceProtection(t.Context(), &autoscaling.SetInstanceProtectionInput{
				AutoScalingGroupName: new("web"), InstanceIds: []string{held}, ProtectedFromScaleIn: &on,
			})
			require.NoError(t, err)
		}
		protect(true)

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.ErrorContains(t, err, held)
		g := report.Targets[0].Groups[0]
		assert.Equal(t, readyami.InPart, g.Outcome)
		assert.Equal(t, []string{held}, g.NotReplaced)
		assert.Equal(t, readyami.Delivered, report.Targets[2].Groups[0].Outcome, "the delivery goes on")
		assert.Equal(t, readyami.Failed, report.Outcome)
		require.Len(t, report.Next, 1)
		assert.Contains(t, report.Next[0], held)

		w.cloud.ForgetCalls()
		report, err = w.deliver(t.Context())
		require.ErrorIs(t, err, asg.ErrNotReplaced)
		assert.Equal(t, readyami.InPart, report.Targets[0].Groups[0].Outcome)
		assert.Empty(t, w.cloud.Writes(), "again it would be left")

		protect(false)
		report, err = w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		w.requireDelivered()
	})
}
