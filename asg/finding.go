package asg

import "github.com/readyami/readyami/internal/fault"

// Finding is one thing that a refresh or a launch would meet. It is plain data, and keeps its
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

// FindingCode is the stable code of a [Finding]. Those of [Preflight] that can
// block are also the codes of sentinels of this package, which its error then has.
// The error of [CheckLaunch] is [ErrLaunchRefused] for each of its own.
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
	// FindingWarmPool: the group has a warm pool, and AWS allows none for what it
	// would launch. It never blocks: whether AWS refuses the refresh is not documented.
	FindingWarmPool FindingCode = "asg.WarmPool"
	// FindingLaunchNotTried: EC2 could not be asked with a dry run whether it would
	// launch the version. It never blocks.
	FindingLaunchNotTried FindingCode = "asg.LaunchNotTried"
	// FindingNoneInService: with these preferences no instance may be in service
	// for a while. It never blocks.
	FindingNoneInService FindingCode = "asg.NoneInService"
)

// The codes of [CheckLaunch].
const (
	// FindingImageUnavailable: the image is not available.
	FindingImageUnavailable FindingCode = "asg.ImageUnavailable"
	// FindingArchitecture: the image is of another architecture than the instance
	// types.
	FindingArchitecture FindingCode = "asg.Architecture"
	// FindingVirtualization: the instance types do not support the image's type of
	// virtualization.
	FindingVirtualization FindingCode = "asg.Virtualization"
	// FindingBootMode: the instance types cannot boot in the image's boot mode.
	FindingBootMode FindingCode = "asg.BootMode"
	// FindingTPM: the image needs a NitroTPM, and the instance types have none or the
	// image does not boot UEFI.
	FindingTPM FindingCode = "asg.TPM"
	// FindingENA: the instance types require the Elastic Network Adapter, and the
	// image is not enabled for it.
	FindingENA FindingCode = "asg.ENA"
	// FindingNVMe: the instance types show volumes as NVMe devices, and nothing
	// tells whether the image has the driver. It never blocks.
	FindingNVMe FindingCode = "asg.NVMe"
	// FindingInstanceType: there is no instance type to launch, or the Region does
	// not offer it.
	FindingInstanceType FindingCode = "asg.InstanceType"
	// FindingVolumeSize: a volume of the template is smaller than the snapshot that
	// it is created from.
	FindingVolumeSize FindingCode = "asg.VolumeSize"
	// FindingRootDevice: the template sets up a root volume under another name than
	// the image's root device, or leaves the root volume out.
	FindingRootDevice FindingCode = "asg.RootDevice"
	// FindingVolume: EC2 cannot create a volume of the template for another reason.
	FindingVolume FindingCode = "asg.Volume"
	// FindingTemplateConflict: the template sets two fields that exclude one another.
	FindingTemplateConflict FindingCode = "asg.TemplateConflict"
	// FindingNotChecked: AWS refused to answer what a check needs to know. It never
	// blocks.
	FindingNotChecked FindingCode = "asg.NotChecked"
)

// onlyFound are the texts of the codes that are of findings alone. The others
// have the texts of their sentinels.
var onlyFound = map[FindingCode]string{
	FindingHealthCheckType: "the group ignores its load balancers' health checks",
	FindingInstancesHeld:   "instances are protected or in standby",
	FindingWarmPool:        "AWS allows no warm pool for what the group would launch",
	FindingLaunchNotTried:  "the launch could not be tried",
	FindingNoneInService:   "no instance may be in service for a while",

	FindingImageUnavailable: "the image is not available",
	FindingArchitecture:     "the image and the instance type are of different architectures",
	FindingVirtualization:   "the instance type does not support the virtualization type of the image",
	FindingBootMode:         "the instance type does not support the boot mode of the image",
	FindingTPM:              "the image needs a NitroTPM",
	FindingENA:              "the instance type requires ENA, and the image is not enabled for it",
	FindingNVMe:             "the instance type requires an NVMe driver, and the image does not say that it has one",
	FindingInstanceType:     "there is no instance type to launch",
	FindingVolumeSize:       "a volume is smaller than its snapshot",
	FindingRootDevice:       "the root volume is not that of the image",
	FindingVolume:           "a volume cannot be created",
	FindingTemplateConflict: "fields of the launch template exclude one another",
	FindingNotChecked:       "it could not be checked",
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

// asError is what a finding that blocks is as an error.
func (f Finding) asError(op, id string, o Options) *Error {
	e := &Error{Op: op, Account: o.Account, Region: o.Region, ID: id, IDs: f.IDs, Reason: f.Detail, Kind: fault.ByCode(string(f.Code))}
	if e.Kind == nil {
		e.Kind, e.Reason = ErrLaunchRefused, f.String()
	}
	if f.Err != nil {
		e.Err = f.Err.Err // the place is said already
	}
	return e
}

// String is what was found, in one line.
func (f Finding) String() string {
	if f.Detail == "" {
		return f.Code.text()
	}
	return f.Code.text() + ": " + f.Detail
}
