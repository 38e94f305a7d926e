package ami

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS gives reasons for a failed image as text only, and for a key that it
// cannot use often a text that does not mention the key. This is the one place
// that reads them; what it makes of them is a hint, and nothing branches on it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
var hints = []struct{ code, text, hint string }{
	{"Client.InvalidKMSKey", "", keyHint},
	{"", "key id is not accessible", keyHint},
	{"", "kms", keyHint},
	{"", "copy image failed with an internal error", "often a KMS key that does not exist in this Region or that the caller may not use"},
	{"Client.InstanceTerminated", "", "the instance was terminated or rebooted while its image was made"},
	{"Client.InvalidSnapshot.NotFound", "", "a snapshot of the image was deleted"},
	{"Server.InternalError", "", "an error inside AWS; the same call may succeed"},
}

const keyHint = "the KMS key must exist in this Region, be enabled, and grant the caller DescribeKey, CreateGrant, Decrypt, ReEncrypt* and GenerateDataKey*"

// Hint returns what the reason of an image's state usually means, and what to do: the
// Hint of the errors of [Wait]. It returns "" if nothing is known of it. It makes no
// call, and the text is for people: it may change.
func Hint(img types.Image) string {
	if img.StateReason == nil {
		return ""
	}
	return hint(aws.ToString(img.StateReason.Code), aws.ToString(img.StateReason.Message))
}

// hint says what a state reason usually means; empty: nothing is known of it.
func hint(code, message string) string {
	message = strings.ToLower(message)
	for _, h := range hints {
		if strings.HasPrefix(code, h.code) && strings.Contains(message, h.text) {
			return h.hint
		}
	}
	return ""
}
