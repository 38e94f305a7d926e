package asg

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// WatchLaunchesAPI is what [WatchLaunches] calls.
type WatchLaunchesAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var _ WatchLaunchesAPI = (*autoscaling.Client)(nil)

// LaunchObservation is an instance that was seen to come into service.
type LaunchObservation struct {
	Group, InstanceID string
	// Pending is when it was last seen on its way, and InService when it was
	// first seen there: it came there in between, a pause of the schedule at most.
	// Both are by the clock of this machine.
	Pending, InService time.Time
}

// WatchLaunches sees instances of groups come into service, by their lifecycle
// states, and yields each once: for [MeasureWarmup], where a warm-up keeps AWS's
// own record from telling. Watch while a refresh runs, which another loop watches.
//
// It goes on until the loop is left or ctx ends, which is the error of the
// iterator, as is a refusal to read that does not pass. A group that is not there
// (yet) is none. Options.Poll is its schedule; by default it reads every 5 to 30
// seconds. No goroutine is started.
//
// AWS calls: DescribeAutoScalingGroups, one for each 50 groups a tick. IAM:
// autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
func WatchLaunches(ctx context.Context, api WatchLaunchesAPI, groups []string, optFns ...func(*Options)) iter.Seq2[LaunchObservation, error] {
	const op = "asg.WatchLaunches"
	o := newOptions(api, optFns)
	groups = slices.Clone(groups)
	return func(yield func(LaunchObservation, error) bool) {
		if len(groups) == 0 || slices.Contains(groups, "") {
			yield(LaunchObservation{}, fault.Invalid(op, o.place(), "no group, or the name of one is empty"))
			return
		}
		pending := map[string]time.Time{} // by instance, when it was last seen so
		for elapsed, err := range poll.Ticks(ctx, o.Poll) {
			if err != nil {
				yield(LaunchObservation{}, &Error{Op: op, Account: o.Account, Region: o.Region, IDs: groups, Elapsed: elapsed, Err: err})
				return
			}
			for batch := range slices.Chunk(groups, namesPerCall) {
				at := time.Now()
				now, err := readGroups(ctx, api, batch)
				if err != nil && ctx.Err() == nil && !fault.Transient(err) {
					yield(LaunchObservation{}, fault.Call(op, o.place(), strings.Join(batch, " "), err))
					return
				}
				for _, g := range now {
					for _, s := range observe(pending, g, at) {
						if !yield(s, nil) {
							return
						}
					}
				}
			}
		}
	}
}

// observe notes what is on its way, and returns what has arrived.
func observe(pending map[string]time.Time, g types.AutoScalingGroup, at time.Time) (out []LaunchObservation) {
	for _, i := range g.Instances {
		id := aws.ToString(i.InstanceId)
		since, known := pending[id]
		switch {
		case strings.HasPrefix(string(i.LifecycleState), "Pending"):
			pending[id] = at
		case known:
			delete(pending, id)
			if i.LifecycleState == types.LifecycleStateInService {
				out = append(out, LaunchObservation{
					Group: aws.ToString(g.AutoScalingGroupName), InstanceID: id, Pending: since, InService: at,
				})
			}
		}
	}
	return out
}

// readGroups reads groups by name, as far as they are there.
func readGroups(ctx context.Context, api WatchLaunchesAPI, names []string) (groups []types.AutoScalingGroup, err error) {
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(api, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: names})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return groups, err
		}
		groups = append(groups, page.AutoScalingGroups...)
	}
	return groups, nil
}
