package plan

import "time"

// Attributes are what an image gets beyond its content. Optional fields that are
// zero leave the image as it is.
type Attributes struct {
	// Tags of the image and its snapshots.
	Tags map[string]string `json:"tags,omitempty"`
	// Share is who may launch the image and, unless LaunchOnly is set, copy it.
	Share Permissions `json:"share,omitzero"`
	// LaunchOnly leaves the snapshots unshared, so that the image can be launched
	// by others but not copied.
	LaunchOnly bool `json:"launchOnly,omitempty"`
	// PublicQuota is how many public images the account may have in the Region.
	// The default is 5, AWS's own.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
	PublicQuota int `json:"publicQuota,omitempty"`
	// DeprecateAt is when the image is deprecated, to the minute.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
	DeprecateAt time.Time `json:"deprecateAt,omitzero"`
	// Protection is the deregistration protection.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
	Protection Protection `json:"protection,omitempty"`
}

// Permissions are who, other than its owner, may launch an image.
type Permissions struct {
	// Accounts are ids of 12 digits.
	Accounts []string `json:"accounts,omitempty"`
	// Organizations are ARNs.
	Organizations []string `json:"organizations,omitempty"`
	// OrganizationalUnits are ARNs.
	OrganizationalUnits []string `json:"organizationalUnits,omitempty"`
	// Public is everybody with an AWS account.
	Public bool `json:"public,omitempty"`
}

// IsZero reports whether the permissions are empty.
func (p Permissions) IsZero() bool {
	return !p.Public && len(p.Accounts)+len(p.Organizations)+len(p.OrganizationalUnits) == 0
}

// Protection is a deregistration protection. The values are AWS's own.
type Protection string

const (
	// ProtectionUnchanged leaves the protection as it is.
	ProtectionUnchanged Protection = ""
	// ProtectionWithoutCooldown ends when it is disabled.
	ProtectionWithoutCooldown Protection = "enabled-without-cooldown"
	// ProtectionWithCooldown ends 24 hours after it is disabled.
	ProtectionWithCooldown Protection = "enabled-with-cooldown"
)
