package readyami_test

import (
	"testing"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
)

func TestARefreshThatStallsIsRolledBackBeforeAWSGivesUp(t *testing.T) {
	play(t, "bad-image-that-stalls", func(t *testing.T, w *world) {
		var began time.Time

		report, err := w.act(onEvent(func(e readyami.Event) {
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
	play(t, "version-cannot-be-launched", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrLaunchRefused)
		assert.Equal(t, readyami.Failed, report.Targets[0].Groups[0].Outcome)
		assert.Equal(t, readyami.NotStarted, report.Targets[0].Templates[0].Outcome)
		assert.Zero(t, w.cloud.Count("CreateLaunchTemplateVersion"), "no version that nothing can launch is $Latest")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
	})
}

func TestTheReportTellsHowFewInstancesServeMeanwhile(t *testing.T) {
	tests := []struct {
		name, scenario string
		want           int
	}{
		{"AWS's defaults, which take one of two away", "preferences-of-aws", 1},
		{"launch before terminate", "preferences-launch-before-terminate", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.scenario, func(t *testing.T, w *world) {
				report, err := w.act()
				require.NoError(t, err)
				assert.Equal(t, tt.want, report.Targets[0].Groups[0].MinInService)
			})
		})
	}
}

func TestConflictPolicies(t *testing.T) {
	tests := []struct {
		scenario  string
		refreshes []asgtypes.InstanceRefreshStatus // newest first
	}{
		{"conflict-wait-then-start", []asgtypes.InstanceRefreshStatus{"Successful", "Successful"}},
		{"conflict-cancel-and-replace", []asgtypes.InstanceRefreshStatus{"Successful", "Cancelled"}},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			play(t, tt.scenario, func(t *testing.T, w *world) {
				_, err := w.act()

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
