package asg_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func (f *fleet) cancel(s *asg.StartRefreshResult) asg.CancelInput {
	return asg.CancelInput{Group: "web", RefreshID: s.RefreshID}
}

func TestCancelWaitsThroughCancelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.start(f.refresh())
		time.Sleep(10 * time.Second) // the new instances are launching
		var seen []types.InstanceRefreshStatus
		r, err := asg.Cancel(t.Context(), f, f.cancel(started), func(o *asg.Options) {
			o.OnStatus = func(s *asg.Status) { seen = append(seen, s.Status) }
		})
		require.NoError(t, err)
		assert.Equal(t, cancelled, r.Status)
		assert.Contains(t, seen, types.InstanceRefreshStatusCancelling)
		assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version)

		f.ForgetCalls()
		r, err = asg.Cancel(t.Context(), f, f.cancel(started))
		require.NoError(t, err, "a second cancel is done")
		assert.Equal(t, cancelled, r.Status)
		assert.Empty(t, f.Writes())
	})
}

func TestCancelNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.start(f.refresh())
		time.Sleep(10 * time.Second)
		in := f.cancel(started)
		in.NoWait = true
		began := time.Now()
		_, err := asg.Cancel(t.Context(), f, in)
		require.NoError(t, err)
		assert.Zero(t, time.Since(began))
		sent := f.Writes()[1].Input.(*autoscaling.CancelInstanceRefreshInput)
		assert.False(t, *sent.WaitForTransitioningInstances)
	})
}

func TestCancelAfterLostResponse(t *testing.T) {
	for name, fault := range map[string]func(awstest.Match) awstest.Fault{"once": awstest.LoseResponse, "for good": awstest.LoseResponseForGood} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				started := f.start(f.refresh())
				time.Sleep(10 * time.Second)
				f.Inject(fault(awstest.Match{Operation: "CancelInstanceRefresh"}))
				r, err := asg.Cancel(t.Context(), f, f.cancel(started))
				if name == "for good" {
					require.Error(t, err)
					r, err = asg.Cancel(t.Context(), f.restart(), f.cancel(started))
				}
				require.NoError(t, err)
				assert.Equal(t, cancelled, r.Status)
			})
		})
	}
}

// TestCancelOfWhatHasEnded leaves it as it is.
func TestCancelOfWhatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.start(f.refresh())
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		r, err := asg.Cancel(t.Context(), f, f.cancel(started))
		require.NoError(t, err)
		assert.Equal(t, successful, r.Status)
		assert.Zero(t, f.Count("CancelInstanceRefresh"))

		// and one that ends between the look and the call
		started = f.start(f.other(asg.ConflictAdoptSame))
		f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "CancelInstanceRefresh" {
				f.Advance(time.Hour)
			}
			return next(ctx)
		})
		r, err = asg.Cancel(t.Context(), f, f.cancel(started))
		require.NoError(t, err)
		assert.Equal(t, successful, r.Status)
	})
}

func TestCancelTouchesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first := f.start(f.refresh())
		_, err := asg.Cancel(t.Context(), f, f.cancel(first))
		require.NoError(t, err)
		second := f.start(f.refresh())
		f.ForgetCalls()
		_, err = asg.Cancel(t.Context(), f, f.cancel(first))
		require.ErrorIs(t, err, asg.ErrOtherRefresh)
		assert.Equal(t, []string{second.RefreshID}, failure(t, err).IDs)
		assert.Equal(t, "Pending", failure(t, err).State)
		assert.Empty(t, f.Writes())

		// one that begins between the look and the call
		f.Inject(alter("CancelInstanceRefresh", func(out *autoscaling.CancelInstanceRefreshOutput) { out.InstanceRefreshId = new("theirs") }))
		_, err = asg.Cancel(t.Context(), f, f.cancel(second))
		require.ErrorIs(t, err, asg.ErrOtherRefresh)
		assert.Equal(t, []string{"theirs"}, failure(t, err).IDs)
	})
}

func TestCancelErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		for _, in := range []asg.CancelInput{{Group: "web"}, {RefreshID: "r1"}} {
			_, err := asg.Cancel(t.Context(), f, in)
			assert.ErrorIs(t, err, asg.ErrInvalidInput)
		}
		assert.Empty(t, f.Calls())
		_, err := asg.Cancel(t.Context(), f, asg.CancelInput{Group: "web", RefreshID: "no-such"})
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, []string{"no-such"}, failure(t, err).IDs)
		_, err = asg.Cancel(t.Context(), f, asg.CancelInput{Group: "none", RefreshID: "no-such"})
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, "none", failure(t, err).ID)

		started := f.start(f.refresh())
		time.Sleep(10 * time.Second)
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		_, err = asg.Cancel(ctx, f, f.cancel(started))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, types.InstanceRefreshStatusCancelling, f.statuses()[0], "it goes on")
		f.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 2))
		_, err = asg.Cancel(t.Context(), f, f.cancel(started))
		require.ErrorIs(t, err, asg.ErrCredentialsExpired)
	})
}
