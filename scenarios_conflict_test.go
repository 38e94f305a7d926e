package readyami_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

// conflictScenarios are about what somebody else does meanwhile.
var conflictScenarios = []scenario{
	{name: "conflict-left-alone", begin: contended, acts: []act{{name: "first", says: asg.ErrOtherRefresh}}},
	{name: "conflict-wait-then-start", begin: func(t *testing.T) *world {
		w := contended(t)
		w.OnConflict = plan.ConflictWait
		return w
	}},
	{name: "conflict-cancel-and-replace", begin: func(t *testing.T) *world {
		w := contended(t)
		w.OnConflict = plan.ConflictCancel
		return w
	}},
	{name: "image-disabled-meanwhile", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.whenRefresh("eu-west-1", "web", "Pending", func() {
			_, err := ec2.NewFromConfig(w.cloud.Config("eu-west-1")).DisableImage(t.Context(),
				&ec2.DisableImageInput{ImageId: w.named("eu-west-1", "web-2")[0].ImageId})
			assert.NoError(t, err)
		})
		return w
	}, acts: []act{{name: "first", says: asg.ErrRolledBack}}},
	{name: "cancelled-by-somebody", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.whenRefresh("eu-west-1", "web", "InProgress", w.cancelRefresh)
		return w
	}, acts: []act{{name: "first", says: asg.ErrRefreshCancelled}}},
	{name: "cancelled-while-another-runs", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.group("eu-west-1", "api", w.template("eu-west-1", "api"), "1")
		w.Targets = []plan.Target{{Region: "eu-west-1", Groups: []string{"web", "api"}}}
		w.Rollout.Order = plan.OrderTargetByTarget
		w.settle()
		w.whenRefresh("eu-west-1", "web", "InProgress", w.cancelRefresh)
		return w
	}, acts: []act{{name: "first", says: asg.ErrRefreshCancelled, run: stoppedWhen(func(w *world, stop func()) {
		w.whenRefresh("eu-west-1", "web", "Cancelled", stop)
	})}}},
	{name: "changed-meanwhile", begin: func(t *testing.T) *world {
		w := newWorld(t)
		other := w.template("us-east-1", "other")
		w.once(calls("CreateImage"), func() {
			_, err := asg.Update(context.WithoutCancel(t.Context()), autoscaling.NewFromConfig(w.cloud.Config("us-east-1")), asg.UpdateInput{
				Group: "web", Template: &asg.TemplateSpec{ID: other, Version: "1"},
			})
			assert.NoError(t, err)
		})
		return w
	}, acts: []act{{name: "first", says: asg.ErrOtherVersion}, {name: "again"}}},
}

// contended is a world where somebody else begins to refresh the group "web" of
// eu-west-1, just before the delivery does.
func contended(t *testing.T) *world {
	w := newWorld(t)
	w.once(calls("StartInstanceRefresh"), w.startRefresh) // careful: that of eu-west-1 is the first
	return w
}

// startRefresh is somebody else's, of the group "web" in eu-west-1.
func (w *world) startRefresh() {
	w.t.Helper()
	_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).StartInstanceRefresh(w.t.Context(),
		&autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(w.t, err)
}

// cancelRefresh is somebody else's, of the group "web" in eu-west-1.
func (w *world) cancelRefresh() {
	w.t.Helper()
	_, err := autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")).CancelInstanceRefresh(w.t.Context(),
		&autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
	assert.NoError(w.t, err)
}
