package asg

import "github.com/readyami/readyami/internal/fault"

// Finding is one thing that a refresh would meet. It is plain data, and keeps its
// shape through JSON.
type Finding struct {
	// Code says what was found.
	Code FindingCode `json:"code"`
	// Blocks reports whether AWS refuses the refresh, or it cannot succeed. If
	// false, the caller decides.
	Blocks bool `json:"blocks"`
	// Detail in a few words.
	Detail string `json:"detail,omitempty"`
	// IDs of the instances, processes, refreshes or images that it is about.
	IDs []string `json:"ids,omitempty"`
	// Err is AWS's refusal. Nil: there was none.
	Err *Error `json:"error,omitempty"`
}

// FindingCode is the stable code of a [Finding]. Those that can block are also the
// codes of sentinels of this package, which the error of [Preflight] then has.
type FindingCode string

const (
	// FindingProcessSuspended: the group has suspended processes that a refresh
	// or the traffic of new instances needs. See [ErrProcessSuspended].
	FindingProcessSuspended FindingCode = "asg.ProcessSuspended"
	// FindingAttributeBased: see [ErrAttributeBased].
	FindingAttributeBased FindingCode = "asg.AttributeBased"
	// FindingMixedInstances: see [ErrMixedInstances].
	FindingMixedInstances FindingCode = "asg.MixedInstances"
	// FindingLaunchRefused: see [ErrLaunchRefused].
	FindingLaunchRefused FindingCode = "asg.LaunchRefused"
	// FindingSSMImage: see [ErrSSMImage].
	FindingSSMImage FindingCode = "asg.SSMImage"
	// FindingRollbackUnavailable: see [ErrRollbackUnavailable].
	FindingRollbackUnavailable FindingCode = "asg.RollbackUnavailable"
	// FindingRefreshInProgress: see [ErrRefreshInProgress].
	FindingRefreshInProgress FindingCode = "asg.RefreshInProgress"
	// FindingHealthCheckType: the group is behind a load balancer and ignores its
	// health checks, so that a dead application counts as healthy. It never blocks.
	FindingHealthCheckType FindingCode = "asg.HealthCheckType"
	// FindingInstancesHeld: instances are protected from scale-in or in standby.
	// The refresh waits an hour for them or does not replace them. It never blocks.
	FindingInstancesHeld FindingCode = "asg.InstancesHeld"
	// FindingLaunchNotTried: EC2 could not be asked with a dry run whether it would
	// launch the version. It never blocks.
	FindingLaunchNotTried FindingCode = "asg.LaunchNotTried"
	// FindingNoneInService: with these preferences no instance may be in service
	// for a while. It never blocks.
	FindingNoneInService FindingCode = "asg.NoneInService"
)

// onlyFound are the texts of the codes that are of findings alone. The others
// have the texts of their sentinels.
var onlyFound = map[FindingCode]string{
	FindingHealthCheckType: "the group ignores its load balancers' health checks",
	FindingInstancesHeld:   "instances are protected or in standby",
	FindingLaunchNotTried:  "the launch could not be tried",
	FindingNoneInService:   "no instance may be in service for a while",
}

// text is what the code means, for people.
func (c FindingCode) text() string {
	if text, ok := onlyFound[c]; ok {
		return text
	}
	if kind := fault.ByCode(string(c)); kind != nil {
		return kind.Error()
	}
	return string(c)
}

// String is what was found, in one line.
func (f Finding) String() string {
	if f.Detail == "" {
		return f.Code.text()
	}
	return f.Code.text() + ": " + f.Detail
}
