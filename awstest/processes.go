package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(suspendProcesses, "AutoScalingGroupName", "ScalingProcesses")
	handle(resumeProcesses, "AutoScalingGroupName", "ScalingProcesses")
}

// The processes of a group that something here depends on.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
const (
	processLaunch           = "Launch"
	processTerminate        = "Terminate"
	processHealthCheck      = "HealthCheck"
	processReplaceUnhealthy = "ReplaceUnhealthy"
	processInstanceRefresh  = "InstanceRefresh"
)

// allProcesses are all that there are: those of which nothing happens here can
// be suspended, too.
var allProcesses = []string{
	processLaunch, processTerminate, "AddToLoadBalancer", "AlarmNotification", "AZRebalance",
	processHealthCheck, processInstanceRefresh, processReplaceUnhealthy, "ScheduledActions",
}

// suspended is true for a process that the group does not carry out now.
func (g *group) suspended(process string) bool {
	return slices.ContainsFunc(g.suspensions, func(p astypes.SuspendedProcess) bool { return *p.ProcessName == process })
}

// processesOf is the processes that a call names, all where it names none.
func processesOf(names []string) ([]string, error) {
	if len(names) == 0 {
		return allProcesses, nil
	}
	for _, name := range names {
		if !slices.Contains(allProcesses, name) {
			return nil, validation("Unknown process type: '%s'", name)
		}
	}
	return names, nil
}

func suspendProcesses(r *request, in *autoscaling.SuspendProcessesInput) (*autoscaling.SuspendProcessesOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	names, err := processesOf(in.ScalingProcesses)
	if err != nil {
		return nil, err
	}
	reason := "User suspended at " + r.now.UTC().Format("2006-01-02T15:04:05Z")
	for _, name := range names {
		if !g.suspended(name) {
			g.suspensions = append(g.suspensions, astypes.SuspendedProcess{ProcessName: new(name), SuspensionReason: new(reason)})
		}
	}
	g.wake()
	return &autoscaling.SuspendProcessesOutput{}, nil
}

func resumeProcesses(r *request, in *autoscaling.ResumeProcessesInput) (*autoscaling.ResumeProcessesOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	names, err := processesOf(in.ScalingProcesses)
	if err != nil {
		return nil, err
	}
	before := slices.Clone(g.suspensions)
	g.suspensions = slices.DeleteFunc(g.suspensions, func(p astypes.SuspendedProcess) bool { return slices.Contains(names, *p.ProcessName) })
	if len(before) != len(g.suspensions) {
		g.catchUp()
		if g.active != nil {
			g.active.resume()
		}
	}
	g.wake()
	return &autoscaling.ResumeProcessesOutput{}, nil
}

// catchUp does what was left undone while processes were suspended: health
// checks, and the end of members that are unhealthy.
func (g *group) catchUp() {
	for _, m := range slices.Clone(g.members) {
		switch {
		case !m.live():
		case m.unhealthy:
			m.discard()
		case g.suspended(processHealthCheck):
		case m.stopped():
			m.fail(sawStopped)
		case m.behaves().NeverHealthy && m.noticed() && m.state == astypes.LifecycleStateInService:
			m.check()
		}
	}
}

// sawStopped is what a health check says of an instance that somebody stopped.
const sawStopped = "in response to an EC2 health check indicating it has been terminated or stopped."

// stopped is true for a member whose instance is no longer running.
func (m *member) stopped() bool {
	return m.instance.state != ec2types.InstanceStateNamePending && m.instance.state != ec2types.InstanceStateNameRunning
}
