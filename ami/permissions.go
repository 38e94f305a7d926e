package ami

import (
	"context"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Permissions say who but its owner may launch an image, or read a snapshot.
// It is plain data, which a Record keeps as JSON.
type Permissions struct {
	// Accounts are ids of 12 digits.
	Accounts []string `json:"accounts,omitempty"`
	// Organizations are ARNs: AWS takes no bare id here. Images only.
	Organizations []string `json:"organizations,omitempty"`
	// OrganizationalUnits are ARNs. Images only.
	OrganizationalUnits []string `json:"organizationalUnits,omitempty"`
	// Public is everybody with an AWS account.
	Public bool `json:"public,omitempty"`
}

// An organization that an image is shared with may be one that the owner is
// not in, so its id cannot be looked up.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html
var (
	organizationARN = regexp.MustCompile(`^arn:aws[a-z-]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$`)
	unitARN         = regexp.MustCompile(`^arn:aws[a-z-]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$`)
)

func (p Permissions) check(op string, at fault.Place, field string) error {
	for _, a := range p.Accounts {
		if a == "all" {
			return fault.Invalid(op, at, "%s: \"all\" is no account; Public shares with everybody", field)
		}
		if !accountID.MatchString(a) {
			return fault.Invalid(op, at, "%s: %q is no account id", field, a)
		}
	}
	for _, o := range p.Organizations {
		if !organizationARN.MatchString(o) {
			return fault.Invalid(op, at, "%s: %q is no ARN of an organization", field, o)
		}
	}
	for _, u := range p.OrganizationalUnits {
		if !unitARN.MatchString(u) {
			return fault.Invalid(op, at, "%s: %q is no ARN of an organizational unit", field, u)
		}
	}
	return nil
}

func (p Permissions) none() bool {
	return !p.Public && len(p.Accounts)+len(p.Organizations)+len(p.OrganizationalUnits) == 0
}

// names are all grantees as texts, in AWS's own word for the public.
func (p Permissions) names() []string {
	out := slices.Concat(p.Accounts, p.Organizations, p.OrganizationalUnits)
	if p.Public {
		out = append(out, "all")
	}
	return out
}

// storage is the part of p that a snapshot can have.
func (p Permissions) storage() Permissions {
	return Permissions{Accounts: p.Accounts, Public: p.Public}
}

// minus is what p has and q has not.
func (p Permissions) minus(q Permissions) Permissions {
	return p.pick(func(list []string, v string) bool { return !slices.Contains(list, v) }, q, p.Public && !q.Public)
}

// and is what both have.
func (p Permissions) and(q Permissions) Permissions {
	return p.pick(slices.Contains[[]string], q, p.Public && q.Public)
}

func (p Permissions) pick(keep func([]string, string) bool, q Permissions, public bool) Permissions {
	list := func(from, other []string) []string {
		var out []string
		for _, v := range slices.Compact(slices.Sorted(slices.Values(from))) {
			if keep(other, v) {
				out = append(out, v)
			}
		}
		return out
	}
	return Permissions{
		Accounts:            list(p.Accounts, q.Accounts),
		Organizations:       list(p.Organizations, q.Organizations),
		OrganizationalUnits: list(p.OrganizationalUnits, q.OrganizationalUnits),
		Public:              public,
	}
}

func (p Permissions) equal(q Permissions) bool { return p.minus(q).none() && q.minus(p).none() }

// launch is p as AWS takes it for an image.
func (p Permissions) launch() []types.LaunchPermission {
	var out []types.LaunchPermission
	for _, a := range p.Accounts {
		out = append(out, types.LaunchPermission{UserId: &a})
	}
	for _, o := range p.Organizations {
		out = append(out, types.LaunchPermission{OrganizationArn: &o})
	}
	for _, u := range p.OrganizationalUnits {
		out = append(out, types.LaunchPermission{OrganizationalUnitArn: &u})
	}
	if p.Public {
		out = append(out, types.LaunchPermission{Group: types.PermissionGroupAll})
	}
	return out
}

// volume is p as AWS takes it for a snapshot.
func (p Permissions) volume() []types.CreateVolumePermission {
	var out []types.CreateVolumePermission
	for _, a := range p.Accounts {
		out = append(out, types.CreateVolumePermission{UserId: &a})
	}
	if p.Public {
		out = append(out, types.CreateVolumePermission{Group: types.PermissionGroupAll})
	}
	return out
}

// permissionsAPI reads who an image and its snapshots are shared with. Only the
// owner is told.
type permissionsAPI interface {
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
	DescribeSnapshotAttribute(context.Context, *ec2.DescribeSnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error)
}

func launchPermissions(ctx context.Context, api interface {
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
}, id string) (p Permissions, err error) {
	out, err := api.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{
		ImageId: &id, Attribute: types.ImageAttributeNameLaunchPermission,
	})
	if err != nil {
		return p, err
	}
	for _, g := range out.LaunchPermissions {
		p.add(g.UserId, g.OrganizationArn, g.OrganizationalUnitArn, g.Group)
	}
	return p, nil
}

func volumePermissions(ctx context.Context, api permissionsAPI, id string) (p Permissions, err error) {
	out, err := api.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if err != nil {
		return p, err
	}
	for _, g := range out.CreateVolumePermissions {
		p.add(g.UserId, nil, nil, g.Group)
	}
	return p, nil
}

func (p *Permissions) add(user, organization, unit *string, group types.PermissionGroup) {
	switch {
	case user != nil:
		p.Accounts = append(p.Accounts, aws.ToString(user))
	case organization != nil:
		p.Organizations = append(p.Organizations, aws.ToString(organization))
	case unit != nil:
		p.OrganizationalUnits = append(p.OrganizationalUnits, aws.ToString(unit))
	case group == types.PermissionGroupAll:
		p.Public = true
	}
}
