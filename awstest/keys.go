package awstest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// defaultKey is the key that EBS encrypts with where none is named: AWS's own
// key of this account and Region.
func (s *store) defaultKey() string { return s.keyNamed("alias/aws/ebs") }

// keyARN is the ARN that EC2 answers for a key that a call names in any of the
// forms that KMS has: id, alias, ARN, ARN of an alias.
func (s *store) keyARN(name string) string {
	if !strings.HasPrefix(name, "arn:") {
		return s.keyNamed(name)
	}
	if prefix, alias, ok := strings.Cut(name, ":alias/"); ok && prefix == strings.TrimSuffix(s.arn("kms", ""), ":") {
		return s.keyNamed("alias/" + alias)
	}
	return name
}

func (s *store) keyNamed(name string) string {
	if !strings.HasPrefix(name, "alias/") {
		return s.arn("kms", "key/"+name)
	}
	sum := sha256.Sum256([]byte(s.account + "/" + s.region + "/" + name))
	h := hex.EncodeToString(sum[:16])
	return s.arn("kms", "key/"+strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"))
}

// usableKey is true for a key of this Region. A key of another account counts
// as shared with this one.
func (s *store) usableKey(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[2] == "kms" && parts[3] == s.region && strings.HasPrefix(parts[5], "key/")
}
