package asg_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// readsByName are all functions that are given the name of a group, as they are
// called with it.
var readsByName = map[string]func(f *fleet, group string) error{
	"Describe": func(f *fleet, group string) error {
		_, err := asg.Describe(f.t.Context(), f, []string{group})
		return err
	},
	"Refreshes": func(f *fleet, group string) (last error) {
		for _, err := range asg.Refreshes(f.t.Context(), f, group) {
			last = err
		}
		return last
	},
	"Watch": func(f *fleet, group string) (last error) {
		for s, err := range asg.Watch(f.t.Context(), f, []asg.RefreshKey{{Group: group, ID: "x"}}) {
			require.NoError(f.t, err, "the watch itself goes on with the others")
			last = s.Err
		}
		return last
	},
	"Wait": func(f *fleet, group string) error {
		_, err := asg.Wait(f.t.Context(), f, []asg.RefreshKey{{Group: group, ID: "x"}})
		return err
	},
	"DescribeWarmPool": func(f *fleet, group string) error {
		_, err := asg.DescribeWarmPool(f.t.Context(), f, group)
		return err
	},
	"FailedActivities": func(f *fleet, group string) error {
		_, err := asg.FailedActivities(f.t.Context(), f, group, time.Time{})
		return err
	},
	"MeasureWarmup": func(f *fleet, group string) error {
		_, err := asg.MeasureWarmup(f.t.Context(), f, f.ec2, asg.MeasureWarmupInput{Group: group})
		return err
	},
	"VerifyRollback": func(f *fleet, group string) error {
		return asg.VerifyRollback(f.t.Context(), f, asg.VerifyRollbackInput{Group: group, Source: asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "1"}}})
	},
	"Preflight": func(f *fleet, group string) error {
		in := f.refresh()
		in.Group = group
		_, err := asg.Preflight(f.t.Context(), f, f.ec2, in)
		return err
	},
	"StartRefresh": func(f *fleet, group string) error {
		in := f.refresh()
		in.Group = group
		_, err := asg.StartRefresh(f.t.Context(), f, in)
		return err
	},
	"Cancel": func(f *fleet, group string) error {
		_, err := asg.Cancel(f.t.Context(), f, asg.CancelInput{Group: group, RefreshID: "x"})
		return err
	},
	"StartRollback": func(f *fleet, group string) error {
		_, err := asg.StartRollback(f.t.Context(), f, asg.RollbackInput{Group: group, RefreshID: "x"})
		return err
	},
	"Update": func(f *fleet, group string) error {
		_, err := asg.Update(f.t.Context(), f, asg.UpdateInput{Group: group, MaxSize: new(int32(9))})
		return err
	},
	"PutWarmPool": func(f *fleet, group string) error {
		_, err := asg.PutWarmPool(f.t.Context(), f, asg.PutWarmPoolInput{Group: group})
		return err
	},
	"Configuration": func(f *fleet, name string) error {
		_, err := asg.Configuration(f.t.Context(), f, name)
		return err
	},
}

// TestNotFoundByName: Auto Scaling answers a bare ValidationError about a group that
// is not there, and every function says ErrNotFound.
func TestNotFoundByName(t *testing.T) {
	for name, read := range readsByName {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				err := read(f, "nobody")
				require.ErrorIs(t, err, asg.ErrNotFound)
				e := failure(t, err)
				assert.Equal(t, "nobody", e.ID)
				assert.Equal(t, "NotFound", e.Code())
				assert.False(t, e.Retryable())
			})
		})
	}
}

// TestOtherRefusalsAreNotNotFound: what AWS refuses with the same code about a
// group that is there stays what it is.
func TestOtherRefusalsAreNotNotFound(t *testing.T) {
	for name, operation := range map[string]string{
		"Refreshes": "DescribeInstanceRefreshes", "Watch": "DescribeInstanceRefreshes", "Wait": "DescribeInstanceRefreshes",
		"DescribeWarmPool": "DescribeWarmPool", "FailedActivities": "DescribeScalingActivities", "MeasureWarmup": "DescribeScalingActivities",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.group("web")
			f.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 0, "ValidationError", "something else"))
			err := readsByName[name](f, "web")
			require.ErrorContains(t, err, "something else", name)
			assert.NotErrorIs(t, err, asg.ErrNotFound, name)
			assert.Equal(t, "aws.ValidationError", failure(t, err).Code(), name)
		})
	}
}

// TestRefreshOfAGroupThatIsGone is the same for one that was there.
func TestRefreshOfAGroupThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started := f.start(f.refresh())
		_, err := f.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.ErrorIs(t, err, asg.ErrNotFound)
	})
}
