package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// wholeSeconds is realistic and without jitter, so that whole seconds are all
// there is between two events.
var wholeSeconds = func() awstest.Timing {
	t := awstest.Realistic
	t.Jitter, t.Call = 0, 0
	return t
}()

// fleet is a group "web" in a world of its own.
type fleet struct {
	t       *testing.T
	cloud   *awstest.Cloud
	region  *awstest.Region
	as      *autoscaling.Client
	ec2     *ec2.Client
	group   awstest.SeededGroup
	refresh string
}

func newFleet(t *testing.T, size int32, timing awstest.Timing, options ...awstest.Option) *fleet {
	t.Helper()
	cloud := awstest.Start(t, append(options, awstest.WithTiming(timing))...)
	f := &fleet{t: t, cloud: cloud, region: cloud.Region(home)}
	f.as = autoscaling.NewFromConfig(cloud.Config(home))
	f.ec2 = ec2.NewFromConfig(cloud.Config(home))
	f.group = f.region.Group(awstest.GroupSeed{Name: "web", Size: size, Tags: map[string]string{"team": "a"}})
	return f
}

// version makes the next version of the group's template, with another image.
func (f *fleet) version(image string) *astypes.DesiredConfiguration {
	f.t.Helper()
	out, err := f.ec2.CreateLaunchTemplateVersion(f.t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: new(f.group.TemplateID), SourceVersion: new("1"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new(f.region.PublicImage(image))},
	})
	require.NoError(f.t, err)
	return &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
		LaunchTemplateId: new(f.group.TemplateID), Version: new(fmt.Sprint(*out.LaunchTemplateVersion.VersionNumber)),
	}}
}

func (f *fleet) start(desired *astypes.DesiredConfiguration, prefs *astypes.RefreshPreferences) {
	f.t.Helper()
	out, err := f.as.StartInstanceRefresh(f.t.Context(), &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: new("web"), DesiredConfiguration: desired, Preferences: prefs,
	})
	require.NoError(f.t, err)
	f.refresh = *out.InstanceRefreshId
}

func (f *fleet) read() astypes.InstanceRefresh {
	f.t.Helper()
	out, err := f.as.DescribeInstanceRefreshes(f.t.Context(), &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: new("web"), InstanceRefreshIds: []string{f.refresh},
	})
	require.NoError(f.t, err)
	require.Len(f.t, out.InstanceRefreshes, 1)
	return out.InstanceRefreshes[0]
}

func (f *fleet) describe() astypes.AutoScalingGroup {
	f.t.Helper()
	out, err := f.as.DescribeAutoScalingGroups(f.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"web"}})
	require.NoError(f.t, err)
	require.Len(f.t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0]
}

// run lets the refresh go on to its end and looks every second.
func (f *fleet) run(look func(awstest.Capacity, astypes.InstanceRefresh)) astypes.InstanceRefresh {
	f.t.Helper()
	for range int((3 * time.Hour).Seconds()) {
		r := f.read()
		look(f.region.Capacity("web"), r)
		if r.EndTime != nil {
			return r
		}
		time.Sleep(time.Second)
	}
	f.t.Fatal("the refresh does not end")
	return astypes.InstanceRefresh{}
}

func anyway(awstest.Capacity, astypes.InstanceRefresh) {}

func TestRefreshIsOverByTheFirstReadUnderInstantTiming(t *testing.T) {
	f := newFleet(t, 3, awstest.Instant)
	f.start(f.version("next"), &astypes.RefreshPreferences{InstanceWarmup: new(int32(300))})

	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.read().Status)
	require.Len(t, f.describe().Instances, 3)
	for _, i := range f.describe().Instances {
		assert.NotContains(t, f.group.Instances, *i.InstanceId)
		assert.Equal(t, "2", *i.LaunchTemplate.Version)
	}
}

func TestRefreshFailsByTheFirstReadUnderInstantTiming(t *testing.T) {
	f := newFleet(t, 3, awstest.Instant)
	f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
	f.start(f.version("bad"), nil)
	assert.Equal(t, astypes.InstanceRefreshStatusFailed, f.read().Status)
}

func TestRefreshShowsEachStateOnceUnderSeenOnce(t *testing.T) {
	for image, end := range map[string]astypes.InstanceRefreshStatus{"next": "Successful", "bad": "Failed"} {
		f := newFleet(t, 3, awstest.SeenOnce)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		f.start(f.version(image), nil)
		var seen []astypes.InstanceRefreshStatus
		for range 4 {
			seen = append(seen, f.read().Status)
		}
		assert.Equal(t, []astypes.InstanceRefreshStatus{"Pending", "InProgress", end, end}, seen)
	}
}

// At every instant the group keeps within the percentages.
func TestRefreshKeepsWithinItsPercentages(t *testing.T) {
	for name, test := range map[string]struct {
		size       int32
		prefs      *astypes.RefreshPreferences
		low, high  int // of the instances in service, and of those that are live
		takes      time.Duration
		neverBelow int // of the ready ones
	}{
		// 5 s to begin, then 10 times 25 s to start, 20 s of health check.
		"defaults":                {10, nil, 9, 10, 5*time.Second + 10*45*time.Second, 9},
		"launch first":            {10, percentages(100, 110), 10, 11, 5*time.Second + 10*45*time.Second + 30*time.Second, 10},
		"half at a time":          {10, percentages(50, 100), 5, 10, 5*time.Second + 2*45*time.Second, 5},
		"both":                    {10, percentages(90, 120), 9, 12, 5*time.Second + 4*45*time.Second, 9},
		"all at once":             {10, percentages(0, 100), 0, 10, 5*time.Second + 45*time.Second, 0},
		"one over":                {4, percentages(100, 100), 4, 5, 5*time.Second + 4*45*time.Second + 30*time.Second, 4},
		"one, defaults":           {1, nil, 0, 1, 5*time.Second + 45*time.Second, 0},
		"one, launch first":       {1, percentages(100, 200), 1, 2, 5*time.Second + 45*time.Second + 30*time.Second, 1},
		"minimum 100, no maximum": {4, &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(100))}, 3, 4, 5*time.Second + 4*45*time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, test.size, wholeSeconds)
				f.start(f.version("next"), test.prefs)
				begun := time.Now()
				low, high, ready := 100, 0, 100
				percentage := int32(0)

				end := f.run(func(c awstest.Capacity, r astypes.InstanceRefresh) {
					low, high, ready = min(low, c.InService), max(high, c.Live), min(ready, c.Ready)
					if r.Status == astypes.InstanceRefreshStatusPending {
						assert.Nil(t, r.PercentageComplete)
						assert.Nil(t, r.InstancesToUpdate)
						assert.Nil(t, r.StartTime)
						return
					}
					assert.GreaterOrEqual(t, *r.PercentageComplete, percentage)
					percentage = *r.PercentageComplete
				})

				assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
				assert.Equal(t, test.low, low, "fewest in service")
				assert.Equal(t, test.high, high, "most live")
				assert.Equal(t, test.neverBelow, ready, "fewest ready")
				assert.Equal(t, test.takes, end.EndTime.Sub(begun))
				assert.Equal(t, int32(100), *end.PercentageComplete)
				assert.Equal(t, int32(0), *end.InstancesToUpdate)
				assert.Len(t, f.describe().Instances, int(test.size))
			})
		})
	}
}

func percentages(least, most int32) *astypes.RefreshPreferences {
	return &astypes.RefreshPreferences{MinHealthyPercentage: new(least), MaxHealthyPercentage: new(most)}
}

func TestRefreshCountsAfterTheWarmup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.start(f.version("next"), &astypes.RefreshPreferences{InstanceWarmup: new(int32(120)), MinHealthyPercentage: new(int32(50))})
		seen := map[int32]string{}
		end := f.run(func(_ awstest.Capacity, r astypes.InstanceRefresh) {
			if r.PercentageComplete != nil && r.StatusReason != nil {
				seen[*r.PercentageComplete] = *r.StatusReason // the last reason at each percentage
			}
		})
		assert.Equal(t, 2*(25+120)*time.Second, end.EndTime.Sub(*end.StartTime))
		assert.Len(t, seen, 2)
		assert.Contains(t, seen[0], "Waiting for instances to warm up before continuing. For example: i-")
		assert.Contains(t, seen[50], "is warming up.")
		assert.Equal(t, int32(120), *end.Preferences.InstanceWarmup)
	})
}

func TestRefreshDefaultsAreShown(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), HealthCheckGracePeriod: new(int32(30)),
	})
	require.NoError(t, err)
	f.start(nil, nil)
	assert.Equal(t, &astypes.RefreshPreferences{
		MinHealthyPercentage: new(int32(90)), InstanceWarmup: new(int32(30)), SkipMatching: new(false), AutoRollback: new(false),
		ScaleInProtectedInstances: "Wait", StandbyInstances: "Wait",
	}, f.read().Preferences)
}

func TestRefreshTakesThePolicyOfItsGroup(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), DefaultInstanceWarmup: new(int32(0)), HealthCheckGracePeriod: new(int32(30)),
		InstanceMaintenancePolicy: &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(150))},
	})
	require.NoError(t, err)
	f.start(nil, nil)
	got := f.read().Preferences
	assert.Equal(t, []int32{100, 150, 0}, []int32{*got.MinHealthyPercentage, *got.MaxHealthyPercentage, *got.InstanceWarmup})
}

func TestGroupGetsTheDesiredConfigurationOnSuccessOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.start(f.version("next"), nil)
		end := f.run(func(_ awstest.Capacity, r astypes.InstanceRefresh) {
			if r.EndTime == nil {
				assert.Equal(t, "1", *f.describe().LaunchTemplate.Version)
			}
		})
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		assert.Equal(t, "2", *f.describe().LaunchTemplate.Version)
		assert.Equal(t, "web", *f.describe().LaunchTemplate.LaunchTemplateName)
	})
}

func TestRefreshOfABadImageFailsAfterTheStallTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
		f.start(f.version("bad"), nil)
		low := 100
		end := f.run(func(c awstest.Capacity, _ astypes.InstanceRefresh) { low = min(low, c.Ready) })

		assert.Equal(t, astypes.InstanceRefreshStatusFailed, end.Status)
		firstFailure := end.StartTime.Add(25*time.Second + 20*time.Second) // started, and checked
		assert.Equal(t, time.Hour, end.EndTime.Sub(firstFailure))
		assert.Equal(t, 3, low, "a bad image costs no more than the first batch")
		assert.Equal(t, int32(0), *end.PercentageComplete)
		assert.Equal(t, int32(3), *end.InstancesToUpdate)
		assert.Contains(t, *end.StatusReason, "is unhealthy")
		assert.Equal(t, "1", *f.describe().LaunchTemplate.Version, "the specification is as it was")

		time.Sleep(10 * time.Minute) // left to itself, the group goes back to what it knows
		for _, i := range f.describe().Instances {
			assert.Equal(t, "1", *i.LaunchTemplate.Version)
		}
		assert.Equal(t, awstest.Capacity{Desired: 4, Live: 4, InService: 4, Ready: 4}, f.region.Capacity("web"))
	})
}

// However it is bounded, a refresh does not launch a bad image without a pause.
func TestRefreshPausesAfterAFailure(t *testing.T) {
	for name, prefs := range map[string]*astypes.RefreshPreferences{"defaults": nil, "launch first": percentages(100, 150), "all at once": percentages(0, 100)} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 2, wholeSeconds)
			f.cloud.NeverHealthy(awstest.ImageMatch{Name: "bad"})
			f.start(f.version("bad"), prefs)
			starts := map[time.Time]bool{}
			end := f.run(anyway)
			for _, a := range f.region.Activities("web") {
				if a.StartTime.Before(*end.EndTime) && strings.HasPrefix(*a.Description, "Launching") {
					starts[*a.StartTime] = true
				}
			}
			// One to begin with, and one for each minute of pause and 45 s to fail;
			// one more is the group's own start.
			assert.Len(t, starts, 2+3600/105, name)
		})
	}
}

func TestRefreshMakesUpForALossAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.start(f.version("next"), percentages(50, 150))
		time.Sleep(10 * time.Second)
		starting := f.describe().Instances[2]
		require.Equal(t, astypes.LifecycleStatePending, starting.LifecycleState)
		_, err := f.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*starting.InstanceId}})
		require.NoError(t, err)
		assert.Equal(t, astypes.LifecycleStatePending, f.describe().Instances[3].LifecycleState)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
	})
}

func TestRefreshThatMovesOnDoesNotStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		next := f.version("next")
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "next"}) // after the image was made: it is not in it
		f.start(next, &astypes.RefreshPreferences{InstanceWarmup: new(int32(1200))})
		time.Sleep(time.Minute)
		f.cloud.ForgetScripts() // and the application is well
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status, "%v", end.StatusReason)
		assert.Greater(t, end.EndTime.Sub(*end.StartTime), time.Hour)
	})
}

func TestRefreshLocksTheLaunchSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		source := &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("web"),
			LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID), Version: new("$Latest")},
		}
		f.start(f.version("next"), nil)
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), source)
		assert.Equal(t, "ValidationError", codeOf(err))
		assert.ErrorContains(t, err, "An active instance refresh with a desired configuration exists.")
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), MaxSize: new(int32(5))})
		assert.NoError(t, err, "sizes are free")

		_, err = f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")})
		_, typed := err.(interface{ Unwrap() error })
		assert.True(t, typed)
		var busy *astypes.InstanceRefreshInProgressFault
		assert.ErrorAs(t, err, &busy)

		f.run(anyway)
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), source)
		assert.NoError(t, err)
		f.start(nil, nil) // without a desired configuration
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), source)
		assert.NoError(t, err)
	})
}

func TestScaleOutDuringARefreshLaunchesWhatItGoesTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.start(f.version("next"), nil)
		time.Sleep(10 * time.Second)
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(4))})
		require.NoError(t, err)
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		launched := 0
		for _, a := range f.region.Activities("web") {
			if !a.StartTime.Before(*end.StartTime) && *a.Description != "" && (*a.Description)[0] == 'L' {
				launched++
			}
		}
		assert.Equal(t, 4, launched, "what was launched for the new capacity is not replaced again")
		assert.Len(t, f.describe().Instances, 4)
	})
}

func TestScaleInDuringARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 6, wholeSeconds)
		f.start(f.version("next"), percentages(50, 100))
		time.Sleep(60 * time.Second) // three of six are new, three are starting
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("web"), MinSize: new(int32(1)), DesiredCapacity: new(int32(2)),
		})
		require.NoError(t, err)
		end := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 2}, f.region.Capacity("web"))
		for _, i := range f.describe().Instances {
			assert.Equal(t, "2", *i.LaunchTemplate.Version)
		}
	})
}

func TestProtectedInstancesWaitAreLeftOrReplaced(t *testing.T) {
	for choice, status := range map[astypes.ScaleInProtectedInstances]astypes.InstanceRefreshStatus{
		"Wait": "Failed", "Ignore": "Successful", "Refresh": "Successful",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, 1, wholeSeconds)
			_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
				AutoScalingGroupName: new("web"), NewInstancesProtectedFromScaleIn: new(true),
				MaxSize: new(int32(3)), DesiredCapacity: new(int32(3)),
			})
			require.NoError(t, err)
			time.Sleep(2 * time.Minute)
			f.start(f.version("next"), &astypes.RefreshPreferences{ScaleInProtectedInstances: choice})
			end := f.run(anyway)
			assert.Equal(t, status, end.Status, choice)
			versions := map[string]int{}
			for _, i := range f.describe().Instances {
				versions[*i.LaunchTemplate.Version]++
			}
			if choice == "Refresh" {
				assert.Equal(t, map[string]int{"2": 3}, versions)
				return
			}
			assert.Equal(t, map[string]int{"1": 2, "2": 1}, versions, choice)
			if choice == "Wait" {
				assert.Equal(t, int32(33), *end.PercentageComplete)
				assert.Contains(t, *end.StatusReason, "is protected")
			}
		})
	}
}

func TestRefreshOfNothingSucceeds(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), MinSize: new(int32(0)), DesiredCapacity: new(int32(0)),
	})
	require.NoError(t, err)
	f.start(f.version("next"), nil)
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.read().Status)
	assert.Equal(t, "2", *f.describe().LaunchTemplate.Version)
}

func TestRefreshesAreListedNewestFirst(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	var want []string
	for range 3 {
		f.start(nil, nil)
		f.read()
		want = append([]string{f.refresh}, want...)
	}
	var got []string
	pages := autoscaling.NewDescribeInstanceRefreshesPaginator(f.as, &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: new("web"), MaxRecords: new(int32(2)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, r := range page.InstanceRefreshes {
			got = append(got, *r.InstanceRefreshId)
		}
	}
	assert.Equal(t, want, got)
}

func TestRefreshErrors(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	template := func(id, version string) *astypes.DesiredConfiguration {
		return &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(id), Version: new(version)}}
	}
	for name, test := range map[string]struct {
		group   string
		desired *astypes.DesiredConfiguration
		prefs   *astypes.RefreshPreferences
		text    string
	}{
		"unknown group":        {"other", nil, nil, "not found"},
		"unknown version":      {"web", template(f.group.TemplateID, "7"), nil, "You must use a valid fully-formed launch template. Could not find the specified version 7"},
		"unknown template":     {"web", template("lt-00000000000000000", "1"), nil, "You must use a valid fully-formed launch template."},
		"empty configuration":  {"web", &astypes.DesiredConfiguration{}, nil, "either"},
		"minimum too large":    {"web", nil, &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(101))}, "MinHealthyPercentage"},
		"maximum too small":    {"web", nil, percentages(90, 99), "MaxHealthyPercentage"},
		"too far apart":        {"web", nil, percentages(90, 191), "difference"},
		"maximum alone":        {"web", nil, &astypes.RefreshPreferences{MaxHealthyPercentage: new(int32(110))}, "MinHealthyPercentage must be specified"},
		"negative warm-up":     {"web", nil, &astypes.RefreshPreferences{InstanceWarmup: new(int32(-1))}, "InstanceWarmup"},
		"unknown choice":       {"web", nil, &astypes.RefreshPreferences{ScaleInProtectedInstances: "Perhaps"}, "Perhaps"},
		"unknown other choice": {"web", nil, &astypes.RefreshPreferences{StandbyInstances: "Perhaps"}, "Perhaps"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.as.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{
				AutoScalingGroupName: new(test.group), DesiredConfiguration: test.desired, Preferences: test.prefs,
			})
			assert.Equal(t, "ValidationError", codeOf(err))
			assert.ErrorContains(t, err, test.text)
		})
	}
	_, err := f.as.DescribeInstanceRefreshes(t.Context(), &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: new("other")})
	assert.Equal(t, "ValidationError", codeOf(err))
}
