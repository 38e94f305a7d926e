package launchtemplate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// What was asked is written behind the caller's text in the version
// description. That is the only place for it: versions have no tags, and tags
// of the template itself belong to whoever manages the template.
const (
	markOpen  = "[readyami:"
	markClose = "]"
	// intentLen is in hexadecimal digits: 80 bits.
	intentLen = 20
	// maxDescription is AWS's limit. It is in characters; counting bytes is on
	// the safe side of it.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
	maxDescription = 255
	// maxText is what of it is left for the caller.
	maxText = maxDescription - len(" "+markOpen+markClose) - intentLen
)

// intentOf is one short name for what was asked: equal input has an equal one.
func intentOf(parts ...any) string { return digest(parts)[:intentLen] }

// tokenOf is the idempotency token of a request, from all that the request
// holds: AWS refuses a token that comes back with another request. 64 characters
// are the most that EC2 documents.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
func tokenOf(parts ...any) string { return digest(parts)[:64] }

func digest(parts []any) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(canonical(p)))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func describe(text, intent string) string {
	mark := markOpen + intent + markClose
	if text == "" {
		return mark
	}
	return text + " " + mark
}

func madeFor(description, intent string) bool {
	return strings.HasSuffix(description, markOpen+intent+markClose)
}

func tooLong(text string) bool { return len(text) > maxText }
