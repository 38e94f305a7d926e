package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(getImageBlockPublicAccessState)
	handle(enableImageBlockPublicAccess, "ImageBlockPublicAccessState")
	handle(disableImageBlockPublicAccess)
	handle(getSnapshotBlockPublicAccessState)
	handle(enableSnapshotBlockPublicAccess, "State")
	handle(disableSnapshotBlockPublicAccess)
}

// publicAccess is what an account lets be made public in a Region. An account
// starts as AWS makes new ones: images blocked, snapshots not.
type publicAccess struct {
	images struct {
		sight
		open    bool
		changes int // how many there were: the last one decides
	}
	snapshots ec2types.SnapshotBlockPublicAccessState // empty: unblocked
	policy    bool                                    // a declarative policy manages both
}

func (p *publicAccess) hidesSnapshots() bool {
	return p.snapshots == ec2types.SnapshotBlockPublicAccessStateBlockAllSharing
}

func (p *publicAccess) managedBy() ec2types.ManagedBy {
	if p.policy {
		return ec2types.ManagedByDeclarativePolicy
	}
	return ec2types.ManagedByAccount
}

// settable refuses an account that a policy decides for.
func (r *request) settable() error {
	if !r.publicAccess.policy {
		return nil
	}
	return apiError(cmp.Or(r.unconfirmed.PolicyManaged, "DeclarativePolicyViolation"),
		"This functionality has been disabled by a Declarative Policy.")
}

// DeclarePublicAccessBlocked puts the account's block public access, of images
// and of snapshots, under a declarative policy that blocks all: the account
// cannot change it any more.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html
func (r *Region) DeclarePublicAccessBlocked() {
	r.do(func(s *store) {
		s.publicAccess.policy = true
		s.publicAccess.images.open = false
		s.publicAccess.images.changes++
		s.publicAccess.snapshots = ec2types.SnapshotBlockPublicAccessStateBlockAllSharing
		for _, n := range s.snapshots.order {
			s.loseFastRestores(n)
		}
	})
}

func getImageBlockPublicAccessState(r *request, _ *ec2.GetImageBlockPublicAccessStateInput) (*ec2.GetImageBlockPublicAccessStateOutput, error) {
	state := string(ec2types.ImageBlockPublicAccessEnabledStateBlockNewSharing)
	if r.publicAccess.images.open {
		state = string(ec2types.ImageBlockPublicAccessDisabledStateUnblocked)
	}
	r.show(&r.publicAccess.images.sight)
	return &ec2.GetImageBlockPublicAccessStateOutput{
		ImageBlockPublicAccessState: new(state),
		ManagedBy:                   r.publicAccess.managedBy(),
	}, nil
}

// openImages lets images be made public, or no more, once AWS has taken notice.
// What is public stays public.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
func (r *request) openImages(open bool) {
	access := &r.publicAccess.images
	access.changes++
	at := access.changes
	r.transition(&access.sight, r.timing.PublicAccess, func() {
		if access.changes == at {
			access.open = open
		}
	})
}

func enableImageBlockPublicAccess(r *request, in *ec2.EnableImageBlockPublicAccessInput) (*ec2.EnableImageBlockPublicAccessOutput, error) {
	if in.ImageBlockPublicAccessState != ec2types.ImageBlockPublicAccessEnabledStateBlockNewSharing {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter imageBlockPublicAccessState is invalid.", in.ImageBlockPublicAccessState)
	}
	if err := r.settable(); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.openImages(false)
	return &ec2.EnableImageBlockPublicAccessOutput{ImageBlockPublicAccessState: in.ImageBlockPublicAccessState}, nil
}

func disableImageBlockPublicAccess(r *request, _ *ec2.DisableImageBlockPublicAccessInput) (*ec2.DisableImageBlockPublicAccessOutput, error) {
	if err := r.settable(); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.openImages(true)
	return &ec2.DisableImageBlockPublicAccessOutput{
		ImageBlockPublicAccessState: ec2types.ImageBlockPublicAccessDisabledStateUnblocked,
	}, nil
}

func getSnapshotBlockPublicAccessState(r *request, _ *ec2.GetSnapshotBlockPublicAccessStateInput) (
	*ec2.GetSnapshotBlockPublicAccessStateOutput, error,
) {
	return &ec2.GetSnapshotBlockPublicAccessStateOutput{
		ManagedBy: r.publicAccess.managedBy(),
		State:     cmp.Or(r.publicAccess.snapshots, ec2types.SnapshotBlockPublicAccessStateUnblocked),
	}, nil
}

// https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
func enableSnapshotBlockPublicAccess(r *request, in *ec2.EnableSnapshotBlockPublicAccessInput) (
	*ec2.EnableSnapshotBlockPublicAccessOutput, error,
) {
	switch in.State {
	case ec2types.SnapshotBlockPublicAccessStateBlockAllSharing, ec2types.SnapshotBlockPublicAccessStateBlockNewSharing:
	default:
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter state is invalid.", in.State)
	}
	if err := r.settable(); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.publicAccess.snapshots = in.State
	for _, n := range r.snapshots.order {
		r.loseFastRestores(n)
	}
	return &ec2.EnableSnapshotBlockPublicAccessOutput{State: in.State}, nil
}

func disableSnapshotBlockPublicAccess(r *request, _ *ec2.DisableSnapshotBlockPublicAccessInput) (
	*ec2.DisableSnapshotBlockPublicAccessOutput, error,
) {
	if err := r.settable(); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.publicAccess.snapshots = ec2types.SnapshotBlockPublicAccessStateUnblocked
	return &ec2.DisableSnapshotBlockPublicAccessOutput{State: r.publicAccess.snapshots}, nil
}
