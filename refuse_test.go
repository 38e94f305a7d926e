package readyami_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// Everything here is refused before the first write, with an error to branch on
// that names what is wrong.
func TestRefusedBeforeTheFirstWrite(t *testing.T) { requireRefused(t, refusals) }

func TestConfigureIsRefusedBeforeTheFirstWrite(t *testing.T) { requireRefused(t, finishRefusals) }

// What needs no call is refused without a plan. What looking finds out is a blocker
// of the plan, with the code of the error.
func requireRefused(t *testing.T, refusals []refusal) {
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.scenario(), func(t *testing.T, w *world) {
				report, err := w.act()

				require.ErrorIs(t, err, tt.kind)
				assert.ErrorContains(t, err, tt.says)
				assert.Empty(t, w.cloud.Writes())
				_, ok := errors.AsType[*readyami.Error](err)
				assert.True(t, ok, "every refusal has the shape of our errors")
				if report == nil {
					return
				}
				assert.NotEmpty(t, report.Plan.Blockers())
				assert.Equal(t, plan.OutcomeStopped, report.Outcome)
				require.NotNil(t, report.Error)
				assert.Equal(t, err.Error(), report.Error.Message)
			})
		})
	}
}
