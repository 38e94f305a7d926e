package readyami_test

import (
	"testing"
	"testing/synctest"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestARefreshThatStallsIsRolledBackBeforeAWSGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := broken(t)
		w.Stall = 15 * time.Minute
		var began time.Time

		report, err := w.deliver(t.Context(), onEvent(func(e readyami.Event) {
			if _, ok := e.(readyami.RefreshEvent); ok && began.IsZero() {
				began = time.Now()
			}
		}))

		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		assert.Less(t, time.Since(began), time.Hour)
		assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
		w.requireAsBefore("eu-west-1")
		assert.Equal(t, 1, w.cloud.Count("RollbackInstanceRefresh"))
	})
}

func TestAVersionThatCannotBeLaunchedIsNotRolledOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cloud.Inject(awstest.Refuse(awstest.Match{Operation: "RunInstances"}, 1, "UnauthorizedOperation", "You are not authorized to perform this operation."))

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrLaunchRefused)
		assert.Equal(t, readyami.Failed, report.Targets[0].Templates[0].Outcome)
		assert.Equal(t, int64(2), report.Targets[0].Templates[0].To, "the version that stands is named")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestTheReportTellsHowFewInstancesServeMeanwhile(t *testing.T) {
	tests := []struct {
		name        string
		preferences *asgtypes.RefreshPreferences
		want        int
	}{
		{"AWS's defaults, which take one of two away", nil, 1},
		{"launch before terminate", asg.LaunchBeforeTerminate(), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Preferences = tt.preferences
				report, err := w.deliver(t.Context())
				require.NoError(t, err)
				assert.Equal(t, tt.want, report.Targets[0].Groups[0].MinInService)
			})
		})
	}
}

func TestConflictPolicies(t *testing.T) {
	tests := []struct {
		policy    asg.Conflict
		refreshes []asgtypes.InstanceRefreshStatus // newest first
	}{
		{asg.WaitThenStart, []asgtypes.InstanceRefreshStatus{"Successful", "Successful"}},
		{asg.CancelAndReplace, []asgtypes.InstanceRefreshStatus{"Successful", "Cancelled"}},
	}
	for _, tt := range tests {
		t.Run(tt.policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.OnConflict = tt.policy
				w.cloud.Inject(w.refreshBefore("StartInstanceRefresh"))

				_, err := w.deliver(t.Context())

				require.NoError(t, err)
				w.requireDelivered()
				var got []asgtypes.InstanceRefreshStatus
				for _, r := range w.cloud.Region("eu-west-1").Refreshes("web") {
					got = append(got, r.Status)
				}
				assert.Equal(t, tt.refreshes, got)
			})
		})
	}
}

func TestFailOnConflictRefusesBeforeTheFirstWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.OnConflict = asg.FailOnConflict
		w.startRefresh()
		w.cloud.ForgetCalls()

		_, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Empty(t, w.cloud.Writes())
	})
}
