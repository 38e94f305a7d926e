package asg_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/asg"
)

func TestCheckPreferences(t *testing.T) {
	n := func(v int32) *int32 { return &v }
	alarms := func(names ...string) *types.AlarmSpecification { return &types.AlarmSpecification{Alarms: names} }
	type p = types.RefreshPreferences
	for _, good := range []*p{
		nil,
		{},
		{MinHealthyPercentage: n(0)},
		{MinHealthyPercentage: n(100), MaxHealthyPercentage: n(200)},
		{MinHealthyPercentage: n(0), MaxHealthyPercentage: n(100)},
		{CheckpointPercentages: []int32{1, 50, 100}, CheckpointDelay: n(172800)},
		{CheckpointPercentages: []int32{20}},
		{BakeTime: n(172800), InstanceWarmup: n(0)},
		{AlarmSpecification: alarms("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")},
		{ScaleInProtectedInstances: types.ScaleInProtectedInstancesIgnore, StandbyInstances: types.StandbyInstancesTerminate},
	} {
		assert.NoError(t, asg.CheckPreferences(good))
	}
	for want, bad := range map[string]*p{
		"MinHealthyPercentage -1":                         {MinHealthyPercentage: n(-1)},
		"MinHealthyPercentage 101":                        {MinHealthyPercentage: n(101)},
		"MaxHealthyPercentage 99":                         {MinHealthyPercentage: n(50), MaxHealthyPercentage: n(99)},
		"MaxHealthyPercentage 201":                        {MinHealthyPercentage: n(100), MaxHealthyPercentage: n(201)},
		"MaxHealthyPercentage needs MinHealthyPercentage": {MaxHealthyPercentage: n(110)},
		"more than 100 above":                             {MinHealthyPercentage: n(50), MaxHealthyPercentage: n(151)},
		"CheckpointDelay needs CheckpointPercentages":     {CheckpointDelay: n(1)},
		"CheckpointDelay 172801":                          {CheckpointPercentages: []int32{1}, CheckpointDelay: n(172801)},
		"CheckpointDelay -1":                              {CheckpointPercentages: []int32{1}, CheckpointDelay: n(-1)},
		"CheckpointPercentages [0 100] do not ascend":     {CheckpointPercentages: []int32{0, 100}},
		"CheckpointPercentages [50 50] do not ascend":     {CheckpointPercentages: []int32{50, 50}},
		"CheckpointPercentages [50 20] do not ascend":     {CheckpointPercentages: []int32{50, 20}},
		"CheckpointPercentages [50 101] do not ascend":    {CheckpointPercentages: []int32{50, 101}},
		"BakeTime 172801":                                 {BakeTime: n(172801)},
		"BakeTime -1":                                     {BakeTime: n(-1)},
		"InstanceWarmup -1":                               {InstanceWarmup: n(-1)},
		"more than 10 alarms":                             {AlarmSpecification: alarms("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")},
		"empty alarm name":                                {AlarmSpecification: alarms("")},
		`ScaleInProtectedInstances "ignore" is unknown`:   {ScaleInProtectedInstances: "ignore"},
		`StandbyInstances "Refresh" is unknown`:           {StandbyInstances: "Refresh"},
	} {
		err := asg.CheckPreferences(bad)
		assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
	}
}
