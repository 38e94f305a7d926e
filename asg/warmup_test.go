package asg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// image is the one that a template version launches.
func (f *fleet) image(version string) string {
	f.t.Helper()
	for _, v := range f.Cloud.Region(home).TemplateVersions(f.templateID) {
		if fmt.Sprint(*v.VersionNumber) == version {
			return *v.LaunchTemplateData.ImageId
		}
	}
	f.t.Fatalf("no version %s", version)
	return ""
}

// settled makes a group as group does, with the clocks of the cloud and of the
// test left the same.
func (f *fleet) settled(name string) {
	f.t.Helper()
	_, err := asg.Create(f.t.Context(), f, f.input(name))
	require.NoError(f.t, err)
	time.Sleep(5 * time.Minute)
	f.ForgetCalls()
}

func (f *fleet) measure(sightings ...asg.LaunchObservation) *asg.MeasureWarmupResult {
	f.t.Helper()
	w, err := asg.MeasureWarmup(f.t.Context(), f, f.ec2, asg.MeasureWarmupInput{Group: "web", Sightings: sightings})
	require.NoError(f.t, err)
	return w
}

// TestMeasureWarmup has instances of two images: EC2 shows the old ones for an
// hour after their end, and then nobody knows what they ran.
func TestMeasureWarmup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, awstest.WithPageSize(2))
		f.group("web")
		old := f.read("web").Instances
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: f.start(f.refresh()).RefreshID}})
		require.NoError(t, err)
		f.ForgetCalls()

		w := f.measure()
		assert.Empty(t, f.Writes())
		require.Len(t, w.Images, 2)
		now, before := w.Images[0], w.Images[1]
		assert.Equal(t, f.image("2"), now.ImageID, "launched last")
		assert.Equal(t, f.image("1"), before.ImageID)
		assert.Len(t, now.Launches, 2)
		assert.Len(t, before.Launches, 2)
		for _, l := range append(now.Launches, before.Launches...) {
			assert.Equal(t, timing.InstanceStart, l.Took, "not its termination, and not its health checks")
		}
		assert.Empty(t, w.Unclear)
		assert.Empty(t, w.Gone)

		f.Advance(2 * time.Hour)
		w = f.measure()
		require.Len(t, w.Images, 1)
		assert.ElementsMatch(t, []string{*old[0].InstanceId, *old[1].InstanceId}, w.Gone)
		c := asg.CompareWarmup(w, f.image("2"), f.image("1"))
		assert.Equal(t, "in service in 20 s; the one before unknown", c.String())
		_, known := c.Gain()
		assert.False(t, known)

		since, err := asg.MeasureWarmup(t.Context(), f, f.ec2, asg.MeasureWarmupInput{Group: "web", Since: f.Now()})
		require.NoError(t, err)
		assert.Equal(t, &asg.MeasureWarmupResult{}, since, "nothing was launched since")
	})
}

// TestMeasureWarmupDoesNotGuess has a warm-up in the time that AWS's activities
// tell: only who watched knows when the instances were in service.
func TestMeasureWarmupDoesNotGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		in := f.refresh()
		in.Preferences.InstanceWarmup = new(int32(60))
		started := f.start(in)

		ctx, stop := context.WithCancel(t.Context())
		seen := make(chan []asg.LaunchObservation)
		go func() {
			var all []asg.LaunchObservation
			for s, err := range asg.WatchLaunches(ctx, f, []string{"web", "none"}) {
				if err != nil {
					assert.ErrorIs(t, err, context.Canceled)
					break
				}
				all = append(all, s)
			}
			seen <- all
		}()
		_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		stop()
		sightings := <-seen
		require.Len(t, sightings, 2)

		w := f.measure()
		assert.Nil(t, w.Of(f.image("2")), "20 s, or 80 s? AWS does not say")
		require.Len(t, w.Unclear, 2)
		assert.Zero(t, w.Unclear[0].Took)
		assert.NotNil(t, w.Of(f.image("1")), "these had no warm-up")

		w = f.measure(sightings...)
		require.NotNil(t, w.Of(f.image("2")))
		assert.Empty(t, w.Unclear)
		for _, l := range w.Of(f.image("2")).Launches {
			assert.GreaterOrEqual(t, l.Took, timing.InstanceStart)
			assert.LessOrEqual(t, l.Took, timing.InstanceStart+5*time.Second, "one pause late at most")
		}
		sightings[0].Pending = sightings[0].InService.Add(-time.Hour)
		assert.Len(t, f.measure(sightings...).Unclear, 1, "a sighting of another time does not count")
	})
}

// history answers what a group and its instances look like to MeasureWarmup.
type history struct {
	group      types.AutoScalingGroup
	activities []types.Activity
	refreshes  []types.InstanceRefresh
	instances  []ec2types.Instance
	fail       string
}

func (h *history) err(op string) error {
	if h.fail == op {
		return refusal("AccessDenied")
	}
	return nil
}

func (h *history) DescribeAutoScalingGroups(context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	h.group.AutoScalingGroupName = new("web")
	return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: []types.AutoScalingGroup{h.group}}, h.err("groups")
}

func (h *history) DescribeScalingActivities(context.Context, *autoscaling.DescribeScalingActivitiesInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: h.activities}, h.err("activities")
}

func (h *history) DescribeInstanceRefreshes(context.Context, *autoscaling.DescribeInstanceRefreshesInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeInstanceRefreshesOutput, error) {
	return &autoscaling.DescribeInstanceRefreshesOutput{InstanceRefreshes: h.refreshes}, h.err("refreshes")
}

func (h *history) DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	return &ec2.DescribeInstancesOutput{Reservations: []ec2types.Reservation{{Instances: h.instances}}}, h.err("instances")
}

var dawn = time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)

// activity is about an instance, from and to so many seconds after dawn; a
// negative end is none.
func activity(what, instance string, from, to int) types.Activity {
	a := types.Activity{
		Description: new(what + ": " + instance), StartTime: new(dawn.Add(time.Duration(from) * time.Second)),
		StatusCode: types.ScalingActivityStatusCodeWaitingForInstanceWarmup,
	}
	if to >= 0 {
		a.EndTime, a.StatusCode = new(dawn.Add(time.Duration(to)*time.Second)), types.ScalingActivityStatusCodeSuccessful
	}
	return a
}

func instance(id, image string, launched, attached int) ec2types.Instance {
	return ec2types.Instance{
		InstanceId: &id, ImageId: &image, LaunchTime: new(dawn.Add(time.Duration(launched) * time.Second)),
		BlockDeviceMappings: []ec2types.InstanceBlockDeviceMapping{{Ebs: &ec2types.EbsInstanceBlockDevice{
			AttachTime: new(dawn.Add(time.Duration(attached) * time.Second)),
		}}},
	}
}

func TestWhichActivityIsTheLaunch(t *testing.T) {
	const id, launching, ending = "i-00000000000000001", "Launching a new EC2 instance", "Terminating EC2 instance"
	for name, tt := range map[string]struct {
		history
		took    time.Duration // 0: none
		unclear bool
	}{
		"launched": {history{activities: []types.Activity{activity(launching, id, 0, 38)}}, 38 * time.Second, false},
		"and terminated": {history{activities: []types.Activity{
			activity(ending, id, 30, 90), activity(launching, id, 0, 38),
		}}, 38 * time.Second, false},
		"terminated only, launched before": {history{activities: []types.Activity{activity(ending, id, 600, 690)}}, 0, false},
		"attached":                         {history{activities: []types.Activity{activity("Attaching an existing EC2 instance", id, 600, 690)}}, 0, false},
		"no id":                            {history{activities: []types.Activity{activity(launching, "", 0, 38)}}, 0, false},
		"still warming":                    {history{activities: []types.Activity{activity(launching, id, 0, -1)}}, 0, true},
		"within warm-up":                   {history{activities: []types.Activity{activity(launching, id, 0, 38)}, group: types.AutoScalingGroup{DefaultInstanceWarmup: new(int32(39))}}, 38 * time.Second, false},
		"with warm-up":                     {history{activities: []types.Activity{activity(launching, id, 0, 38)}, group: types.AutoScalingGroup{DefaultInstanceWarmup: new(int32(38))}}, 0, true},
		"warm-up of its refresh": {history{activities: []types.Activity{activity(launching, id, 0, 38)}, refreshes: []types.InstanceRefresh{
			{StartTime: new(dawn.Add(-time.Second)), Preferences: &types.RefreshPreferences{InstanceWarmup: new(int32(10))}},
		}}, 0, true},
		"warm-up of another refresh": {history{activities: []types.Activity{activity(launching, id, 0, 38)}, refreshes: []types.InstanceRefresh{
			{StartTime: new(dawn.Add(time.Second)), Preferences: &types.RefreshPreferences{InstanceWarmup: new(int32(10))}},
		}}, 38 * time.Second, false},
		"from a stopped pool": {history{
			activities: []types.Activity{activity("Launching a new EC2 instance from warm pool", id, 900, 905), activity("Launching a new EC2 instance into warm pool", id, 0, 60)},
			instances:  []ec2types.Instance{instance(id, "ami-1", 901, 1)},
		}, 0, true},
		"from a running pool": {history{
			activities: []types.Activity{activity("Launching a new EC2 instance from warm pool", id, 900, 905), activity("Launching a new EC2 instance into warm pool", id, 0, 60)},
			group:      types.AutoScalingGroup{WarmPoolConfiguration: &types.WarmPoolConfiguration{}},
		}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := &tt.history
			if h.instances == nil {
				h.instances = []ec2types.Instance{instance(id, "ami-1", 1, 1)}
			}
			w, err := asg.MeasureWarmup(t.Context(), h, h, asg.MeasureWarmupInput{Group: "web"})
			require.NoError(t, err)
			assert.Equal(t, tt.unclear, len(w.Unclear) == 1)
			if tt.took == 0 {
				assert.Empty(t, w.Images)
				return
			}
			require.Len(t, w.Images, 1)
			assert.Equal(t, []asg.Launch{{InstanceID: id, ImageID: "ami-1", Began: dawn, Took: tt.took}}, w.Images[0].Launches)
		})
	}
}

// fast and slow are ten launches each; the slow image needs 4 min 10 s.
func fastAndSlow(t *testing.T) *asg.MeasureWarmupResult {
	h := &history{}
	add := func(n int, image string, took int) {
		id := fmt.Sprintf("i-%017d", n)
		h.activities = append(h.activities, activity("Launching a new EC2 instance", id, n, n+took))
		h.instances = append(h.instances, instance(id, image, n, n))
	}
	for i, took := range []int{38, 36, 44, 38, 37, 39, 35, 41, 95, 40} {
		add(100+i, "ami-2", took)
	}
	for i := range 10 {
		add(i, "ami-1", 246+i)
	}
	w, err := asg.MeasureWarmup(t.Context(), h, h, asg.MeasureWarmupInput{Group: "web"})
	require.NoError(t, err)
	return w
}

func TestCompareWarmup(t *testing.T) {
	w := fastAndSlow(t)
	fast := w.Of("ami-2")
	require.NotNil(t, fast)
	assert.Equal(t, 38*time.Second, fast.Median)
	assert.Equal(t, 44*time.Second, fast.P90, "one of ten was slower")
	c := asg.CompareWarmup(w, "ami-2", "ami-1")
	assert.Equal(t, "in service in 38 s; the one before in 4 min 10 s", c.String())
	gain, ok := c.Gain()
	assert.True(t, ok)
	assert.Equal(t, 3*time.Minute+32*time.Second, gain)
	assert.Equal(t, "in service unknown; the one before in 4 min 10 s", asg.CompareWarmup(w, "ami-3", "ami-1").String())
	assert.Equal(t, "in service in 1 h 5 s; the one before in 0 s", asg.WarmupComparison{
		Now: &asg.ImageWarmup{Median: time.Hour + 5*time.Second}, Before: &asg.ImageWarmup{Median: 400 * time.Millisecond},
	}.String())
}

func TestRecommendWarmup(t *testing.T) {
	s, err := asg.RecommendWarmup(fastAndSlow(t).Of("ami-2"))
	require.NoError(t, err)
	assert.Equal(t, 50*time.Second, s.DefaultInstanceWarmup.Value)
	assert.Equal(t, 50*time.Second, s.DefaultCooldown.Value)
	assert.Equal(t, 100*time.Second, s.HealthCheckGracePeriod.Value, "the slowest lives")
	assert.Contains(t, s.DefaultInstanceWarmup.String(), "50 s: nine of ten of 10 launches of ami-2 were in service within 44 s")
	assert.Contains(t, s.HealthCheckGracePeriod.Reason, "1 min 35 s")

	s, err = asg.RecommendWarmup(&asg.ImageWarmup{Launches: []asg.Launch{{Took: 2 * time.Hour}}, P90: 2 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, time.Hour, s.DefaultInstanceWarmup.Value, "AWS takes no more")
	s, err = asg.RecommendWarmup(&asg.ImageWarmup{Launches: []asg.Launch{{}}})
	require.NoError(t, err)
	assert.Equal(t, 10*time.Second, s.DefaultInstanceWarmup.Value)

	for _, unknown := range []*asg.ImageWarmup{nil, {ImageID: "ami-9"}} {
		_, err = asg.RecommendWarmup(unknown)
		require.ErrorIs(t, err, asg.ErrWarmupUnknown)
	}
}

func TestApplyWarmup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		s, err := asg.RecommendWarmup(f.measure().Of(f.image("1")))
		require.NoError(t, err)
		s.DefaultCooldown.Value = time.Minute
		s.HealthCheckGracePeriod.Value = 0
		before := f.read("web")
		for _, changed := range []bool{true, false} {
			done, err := asg.ApplyWarmup(t.Context(), f, "web", *s)
			require.NoError(t, err)
			assert.Equal(t, changed, done.Changed)
		}
		assert.Len(t, f.Writes(), 1)
		after := f.read("web")
		assert.EqualValues(t, 20, *after.DefaultInstanceWarmup)
		assert.EqualValues(t, 60, *after.DefaultCooldown)
		assert.Equal(t, before.HealthCheckGracePeriod, after.HealthCheckGracePeriod, "zero leaves it")
		assert.Equal(t, before.Instances, after.Instances)

		f.ForgetCalls()
		for _, bad := range []asg.WarmupSettings{
			{DefaultInstanceWarmup: asg.WarmupSetting{Value: 2 * time.Hour}},
			{DefaultCooldown: asg.WarmupSetting{Value: -time.Second}},
			{HealthCheckGracePeriod: asg.WarmupSetting{Value: time.Millisecond}},
		} {
			_, err = asg.ApplyWarmup(t.Context(), f, "web", bad)
			require.ErrorIs(t, err, asg.ErrInvalidInput)
		}
		assert.Empty(t, f.Calls())
		_, err = asg.ApplyWarmup(t.Context(), f, "none", *s)
		require.ErrorIs(t, err, asg.ErrNotFound)
	})
}

func TestMeasureWarmupErrors(t *testing.T) {
	f := start(t)
	_, err := asg.MeasureWarmup(t.Context(), f, f.ec2, asg.MeasureWarmupInput{})
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.Empty(t, f.Calls())
	_, err = asg.MeasureWarmup(t.Context(), f, f.ec2, asg.MeasureWarmupInput{Group: "none"})
	require.ErrorIs(t, err, asg.ErrNotFound)
	for _, fail := range []string{"groups", "activities", "refreshes", "instances"} {
		h := &history{fail: fail, activities: []types.Activity{activity("Launching a new EC2 instance", "i-00000000000000001", 0, 38)}}
		w, err := asg.MeasureWarmup(t.Context(), h, h, asg.MeasureWarmupInput{Group: "web"}, func(o *asg.Options) { o.Region = home })
		require.ErrorContains(t, err, "AccessDenied", fail)
		assert.Nil(t, w)
		e := failure(t, err)
		assert.Equal(t, []string{"asg.MeasureWarmup", home, "web"}, []string{e.Op, e.Region, e.ID}, fail)
	}
}

func TestWatchLaunchesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		for _, groups := range [][]string{nil, {""}} {
			for _, err := range asg.WatchLaunches(t.Context(), f, groups) {
				require.ErrorIs(t, err, asg.ErrInvalidInput)
			}
		}
		assert.Empty(t, f.Calls())
		for _, tt := range []struct {
			fault awstest.Fault
			is    error
			reads int
		}{
			{awstest.ExpireCredentials(awstest.Match{}, 4), asg.ErrCredentialsExpired, 4 - 2},
			{awstest.Throttle(awstest.Match{}, 2), context.DeadlineExceeded, 0},
		} {
			g := start(t, awstest.WithFault(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				if call.Operation != "DescribeAutoScalingGroups" {
					return next(ctx)
				}
				return tt.fault(ctx, call, next)
			}))
			g.group("web")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var last error
			for _, err := range asg.WatchLaunches(ctx, g, []string{"web"}) {
				last = err
			}
			require.ErrorIs(t, last, tt.is)
			if tt.reads > 0 {
				assert.Equal(t, tt.reads, g.Count("DescribeAutoScalingGroups"))
			}
			e, _ := errors.AsType[*asg.Error](last)
			assert.Equal(t, "asg.WatchLaunches", e.Op)
		}
	})
}
