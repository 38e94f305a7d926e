package facts

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
)

// atOnce is how many groups' refreshes are read at once. The calls are paced besides.
const atOnce = 8

// refreshes reads the refreshes of some groups, one call each: AWS has no batch form.
func (r *reader) refreshes(ctx context.Context, names []string) (map[string][]asgtypes.InstanceRefresh, error) {
	found := make([][]asgtypes.InstanceRefresh, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, name := range names {
		g.Go(func() error {
			for f, err := range asg.Refreshes(ctx, r.query.Clients.AutoScaling, name) {
				if err != nil {
					return err
				}
				found[i] = append(found[i], f)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := make(map[string][]asgtypes.InstanceRefresh, len(names))
	for i, name := range names {
		out[name] = found[i]
	}
	return out, nil
}

// attach puts the refreshes to their groups.
func (r *reader) attach(ctx context.Context, found map[string][]asgtypes.InstanceRefresh) error {
	for i := range r.place.Groups {
		at := &r.place.Groups[i]
		refreshes, read := found[at.Name]
		at.RefreshesRead = read
		for k := range refreshes {
			at.Refreshes = append(at.Refreshes, r.refresh(&refreshes[k]))
		}
		stall := time.Duration(r.query.Delivery.Budgets.Stall)
		if stall == 0 || len(at.Refreshes) == 0 || at.Refreshes[0].State != RefreshActive || r.query.Now.Sub(at.Refreshes[0].Start) < stall {
			continue
		}
		if err := r.progress(ctx, at, &at.Refreshes[0]); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) refresh(f *asgtypes.InstanceRefresh) Refresh {
	out := Refresh{
		ID: aws.ToString(f.InstanceRefreshId), Status: string(f.Status), Reason: aws.ToString(f.StatusReason),
		Percentage: -1, Start: aws.ToTime(f.StartTime), End: aws.ToTime(f.EndTime), State: stateOf(f.Status),
	}
	if out.Reason == "" && f.RollbackDetails != nil {
		out.Reason = aws.ToString(f.RollbackDetails.RollbackReason)
	}
	if f.PercentageComplete != nil {
		out.Percentage = int(*f.PercentageComplete)
	}
	if d := f.DesiredConfiguration; d != nil {
		for _, t := range Specifications(d.LaunchTemplate, d.MixedInstancesPolicy) {
			l := r.launches(t, nil)[0]
			out.Desired = append(out.Desired, l)
		}
	}
	out.Moved = out.Start
	if p := f.Preferences; p != nil {
		if f.Status == asgtypes.InstanceRefreshStatusBaking {
			out.Patience += time.Duration(aws.ToInt32(p.BakeTime)) * time.Second
		}
		if len(p.CheckpointPercentages) > 0 {
			out.Patience += time.Duration(aws.ToInt32(p.CheckpointDelay)) * time.Second
		}
	}
	return out
}

func stateOf(s asgtypes.InstanceRefreshStatus) RefreshState {
	switch s {
	case asgtypes.InstanceRefreshStatusSuccessful:
		return RefreshSuccessful
	case asgtypes.InstanceRefreshStatusFailed:
		return RefreshFailed
	case asgtypes.InstanceRefreshStatusCancelled:
		return RefreshCancelled
	case asgtypes.InstanceRefreshStatusRollbackSuccessful:
		return RefreshRolledBack
	case asgtypes.InstanceRefreshStatusRollbackFailed:
		return RefreshRollbackFailed
	case asgtypes.InstanceRefreshStatusRollbackInProgress, asgtypes.InstanceRefreshStatusCancelling:
		return RefreshRollingBack
	}
	return RefreshActive
}

// progress finds out when an active refresh last made progress: the launch of the newest
// instance of its versions that is in service and healthy. One that is launched and
// found unhealthy again and again is no progress, although its launches succeed. A
// lifecycle hook may hold an instance up for as long as its time-out.
func (r *reader) progress(ctx context.Context, g *Group, f *Refresh) error {
	c := r.query.Clients
	var ids []string
	for _, i := range g.Raw.Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService && aws.ToString(i.HealthStatus) == "Healthy" && f.launched(r, i) {
			ids = append(ids, aws.ToString(i.InstanceId))
		}
	}
	for batch := range slices.Chunk(ids, most) {
		pages := ec2.NewDescribeInstancesPaginator(c.EC2, &ec2.DescribeInstancesInput{
			Filters: []ec2types.Filter{{Name: aws.String("instance-id"), Values: batch}},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fault.Call("readyami.Look", fault.Place(c.Target), g.Name, err)
			}
			for _, reservation := range page.Reservations {
				for _, i := range reservation.Instances {
					if at := aws.ToTime(i.LaunchTime); at.After(f.Moved) {
						f.Moved = at
					}
				}
			}
		}
	}
	hooks, err := c.AutoScaling.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: &g.Name})
	if err != nil {
		return fault.Call("readyami.Look", fault.Place(c.Target), g.Name, err)
	}
	for _, h := range hooks.LifecycleHooks {
		f.Patience += time.Duration(aws.ToInt32(h.HeartbeatTimeout)) * time.Second
	}
	return nil
}

// launched reports whether an instance was launched from a version that the refresh is
// to.
func (f *Refresh) launched(r *reader, i asgtypes.Instance) bool {
	if i.LaunchTemplate == nil {
		return false
	}
	template, known := r.index[aws.ToString(i.LaunchTemplate.LaunchTemplateId)]
	version := aws.ToString(i.LaunchTemplate.Version)
	return known && slices.ContainsFunc(f.Desired, func(l Launch) bool {
		return l.Template == template && strconv.FormatInt(l.Version, 10) == version
	})
}
