package asg

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// processRefresh is the process that a refresh is.
const processRefresh = "InstanceRefresh"

// refreshProcesses are those without which a refresh replaces nothing.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
var refreshProcesses = []string{"Launch", "Terminate", processRefresh}

// suspendedOf are those of the processes that the group has suspended.
func suspendedOf(group types.AutoScalingGroup, processes []string) []string {
	var names []string
	for _, p := range group.SuspendedProcesses {
		if slices.Contains(processes, aws.ToString(p.ProcessName)) {
			names = append(names, aws.ToString(p.ProcessName))
		}
	}
	slices.Sort(names)
	return names
}
