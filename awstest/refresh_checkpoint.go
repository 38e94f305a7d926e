package awstest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// rest is how much of the group is not replaced before the next checkpoint.
func (r *refresh) rest() int {
	if len(r.checkpoints) == 0 {
		return 0
	}
	return r.total - (r.total*int(r.checkpoints[0])+99)/100
}

// later is how many outdated members stay until the next checkpoint has passed.
func (r *refresh) later() int {
	t := &r.group.tally
	return max(min(r.rest()-t.standby, t.outdated), 0)
}

// checkpoint is called when enough is replaced for the next one: the refresh
// pauses or, where the last one leaves some as they are, is done.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
func (r *refresh) checkpoint() {
	g, t := r.group, &r.group.tally
	reached := int32(share(r.total-t.outdated-t.standby, r.total))
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
	r.replacing = false
	r.reason = "Waiting for the delay after the checkpoint at " + fmt.Sprint(passed, " %") + " to finish before continuing."
	g.transition(&r.sight, g.pause(aws.ToInt32(r.prefs.CheckpointDelay)), func() {
		if r.status == astypes.InstanceRefreshStatusInProgress && r.back == nil {
			r.replacing, r.frozen, r.reason = true, false, ""
			r.progressed()
			g.wake()
		}
	})
}
