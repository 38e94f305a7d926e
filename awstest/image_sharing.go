package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(cancelImageLaunchPermission, "ImageId")
}

// maxGrantees is how many accounts one call may name.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html
const maxGrantees = 10000

// imageGrants reads a change of launch permissions out of either shape.
func imageGrants(in *ec2.ModifyImageAttributeInput) (change grantChange, err error) {
	if in.LaunchPermission != nil {
		if change.add, err = readLaunchPermissions(in.LaunchPermission.Add); err != nil {
			return change, err
		}
		change.remove, err = readLaunchPermissions(in.LaunchPermission.Remove)
	} else {
		change, err = operated(in.OperationType, listedAs(granteeGroup, in.UserGroups), listedAs(granteeUser, in.UserIds),
			listedAs(granteeOrg, in.OrganizationArns), listedAs(granteeUnit, in.OrganizationalUnitArns))
	}
	switch {
	case err != nil:
		return change, err
	case len(change.add)+len(change.remove) == 0:
		return change, apiError("MissingParameter", "The request must contain a launch permission to add or to remove")
	case len(change.add)+len(change.remove) > maxGrantees:
		return change, apiError("InvalidParameterValue", "A request may name up to %d accounts", maxGrantees)
	}
	return change, change.check()
}

// readLaunchPermissions reads what one list names. An item may name more than
// one grantee.
func readLaunchPermissions(all []ec2types.LaunchPermission) (out []grantee, err error) {
	for _, p := range all {
		before := len(out)
		named := func(kind granteeKind, value *string) {
			if value != nil {
				out = append(out, grantee{kind, *value})
			}
		}
		named(granteeGroup, some(string(p.Group)))
		named(granteeUser, p.UserId)
		named(granteeOrg, p.OrganizationArn)
		named(granteeUnit, p.OrganizationalUnitArn)
		if len(out) == before {
			return nil, apiError("MissingParameter", "A launch permission must name a user, a group, an organization or an organizational unit")
		}
	}
	return out, nil
}

func listedAs(kind granteeKind, values []string) (out []grantee) {
	for _, v := range values {
		out = append(out, grantee{kind, v})
	}
	return out
}

// operated reads the shape that has an operation and plain lists.
func operated(op ec2types.OperationType, lists ...[]grantee) (change grantChange, err error) {
	var all []grantee
	for _, list := range lists {
		all = append(all, list...)
	}
	switch op {
	case ec2types.OperationTypeAdd:
		change.add = all
	case ec2types.OperationTypeRemove:
		change.remove = all
	case "":
		return change, apiError("MissingParameter", "The request must contain the parameter operationType")
	default:
		return change, apiError("InvalidParameterValue", "Value (%s) for parameter operationType is invalid.", op)
	}
	return change, nil
}

// share changes whom an image is shared with.
func (r *request) share(i *image, change grantChange) error {
	switch i.state {
	case ec2types.ImageStateAvailable:
	case ec2types.ImageStateDisabled:
		return apiError(cmp.Or(r.unconfirmed.ShareDisabled, "InvalidAMIID.Unavailable"),
			"The AMI ID '%s' is currently %s and may not be used for this operation", i.id, i.state)
	default:
		return i.unavailable()
	}
	if len(change.add) > 0 {
		if err := r.shareable(i); err != nil {
			return err
		}
	}
	after := i.permissions.with(change)
	if most := r.quotas.ImageSharing; most > 0 && after.entities() > most && after.entities() > i.permissions.entities() {
		return apiError("ResourceLimitExceeded", "You have reached your quota of %d for the number of entities that an image can be shared with in this Region.", most)
	}
	if change.publishes() && !i.permissions.public {
		if err := r.publishable(i); err != nil {
			return err
		}
	}
	if err := r.checked(); err != nil {
		return err
	}
	i.permissions = after
	if after.public {
		i.deprecateAsPublic()
	}
	return nil
}

// shareable refuses to share what its grantees could never read.
func (r *request) shareable(i *image) error {
	for _, m := range i.mappings {
		if m.snapshotID != "" && m.encrypted && r.managedKey(m.keyID) {
			return apiError("InvalidParameter", "Snapshots encrypted with the AWS Managed CMK can’t be shared. Specify another snapshot.")
		}
	}
	return nil
}

// publishable refuses to make an image public that may not be, or when the
// account blocks it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html
func (r *request) publishable(i *image) error {
	refused := cmp.Or(r.unconfirmed.PublicRefused, "OperationNotPermitted")
	for _, m := range i.mappings {
		if m.snapshotID != "" && m.encrypted {
			return apiError(refused, "You can’t publicly share this image because it has an encrypted snapshot.")
		}
	}
	if len(i.codes) > 0 {
		return apiError(refused, "You can’t publicly share this image because it has a product code.")
	}
	if !r.publicAccess.images.open {
		return apiError("OperationNotPermitted", "You can’t publicly share this image because block public access for AMIs is "+
			"enabled for this account. To publicly share the image, you must call the DisableImageBlockPublicAccess API.")
	}
	public := 0
	for _, other := range r.images.order {
		if other.permissions.public {
			public++
		}
	}
	if most := r.quotas.PublicImages; most > 0 && public >= most {
		return apiError("ResourceLimitExceeded", "You have reached your quota of %d for the number of public images allowed in this Region. "+
			"Deregister unused public images or make them private, or request an increase in your public AMIs quota.", most)
	}
	return nil
}

// render lists launch permissions as EC2 answers them.
func (p launchPermissions) render() (out []ec2types.LaunchPermission) {
	for _, g := range p.list() {
		switch g.kind {
		case granteeGroup:
			out = append(out, ec2types.LaunchPermission{Group: ec2types.PermissionGroup(g.value)})
		case granteeUser:
			out = append(out, ec2types.LaunchPermission{UserId: new(g.value)})
		case granteeOrg:
			out = append(out, ec2types.LaunchPermission{OrganizationArn: new(g.value)})
		case granteeUnit:
			out = append(out, ec2types.LaunchPermission{OrganizationalUnitArn: new(g.value)})
		}
	}
	return out
}

// cancelImageLaunchPermission is how an account gives back what was shared with
// it. What it has as one of an organization, or of all, it cannot give back.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cancel-sharing-an-AMI.html
func cancelImageLaunchPermission(r *request, in *ec2.CancelImageLaunchPermissionInput) (*ec2.CancelImageLaunchPermissionOutput, error) {
	i, err := r.findImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if !i.permissions.users[r.account] {
		return nil, apiError(cmp.Or(r.unconfirmed.CancelShare, "OperationNotPermitted"),
			"The image %s is not explicitly shared with account %s", i.id, r.account)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	delete(i.permissions.users, r.account)
	return &ec2.CancelImageLaunchPermissionOutput{Return: new(true)}, nil
}
