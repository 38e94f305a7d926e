package asg

import "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

// LaunchBeforeTerminate are preferences with which a group never has fewer
// healthy instances than it should: a new one is in service before an old one
// goes, a group of one instance included. A tenth of the group is replaced at a
// time, one instance at least.
//
// AWS's own default lets a tenth of the group go first, and the only instance of
// a group of one; and the minimum alone does not change that: it is the maximum,
// given explicitly, that makes AWS launch first. Change further fields at will.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func LaunchBeforeTerminate() *types.RefreshPreferences {
	return &types.RefreshPreferences{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(110))}
}

// RevertPreferences returns the preferences of a refresh that reverts a group: as many instances
// are launched at once as there are to be replaced, none goes before its
// successor is in service, and those that have the version already stay. While it
// runs the group has up to twice its instances: mind the quota.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html
func RevertPreferences() *types.RefreshPreferences {
	return &types.RefreshPreferences{
		MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(200)), SkipMatching: new(true),
	}
}
