package awstest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestGroupSettingsAreKeptAndTakenBack(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	g := f.describe()
	assert.Equal(t, []string{"Default"}, g.TerminationPolicies)
	assert.Equal(t, astypes.DeletionProtectionNone, g.DeletionProtection)
	assert.Nil(t, g.MaxInstanceLifetime)
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
		TerminationPolicies: []string{"OldestLaunchTemplate", "OldestInstance"}, DeletionProtection: astypes.DeletionProtectionPreventForceDeletion,
		MaxInstanceLifetime: new(int32(86400)), CapacityRebalance: new(true), NewInstancesProtectedFromScaleIn: new(true),
		AvailabilityZoneIds: []string{g.AvailabilityZoneIds[1]},
	}))
	now := f.describe()
	assert.Equal(t, []string{"OldestLaunchTemplate", "OldestInstance"}, now.TerminationPolicies)
	assert.Equal(t, astypes.DeletionProtectionPreventForceDeletion, now.DeletionProtection)
	assert.Equal(t, int32(86400), *now.MaxInstanceLifetime)
	assert.True(t, *now.CapacityRebalance)
	assert.Equal(t, g.AvailabilityZones[1:2], now.AvailabilityZones)
	assert.Empty(t, *now.VPCZoneIdentifier, "the default subnet of the zone")
	require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MaxInstanceLifetime: new(int32(0))}))
	assert.Nil(t, f.describe().MaxInstanceLifetime)

	for name, test := range map[string]struct {
		in   autoscaling.UpdateAutoScalingGroupInput
		text string
	}{
		"policy":     {autoscaling.UpdateAutoScalingGroupInput{TerminationPolicies: []string{"Youngest"}}, "Youngest"},
		"function":   {autoscaling.UpdateAutoScalingGroupInput{TerminationPolicies: []string{"arn:aws:lambda:eu-west-1:123456789012:function:f:a"}}, "not modelled"},
		"life":       {autoscaling.UpdateAutoScalingGroupInput{MaxInstanceLifetime: new(int32(86399))}, "at least 86400"},
		"protection": {autoscaling.UpdateAutoScalingGroupInput{DeletionProtection: "maybe"}, "maybe"},
		"zone id":    {autoscaling.UpdateAutoScalingGroupInput{AvailabilityZoneIds: []string{"use1-az9"}}, "use1-az9"},
		"zones twice": {autoscaling.UpdateAutoScalingGroupInput{AvailabilityZoneIds: g.AvailabilityZoneIds, AvailabilityZones: g.AvailabilityZones},
			"cannot be specified together"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, f.update(test.in), test.text)
		})
	}
}

// TestTerminationPoliciesChoose has four instances in one zone, the oldest
// first: two of an old version, one of another template, one of the newest.
func TestTerminationPoliciesChoose(t *testing.T) {
	for policy, want := range map[string]int{
		"Default": 2, "OldestInstance": 0, "NewestInstance": 3, "OldestLaunchTemplate": 2, "OldestLaunchConfiguration": 0, "ClosestToNextInstanceHour": 1,
	} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, wholeSeconds)
				one := f.region.Network().Subnets[0]
				ids := slices.Clone(f.group.Instances)
				grow := func(template *astypes.LaunchTemplateSpecification) {
					require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
						MaxSize: new(int32(10)), LaunchTemplate: template, DesiredCapacity: new(int32(len(ids) + 1)), VPCZoneIdentifier: &one,
					}))
					time.Sleep(25 * time.Minute)
					all := f.describe().Instances
					ids = append(ids, *all[len(all)-1].InstanceId)
				}
				time.Sleep(5 * time.Minute) // the first is 80 minutes old in the end, the second 75
				own := &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID), Version: new("1")}
				next := f.version("v2").LaunchTemplate
				grow(own)
				grow(&astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.region.Template(awstest.TemplateSeed{Name: "other"})), Version: new("1")})
				grow(next)
				if policy == "ClosestToNextInstanceHour" {
					time.Sleep(43 * time.Minute) // the second is in the 58th minute of its hour
				}
				require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
					TerminationPolicies: []string{policy}, MinSize: new(int32(0)), DesiredCapacity: new(int32(3)),
				}))
				time.Sleep(10 * time.Minute)
				var left []string
				for _, m := range f.describe().Instances {
					left = append(left, *m.InstanceId)
				}
				gone := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(left, id) })
				assert.Equal(t, []string{ids[want]}, gone, "of %v", ids)
			})
		})
	}
}

func TestDeletionProtection(t *testing.T) {
	for _, test := range []struct {
		protection astypes.DeletionProtection
		force, ok  bool
	}{
		{astypes.DeletionProtectionNone, true, true},
		{astypes.DeletionProtectionPreventForceDeletion, true, false},
		{astypes.DeletionProtectionPreventForceDeletion, false, true},
		{astypes.DeletionProtectionPreventAllDeletion, false, false},
	} {
		f := newFleet(t, 1, awstest.Instant)
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{DeletionProtection: test.protection, MinSize: new(int32(0)), DesiredCapacity: new(int32(0))}))
		f.describe()
		_, err := f.as.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(test.force)})
		if test.ok {
			assert.NoError(t, err)
			assert.Empty(t, f.region.Groups())
		} else {
			assert.Equal(t, "ValidationError", codeOf(err))
			assert.Len(t, f.region.Groups(), 1)
		}
	}
}

func TestDeletionWaitsForInstancesAndActivities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		remove := func() string {
			_, err := f.as.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web")})
			return codeOf(err)
		}
		assert.Equal(t, "ResourceInUse", remove())
		require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{MinSize: new(int32(0)), DesiredCapacity: new(int32(0))}))
		time.Sleep(time.Second)
		assert.Equal(t, "ScalingActivityInProgress", remove(), "its instance is being terminated")
		time.Sleep(time.Minute)
		assert.Empty(t, remove())
		assert.Empty(t, f.region.Groups())
	})
}
