package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// following goes to what $Latest or $Default of the group's template means.
func (f *fleet) following(version string) *astypes.DesiredConfiguration {
	return &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
		LaunchTemplateId: new(f.group.TemplateID), Version: new(version),
	}}
}

// A version that is made in the middle of a refresh to $Latest is what all end
// on: what was replaced already is replaced again.
func TestRefreshFollowsLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, wholeSeconds)
		f.version("second")
		prefs := percentages(100, 125)
		prefs.CheckpointPercentages, prefs.CheckpointDelay = []int32{50, 100}, new(int32(600))
		f.start(f.following("$Latest"), prefs)
		for f.versions() != "[v1:2 v2:2]" {
			time.Sleep(time.Second)
		}
		time.Sleep(5 * time.Minute)
		f.version("third")
		least := 4
		percent := int32(0)
		end := f.run(func(c awstest.Capacity, r astypes.InstanceRefresh) {
			least = min(least, c.Ready)
			percent = *r.PercentageComplete
		})
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, end.Status)
		assert.Equal(t, "[v3:4]", f.versions())
		assert.Equal(t, 4, least)
		assert.Equal(t, int32(100), percent)

		_, err := f.ec2.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &f.group.TemplateID, DefaultVersion: new("2")})
		require.NoError(t, err)
		f.start(f.following("$Default"), &astypes.RefreshPreferences{SkipMatching: new(true), MinHealthyPercentage: new(int32(75))})
		for f.versions() != "[v2:1 v3:3]" {
			time.Sleep(time.Second)
		}
		_, err = f.ec2.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &f.group.TemplateID, DefaultVersion: new("1")})
		require.NoError(t, err)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Equal(t, "[v1:4]", f.versions())
	})
}

// Without a desired configuration nothing is replaced twice, nor is it when that
// names a number.
func TestRefreshToANumberIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, wholeSeconds)
		f.start(f.version("second"), nil)
		for f.versions() != "[v1:1 v2:1]" {
			time.Sleep(time.Second)
		}
		f.version("third")
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Equal(t, "[v2:2]", f.versions())

		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: f.following("$Latest").LaunchTemplate}))
		f.start(nil, nil)
		for f.versions() != "[v2:1 v3:1]" {
			time.Sleep(time.Second)
		}
		f.version("fourth")
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Equal(t, "[v3:1 v4:1]", f.versions())
	})
}
