package awstest

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(rollbackInstanceRefresh, "AutoScalingGroupName")
}

func rollbackInstanceRefresh(r *request, in *autoscaling.RollbackInstanceRefreshInput) (*autoscaling.RollbackInstanceRefreshOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	n := g.active
	if n == nil || n.status == astypes.InstanceRefreshStatusCancelling {
		return nil, noActiveRefresh(g)
	}
	if code := r.unconfirmed.RollbackTwice; n.back != nil && code != "" {
		return nil, apiError(code, "The instance refresh %s is rolling back already", n.id)
	}
	if n.back != nil {
		return nil, noActiveRefresh(g)
	}
	if problem := g.irreversible(n.desired); problem != "" {
		return nil, &astypes.IrreversibleInstanceRefreshFault{Message: new(problem)}
	}
	n.rollBack("Rollback was requested by the user.")
	return &autoscaling.RollbackInstanceRefreshOutput{InstanceRefreshId: new(n.id)}, nil
}

func noActiveRefresh(g *group) error {
	return &astypes.ActiveInstanceRefreshNotFoundFault{
		Message: new("No in progress or pending Instance Refresh found for Auto Scaling group " + g.name),
	}
}

// irreversible says why a refresh of the group could not be rolled back, empty
// when it could.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
func (g *group) irreversible(desired *astypes.DesiredConfiguration) string {
	if desired == nil {
		return "The instance refresh has no desired configuration to roll back from."
	}
	if g.aliased(g.source(), specificationOf(desired)) {
		return "The launch template uses a Systems Manager parameter for its image."
	}
	for _, t := range g.source().templates() {
		if _, err := strconv.Atoi(aws.ToString(t.Version)); err != nil {
			return "The Auto Scaling group's launch template version is not a number, so that there is nothing to roll back to."
		}
	}
	return ""
}

// rollBack replaces what the refresh has launched by what the group's own
// configuration makes. What it has not come to stays as it is.
func (r *refresh) rollBack(reason string) {
	g := r.group
	at := r.progress()
	if at.percentage == nil { // Pending: nothing has happened
		at = r.nothingDone(g.tally.members, g.pool.tally().live)
		r.started = g.now
	}
	r.back = &astypes.RollbackDetails{
		RollbackReason:               new(reason),
		RollbackStartTime:            new(g.now),
		PercentageCompleteOnRollback: new(*at.percentage),
		InstancesToUpdateOnRollback:  new(*at.toUpdate),
		ProgressDetailsOnRollback:    clone(at.pools),
	}
	r.status = astypes.InstanceRefreshStatusRollbackInProgress
	r.checkpoints = nil
	r.replacing = false
	g.release()
	r.freeze(at)
	g.transition(&r.sight, 0, func() {
		if r.status == astypes.InstanceRefreshStatusRollbackInProgress {
			r.replace(func(m *member) bool { return m.refresh == r })
		}
	})
}
