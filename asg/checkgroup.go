package asg

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// CheckGroup returns what of [Preflight] follows from a group that has been read, and
// makes no call: suspended processes, attributes and policies, health checks, held
// instances, capacity, and whether the group's own versions let AWS roll a refresh
// back. Version and TemplateID of the input may be empty.
func CheckGroup(group types.AutoScalingGroup, in RefreshInput) *PreflightResult {
	p := preflight{in: in, PreflightResult: PreflightResult{Group: group}}
	p.target()
	p.settings()
	p.instances()
	p.capacity()
	if problem := numbered(SourceOf(group)); problem != "" {
		p.find(Finding{
			Code: FindingRollbackUnavailable, Detail: "the group's own " + problem,
			Blocks: in.Preferences != nil && aws.ToBool(in.Preferences.AutoRollback),
		})
	}
	p.Findings = append(p.Findings, p.warnings...)
	return &p.PreflightResult
}
