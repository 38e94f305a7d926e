package asg

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/internal/fault"
)

// WarmupSettings are the times of a group that depend on how fast its image is.
type WarmupSettings struct {
	// DefaultInstanceWarmup is how long after it came into service an instance
	// does not count yet, for scaling and for a refresh.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html
	DefaultInstanceWarmup WarmupSetting
	// DefaultCooldown is the pause between two activities of a simple scaling
	// policy.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
	DefaultCooldown WarmupSetting
	// HealthCheckGracePeriod is how long after it came into service the health
	// checks of a load balancer may fail without the instance being replaced.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
	HealthCheckGracePeriod WarmupSetting
}

// WarmupSetting is a recommended time, and why.
type WarmupSetting struct {
	Value  time.Duration
	Reason string
}

// String is the time and the reason.
func (s WarmupSetting) String() string { return spoken(s.Value) + ": " + s.Reason }

// longestWarmup is the most that AWS takes.
const longestWarmup = time.Hour

// RecommendWarmup says what times fit an image, from what was measured of it. All
// are rounded up to ten seconds.
//
// They rest on how long an instance is on its way into service, which is what AWS
// tells. What the application needs after that, AWS does not know: where it needs
// more, complete a launch lifecycle hook when it is ready, which the measured time
// then includes, or add to the recommended times.
//
// Nil is [ErrWarmupUnknown]: nothing was measured, and nothing is recommended. No
// AWS call is made; [ApplyWarmup] sets the times.
func RecommendWarmup(w *ImageWarmup) (*WarmupSettings, error) {
	const op = "asg.RecommendWarmup"
	if w == nil {
		return nil, &Error{Op: op, Kind: ErrWarmupUnknown}
	}
	if len(w.Launches) == 0 {
		return nil, &Error{Op: op, ID: w.ImageID, Kind: ErrWarmupUnknown}
	}
	slowest := w.Launches[len(w.Launches)-1].Took
	measured := fmt.Sprintf("of %d launches of %s", len(w.Launches), w.ImageID)
	most := fmt.Sprintf("nine of ten %s were in service within %s", measured, spoken(w.P90))
	return &WarmupSettings{
		DefaultInstanceWarmup: WarmupSetting{
			Value:  min(tens(w.P90), longestWarmup),
			Reason: most + "; a new instance is not counted before the next one could be in service",
		},
		DefaultCooldown: WarmupSetting{
			Value:  tens(w.P90),
			Reason: most + "; by then the last activity has taken effect",
		},
		HealthCheckGracePeriod: WarmupSetting{
			Value:  tens(slowest),
			Reason: fmt.Sprintf("the slowest %s was in service within %s; one as slow is not replaced for it", measured, spoken(slowest)),
		},
	}, nil
}

// tens rounds up to ten seconds; a launch that took no time is one.
func tens(d time.Duration) time.Duration {
	const unit = 10 * time.Second
	return max((d+unit-1)/unit, 1) * unit
}

// ApplyWarmup sets the times of a group, as [RecommendWarmup] recommends them or
// as the caller has changed them. A Value of zero leaves that time as it is.
// Nothing is written where the group has them already, and nothing that runs
// changes.
//
// Errors, AWS calls and IAM: those of [Update].
func ApplyWarmup(ctx context.Context, api UpdateAPI, group string, s WarmupSettings, optFns ...func(*Options)) (*UpdateResult, error) {
	in := UpdateInput{Group: group}
	for _, t := range []struct {
		to   **time.Duration
		from *time.Duration
	}{
		{&in.DefaultInstanceWarmup, &s.DefaultInstanceWarmup.Value},
		{&in.HealthCheckGracePeriod, &s.HealthCheckGracePeriod.Value},
	} {
		if *t.from != 0 {
			*t.to = t.from
		}
	}
	if cooldown := s.DefaultCooldown.Value; cooldown != 0 {
		if problem := secondsProblem("DefaultCooldown", &cooldown, 0); problem != "" {
			return nil, fault.Invalid("asg.ApplyWarmup", newOptions(api, optFns).place(), "%s", problem)
		}
		in.Customize = func(request *autoscaling.UpdateAutoScalingGroupInput) { request.DefaultCooldown = seconds(&cooldown) }
	}
	return Update(ctx, api, in, optFns...)
}
