package asg

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// MeasureWarmupAPI is what [MeasureWarmup] calls of Auto Scaling.
type MeasureWarmupAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeInstanceRefreshesAPIClient
	autoscaling.DescribeScalingActivitiesAPIClient
}

// MeasureWarmupEC2API is the EC2 half of it.
type MeasureWarmupEC2API interface {
	ec2.DescribeInstancesAPIClient
}

var (
	_ MeasureWarmupAPI    = (*autoscaling.Client)(nil)
	_ MeasureWarmupEC2API = (*ec2.Client)(nil)
)

// MeasureWarmupInput says whose launches are measured.
type MeasureWarmupInput struct {
	// Group is its name; required.
	Group string
	// Since: launches that began before do not count. Zero: all that AWS keeps,
	// which is six weeks.
	Since time.Time
	// Sightings of [WatchLaunches], for launches of which AWS's own record does
	// not tell when they were in service. Nil: none.
	Sightings []LaunchObservation
}

// MeasureWarmupResult is how long the instances of a group took from their launch until they
// were in service.
type MeasureWarmupResult struct {
	// Images by what the instances run, the one that was launched last first.
	Images []ImageWarmup
	// Unclear are launches of which AWS does not tell when they were in service:
	// the activity may have gone on for the warm-up that the group has, or the
	// instance came from a warm pool. [WatchLaunches] sees it.
	Unclear []Launch
	// Gone are instances that EC2 does not show any more: what they ran, and so
	// which image was how fast, is unknown.
	Gone []string
}

// ImageWarmup is how fast an image was.
type ImageWarmup struct {
	ImageID string
	// Launches from the fastest to the slowest; never empty.
	Launches []Launch
	// Median: half of the launches were in service within it. P90: nine of ten
	// were. Both are measured values, the next higher where none fits exactly.
	Median, P90 time.Duration
}

// Launch is one instance that came into service.
type Launch struct {
	InstanceID, ImageID string
	// Began is when Auto Scaling began to launch it.
	Began time.Time
	// Took is how long it was until the instance was in service, lifecycle
	// hooks included. Zero where Unclear.
	Took time.Duration
}

// Of is what was measured of an image; nil: it is unknown.
func (w *MeasureWarmupResult) Of(imageID string) *ImageWarmup {
	for i := range w.Images {
		if w.Images[i].ImageID == imageID {
			return &w.Images[i]
		}
	}
	return nil
}

// MeasureWarmup reads how long the instances of a group took from launch to in
// service, by image: what a ready-to-use image buys. It writes nothing.
//
// The scaling activities tell how long a launch took, and EC2 what the instance
// runs, for as long as it shows it: about an hour after its end. So measure
// before an old image is replaced, or soon after. What is not known is left out
// and listed, in Unclear and Gone; nothing is estimated.
//
// AWS does not say whether an activity ends when the instance is in service or
// when it is warm as well. A launch that took longer than the warm-up that
// applied, by the refresh that made it or by the group's DefaultInstanceWarmup of
// today, is therefore Unclear, unless one of the Sightings tells. A warm-up that
// only a scaling policy has is not seen.
//
// Errors: [ErrInvalidInput], [ErrNotFound], or a refusal to read.
//
// AWS calls: DescribeAutoScalingGroups; DescribeScalingActivities, one for each
// 100; DescribeInstances, one for each 200 instances; DescribeInstanceRefreshes.
// IAM: autoscaling:DescribeAutoScalingGroups,
// autoscaling:DescribeScalingActivities, autoscaling:DescribeInstanceRefreshes,
// ec2:DescribeInstances.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html
func MeasureWarmup(ctx context.Context, api MeasureWarmupAPI, ec2api MeasureWarmupEC2API, in MeasureWarmupInput, optFns ...func(*Options)) (*MeasureWarmupResult, error) {
	const op = "asg.MeasureWarmup"
	o := newOptions(api, optFns)
	if in.Group == "" {
		return nil, fault.Invalid(op, o.place(), "Group is missing")
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	m := measuring{op: op, o: o, in: in, group: groups[0]}
	if err := m.readActivities(ctx, api); err != nil {
		return nil, err
	}
	if len(m.order) == 0 {
		return &MeasureWarmupResult{}, nil
	}
	if err := m.readInstances(ctx, ec2api); err != nil {
		return nil, err
	}
	if err := m.readRefreshes(ctx, api); err != nil {
		return nil, err
	}
	return m.result(), nil
}

// result sorts the launches by image.
func (m *measuring) result() *MeasureWarmupResult {
	out := &MeasureWarmupResult{}
	by := map[string][]Launch{}
	newest := map[string]time.Time{}
	for _, id := range m.order {
		i, ok := m.instances[id]
		if !ok {
			out.Gone = append(out.Gone, id)
			continue
		}
		launch, clear := m.launch(id, i)
		switch {
		case launch == nil: // it was launched before, or not by the group
		case !clear:
			out.Unclear = append(out.Unclear, *launch)
		default:
			by[launch.ImageID] = append(by[launch.ImageID], *launch)
			if launch.Began.After(newest[launch.ImageID]) {
				newest[launch.ImageID] = launch.Began
			}
		}
	}
	for id, launches := range by {
		slices.SortStableFunc(launches, func(a, b Launch) int { return cmp.Compare(a.Took, b.Took) })
		out.Images = append(out.Images, ImageWarmup{
			ImageID: id, Launches: launches, Median: rank(launches, 50), P90: rank(launches, 90),
		})
	}
	slices.SortFunc(out.Images, func(a, b ImageWarmup) int {
		return cmp.Or(newest[b.ImageID].Compare(newest[a.ImageID]), cmp.Compare(a.ImageID, b.ImageID))
	})
	return out
}

// rank is what so many per cent of the launches, which are sorted, did not exceed.
func rank(launches []Launch, percent int) time.Duration {
	return launches[(len(launches)*percent+99)/100-1].Took
}

// measuring is one call of MeasureWarmup.
type measuring struct {
	op    string
	o     Options
	in    MeasureWarmupInput
	group types.AutoScalingGroup

	order      []string // instances that activities are about, newest first
	activities map[string][]types.Activity
	instances  map[string]launched
	refreshes  []types.InstanceRefresh
}
