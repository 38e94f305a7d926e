package awstest

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func init() {
	handle(assumeRole, "RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId")
}

// RequireExternalID lets a role of the account be assumed with this external id
// only, as a condition on sts:ExternalId in its trust policy does. A role that
// no such call names takes any external id, and none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
func (a *Account) RequireExternalID(role, externalID string) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	if a.cloud.externalIDs == nil {
		a.cloud.externalIDs = map[string]string{}
	}
	a.cloud.externalIDs[a.id+"/"+role] = externalID
}

var externalID = regexp.MustCompile(`^[\w+=,.@:/-]*$`)

// chainedFor is the longest session of a role that another role has assumed,
// whatever the role itself allows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
const chainedFor = time.Hour

// assumeRole models who a caller is, not policies: a role trusts everybody who
// knows its external id. Every role allows the longest session that AWS has. How
// long one lasts is told, and measured, by the clock that the SDK reads: it keeps
// credentials for as long as they are good by that, and [Cloud.Advance] does not
// move it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assumeRole(r *request, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	// arn:aws:iam::123456789012:role/path/name
	parts := strings.SplitN(*in.RoleArn, ":", 6)
	if len(parts) != 6 || len(parts[4]) != 12 || !strings.HasPrefix(parts[5], "role/") {
		return nil, apiError("ValidationError", "%s is invalid", *in.RoleArn)
	}
	account, role := parts[4], parts[5][strings.LastIndex(parts[5], "/")+1:] // a session's ARN has no path
	lasts := time.Hour                                                       // STS's default
	if in.DurationSeconds != nil {
		lasts = time.Duration(*in.DurationSeconds) * time.Second
	}
	switch {
	case lasts < 15*time.Minute || lasts > 12*time.Hour:
		return nil, apiError("ValidationError", "DurationSeconds must be 900 to 43200")
	case r.caller.role && lasts > chainedFor:
		return nil, apiError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case in.ExternalId != nil && (len(*in.ExternalId) < 2 || len(*in.ExternalId) > 1224 || !externalID.MatchString(*in.ExternalId)):
		return nil, apiError("ValidationError", "1 validation error detected: Value '%s' at 'externalId' failed to satisfy constraint: "+
			"Member must have a length of 2 to 1224 and satisfy regular expression pattern: [\\w+=,.@:\\/-]*", *in.ExternalId)
	}
	if want, ok := r.externalIDs[account+"/"+role]; ok && aws.ToString(in.ExternalId) != want {
		return nil, apiError("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", r.caller.arn, *in.RoleArn)
	}
	key := sessionKeyPrefix + strings.ToUpper(r.hash(sessionKeyPrefix)[:16])
	who := identity{
		account: account,
		arn:     fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", parts[1], account, role, *in.RoleSessionName),
		userID:  "AROA" + account + ":" + *in.RoleSessionName,
		role:    true,
	}
	expires := time.Now().Add(lasts)
	r.sessions[key] = session{identity: who, expires: expires}
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &ststypes.AssumedRoleUser{Arn: new(who.arn), AssumedRoleId: new(who.userID)},
		Credentials: &ststypes.Credentials{
			AccessKeyId:     new(key),
			SecretAccessKey: new("awstest"),
			SessionToken:    new("awstest"),
			Expiration:      new(expires),
		},
	}, nil
}
