package awstest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// keys are the KMS keys of a store: what was seeded, and AWS's own, which come
// to be when something asks for them.
type keys struct {
	byID    map[string]*key
	aliases map[string]*key
}

// key is one symmetric KMS key.
type key struct {
	place
	id, description string
	created         time.Time
	managed         bool // AWS's own, such as alias/aws/ebs
	disabled        bool
	accounts        map[string]bool // others that the key policy lets use it
	grants          map[string]bool // ARNs, without their partition, of principals that may use it
}

func (k *key) arn() string {
	return fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", partition(k.region), k.region, k.account, k.id)
}

// KeySeed is a customer-managed key to be there from the start. Every field may
// be zero: then the account that owns it may use it, and nobody else, its own
// Auto Scaling role neither.
type KeySeed struct {
	ID          string // empty: the next one
	Alias       string // "alias/golden"; empty: none
	Description string
	// Accounts are other accounts that the key policy lets use the key: their
	// users and roles, but no roles of AWS's services.
	Accounts []string
	// Grants are the ARNs of principals that a grant or the key policy lets use
	// the key, such as [AutoScalingRole] of an account.
	Grants   []string
	Disabled bool
}

// Key makes a customer-managed key in this Region and returns its ARN. It
// panics when the id or the alias is taken, or the alias malformed.
func (r *Region) Key(seed KeySeed) (arn string) {
	if seed.Alias != "" && (!strings.HasPrefix(seed.Alias, "alias/") || strings.HasPrefix(seed.Alias, "alias/aws/")) {
		panic(fmt.Sprintf("awstest: %q is no alias of a customer's key: it begins with alias/ and not with alias/aws/", seed.Alias))
	}
	r.do(func(s *store) {
		if s.keys.byID[seed.ID] != nil || s.keys.aliases[seed.Alias] != nil {
			panic(fmt.Sprintf("awstest: the key %q or its alias %q is there already", seed.ID, seed.Alias))
		}
		if seed.ID == "" {
			seed.ID = s.newUUID("key")
		}
		k := s.addKey(seed.ID, seed.Alias)
		k.description, k.disabled = seed.Description, seed.Disabled
		for _, account := range seed.Accounts {
			k.accounts[account] = true
		}
		k.grant(seed.Grants)
		arn = k.arn()
	})
	return arn
}

// GrantKey lets principals use a key of this account, given in any form that
// KMS takes. It panics when there is no such key.
func (r *Region) GrantKey(key string, principals ...string) {
	r.do(func(s *store) { s.seededKey(key).grant(principals) })
}

// DisableKey makes a key of this account unusable, given in any form that KMS
// takes, until [Region.EnableKey]. It panics when there is no such key.
func (r *Region) DisableKey(key string) {
	r.do(func(s *store) { s.seededKey(key).disabled = true })
}

// EnableKey ends what [Region.DisableKey] or the seed of a key has begun.
func (r *Region) EnableKey(key string) {
	r.do(func(s *store) { s.seededKey(key).disabled = false })
}

// AutoScalingRole is the ARN of the role with which Auto Scaling launches an
// account's instances. It is what must be allowed to use the key of an encrypted
// image that a group launches from: by the key policy where the account owns the
// key, by a grant where another does.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
func AutoScalingRole(account string) string {
	return "arn:aws:iam::" + account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
}

func (k *key) grant(principals []string) {
	for _, arn := range principals {
		k.grants[inPartition(arn)] = true
	}
}

// seedKey is the ARN of the key of a seed. A key of this account that is not
// there yet is made.
func (s *store) seedKey(name string) string {
	switch {
	case s.findKey(name) != nil || strings.HasPrefix(name, "arn:"):
	case strings.HasPrefix(name, "alias/"):
		s.addKey(s.newUUID("key"), name)
	default:
		s.addKey(name, "")
	}
	return s.keyARN(name)
}

func (s *store) seededKey(name string) *key {
	if k := s.findKey(name); k != nil && k.account == s.account && !k.managed {
		return k
	}
	panic(fmt.Sprintf("awstest: account %s has no key %q in %s", s.account, name, s.region))
}

// addKey makes a key; an empty alias is none.
func (s *store) addKey(id, alias string) *key {
	if s.keys.byID == nil {
		s.keys = keys{byID: map[string]*key{}, aliases: map[string]*key{}}
	}
	k := &key{place: s.place, id: id, created: s.now, accounts: map[string]bool{}, grants: map[string]bool{}}
	s.keys.byID[id] = k
	if alias != "" {
		s.keys.aliases[alias] = k
	}
	return k
}

// findKey finds a key by any of the forms that KMS takes: id, alias, ARN, ARN of
// an alias. Only ARNs reach into other accounts. It is nil when there is none.
func (s *store) findKey(name string) *key {
	if strings.HasPrefix(name, "arn:") {
		// arn:aws:kms:eu-west-1:123456789012:key/…
		parts := strings.SplitN(name, ":", 6)
		if len(parts) != 6 || parts[1] != partition(parts[3]) || parts[2] != "kms" {
			return nil
		}
		owner := s.stores[place{parts[4], parts[3]}]
		id, isKey := strings.CutPrefix(parts[5], "key/")
		switch {
		case owner == nil:
			return nil
		case isKey:
			return owner.keys.byID[id]
		case strings.HasPrefix(parts[5], "alias/"):
			return owner.findKey(parts[5])
		}
		return nil
	}
	if k := s.keys.aliases[name]; k != nil {
		return k
	}
	if strings.HasPrefix(name, "alias/aws/") {
		return s.awsKey(name)
	}
	return s.keys.byID[name]
}

// awsKey makes AWS's own key for a service.
func (s *store) awsKey(alias string) *key {
	sum := sha256.Sum256([]byte(s.account + "/" + s.region + "/" + alias))
	h := hex.EncodeToString(sum[:16])
	k := s.addKey(strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), alias)
	k.managed = true
	if alias == ebsAlias {
		k.description = "Default key that protects my EBS volumes when no other key is defined"
	}
	return k
}

// mayUseKey is true when the account of s, or its Auto Scaling role, may read
// and write with a key, given by its ARN, in the Region of s now.
func (s *store) mayUseKey(arn string, autoScaling bool) bool {
	k := s.findKey(arn)
	switch {
	case k == nil || k.disabled || k.region != s.region:
		return false
	case k.managed:
		return k.account == s.account
	case autoScaling:
		return k.grants[inPartition(AutoScalingRole(s.account))]
	}
	return k.admits(s.account)
}

// admits is true when users and roles of an account may use a key.
func (k *key) admits(account string) bool {
	if k.account == account || k.accounts[account] {
		return true
	}
	for principal := range k.grants { // iam::123456789012:role/name
		if strings.HasPrefix(principal, "iam::"+account+":") && !strings.Contains(principal, ":role/aws-service-role/") {
			return true
		}
	}
	return false
}

// managedKey is true of an ARN of AWS's own key.
func (s *store) managedKey(arn string) bool {
	k := s.findKey(arn)
	return k != nil && k.managed
}
