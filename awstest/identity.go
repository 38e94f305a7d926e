package awstest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// identity is who makes a call.
type identity struct {
	account string
	arn     string
	userID  string
}

// session is one set of temporary credentials.
type session struct {
	identity
	expires time.Time
}

// The access key of an account's own user tells the account, so that a config
// needs no registration.
const userKeyPrefix = "AKIAUSER"

func staticCredentials(account string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     userKeyPrefix + account,
			SecretAccessKey: "awstest",
			Source:          "awstest",
			AccountID:       account,
		}, nil
	})
}

// accessKey reads the key id out of a signed request's Authorization header.
func accessKey(header string) string {
	_, rest, _ := strings.Cut(header, "Credential=")
	key, _, _ := strings.Cut(rest, "/")
	return key
}

// identify tells who an access key belongs to, as the partition of the Region
// that the call is made in writes it.
func (c *Cloud) identify(service, region, key string) (identity, error) {
	if s, ok := c.sessions[key]; ok {
		if time.Now().Add(c.offset).After(s.expires) {
			return s.identity, expired(service)
		}
		return s.identity, nil
	}
	known := partition(region) + "/" + key
	if who, ok := c.users[known]; ok {
		return who, nil
	}
	account, ok := strings.CutPrefix(key, userKeyPrefix)
	if !ok || len(account) != 12 {
		return identity{}, apiError("AuthFailure", "AWS was not able to validate the provided access credentials")
	}
	who := identity{
		account: account,
		arn:     "arn:" + partition(region) + ":iam::" + account + ":user/awstest",
		userID:  "AIDAUSER" + account,
	}
	c.users[known] = who
	return who, nil
}

func init() {
	handle(getCallerIdentity)
	handle(assumeRole, "RoleArn", "RoleSessionName", "DurationSeconds")
}

func getCallerIdentity(r *request, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: new(r.caller.account),
		Arn:     new(r.caller.arn),
		UserId:  new(r.caller.userID),
	}, nil
}

// assumeRole trusts everybody: the fake models who a caller is, not policies.
func assumeRole(r *request, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	// arn:aws:iam::123456789012:role/name
	parts := strings.SplitN(*in.RoleArn, ":", 6)
	if len(parts) != 6 || len(parts[4]) != 12 || !strings.HasPrefix(parts[5], "role/") {
		return nil, apiError("ValidationError", "%s is invalid", *in.RoleArn)
	}
	account, role := parts[4], strings.TrimPrefix(parts[5], "role/")
	lasts := time.Hour // STS's default
	if in.DurationSeconds != nil {
		lasts = time.Duration(*in.DurationSeconds) * time.Second
	}
	if lasts < 15*time.Minute || lasts > 12*time.Hour {
		return nil, apiError("ValidationError", "DurationSeconds must be 900 to 43200")
	}
	key := "ASIA" + strings.ToUpper(r.hash("ASIA")[:16])
	who := identity{
		account: account,
		arn:     fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", parts[1], account, role, *in.RoleSessionName),
		userID:  "AROA" + account + ":" + *in.RoleSessionName,
	}
	r.sessions[key] = session{identity: who, expires: r.now.Add(lasts)}
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &ststypes.AssumedRoleUser{Arn: new(who.arn), AssumedRoleId: new(who.userID)},
		Credentials: &ststypes.Credentials{
			AccessKeyId:     new(key),
			SecretAccessKey: new("awstest"),
			SessionToken:    new("awstest"),
			Expiration:      new(r.now.Add(lasts)),
		},
	}, nil
}
