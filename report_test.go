package readyami_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// client is one process: it shares nothing with another.
func (w *world) client() *readyami.Client { return readyami.New(w.configs, w.optFns...) }

// groupIn finds a group of a report.
func groupIn(t *testing.T, r *plan.Report, region, name string) plan.GroupReport {
	t.Helper()
	require.NotNil(t, r)
	for _, g := range r.Groups() {
		if g.Region == region && g.Name == name {
			return g
		}
	}
	require.FailNow(t, "the report has no such group", "%s in %s", name, region)
	return plan.GroupReport{}
}

// imageIn finds the result about the image of a Region.
func imageIn(t *testing.T, r *plan.Report, region string) plan.Result {
	t.Helper()
	return resultOf(t, r, func(s plan.Step, at plan.Place) bool {
		is := s.Kind == plan.StepUseImage || s.Kind == plan.StepCreateImage || s.Kind == plan.StepCopyImage
		return is && at.Region == region
	})
}

// stepIn finds the first result of a kind in a Region.
func stepIn(t *testing.T, r *plan.Report, kind plan.StepKind, region string) plan.Result {
	t.Helper()
	return resultOf(t, r, func(s plan.Step, at plan.Place) bool { return s.Kind == kind && at.Region == region })
}

// restored finds how far a group is on its way to what it ran before.
func restored(t *testing.T, r *plan.Report, region, name string) plan.Result {
	t.Helper()
	return resultOf(t, r, func(s plan.Step, at plan.Place) bool {
		return s.Kind == plan.StepRestoreGroup && at.Region == region && at.Groups[s.Group].Name == name
	})
}

func resultOf(t *testing.T, r *plan.Report, is func(plan.Step, plan.Place) bool) plan.Result {
	t.Helper()
	require.NotNil(t, r)
	for _, s := range r.Plan.Steps() {
		if is(s, r.Plan.Places[s.Place]) {
			res, known := r.Result(s.ID)
			require.True(t, known, s.ID)
			return res
		}
	}
	require.FailNow(t, "the plan has no such step")
	return plan.Result{}
}
