package awstest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// growth is how much larger the group is to be than when the refresh began.
func (r *refresh) growth() int { return max(r.group.desired()-r.wanted, 0) }

// share is how much of the group is replaced, in percent. What it has grown by is
// part of the group, and was not there to be replaced.
func (r *refresh) share() int32 {
	left := r.group.tally.outdated + r.group.tally.standby
	if left == 0 {
		return 100
	}
	return int32(share(r.total-left, r.total+r.growth()))
}

// remainder is how much of the group is not replaced before the next checkpoint.
func (r *refresh) remainder() int {
	if len(r.checkpoints) == 0 {
		return 0
	}
	return max(r.total-((r.total+r.growth())*int(r.checkpoints[0])+99)/100, 0)
}

// remeasure puts checkpoints ahead again that a group which has grown is short
// of: it reaches them once more.
func (r *refresh) remeasure() {
	all := r.prefs.CheckpointPercentages
	if n := r.growth(); n > r.grown && r.back == nil {
		for passed := len(all) - len(r.checkpoints); passed > 0 && all[passed-1] > r.share(); passed-- {
			r.checkpoints = all[passed-1:]
		}
	}
	r.grown = r.growth()
}

// later is how many outdated members stay until the next checkpoint has passed.
func (r *refresh) later() int {
	t := &r.group.tally
	return max(min(r.remainder()-t.standby, t.outdated), 0)
}

// checkpoint is called when enough is replaced for the next one: the refresh
// pauses or, where the last one leaves some as they are, is done.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
func (r *refresh) checkpoint() {
	g := r.group
	reached := r.share()
	passed := r.checkpoints[0]
	for len(r.checkpoints) > 0 && r.checkpoints[0] <= reached { // a small group skips some
		passed = r.checkpoints[0]
		r.checkpoints = r.checkpoints[1:]
	}
	if len(r.checkpoints) == 0 {
		if passed == 100 {
			g.wake() // the warm pool comes next
		} else {
			r.replaced()
		}
		return
	}
	r.freeze(r.progress())
	r.reason = "Waiting for the delay after the checkpoint at " + fmt.Sprint(passed, " %") + " to finish before continuing."
	r.rest(aws.ToInt32(r.prefs.CheckpointDelay), func() {
		if r.status == astypes.InstanceRefreshStatusInProgress && r.back == nil {
			r.replacing, r.frozen, r.reason = true, false, ""
			r.progressed()
			g.wake()
		}
	})
}
