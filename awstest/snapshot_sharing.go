package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(modifySnapshotAttribute, "SnapshotId", "Attribute", "CreateVolumePermission", "GroupNames", "OperationType", "UserIds")
	handle(describeSnapshotAttribute, "SnapshotId", "Attribute")
	handle(resetSnapshotAttribute, "SnapshotId", "Attribute")
}

// maxSnapshotGrantees is how many permissions one call may add or remove.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
const maxSnapshotGrantees = 500

// ownSnapshot finds a snapshot that the account of s owns.
func (s *store) ownSnapshot(id string) (*snapshot, error) {
	n, err := s.findSnapshot(id)
	if err != nil {
		return nil, err
	}
	if n.account != s.account {
		return nil, apiError("AuthFailure", "Not authorized for snapshot:%s", id)
	}
	return n, nil
}

// modifySnapshotAttribute takes either of two shapes, as ModifyImageAttribute
// does.
func modifySnapshotAttribute(r *request, in *ec2.ModifySnapshotAttributeInput) (*ec2.ModifySnapshotAttributeOutput, error) {
	change, err := snapshotGrants(in)
	if err != nil {
		return nil, err
	}
	n, err := r.ownSnapshot(*in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if err := r.shareableSnapshot(n, change); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	n.permissions = n.permissions.with(change)
	r.loseFastRestores(n)
	return &ec2.ModifySnapshotAttributeOutput{}, nil
}

// snapshotGrants reads a change of volume permissions out of either shape.
func snapshotGrants(in *ec2.ModifySnapshotAttributeInput) (change grantChange, err error) {
	listed := in.OperationType != "" || len(in.UserIds)+len(in.GroupNames) > 0
	switch {
	case in.Attribute != "" && in.Attribute != ec2types.SnapshotAttributeNameCreateVolumePermission:
		return change, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	case listed && in.CreateVolumePermission != nil:
		return change, apiError("InvalidParameterCombination", "Volume permissions must be given in one way only.")
	case in.CreateVolumePermission != nil:
		if change.add, err = readVolumePermissions(in.CreateVolumePermission.Add); err != nil {
			return change, err
		}
		change.remove, err = readVolumePermissions(in.CreateVolumePermission.Remove)
	case listed:
		change, err = operated(in.OperationType, listedAs(granteeGroup, in.GroupNames), listedAs(granteeUser, in.UserIds))
	}
	switch {
	case err != nil:
		return change, err
	case len(change.add) > 0 && len(change.remove) > 0:
		return change, apiError("InvalidParameterCombination", "Volume permissions can be added or removed in one call, not both.")
	case len(change.add)+len(change.remove) == 0:
		return change, apiError("MissingParameter", "The request must contain a volume permission to add or to remove")
	case len(change.add)+len(change.remove) > maxSnapshotGrantees:
		return change, apiError("InvalidParameterValue", "A request may change up to %d volume permissions", maxSnapshotGrantees)
	}
	return change, change.check()
}

func readVolumePermissions(all []ec2types.CreateVolumePermission) (out []grantee, err error) {
	for _, p := range all {
		if p.Group == "" && p.UserId == nil {
			return nil, apiError("MissingParameter", "A volume permission must name a user or a group")
		}
		if p.Group != "" {
			out = append(out, grantee{granteeGroup, string(p.Group)})
		}
		if p.UserId != nil {
			out = append(out, grantee{granteeUser, *p.UserId})
		}
	}
	return out, nil
}

// shareableSnapshot refuses to share what its grantees could never read, and to
// make public what may not be.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
func (r *request) shareableSnapshot(n *snapshot, change grantChange) error {
	switch {
	case len(change.add) == 0:
	case n.encrypted && r.managedKey(n.keyID):
		return apiError("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
	case !change.publishes() || n.permissions.public:
	case n.encrypted:
		return apiError(cmp.Or(r.unconfirmed.PublicRefused, "OperationNotPermitted"), "Encrypted snapshots cannot be shared publicly")
	case len(n.codes) > 0:
		return apiError(cmp.Or(r.unconfirmed.PublicRefused, "OperationNotPermitted"), "Snapshots with product codes cannot be shared publicly")
	case cmp.Or(r.publicAccess.snapshots, ec2types.SnapshotBlockPublicAccessStateUnblocked) != ec2types.SnapshotBlockPublicAccessStateUnblocked:
		return apiError("OperationNotPermitted", "You can’t publicly share this snapshot because block public access for snapshots is "+
			"enabled for this account. To publicly share the snapshot, you must call the DisableSnapshotBlockPublicAccess API.")
	}
	return nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshotAttribute.html
func describeSnapshotAttribute(r *request, in *ec2.DescribeSnapshotAttributeInput) (*ec2.DescribeSnapshotAttributeOutput, error) {
	n, err := r.ownSnapshot(*in.SnapshotId)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeSnapshotAttributeOutput{SnapshotId: new(n.id)}
	switch in.Attribute {
	case ec2types.SnapshotAttributeNameCreateVolumePermission:
		for _, g := range n.permissions.list() {
			if g.kind == granteeGroup {
				out.CreateVolumePermissions = append(out.CreateVolumePermissions, ec2types.CreateVolumePermission{Group: ec2types.PermissionGroup(g.value)})
			} else {
				out.CreateVolumePermissions = append(out.CreateVolumePermissions, ec2types.CreateVolumePermission{UserId: new(g.value)})
			}
		}
	case ec2types.SnapshotAttributeNameProductCodes:
		out.ProductCodes = renderCodes(n.codes)
	default:
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	return out, nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetSnapshotAttribute.html
func resetSnapshotAttribute(r *request, in *ec2.ResetSnapshotAttributeInput) (*ec2.ResetSnapshotAttributeOutput, error) {
	if in.Attribute != ec2types.SnapshotAttributeNameCreateVolumePermission {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	n, err := r.ownSnapshot(*in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	n.permissions = launchPermissions{}
	r.loseFastRestores(n)
	return &ec2.ResetSnapshotAttributeOutput{}, nil
}
