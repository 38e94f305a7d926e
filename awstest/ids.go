package awstest

import "strings"

// wellFormed is true for an id of a kind: its prefix and 8 or 17 hex digits.
func wellFormed(prefix, id string) bool {
	digits, ok := strings.CutPrefix(id, prefix)
	return ok && (len(digits) == 8 || len(digits) == 17) && isHex(digits)
}

func isHex(s string) bool {
	for n := range len(s) {
		if c := s[n]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// missing is EC2's answer to ids of which some do not exist: the whole call
// fails, naming all of them. kind is "image id" or "instance ID".
func missing(code, kind string, ids []string) error {
	if len(ids) == 1 {
		return apiError(code, "The %s '%s' does not exist", kind, ids[0])
	}
	return apiError(code, "The %ss '%s' do not exist", kind, strings.Join(ids, ", "))
}
