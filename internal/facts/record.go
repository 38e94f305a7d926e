package facts

import (
	"crypto/sha256"
	"encoding/base64"
)

const recordKeyLength = 8

// RecordKey abbreviates the name of a group in a pin record: 8 characters of a hash.
func RecordKey(group string) string {
	sum := sha256.Sum256([]byte(group))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
