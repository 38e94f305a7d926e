package readyami_test

import (
	"testing"
	"time"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

func TestARefreshThatStallsIsRolledBackBeforeAWSGivesUp(t *testing.T) {
	play(t, "bad-image-that-stalls", func(t *testing.T, w *world) {
		var began time.Time

		report, err := w.act(onEvent(func(e readyami.Event) {
			if e.Step.Kind == plan.StepRefresh && e.Result.State == plan.StateRunning && began.IsZero() {
				began = time.Now()
			}
		}))

		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		assert.Less(t, time.Since(began), time.Hour)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		w.requireAsBefore("eu-west-1")
		assert.Equal(t, 1, w.cloud.Count("RollbackInstanceRefresh"))
	})
}

// A version is tried before it is made: one that cannot be launched is no version.
func TestAVersionThatCannotBeLaunchedIsNotRolledOut(t *testing.T) {
	play(t, "version-cannot-be-launched", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrLaunchRefused)
		version := stepIn(t, report, plan.StepTemplateVersion, "eu-west-1")
		assert.Equal(t, plan.StateWaiting, version.State)
		require.NotNil(t, version.Error)
		assert.Len(t, w.versions("eu-west-1", w.templateOf("eu-west-1").id()), 1)
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
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
				assert.Equal(t, tt.want, report.Plan.Places[0].Groups[0].MinInService)
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
