package plan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/plan"
)

func TestPlanReadsWell(t *testing.T) {
	golden(t, "plan.txt", storefront().String())
	golden(t, "plan-gated.txt", gated().String())
	leave := storefront()
	leave.Delivery.Rollout.OnFailure = plan.OnFailureLeave
	assert.Contains(t, leave.String(), "\nIf more than 1 group of a wave fails, the rollout stops and nothing is undone\n\n")
}

func TestReportReadsWell(t *testing.T) {
	golden(t, "report.txt", delivered().String())
	golden(t, "report-rolled-back.txt", rolledBack().String())
	assert.Contains(t, (&plan.Report{Plan: storefront(), Outcome: plan.OutcomeStopped}).String(), "Groups: none. This run wrote for 0 steps.\n")
}

// The undo in a report names what there was to undo, in the scope of the decision.
func TestReportTellsTheUndoInScope(t *testing.T) {
	for scope, want := range map[plan.Scope][]string{
		plan.ScopeGroup:   {"canary"},
		plan.ScopeWave:    {"canary"},
		plan.ScopeRelease: {"canary", "storefront"},
	} {
		r := rolledBack()
		for i := range r.Results {
			res := &r.Results[i]
			if res.Decision != nil {
				res.Decision.Scope = scope
			}
			if res.Step == r.Plan.RefreshID(0, 1) {
				res.State, res.Group = plan.StateSucceeded, &plan.GroupResult{RefreshID: "08b9", Status: "Successful", Percentage: 100}
			}
		}
		var got []string
		for line := range strings.Lines(r.String()) {
			if fields := strings.Fields(line); len(fields) > 4 && fields[1] == "restore-group" {
				got = append(got, fields[4])
			}
		}
		assert.Equal(t, want, got, scope)
	}
}

// A template that got no version has nothing to be restored.
func TestReportTellsNoUndoOfWhatWasNotDone(t *testing.T) {
	r := rolledBack()
	for i := range r.Results {
		switch res := &r.Results[i]; {
		case res.State == plan.StateIdle:
			res.State = plan.StateSucceeded
		case res.State == plan.StateWaiting && strings.HasPrefix(string(res.Step), "template-version/"):
			res.Version = &plan.VersionResult{Template: "lt-0bbb2222", From: 8}
		}
	}
	_, undo, found := strings.Cut(r.String(), "\nUndo\n")
	assert.True(t, found)
	assert.NotContains(t, undo, "us-east-1")
	assert.Contains(t, undo, "restore-template  eu-west-1")
}

func TestTextOfDurationsAndLists(t *testing.T) {
	p := storefront()
	p.Delivery.Budgets = plan.Budgets{Image: plan.Duration(90e9), Copy: plan.Days(1), Refresh: plan.Duration(2*3600e9 + 5e9), Stall: plan.Minutes(10)}
	assert.Contains(t, p.String(), "budgets: image 1m30s, copy 24h, refresh 2h0m5s, stall 10m\n")
	p.Places[1].Groups[0].NotReplaced = []string{"i-1", "i-2", "i-3", "i-4", "i-5", "i-6"}
	assert.Contains(t, p.String(), "leaves i-1, i-2, i-3 and 3 more\n")
}

func TestResultReadsWell(t *testing.T) {
	assert.Equal(t, "refresh/123456789012/eu-west-1/canary: running, 3 → 4, 08b91cf7 InProgress 50%, next look at 2026-12-01T12:00:00Z", plan.Result{
		Step: "refresh/123456789012/eu-west-1/canary", State: plan.StateRunning, Next: noon,
		Group: &plan.GroupResult{RefreshID: "08b91cf7", Status: "InProgress", Percentage: 50, From: 3, To: 4},
	}.String())
	assert.Equal(t, "pin/123456789012/eu-west-1: waiting", plan.Result{Step: "pin/123456789012/eu-west-1", State: plan.StateWaiting}.String())
}
