package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		assert.Empty(t, w.findings("ami.InstanceState"))
		id := w.Source.Instance.InstanceID
		_, err := ec2.NewFromConfig(w.cloud.Config("eu-west-1")).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		require.NoError(t, err)
		w.cloud.ForgetCalls()
		found := w.findings("ami.InstanceState")
		require.Len(t, found, 1)
		assert.Equal(t, plan.SeverityBlocker, found[0].Severity)
		assert.Equal(t, []string{awstest.DefaultAccount, "eu-west-1", id}, []string{found[0].Account, found[0].Region, found[0].Resource})
	})
}

// The group would replace an instance that is stopped for its image.
func TestCheckInstanceOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Source.Instance.InstanceID = *w.describeGroup("eu-west-1", "web").Instances[0].InstanceId
		assert.Empty(t, w.findings("ami.GroupMember"))
		w.Source.Instance.Reboot = plan.StopFirst
		require.Len(t, w.findings("ami.GroupMember"), 1)
		_, err := w.deliver(t.Context())
		require.Error(t, err)
		assert.Empty(t, w.cloud.Writes())
	})
}

// An image that stands needs no instance.
func TestCheckInstanceThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.deliverImages()
		_, err := ec2.NewFromConfig(w.cloud.Config("eu-west-1")).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{w.Source.Instance.InstanceID}})
		require.NoError(t, err)
		w.cloud.ForgetCalls()
		assert.Empty(t, w.findings("ami.InstanceState"))
	})
}
