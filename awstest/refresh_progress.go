package awstest

import (
	"fmt"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// freeze keeps what progress answers as it is.
func (r *refresh) freeze(percentage, toUpdate *int32) {
	r.frozen = true
	r.percentage, r.toUpdate = percentage, toUpdate
}

// progress is how far the refresh is, as AWS shows it: what is launched counts
// when it is ready, and while Pending there is nothing to count. In a rollback
// the percentage goes down to zero, and the instances to update are those that
// never were.
//
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
func (r *refresh) progress() (percentage, toUpdate *int32) {
	left := r.group.tally.outdated // the instances to update are counted, the rest is capacity
	switch {
	case r.frozen || r.status == astypes.InstanceRefreshStatusPending:
		return r.percentage, r.toUpdate
	case r.back != nil:
		before := *r.back.PercentageCompleteOnRollback
		if r.total == 0 {
			return new(int32(0)), r.back.InstancesToUpdateOnRollback
		}
		return new(before * int32(left) / int32(r.total)), r.back.InstancesToUpdateOnRollback
	case r.total == 0:
		return new(int32(100)), new(int32(0))
	}
	done := min(r.ready, r.total-left)
	return new(int32(100 * done / r.total)), new(int32(r.group.tally.stale))
}

// statusReason says what the refresh is waiting for.
func (r *refresh) statusReason() string {
	if left := r.bakesUntil.Sub(r.group.now); r.status == astypes.InstanceRefreshStatusBaking {
		return fmt.Sprintf("Waiting for bake time to finish before continuing. There are %d seconds left.", left/time.Second)
	}
	if !r.replacing {
		return r.reason
	}
	members := r.group.members
	for i := len(members) - 1; i >= 0; i-- { // the newest are at the end
		m := members[i]
		switch {
		case m.refresh != r || !m.live() || m.outdated || m.ready():
		case m.state == astypes.LifecycleStateInService && m.checked:
			return "Waiting for instances to warm up before continuing. For example: " + m.id + " is warming up."
		default:
			return "Waiting for remaining instances to be available. For example: " + m.id +
				" has insufficient data to evaluate its health with Amazon EC2."
		}
	}
	return r.stuckBy
}
