package readyami_test

import (
	"testing"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// rollbackScenarios are about images that turn out to be bad.
var rollbackScenarios = []scenario{
	{name: "bad-image", begin: broken, acts: []act{
		{name: "first", says: asg.ErrRolledBack},
		{name: "again", says: readyami.ErrRejected},
		{name: "where it was never tried", says: readyami.ErrRejected, change: func(w *world) { w.Targets = w.Targets[1:] }},
		{name: "retry", says: asg.ErrRolledBack, change: func(w *world) { w.retry() }},
	}},
	{name: "bad-image-kept", begin: func(t *testing.T) *world {
		w := broken(t)
		w.Rollout.OnFailure = plan.OnFailureLeave
		return w
	}, acts: []act{
		{name: "first", says: asg.ErrRefreshFailed},
		{name: "again", says: asg.ErrRefreshFailed},
		{name: "retry", says: asg.ErrRefreshFailed, change: func(w *world) { w.retry() }},
	}},
	{name: "bad-image-taken-back", begin: withoutAutoRollback, acts: []act{
		{name: "first", says: asg.ErrRefreshFailed},
		{name: "again", says: readyami.ErrRejected},
	}},
	{name: "bad-image-in-another-account", begin: func(t *testing.T) *world {
		w := toAnotherAccount(t)
		w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
		return w
	}, acts: []act{
		{name: "first", says: asg.ErrRolledBack},
		{name: "again", says: readyami.ErrRejected},
	}},
	{name: "bad-image-that-stalls", begin: func(t *testing.T) *world {
		w := broken(t)
		w.Budgets.Stall = plan.Minutes(15)
		return w
	}, acts: []act{{name: "first", says: asg.ErrRefreshStalled}}},
}

// broken is a world whose new image never becomes healthy.
func broken(t *testing.T) *world {
	w := newWorld(t)
	w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
	return w
}

// withoutAutoRollback is a broken world where the caller's preferences keep AWS
// from rolling back, so that the delivery does it.
func withoutAutoRollback(t *testing.T) *world {
	w := broken(t)
	w.Preferences.AutoRollback = new(false)
	return w
}
