package awstest

import (
	"maps"
	"slices"
	"strings"
)

// launchPermissions says who but the owner may use an image or a snapshot.
type launchPermissions struct {
	public bool
	users  map[string]bool
	orgs   map[string]bool // ARNs of organizations and their units; of images only
}

// entities is how many accounts, organizations and units there are.
func (p launchPermissions) entities() int { return len(p.users) + len(p.orgs) }

// ofSnapshots is the part that snapshots can have too.
func (p launchPermissions) ofSnapshots() launchPermissions {
	p.orgs = nil
	return p
}

// sees is true when the account of s may see and launch an image.
func (s *store) sees(i *image) bool {
	return i.account == s.account || i.permissions.public || s.shares(i, s.account)
}

// shares is true when an image is shared with an account by its id, or by its
// organization or a unit that it is in.
func (c *Cloud) shares(i *image, account string) bool {
	if i.permissions.users[account] {
		return true
	}
	for arn := range i.permissions.orgs {
		if c.members[account].of(arn) {
			return true
		}
	}
	return false
}

// sharedWith is one value of ExecutableUsers. Of another account than one's own
// only direct shares count, and only those that one has made.
func (s *store) sharedWith(i *image, user string) bool {
	switch user {
	case "all":
		return i.permissions.public
	case "self", s.account:
		return s.shares(i, s.account)
	}
	return i.account == s.account && i.permissions.users[user]
}

// reads is true when the account of s may make volumes and copies of a
// snapshot.
func (s *store) reads(n *snapshot) bool {
	return n.account == s.account || n.permissions.users[s.account] || s.isPublic(n)
}

// isPublic is true of a snapshot that is shared with all, unless its owner
// blocks that.
func (c *Cloud) isPublic(n *snapshot) bool {
	return n.permissions.public && !c.store(n.place).publicAccess.hidesSnapshots()
}

// grantee is one whom something is shared with, or a public group.
type grantee struct {
	kind  granteeKind
	value string
}

type granteeKind string // as AWS names them in errors

const (
	granteeUser  granteeKind = "userId"
	granteeGroup granteeKind = "group"
	granteeOrg   granteeKind = "organizationArn"
	granteeUnit  granteeKind = "organizationalUnitArn"
)

// granteesNamed are accounts, and organizations and units by their ARNs.
func granteesNamed(names []string) (out []grantee) {
	for _, name := range names {
		kind := granteeUser
		if !isAccount(name) {
			kind = granteeOrg
		}
		out = append(out, grantee{kind, name})
	}
	return out
}

// check refuses what cannot be a grantee of its kind.
func (g grantee) check() error {
	ok := false
	switch g.kind {
	case granteeUser:
		ok = isAccount(g.value)
	case granteeGroup:
		ok = g.value == "all"
	case granteeOrg:
		ok = organizationARN.MatchString(g.value)
	case granteeUnit:
		ok = unitARN.MatchString(g.value)
	}
	if !ok {
		return apiError("InvalidAMIAttributeItemValue", "Invalid attribute item value \"%s\" for %s item type.", g.value, g.kind)
	}
	return nil
}

// grantChange is what a call adds to permissions and takes away from them.
type grantChange struct{ add, remove []grantee }

func (c grantChange) check() error {
	for _, g := range slices.Concat(c.add, c.remove) {
		if err := g.check(); err != nil {
			return err
		}
	}
	return nil
}

// publishes is true when the change makes something public.
func (c grantChange) publishes() bool { return slices.Contains(c.add, grantee{granteeGroup, "all"}) }

// with is the permissions after a change. To add twice or to remove what is not
// there is no mistake.
func (p launchPermissions) with(c grantChange) launchPermissions {
	out := launchPermissions{public: p.public, users: maps.Clone(p.users), orgs: maps.Clone(p.orgs)}
	set := func(m *map[string]bool, key string, on bool) {
		if !on {
			delete(*m, key)
			return
		}
		if *m == nil {
			*m = map[string]bool{}
		}
		(*m)[key] = true
	}
	apply := func(all []grantee, on bool) {
		for _, g := range all {
			switch g.kind {
			case granteeGroup:
				out.public = on
			case granteeUser:
				set(&out.users, g.value, on)
			default:
				set(&out.orgs, g.value, on)
			}
		}
	}
	apply(c.add, true)
	apply(c.remove, false)
	return out
}

// list is the grantees: the group, then the others, each kind in order.
func (p launchPermissions) list() (out []grantee) {
	if p.public {
		out = append(out, grantee{granteeGroup, "all"})
	}
	for _, arn := range slices.Sorted(maps.Keys(p.orgs)) {
		kind := granteeOrg
		if strings.Contains(arn, ":ou/") {
			kind = granteeUnit
		}
		out = append(out, grantee{kind, arn})
	}
	for _, account := range slices.Sorted(maps.Keys(p.users)) {
		out = append(out, grantee{granteeUser, account})
	}
	return out
}
