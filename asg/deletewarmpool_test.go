package asg_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// pooled makes a group with n instances in its warm pool.
func (f *fleet) pooled(n int32) {
	f.t.Helper()
	f.settled("web")
	_, err := asg.PutWarmPool(f.t.Context(), f, asg.PutWarmPoolInput{Group: "web", MinSize: &n, MaxGroupPreparedCapacity: new(n + 2)})
	require.NoError(f.t, err)
	time.Sleep(10 * time.Minute)
	f.ForgetCalls()
}

func TestDeleteWarmPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.pooled(2)
		serving := f.read("web").Instances
		in := asg.DeleteWarmPoolInput{Group: "web"}
		_, err := asg.DeleteWarmPool(t.Context(), f, in)
		require.ErrorIs(t, err, asg.ErrWarmPoolInUse)
		assert.Len(t, failure(t, err).IDs, 2)
		assert.Empty(t, f.Writes(), "it is known before the write")

		in.Force = true
		done, err := asg.DeleteWarmPool(t.Context(), f, in)
		require.NoError(t, err)
		assert.True(t, done.Changed)
		assert.Len(t, done.Instances, 2)
		pool, err := asg.DescribeWarmPool(t.Context(), f, "web")
		require.NoError(t, err)
		assert.Equal(t, &asg.WarmPool{}, pool, "it is gone")
		assert.Equal(t, serving, f.read("web").Instances)

		f.ForgetCalls()
		done, err = asg.DeleteWarmPool(t.Context(), f, in)
		require.NoError(t, err)
		assert.False(t, done.Changed)
		assert.Empty(t, f.Writes())
	})
}

// TestDeleteWarmPoolThatIsBeingDeleted waits for it, and writes nothing.
func TestDeleteWarmPoolThatIsBeingDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.pooled(2)
		in := asg.DeleteWarmPoolInput{Group: "web", Force: true, NoWait: true}
		done, err := asg.DeleteWarmPool(t.Context(), f, in)
		require.NoError(t, err)
		assert.True(t, done.Changed)
		pool, err := asg.DescribeWarmPool(t.Context(), f, "web")
		require.NoError(t, err)
		assert.Equal(t, types.WarmPoolStatusPendingDelete, pool.Configuration.Status)

		f.ForgetCalls()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done, err = asg.DeleteWarmPool(ctx, f, asg.DeleteWarmPoolInput{Group: "web", Force: true})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, "PendingDelete", failure(t, err).State)
		assert.False(t, done.Changed)
		f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeWarmPool"}, 2, "Throttling", "slower"))
		_, err = asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{Group: "web", Force: true})
		require.NoError(t, err)
		assert.Empty(t, f.Writes())
	})
}

func TestDeleteWarmPoolAfterALostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.pooled(0)
		f.Inject(awstest.LoseResponse(awstest.Match{Operation: "DeleteWarmPool"}))
		_, err := asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{Group: "web"})
		require.NoError(t, err, "the SDK's second attempt is told that there is none")
	})
}

func TestDeleteWarmPoolErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		_, err := asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{})
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		_, err = asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{Group: "nobody"})
		require.ErrorIs(t, err, asg.ErrNotFound)
		f.pooled(1)
		f.Inject(awstest.Refuse(awstest.Match{Operation: "DeleteWarmPool"}, 1, "ResourceInUse", "an instance has come"))
		_, err = asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{Group: "web", Force: true})
		require.ErrorIs(t, err, asg.ErrWarmPoolInUse)
		f.Inject(awstest.Refuse(awstest.Match{Operation: "DeleteWarmPool"}, 1, "ScalingActivityInProgress", "later"))
		_, err = asg.DeleteWarmPool(t.Context(), f, asg.DeleteWarmPoolInput{Group: "web", Force: true})
		require.ErrorContains(t, err, "ScalingActivityInProgress")
	})
}

// TestSpotBesideAWarmPool is refused before it is sent: the pool would hold what AWS
// cannot stop. Whether AWS refuses it, too, is not relied on.
func TestSpotBesideAWarmPool(t *testing.T) {
	f := start(t)
	f.group("web")
	_, err := asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web"})
	require.NoError(t, err)
	f.Advance(10 * time.Minute)
	f.ForgetCalls()
	p := f.policy("1")
	p.InstancesDistribution.OnDemandPercentageAboveBaseCapacity = new(int32(50))
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: p})
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.Empty(t, f.Writes())
	ready, err := asg.Preflight(t.Context(), f, nil, asg.RefreshInput{Group: "web", Policy: p, Preferences: asg.LaunchBeforeTerminate()})
	require.NoError(t, err)
	assert.Equal(t, asg.FindingWarmPool, ready.Findings[0].Code)

	p.InstancesDistribution.OnDemandPercentageAboveBaseCapacity = new(int32(100))
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: p})
	require.NoError(t, err)
}
