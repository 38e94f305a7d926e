package awstest

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// tokens are the client tokens that this account has used in this Region.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
type tokens struct {
	used map[string]tokenUse
}

type tokenUse struct {
	params [sha256.Size]byte
	result string // the id that the first call made
}

// replay returns what an earlier call with the same token made, empty when
// there was none. params is the input.
func (t *tokens) replay(op string, token *string, params any) (result string, err error) {
	use, ok := t.used[op+"/"+aws.ToString(token)]
	if token == nil || !ok {
		return "", nil
	}
	if use.params != digest(params) {
		return "", apiError("IdempotentParameterMismatch", "%s", cmp.Or(mismatchWords[op],
			"The client token you have provided has already been used with different parameters"))
	}
	return use.result, nil
}

// remember notes what a call with a token made.
func (t *tokens) remember(op string, token *string, params any, result string) {
	if token == nil {
		return
	}
	if t.used == nil {
		t.used = map[string]tokenUse{}
	}
	t.used[op+"/"+*token] = tokenUse{params: digest(params), result: result}
}

// mismatchWords are how operations say that a token has been used for something
// else.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (create-token-mismatch and the like)
var mismatchWords = map[string]string{
	"CreateLaunchTemplate":        "Client token already used before.",
	"CreateLaunchTemplateVersion": "Client token already used before",
	"ModifyLaunchTemplate":        "The specified client token has already been used before.",
}

func digest(params any) [sha256.Size]byte {
	raw, err := json.Marshal(params)
	if err != nil {
		panic("awstest: an input that JSON cannot hold: " + err.Error())
	}
	return sha256.Sum256(raw)
}
