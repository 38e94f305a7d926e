package asg

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// readActivities keeps those that say when an instance came into service. Which
// instance, only the text of the description tells.
func (m *measuring) readActivities(ctx context.Context, api MeasureWarmupAPI) error {
	in := &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: &m.in.Group}
	if !m.in.Since.IsZero() {
		in.Filters = []types.Filter{startedSince(m.in.Since)}
	}
	m.activities = map[string][]types.Activity{}
	pages := autoscaling.NewDescribeScalingActivitiesPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return refused(ctx, api, m.op, m.in.Group, err, m.o)
		}
		for _, a := range page.Activities {
			id := DiagnoseActivity(aws.ToString(a.Description)).InstanceID
			done := a.StatusCode == types.ScalingActivityStatusCodeSuccessful || a.StatusCode == types.ScalingActivityStatusCodeWaitingForInstanceWarmup
			if id == "" || !done || aws.ToTime(a.StartTime).Before(m.in.Since) {
				continue
			}
			if m.activities[id] == nil {
				m.order = append(m.order, id)
			}
			m.activities[id] = append(m.activities[id], a)
		}
	}
	return nil
}

// launched is what EC2 says of an instance.
type launched struct {
	image    string
	at       time.Time // of its last start
	attached time.Time // of its first volume: its first start
}

// instancesPerCall is how many values AWS takes in a filter.
const instancesPerCall = 200

func (m *measuring) readInstances(ctx context.Context, api MeasureWarmupEC2API) error {
	m.instances = make(map[string]launched, len(m.order))
	for batch := range slices.Chunk(m.order, instancesPerCall) {
		pages := ec2.NewDescribeInstancesPaginator(api, &ec2.DescribeInstancesInput{
			Filters: []ec2types.Filter{{Name: new("instance-id"), Values: batch}},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fault.Call(m.op, m.o.place(), m.in.Group, err)
			}
			for _, r := range page.Reservations {
				for _, i := range r.Instances {
					l := launched{image: aws.ToString(i.ImageId), at: aws.ToTime(i.LaunchTime)}
					for _, d := range i.BlockDeviceMappings {
						if d.Ebs != nil && d.Ebs.AttachTime != nil && (l.attached.IsZero() || d.Ebs.AttachTime.Before(l.attached)) {
							l.attached = *d.Ebs.AttachTime
						}
					}
					m.instances[aws.ToString(i.InstanceId)] = l
				}
			}
		}
	}
	return nil
}

// readRefreshes keeps those that can have launched what is measured.
func (m *measuring) readRefreshes(ctx context.Context, api MeasureWarmupAPI) error {
	for r, err := range Refreshes(ctx, api, m.in.Group) {
		if err != nil {
			return fault.Call(m.op, m.o.place(), m.in.Group, err)
		}
		if r.EndTime != nil && r.EndTime.Before(m.in.Since) {
			return nil // and so are all that follow
		}
		m.refreshes = append(m.refreshes, r)
	}
	return nil
}

// blur is how far the clocks of EC2, which tells whole seconds, and of Auto
// Scaling may be apart.
const blur = 2 * time.Second

// launch is the launch of an instance, nil where none of the activities is one,
// and whether its time is clear.
func (m *measuring) launch(id string, i launched) (l *Launch, clear bool) {
	var a *types.Activity
	for _, c := range m.activities[id] {
		// The launch is what EC2's own time of it falls into.
		if c.StartTime == nil || c.StartTime.After(i.at.Add(blur)) || c.EndTime != nil && c.EndTime.Add(blur).Before(i.at) {
			continue
		}
		if a == nil || c.StartTime.Before(*a.StartTime) {
			a = &c
		}
	}
	if a == nil {
		return nil, false
	}
	l = &Launch{InstanceID: id, ImageID: i.image, Began: *a.StartTime}
	if m.pooled(id, i) {
		return l, false
	}
	if a.EndTime != nil {
		took := a.EndTime.Sub(l.Began)
		if warmup := m.warmup(l.Began); warmup == 0 || took < warmup {
			l.Took = took
			return l, true
		}
	}
	for _, s := range m.in.Sightings {
		if s.InstanceID == id && !s.Pending.Before(l.Began) && s.InService.After(s.Pending) {
			l.Took = s.InService.Sub(l.Began)
			return l, true
		}
	}
	return l, false
}

// pooled reports whether an instance was made ready in a warm pool, or may have
// been: it was started a second time, or the group has a pool and the instance is
// none of its own or was moved once between its launch and now.
func (m *measuring) pooled(id string, i launched) bool {
	if !i.attached.IsZero() && i.at.Sub(i.attached) > time.Minute {
		return true
	}
	own := func(i types.Instance) bool { return aws.ToString(i.InstanceId) == id }
	return m.group.WarmPoolConfiguration != nil &&
		(len(m.activities[id]) > 1 || !slices.ContainsFunc(m.group.Instances, own))
}

// warmup is what applied to a launch at that time.
func (m *measuring) warmup(at time.Time) time.Duration {
	for _, r := range m.refreshes {
		if r.StartTime != nil && !at.Before(*r.StartTime) && (r.EndTime == nil || !at.After(*r.EndTime)) {
			return warmup(r.Preferences, m.group)
		}
	}
	return time.Duration(aws.ToInt32(m.group.DefaultInstanceWarmup)) * time.Second
}
