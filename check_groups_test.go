package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckGroupsRefusesLaunchConfigurations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.onLaunchConfiguration("us-east-1", "web")
		w.cloud.ForgetCalls()
		assert.Equal(t, []plan.Finding{{
			Code: "readyami.UnsupportedGroup", Severity: plan.SeverityBlocker, Account: awstest.DefaultAccount, Region: "us-east-1", Resource: "web",
			Detail: "the group launches from a launch configuration", Hint: "migrate it first: see Migrate",
		}}, w.findings("readyami.UnsupportedGroup"))
	})
}

// What package asg finds in a group is a blocker if AWS would refuse the refresh, and
// a warning otherwise.
func TestCheckGroupsTakesOverFindings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		client := autoscaling.NewFromConfig(w.cloud.Config("us-east-1"))
		_, err := client.SuspendProcesses(t.Context(), &autoscaling.SuspendProcessesInput{
			AutoScalingGroupName: new("web"), ScalingProcesses: []string{"Launch"},
		})
		require.NoError(t, err)
		_, err = client.SetInstanceProtection(t.Context(), &autoscaling.SetInstanceProtectionInput{
			AutoScalingGroupName: new("web"), ProtectedFromScaleIn: new(true),
			InstanceIds: []string{*w.describeGroup("us-east-1", "web").Instances[0].InstanceId},
		})
		require.NoError(t, err)
		w.cloud.ForgetCalls()
		for code, severity := range map[string]plan.Severity{"asg.ProcessSuspended": plan.SeverityBlocker, "asg.InstancesHeld": plan.SeverityWarning} {
			found := w.findings(code)
			require.Len(t, found, 1, code)
			assert.Equal(t, severity, found[0].Severity, code)
			assert.Equal(t, "us-east-1 web", found[0].Region+" "+found[0].Resource)
			assert.NotEmpty(t, found[0].Detail)
		}
	})
}

// Pinned first, the group launches a number when its refresh begins.
func TestCheckGroupsKnowsPins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.onVersion("us-east-1", "web", "$Latest")
		w.cloud.ForgetCalls()
		assert.NotEmpty(t, w.findings("asg.RollbackUnavailable"))
		w.Pin = true
		assert.Empty(t, w.findings("asg.RollbackUnavailable"))
	})
}
