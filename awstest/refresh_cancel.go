package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(cancelInstanceRefresh, "AutoScalingGroupName", "WaitForTransitioningInstances")
}

// cancelInstanceRefresh stops a refresh or a rollback where it is: what was
// replaced stays.
func cancelInstanceRefresh(r *request, in *autoscaling.CancelInstanceRefreshInput) (*autoscaling.CancelInstanceRefreshOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	n := g.active
	if n == nil || n.status == astypes.InstanceRefreshStatusCancelling {
		return nil, noActiveRefresh(g)
	}
	n.freeze(n.progress())
	n.status = astypes.InstanceRefreshStatusCancelling
	n.replacing = false
	waits := in.WaitForTransitioningInstances == nil || *in.WaitForTransitioningInstances
	n.reason = "Cancelled due to user request."
	if !waits {
		n.reason = "Cancelled without waiting for ongoing instance launches and terminations due to user request."
	}
	g.transition(&n.sight, 0, func() {
		n.settling = true
		if !waits {
			n.end(astypes.InstanceRefreshStatusCancelled, n.reason)
			return
		}
		for _, m := range g.everyone() {
			g.hasten(&m.sight)
		}
		g.wake()
	})
	return &autoscaling.CancelInstanceRefreshOutput{InstanceRefreshId: new(n.id)}, nil
}

// settle ends a cancelled refresh when nothing is launching or terminating any
// more.
func (r *refresh) settle() {
	if t, warm := &r.group.tally, r.group.pool.tally(); t.pending == 0 && t.ending == 0 && warm.pending == 0 && warm.ending == 0 {
		r.end(astypes.InstanceRefreshStatusCancelled, r.reason)
	}
}
