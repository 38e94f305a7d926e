package asg_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// balanced makes group web behind a load balancer, with a type of health check.
func (f *fleet) balanced(healthCheck string) {
	f.t.Helper()
	in := f.input("web")
	in.HealthCheckType = healthCheck
	in.Customize = func(request *autoscaling.CreateAutoScalingGroupInput) {
		request.TargetGroupARNs = []string{"arn:aws:elasticloadbalancing:" + home + ":" + awstest.DefaultAccount + ":targetgroup/web/0123456789abcdef"}
	}
	_, err := asg.Create(f.t.Context(), f, in)
	require.NoError(f.t, err)
	time.Sleep(5 * time.Minute)
}

// TestUnhealthyInstances has the instances of the new image turn out badly: the
// refresh does not bring them out, and what was there serves on.
func TestUnhealthyInstances(t *testing.T) {
	for name, behavior := range map[string]awstest.Behavior{
		"never start":          {NeverStarts: true},
		"never healthy":        {NeverHealthy: true},
		"application is dead":  {NeverHealthy: true, Application: true},
		"boot too slowly":      {Boot: time.Hour},
		"fail while they warm": {FailsAfter: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.balanced("ELB")
				f.Behave(awstest.ImageMatch{Name: "two"}, behavior)
				in := f.refresh()
				in.Preferences.AutoRollback, in.Preferences.InstanceWarmup = new(true), new(int32(120))
				_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(in).RefreshID}})
				require.ErrorIs(t, err, asg.ErrRolledBack)
				assert.Equal(t, []string{"1", "1"}, f.versions())
				assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version)
			})
		})
	}
}

// TestDeadApplicationUnheeded is what Preflight warns of: with EC2's own checks
// alone a refresh to a dead application succeeds, unless a hook looks.
func TestDeadApplicationUnheeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.balanced("EC2")
		f.Behave(awstest.ImageMatch{Name: "two"}, awstest.Behavior{NeverHealthy: true, Application: true})
		ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
		require.NoError(t, err)
		require.Len(t, ready.Findings, 1)
		assert.Equal(t, asg.FindingHealthCheckType, ready.Findings[0].Code)

		_, err = asg.RefreshVerified(t.Context(), f, f.verified(func(context.Context, []string) error { return errors.New("503") }))
		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, []string{"1", "1"}, f.versions())
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(f.refresh()).RefreshID}})
		require.NoError(t, err, "nobody looked")
	})
}
