package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(describeInstanceRefreshes, "AutoScalingGroupName", "InstanceRefreshIds", "MaxRecords", "NextToken")
}

// describeInstanceRefreshes answers the newest first: the active one, if any, is
// always the newest.
func describeInstanceRefreshes(r *request, in *autoscaling.DescribeInstanceRefreshesInput) (*autoscaling.DescribeInstanceRefreshesOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var found []*refresh
	for _, n := range slices.Backward(g.refreshes) {
		wanted := len(in.InstanceRefreshIds) == 0 || slices.Contains(in.InstanceRefreshIds, n.id)
		if wanted && (n.ended.IsZero() || r.now.Sub(n.ended) <= kept) {
			found = append(found, n)
		}
	}
	found, next, err := asPage(r.store, found, limits{def: 50, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeInstanceRefreshesOutput{NextToken: next}
	for _, n := range found {
		r.show(&n.sight)
		out.InstanceRefreshes = append(out.InstanceRefreshes, n.render())
	}
	return out, nil
}

func (r *refresh) render() astypes.InstanceRefresh {
	out := astypes.InstanceRefresh{
		AutoScalingGroupName: new(r.group.name),
		InstanceRefreshId:    new(r.id),
		Status:               r.status,
		Strategy:             r.strategy,
		DesiredConfiguration: clone(r.desired),
		Preferences:          new(clone(r.prefs)),
	}
	out.RollbackDetails = clone(r.back)
	p := r.progress()
	out.PercentageComplete, out.InstancesToUpdate, out.ProgressDetails = clone(p.percentage), clone(p.toUpdate), clone(p.pools)
	if reason := r.statusReason(); reason != "" {
		out.StatusReason = new(reason)
	}
	if !r.started.IsZero() {
		out.StartTime = new(r.started)
	}
	if !r.ended.IsZero() {
		out.EndTime = new(r.ended)
	}
	return out
}
