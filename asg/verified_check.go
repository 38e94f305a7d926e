package asg

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// CheckVerify refuses, with [ErrInvalidInput], what [RefreshVerified] would refuse
// before it looks at the group: a caller can check it before it makes anything
// that the refresh is for. No AWS call is made.
func CheckVerify(in RefreshVerifiedInput) error {
	if problem := in.problem(); problem != "" {
		return &Error{Op: "asg.CheckVerify", Kind: ErrInvalidInput, Reason: problem}
	}
	return nil
}

func (in *RefreshVerifiedInput) problem() string {
	if problem := in.RefreshInput.problem(); problem != "" {
		return problem
	}
	switch {
	case in.Verify == nil:
		return "Verify is required"
	case in.Budget <= 0:
		return fmt.Sprintf("Budget %v is not above zero", in.Budget)
	case in.Preferences == nil || len(in.Preferences.CheckpointPercentages) < 2 && aws.ToInt32(in.Preferences.BakeTime) == 0:
		return "Preferences have no checkpoint besides the last and no BakeTime: Verify would never be called"
	}
	return timeProblem(in.Preferences, *in, 0, 0)
}

// timeProblem is why Verify would not be done when AWS goes on. A checkpoint can
// be reached before the instances are warm, which the percentage waits for, and
// is seen a poll later. How a suspended process and a bake time go together, AWS
// does not say.
func timeProblem(p *types.RefreshPreferences, in RefreshVerifiedInput, warmup, poll time.Duration) string {
	if p == nil {
		return "there are no checkpoints"
	}
	if len(p.CheckpointPercentages) > 1 && !in.Suspend {
		delay := time.Hour // AWS's default
		if p.CheckpointDelay != nil {
			delay = time.Duration(*p.CheckpointDelay) * time.Second
		}
		if need := in.Budget + warmup + poll; delay <= need {
			return fmt.Sprintf("CheckpointDelay %v does not exceed Budget %v, warm-up %v and a poll of %v", delay, in.Budget, warmup, poll)
		}
	}
	if bake := time.Duration(aws.ToInt32(p.BakeTime)) * time.Second; bake > 0 && bake <= in.Budget+poll {
		return fmt.Sprintf("BakeTime %v does not exceed Budget %v and a poll of %v", bake, in.Budget, poll)
	}
	return ""
}

// possible is why Verify could not have the last word on this group.
func (v *verifying) possible(group types.AutoScalingGroup) error {
	e := &Error{Op: v.op, Account: v.o.Account, Region: v.o.Region, ID: v.in.Group}
	problem := numbered(SourceOf(group))
	switch {
	case attributeBased(group.MixedInstancesPolicy):
		e.Kind = ErrAttributeBased
	case group.MixedInstancesPolicy != nil && v.in.Policy == nil:
		e.Kind = ErrMixedInstances
	case problem != "":
		e.Kind, e.Hint = ErrRollbackUnavailable, "the group's own "+problem
	default:
		if problem = timeProblem(v.in.Preferences, v.in, v.warmup, v.o.Poll.Max); problem == "" {
			return nil
		}
		e.Kind, e.Reason = ErrInvalidInput, problem
	}
	return e
}

// warmup is how long a new instance of the refresh warms up.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func warmup(p *types.RefreshPreferences, group types.AutoScalingGroup) time.Duration {
	seconds := aws.ToInt32(group.HealthCheckGracePeriod)
	if group.DefaultInstanceWarmup != nil {
		seconds = *group.DefaultInstanceWarmup
	}
	if p != nil && p.InstanceWarmup != nil {
		seconds = *p.InstanceWarmup
	}
	return time.Duration(seconds) * time.Second
}

// lastCheckpoint is where the refresh ends, or goes on to bake, without a rest.
func lastCheckpoint(p *types.RefreshPreferences) int32 {
	if p == nil || len(p.CheckpointPercentages) == 0 {
		return 0
	}
	return slices.Max(p.CheckpointPercentages)
}
