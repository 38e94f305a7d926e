package asg

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// twoDays, in seconds, is the most that AWS waits at a checkpoint or bakes.
const twoDays = 172_800

// CheckPreferences refuses, with [ErrInvalidInput], preferences that AWS would
// refuse: a caller can check them before it makes anything that a refresh is for.
// Nil is AWS's defaults. No AWS call is made.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func CheckPreferences(p *types.RefreshPreferences) error {
	if problem := preferencesProblem(p); problem != "" {
		return fault.Invalid("asg.CheckPreferences", fault.Place{}, "%s", problem)
	}
	return nil
}

func preferencesProblem(p *types.RefreshPreferences) string {
	if p == nil {
		return ""
	}
	for _, f := range []struct {
		name        string
		v           *int32
		least, most int32
	}{
		{"MinHealthyPercentage", p.MinHealthyPercentage, 0, 100},
		{"MaxHealthyPercentage", p.MaxHealthyPercentage, 100, 200},
		{"CheckpointDelay", p.CheckpointDelay, 0, twoDays},
		{"BakeTime", p.BakeTime, 0, twoDays},
		{"InstanceWarmup", p.InstanceWarmup, 0, 1<<31 - 1},
	} {
		if f.v != nil && (*f.v < f.least || *f.v > f.most) {
			return fmt.Sprintf("Preferences.%s %d is not within %d and %d", f.name, *f.v, f.least, f.most)
		}
	}
	switch {
	case p.MaxHealthyPercentage != nil && p.MinHealthyPercentage == nil:
		return "Preferences.MaxHealthyPercentage needs MinHealthyPercentage"
	case p.MaxHealthyPercentage != nil && *p.MaxHealthyPercentage-*p.MinHealthyPercentage > 100:
		return "Preferences.MaxHealthyPercentage is more than 100 above MinHealthyPercentage"
	case p.CheckpointDelay != nil && len(p.CheckpointPercentages) == 0:
		return "Preferences.CheckpointDelay needs CheckpointPercentages"
	case p.AlarmSpecification != nil && len(p.AlarmSpecification.Alarms) > 10:
		return "Preferences.AlarmSpecification has more than 10 alarms"
	case p.AlarmSpecification != nil && slices.Contains(p.AlarmSpecification.Alarms, ""):
		return "Preferences.AlarmSpecification has an empty alarm name"
	case p.ScaleInProtectedInstances != "" && !slices.Contains(p.ScaleInProtectedInstances.Values(), p.ScaleInProtectedInstances):
		return fmt.Sprintf("Preferences.ScaleInProtectedInstances %q is unknown", p.ScaleInProtectedInstances)
	case p.StandbyInstances != "" && !slices.Contains(p.StandbyInstances.Values(), p.StandbyInstances):
		return fmt.Sprintf("Preferences.StandbyInstances %q is unknown", p.StandbyInstances)
	}
	last := int32(0)
	for _, c := range p.CheckpointPercentages {
		if c <= last || c > 100 {
			return fmt.Sprintf("Preferences.CheckpointPercentages %v do not ascend within 1 and 100", p.CheckpointPercentages)
		}
		last = c
	}
	return ""
}
