package asg_test

import (
	"context"
	"strconv"
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

const cancelled = types.InstanceRefreshStatusCancelled

// other is a refresh of the same group to another version.
func (f *fleet) other(conflict asg.Conflict) asg.RefreshInput {
	in := f.refresh()
	in.Version, in.OnConflict = 1, conflict
	return in
}

func (f *fleet) start(in asg.RefreshInput) *asg.StartRefreshResult {
	f.t.Helper()
	started, err := asg.StartRefresh(f.t.Context(), f, in)
	require.NoError(f.t, err)
	return started
}

// statuses of the refreshes of group web, newest first.
func (f *fleet) statuses() (out []types.InstanceRefreshStatus) {
	f.t.Helper()
	for r, err := range asg.Refreshes(f.t.Context(), f, "web") {
		require.NoError(f.t, err)
		out = append(out, r.Status)
	}
	return out
}

func TestConflictWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first := f.start(f.refresh())
		second := f.start(f.other(asg.ConflictWait))
		assert.False(t, second.Adopted)
		assert.Equal(t, []string{first.RefreshID}, second.Superseded)
		assert.Equal(t, []types.InstanceRefreshStatus{pending, successful}, f.statuses())
		assert.Zero(t, f.Count("CancelInstanceRefresh"))

		again := f.start(f.other(asg.ConflictWait))
		assert.Equal(t, second.RefreshID, again.RefreshID, "the same is not waited for")
		assert.True(t, again.Adopted)
	})
}

// TestConflictWaitsForABadEnd has the other refresh fail: its end is all that is
// waited for.
func TestConflictWaitsForABadEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.NeverHealthy(awstest.ImageMatch{Name: "two"})
		f.group("web")
		f.start(f.refresh())
		began := time.Now()
		f.start(f.other(asg.ConflictWait))
		assert.Equal(t, []types.InstanceRefreshStatus{pending, failed}, f.statuses())
		assert.Greater(t, time.Since(began), timing.RefreshStall)
	})
}

func TestConflictWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first := f.start(f.refresh())
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		_, err := asg.StartRefresh(ctx, f, f.other(asg.ConflictWait))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		e := failure(t, err)
		assert.Equal(t, "asg.StartRefresh", e.Op)
		assert.Equal(t, []string{first.RefreshID}, e.IDs)
		assert.Equal(t, 1, f.Count("StartInstanceRefresh")-1, "the second was tried once")
	})
}

func TestConflictCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first := f.start(f.refresh())
		time.Sleep(30 * time.Second) // instances of it are launching
		second := f.start(f.other(asg.ConflictCancel))
		assert.Equal(t, []string{first.RefreshID}, second.Superseded)
		assert.Equal(t, []types.InstanceRefreshStatus{pending, cancelled}, f.statuses(), "it waited through Cancelling")
		assert.Equal(t, 1, f.Count("CancelInstanceRefresh"))
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: second.RefreshID}})
		require.NoError(t, err)
		for _, i := range f.read("web").Instances {
			assert.Equal(t, "1", *i.LaunchTemplate.Version)
		}
	})
}

// TestConflictCancelsOnce has somebody else start again as soon as theirs has
// been cancelled: two that cancel each other would never end.
func TestConflictCancelsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.addVersion("three")
		f.group("web")
		f.start(f.refresh())
		stubborn := f.restart()
		f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if in, ok := call.Input.(*autoscaling.StartInstanceRefreshInput); ok && *in.DesiredConfiguration.LaunchTemplate.Version == "1" && call.N == 3 {
				theirs := f.refresh()
				theirs.Version = 3
				_, err := asg.StartRefresh(ctx, stubborn, theirs)
				assert.NoError(t, err)
			}
			return next(ctx)
		})
		_, err := asg.StartRefresh(t.Context(), f, f.other(asg.ConflictCancel))
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, []types.InstanceRefreshStatus{pending, cancelled}, f.statuses())
		assert.Equal(t, 1, f.Count("CancelInstanceRefresh"))
	})
}

func TestConflictFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		in := f.refresh()
		in.OnConflict = asg.ConflictFail
		f.Inject(awstest.LoseResponse(awstest.Match{Operation: "StartInstanceRefresh"}))
		first := f.start(in)
		assert.True(t, first.Adopted, "nothing ran before the call: it is ours")

		f.ForgetCalls()
		_, err := asg.StartRefresh(t.Context(), f, in)
		require.ErrorIs(t, err, asg.ErrRefreshInProgress, "the same too")
		assert.Equal(t, []string{first.RefreshID}, failure(t, err).IDs)
		assert.Empty(t, f.Writes())

		in.Group = "none"
		_, err = asg.StartRefresh(t.Context(), f, in)
		require.ErrorIs(t, err, asg.ErrNotFound)
	})
}

// TestConflictIsKnown: what is no conflict policy is refused before any call, and
// the empty one is the default.
func TestConflictIsKnown(t *testing.T) {
	f := start(t)
	for _, c := range []asg.Conflict{"CancelAndReplace", "Fail", "replace"} {
		_, err := asg.StartRefresh(t.Context(), f, f.other(c))
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, "invalid OnConflict "+strconv.Quote(string(c)))
	}
	assert.Empty(t, f.Calls())
	for _, c := range []asg.Conflict{"", asg.ConflictAdoptSame, asg.ConflictFail, asg.ConflictWait, asg.ConflictCancel} {
		_, err := asg.StartRefresh(t.Context(), f, f.other(c))
		assert.NotErrorIs(t, err, asg.ErrInvalidInput, string(c))
	}
}

// TestConflictThatCannotBeCancelled keeps the refusal of AWS.
func TestConflictThatCannotBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.start(f.refresh())
		f.Inject(awstest.Refuse(awstest.Match{Operation: "CancelInstanceRefresh"}, 0, "AccessDenied", "no"))
		_, err := asg.StartRefresh(t.Context(), f, f.other(asg.ConflictCancel))
		assert.ErrorContains(t, err, "AccessDenied")
		assert.Equal(t, "asg.StartRefresh", failure(t, err).Op)
	})
}
