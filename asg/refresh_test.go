package asg_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func (f *fleet) refresh() asg.RefreshInput {
	return asg.RefreshInput{
		Group: "web", TemplateID: f.templateID, Version: 2,
		Preferences: &types.RefreshPreferences{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(200))},
	}
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		assert.False(t, started.Adopted)
		sent := f.Writes()[0].Input.(*autoscaling.StartInstanceRefreshInput)
		assert.Equal(t, types.LaunchTemplateSpecification{LaunchTemplateId: &f.templateID, Version: new("2")}, *sent.DesiredConfiguration.LaunchTemplate)
		assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version, "not before it has succeeded")

		f.Inject(awstest.Throttle(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 3))
		got, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		assert.Equal(t, successful, got[0].Status)
		g := f.read("web")
		assert.Equal(t, "2", *g.LaunchTemplate.Version)
		for _, i := range g.Instances {
			assert.Equal(t, "2", *i.LaunchTemplate.Version)
		}
	})
}

func TestRefreshFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.NeverHealthy(awstest.ImageMatch{Name: "two"})
		f.group("web")
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		e := failure(t, err)
		assert.Equal(t, "Failed", e.State)
		assert.Equal(t, "web", e.ID)
		assert.Equal(t, []string{started.RefreshID}, e.IDs)
		assert.NotEmpty(t, e.Reason, "AWS's own")
		assert.Equal(t, "1", *f.read("web").LaunchTemplate.Version)
	})
}

func TestStartRefreshAfterLostResponse(t *testing.T) {
	for name, fault := range map[string]func(awstest.Match) awstest.Fault{"once": awstest.LoseResponse, "for good": awstest.LoseResponseForGood} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.group("web")
				f.Inject(fault(awstest.Match{Operation: "StartInstanceRefresh"}))
				started, err := asg.StartRefresh(t.Context(), f, f.refresh())
				if name == "for good" {
					require.Error(t, err)
					started, err = asg.StartRefresh(t.Context(), f.restart(), f.refresh())
				}
				require.NoError(t, err)
				assert.True(t, started.Adopted)
				n := 0
				for r, err := range asg.Refreshes(t.Context(), f, "web") {
					require.NoError(t, err)
					assert.Equal(t, started.RefreshID, *r.InstanceRefreshId)
					n++
				}
				assert.Equal(t, 1, n)
			})
		})
	}
}

func TestStartRefreshWhileOneRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)

		again, err := asg.StartRefresh(t.Context(), f.restart(), f.refresh())
		require.NoError(t, err)
		assert.Equal(t, &asg.StartRefreshResult{RefreshID: first.RefreshID, Adopted: true}, again)

		other := f.refresh()
		other.Version = 1
		_, err = asg.StartRefresh(t.Context(), f, other)
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		e := failure(t, err)
		assert.Equal(t, []string{first.RefreshID}, e.IDs)
		assert.Equal(t, "web", e.ID)
		assert.NotEmpty(t, e.State)
		assert.NotEmpty(t, e.RequestID())

		var status types.InstanceRefreshStatus
		f.Inject(alter("DescribeInstanceRefreshes", func(out *autoscaling.DescribeInstanceRefreshesOutput) {
			if status == "" {
				out.InstanceRefreshes[0].DesiredConfiguration = nil
			}
		}))
		_, err = asg.StartRefresh(t.Context(), f, f.refresh())
		require.ErrorIs(t, err, asg.ErrRefreshInProgress, "to what the group has, not to version 2")

		f.Inject(alter("DescribeInstanceRefreshes", func(out *autoscaling.DescribeInstanceRefreshesOutput) {
			if status != "" {
				out.InstanceRefreshes[0].Status = status
			}
		}))
		for _, status = range []types.InstanceRefreshStatus{types.InstanceRefreshStatusCancelling, types.InstanceRefreshStatusRollbackInProgress} {
			_, err = asg.StartRefresh(t.Context(), f, f.refresh())
			require.ErrorIs(t, err, asg.ErrRefreshInProgress, "it is not on its way there any more")
			assert.Equal(t, string(status), failure(t, err).State)
		}
		for _, status = range []types.InstanceRefreshStatus{types.InstanceRefreshStatusPending, types.InstanceRefreshStatusInProgress, types.InstanceRefreshStatusBaking} {
			started, err := asg.StartRefresh(t.Context(), f, f.refresh())
			require.NoError(t, err, status)
			assert.True(t, started.Adopted)
		}
	})
}

// TestStartRefreshWhenTheOtherEnds has the refresh that was in the way end
// before it is read, and one that is never shown.
func TestStartRefreshWhenTheOtherEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		first, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: first.RefreshID}})
		require.NoError(t, err)
		f.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstanceRefresh"}, 1, "InstanceRefreshInProgress", "one is in progress"))
		began := time.Now()
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		assert.False(t, started.Adopted)
		assert.NotEqual(t, first.RefreshID, started.RefreshID, "one that has ended is not adopted")
		assert.Equal(t, time.Second, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstanceRefresh"}, 0, "InstanceRefreshInProgress", "one is in progress"))
		_, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Empty(t, failure(t, err).IDs)

		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		_, err = asg.StartRefresh(ctx, f, f.refresh())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2500*time.Millisecond, failure(t, err).Elapsed)
	})
}

func TestStartRefreshMayNotRead(t *testing.T) {
	f := start(t)
	f.group("web")
	f.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstanceRefresh"}, 0, "InstanceRefreshInProgress", "one is in progress"))
	f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 0, "AccessDenied", "no"))
	_, err := asg.StartRefresh(t.Context(), f, f.refresh())
	assert.ErrorContains(t, err, "AccessDenied")
	assert.Equal(t, "web", failure(t, err).ID)
}

func TestStartRefreshErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		for want, change := range map[string]func(*asg.RefreshInput){
			"Group is missing":         func(in *asg.RefreshInput) { in.Group = "" },
			`TemplateID ""`:            func(in *asg.RefreshInput) { in.TemplateID = "" },
			`TemplateID "web"`:         func(in *asg.RefreshInput) { in.TemplateID = "web" },
			"Version 0":                func(in *asg.RefreshInput) { in.Version = 0 },
			"MinHealthyPercentage 101": func(in *asg.RefreshInput) { in.Preferences.MinHealthyPercentage = new(int32(101)) },
		} {
			in := f.refresh()
			change(&in)
			_, err := asg.StartRefresh(t.Context(), f, in)
			assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
			assert.ErrorContains(t, err, want)
		}
		assert.Empty(t, f.Calls())

		in := f.refresh()
		in.Group = "none"
		_, err := asg.StartRefresh(t.Context(), f, in)
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, "none", failure(t, err).ID)

		in = f.refresh()
		in.Version = 9
		_, err = asg.StartRefresh(t.Context(), f, in)
		require.Error(t, err)
		assert.NotErrorIs(t, err, asg.ErrNotFound, "the group is there")
		assert.ErrorContains(t, err, "ValidationError")

		f.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "StartInstanceRefresh"}, 1))
		f.ForgetCalls()
		_, err = asg.StartRefresh(t.Context(), f, f.refresh())
		require.ErrorIs(t, err, asg.ErrCredentialsExpired)
		assert.Len(t, f.Calls(), 1)
	})
}

func TestRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, awstest.WithPageSize(1))
		f.group("web")
		var ids []string
		for _, version := range []int64{2, 1, 2} {
			in := f.refresh()
			in.Version = version
			started, err := asg.StartRefresh(t.Context(), f, in)
			require.NoError(t, err)
			_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
			require.NoError(t, err)
			ids = append([]string{started.RefreshID}, ids...)
		}
		refreshes := asg.Refreshes(t.Context(), f, "web")
		for range 2 {
			var got []string
			for r, err := range refreshes {
				require.NoError(t, err)
				got = append(got, *r.InstanceRefreshId)
			}
			assert.Equal(t, ids, got, "newest first")
		}
		f.ForgetCalls()
		for range refreshes {
			break
		}
		assert.Len(t, f.Calls(), 1)
		for _, err := range asg.Refreshes(t.Context(), f, "") {
			assert.ErrorIs(t, err, asg.ErrInvalidInput)
		}
		for _, err := range asg.Refreshes(t.Context(), f, "none") {
			assert.Equal(t, "asg.Refreshes", failure(t, err).Op)
		}
	})
}

func TestFailedActivities(t *testing.T) {
	at := time.Date(2026, 5, 1, 12, 0, 0, 500, time.UTC)
	activity := func(id string, status types.ScalingActivityStatusCode, began time.Time) types.Activity {
		return types.Activity{ActivityId: &id, StatusCode: status, StartTime: &began}
	}
	f := start(t)
	f.group("web")
	f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Operation != "DescribeScalingActivities" {
			return next(ctx)
		}
		in := call.Input.(*autoscaling.DescribeScalingActivitiesInput)
		if in.NextToken == nil {
			return &autoscaling.DescribeScalingActivitiesOutput{NextToken: new("more"), Activities: []types.Activity{
				activity("late", types.ScalingActivityStatusCodeFailed, at.Add(time.Minute)),
				activity("fine", types.ScalingActivityStatusCodeSuccessful, at.Add(time.Minute)),
			}}, nil
		}
		return &autoscaling.DescribeScalingActivitiesOutput{Activities: []types.Activity{
			activity("at", types.ScalingActivityStatusCodeFailed, at),
			activity("same second", types.ScalingActivityStatusCodeFailed, at.Truncate(time.Second)),
		}}, nil
	})
	ids := func(since time.Time) (out []string) {
		failed, err := asg.FailedActivities(t.Context(), f, "web", since)
		require.NoError(t, err)
		for _, a := range failed {
			out = append(out, *a.ActivityId)
		}
		return out
	}
	assert.Equal(t, []string{"late", "at"}, ids(at))
	sent := f.Calls()[0].Input.(*autoscaling.DescribeScalingActivitiesInput)
	assert.Equal(t, []types.Filter{
		{Name: new("Status"), Values: []string{"Failed"}},
		{Name: new("StartTimeLowerBound"), Values: []string{"2026-05-01T12:00:00Z"}},
	}, sent.Filters)
	f.ForgetCalls()
	assert.Equal(t, []string{"late", "at", "same second"}, ids(time.Time{}))
	assert.Len(t, f.Calls()[0].Input.(*autoscaling.DescribeScalingActivitiesInput).Filters, 1)

	_, err := asg.FailedActivities(t.Context(), f, "", at)
	require.ErrorIs(t, err, asg.ErrInvalidInput)
}

func TestFailedActivitiesRefused(t *testing.T) {
	f := start(t)
	f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeScalingActivities"}, 0, "AccessDenied", "no"))
	_, err := asg.FailedActivities(t.Context(), f, "web", time.Time{})
	assert.ErrorContains(t, err, "AccessDenied")
	assert.Equal(t, "asg.FailedActivities", failure(t, err).Op)
	assert.Equal(t, "web", failure(t, err).ID)
}

// TestFailedActivitiesOfARefresh has an image that goes away while the refresh
// to it runs: only the activities tell.
func TestFailedActivitiesOfARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		two, err := f.ec2.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &f.templateID, Versions: []string{"2"}})
		require.NoError(t, err)
		imageID := two.LaunchTemplateVersions[0].LaunchTemplateData.ImageId
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		_, err = f.ec2.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: imageID})
		require.NoError(t, err)

		got, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.ErrorIs(t, err, asg.ErrRefreshFailed)
		activities, err := asg.FailedActivities(t.Context(), f, "web", *got[0].StartTime)
		require.NoError(t, err)
		require.NotEmpty(t, activities)
		for _, a := range activities {
			assert.Contains(t, *a.StatusMessage, *imageID)
		}
		activities, err = asg.FailedActivities(t.Context(), f, "web", time.Now().Add(time.Hour))
		require.NoError(t, err)
		assert.Empty(t, activities)
	})
}
