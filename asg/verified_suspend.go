package asg

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// suspend keeps AWS from going on with the refresh.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
func (v *verifying) suspend(ctx context.Context) error {
	_, err := v.client.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{
		AutoScalingGroupName: &v.in.Group, ScalingProcesses: []string{processRefresh},
	})
	v.holds = fault.Code(err) == "" // without an answer it may be suspended
	if err != nil {
		return refused(ctx, v.api, v.op, v.in.Group, err, v.o)
	}
	return nil
}

// resume lets AWS go on, also where ctx has ended: a process that stays
// suspended would keep the group from every refresh to come.
func (v *verifying) resume(ctx context.Context) error {
	if !v.holds {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	var last error
	for _, err := range poll.Ticks(ctx, settling) {
		if err != nil {
			break
		}
		_, last = v.client.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{
			AutoScalingGroupName: &v.in.Group, ScalingProcesses: []string{processRefresh},
		})
		if last == nil || !fault.Transient(last) {
			break
		}
	}
	if last == nil {
		v.holds = false
		return nil
	}
	e := fault.Call(v.op, v.o.place(), v.in.Group, last)
	e.Hint = "the InstanceRefresh process of the group is still suspended"
	return e
}

// release resumes a process that another run left suspended, unless the refresh
// rests because of it: then Verify comes first.
func (v *verifying) release(ctx context.Context) error {
	active, err := activeRefresh(ctx, v.api, v.in.Group)
	if err != nil {
		return refused(ctx, v.api, v.op, v.in.Group, err, v.o)
	}
	if active != nil && goesOn(active.Status) {
		return nil
	}
	return v.resume(ctx)
}
