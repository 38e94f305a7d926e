package awstest

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	organizationARN = regexp.MustCompile(`^arn:aws[^:]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$`)
	unitARN         = regexp.MustCompile(`^arn:aws[^:]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$`)
)

// memberships are the ARNs, without their partition, of the organization that an
// account is in and of each unit around it.
type memberships map[string]bool

func (m memberships) of(arn string) bool { return m[inPartition(arn)] }

// inPartition is an ARN without its partition.
func inPartition(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	return parts[len(parts)-1]
}

// Organization is an organization of AWS Organizations, or a unit of one:
// something that an image can be shared with by its ARN.
type Organization struct {
	cloud  *Cloud
	id     string        // o-… of the whole
	arn    string        // its own
	parent *Organization // nil: this is the whole
}

// Organization makes an organization with accounts in its root and returns it.
// The first of them is its management account; with none that is
// [DefaultAccount], which is no member then. It panics when the id is not as AWS
// makes them: "o-" and 10 to 32 lower-case letters and digits.
//
// An image may be shared with an organization that nobody made here; then no
// account is in it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html
func (c *Cloud) Organization(id string, accounts ...string) *Organization {
	management := DefaultAccount
	if len(accounts) > 0 {
		management = accounts[0]
	}
	o := &Organization{cloud: c, id: id, arn: "arn:aws:organizations::" + management + ":organization/" + id}
	if !organizationARN.MatchString(o.arn) {
		panic(fmt.Sprintf("awstest: %q is no id of an organization in account %s", id, management))
	}
	o.Add(accounts...)
	return o
}

// Unit makes an organizational unit, with accounts in it, inside of an
// organization or of another unit. It panics when the id is not as AWS makes
// them: "ou-", 4 to 32 letters and digits, "-", 8 to 32 more.
func (o *Organization) Unit(id string, accounts ...string) *Organization {
	account := strings.Split(o.arn, ":")[4]
	u := &Organization{cloud: o.cloud, id: o.id, parent: o, arn: "arn:aws:organizations::" + account + ":ou/" + o.id + "/" + id}
	if !unitARN.MatchString(u.arn) {
		panic(fmt.Sprintf("awstest: %q is no id of an organizational unit", id))
	}
	u.Add(accounts...)
	return u
}

// ARN is what an image is shared with: by OrganizationArn for a whole
// organization, by OrganizationalUnitArn for a unit.
func (o *Organization) ARN() string { return o.arn }

// Add makes accounts members, and so members of all that is around.
func (o *Organization) Add(accounts ...string) {
	o.cloud.mu.Lock()
	defer o.cloud.mu.Unlock()
	for _, account := range accounts {
		m := o.cloud.members[account]
		if m == nil {
			m = memberships{}
			o.cloud.members[account] = m
		}
		for at := o; at != nil; at = at.parent {
			m[inPartition(at.arn)] = true
		}
	}
}

// Leave takes accounts out of the whole organization: what was shared with it
// is lost to them at once.
func (o *Organization) Leave(accounts ...string) {
	o.cloud.mu.Lock()
	defer o.cloud.mu.Unlock()
	for _, account := range accounts {
		for arn := range o.cloud.members[account] {
			if strings.Contains(arn+"/", "/"+o.id+"/") {
				delete(o.cloud.members[account], arn)
			}
		}
	}
}
