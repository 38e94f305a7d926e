package readyami_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// interruptedScenarios are about runs that are stopped or die, and those that
// come after them.
var interruptedScenarios = []scenario{
	{name: "stopped-in-mid-copy", begin: func(t *testing.T) *world { return newWorld(t) }, acts: []act{
		{name: "stopped", cut: true, says: context.Canceled, run: stoppedWhen(func(w *world, stop func()) {
			w.whenImage("ap-southeast-2", "pending", stop)
		})},
		{name: "again"},
	}},
	{name: "stopped-in-mid-refresh", begin: func(t *testing.T) *world { return newWorld(t) }, acts: []act{
		stoppedInMidRefresh("us-east-1", "web"),
		{name: "again"},
	}},
	{name: "credentials-expire", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.inject(awstest.ExpireCredentials(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 4))
		return w
	}, acts: []act{{name: "first", says: readyami.ErrCredentialsExpired}}},
	// AWS rolls back by itself when the program is gone; the next run finds out.
	{name: "stopped-and-rolled-back-by-aws", begin: broken, acts: []act{
		stoppedInMidRefresh("eu-west-1", "web"),
		{name: "again", says: readyami.ErrRejected, change: func(*world) { time.Sleep(3 * time.Hour) }},
	}},
	// A run that dies between a failed refresh and the way back leaves new instances
	// in the group. The next run takes it back.
	{name: "died-before-the-way-back", begin: withoutAutoRollback, acts: []act{
		{name: "died", cut: true, says: errDied, run: dying(decides)},
		{name: "again", says: readyami.ErrRejected},
		{name: "once more", says: readyami.ErrRejected},
	}},
	// New instances of a run that was stopped are no part of what was before.
	{name: "stopped-while-it-fails", begin: broken, acts: []act{
		{name: "stopped", cut: true, says: context.DeadlineExceeded, run: func(w *world) (*plan.Report, error) {
			ctx, stop := context.WithTimeout(w.t.Context(), 40*time.Minute)
			defer stop()
			return w.deliver(ctx)
		}},
		{name: "again", says: asg.ErrRolledBack},
	}},
}

// decides fits the call that writes a decision.
func decides(call *awstest.Call) bool {
	in, ok := call.Input.(*ec2.CreateTagsInput)
	return ok && slices.ContainsFunc(in.Tags, func(t ec2types.Tag) bool { return strings.HasSuffix(*t.Key, ":decision") })
}

// stoppedInMidRefresh is an act whose process is told to end while it watches a
// group.
func stoppedInMidRefresh(in, group string) act {
	return act{name: "stopped", cut: true, says: context.Canceled, run: stoppedWhen(func(w *world, stop func()) {
		w.whenRefresh(in, group, "InProgress", stop)
	})}
}
