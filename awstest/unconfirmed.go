package awstest

import "cmp"

// Unconfirmed is what AWS's documentation leaves open and reports disagree on:
// a tool should pass its tests whatever stands here. The zero value is the most
// likely answer each time.
type Unconfirmed struct {
	// CreateImageState is the code for CreateImage of an instance that is
	// neither running nor stopped. Empty: IncorrectState. Also reported:
	// IncorrectInstanceState.
	CreateImageState string
	// CopySourceState is the code for CopyImage of an image that is not
	// available. Empty: InvalidAMIID.Unavailable. Also reported: InvalidRequest.
	CopySourceState string
	// DisabledByID is the code for DescribeImages of a disabled image by id
	// without IncludeDisabled. Empty: no error, an empty list.
	DisabledByID string
	// SnapshotState is the code for CopySnapshot and RegisterImage of a snapshot
	// that is not completed. Empty: IncorrectState.
	SnapshotState string
	// TPMWithoutUEFI is the code for RegisterImage with TpmSupport and a boot
	// mode other than uefi. Empty: InvalidParameterCombination. Also likely:
	// InvalidParameterValue.
	TPMWithoutUEFI string
	// UnknownReference is the code for DescribeImageReferences of an image that
	// there never was. Empty: no error, nothing refers to it.
	UnknownReference string
	// UnknownReport is the code for an image usage report that does not exist.
	// Empty: InvalidImageUsageReportId.NotFound.
	UnknownReport string
	// WrongImageState is the code for DisableImage and EnableImage of an image
	// in another state than these start from. Empty: InvalidAMIID.Unavailable.
	WrongImageState string
	// PublicRefused is the code for ModifyImageAttribute that would make an
	// image public that is encrypted or has a product code, and for
	// ModifySnapshotAttribute of such a snapshot. Empty: OperationNotPermitted.
	// Also likely: InvalidParameter.
	PublicRefused string
	// ShareDisabled is the code for ModifyImageAttribute of the launch
	// permissions of a disabled image. Empty: InvalidAMIID.Unavailable.
	ShareDisabled string
	// CancelShare is the code for CancelImageLaunchPermission of an image that
	// is not shared with the account by its id. Empty: OperationNotPermitted.
	CancelShare string
	// ProtectedImage is the code for DeregisterImage of an image with
	// deregistration protection. Empty: OperationNotPermitted.
	ProtectedImage string
	// RestoreSnapshotFirst is the code for RestoreImageFromRecycleBin of an image
	// whose snapshots are not there, but in the bin themselves or gone. Empty:
	// InvalidSnapshot.NotFound.
	RestoreSnapshotFirst string
	// PublicDeprecation is the code for DisableImageDeprecation of a public
	// image. Empty: OperationNotPermitted.
	PublicDeprecation string
	// PolicyManaged is the code for changing a block of public access that a
	// declarative policy manages. Empty: DeclarativePolicyViolation.
	PolicyManaged string
	// ProtectedGroup is the code for DeleteAutoScalingGroup of a group with
	// deletion protection. Empty: ValidationError. Also likely: ResourceInUse.
	ProtectedGroup string
	// AutoRollback is the code for StartInstanceRefresh with AutoRollback of a
	// group that cannot be rolled back. Empty: ValidationError. Also likely:
	// IrreversibleInstanceRefresh.
	AutoRollback string
	// RollbackTwice is the code for RollbackInstanceRefresh of one that rolls back
	// already. Empty: ActiveInstanceRefreshNotFound. Also likely:
	// IrreversibleInstanceRefresh.
	RollbackTwice string
	// RoundUpMaximum: a maximum healthy percentage that is no whole number of
	// units is rounded up. Else it is rounded down.
	RoundUpMaximum bool
	// MaxSizeCapsRefresh: an instance refresh launches nothing above the group's
	// MaxSize, and takes out first where there is no room. Else only the maximum
	// healthy percentage counts.
	MaxSizeCapsRefresh bool
	// UpperCaseHealth: DescribeAutoScalingInstances answers HEALTHY where
	// DescribeAutoScalingGroups answers Healthy. Else they agree.
	UpperCaseHealth bool
	// DropSnapshots: a version that is made on the base of another does not have
	// the snapshots of its block devices unless the call names them, as is
	// documented. Else it has them, as AWS was seen to do in 2026.
	DropSnapshots bool
	// LatestVersionStays: a template's LatestVersionNumber does not fall when
	// its newest version is deleted. $Latest always means the highest there is.
	LatestVersionStays bool
	// UnresolvedParameter is the code of a launch from an image given as
	// resolve:ssm: whose parameter does not exist or holds no image. Empty:
	// InvalidParameterValue.
	UnresolvedParameter string
	// SourceBesideWarmPool is the code for UpdateAutoScalingGroup and
	// StartInstanceRefresh that would give a group with a warm pool what AWS
	// allows no warm pool for: a policy that launches Spot Instances, weights, or an
	// image given as resolve:ssm:. Empty: ValidationError.
	SourceBesideWarmPool string
	// RequirementsRefused is the code for RunInstances from a launch template that
	// has InstanceRequirements, which only groups and fleets take. Empty:
	// InvalidParameterCombination.
	RequirementsRefused string
	// ParameterBusy is the code of a PutParameter while the value before is
	// still being checked. Empty: TooManyUpdates.
	ParameterBusy string
	// PublicParameterHistory is the code for GetParameterHistory of one of AWS's
	// public parameters, which AWS does not support. Empty: AccessDeniedException.
	// Also likely: ParameterNotFound.
	PublicParameterHistory string
	// FastRestoreTwice is the code in the list of what was not successful for
	// EnableFastSnapshotRestores of a snapshot in a zone where it is enabled
	// already. Empty: it is among what was successful.
	FastRestoreTwice string
	// FastRestoreState is the code in the list of what was not successful for a
	// pair whose state does not allow the change: enabling it while it is
	// disabling, or disabling what is not enabled. Empty: IncorrectState.
	FastRestoreState string
	// FastRestoreQuota is the code in the list of what was not successful for a
	// snapshot beyond Quotas.FastRestores. Empty: ResourceLimitExceeded.
	FastRestoreQuota string
	// FastRestoreHoldsSnapshot: DeleteSnapshot refuses a snapshot that its owner
	// has enabled for fast snapshot restore, with InvalidSnapshot.InUse. That was
	// reported in 2020: https://github.com/rebuy-de/aws-nuke/issues/453. Else the
	// snapshot is deleted and fast snapshot restore is disabled with it, as the
	// user guide says.
	FastRestoreHoldsSnapshot bool
	// StoreRefused is the code for CreateStoreImageTask of an image that cannot
	// be stored: it is only public, or is stored in the bucket already. Empty:
	// InvalidRequest.
	StoreRefused string
	// ImageBucket is the code for a bucket that CreateStoreImageTask or
	// CreateRestoreImageTask cannot use, and for an object that is not there.
	// Empty: InvalidParameter.
	ImageBucket string
	// StoredTagsWin: of a tag that a stored image has and CreateRestoreImageTask
	// is given, the restored image has the stored value. Else that of the call.
	StoredTagsWin bool
}

// WithUnconfirmed chooses other answers where AWS's are not documented.
func WithUnconfirmed(u Unconfirmed) Option { return func(c *Cloud) { c.unconfirmed = u } }

func (u Unconfirmed) createImageState() string { return cmp.Or(u.CreateImageState, "IncorrectState") }

func (u Unconfirmed) copySourceState() string {
	return cmp.Or(u.CopySourceState, "InvalidAMIID.Unavailable")
}

func (u Unconfirmed) autoRollback() string { return cmp.Or(u.AutoRollback, "ValidationError") }

func (u Unconfirmed) sourceBesideWarmPool() string {
	return cmp.Or(u.SourceBesideWarmPool, "ValidationError")
}

func (u Unconfirmed) requirementsRefused() string {
	return cmp.Or(u.RequirementsRefused, "InvalidParameterCombination")
}

func (u Unconfirmed) protectedGroup() string { return cmp.Or(u.ProtectedGroup, "ValidationError") }
