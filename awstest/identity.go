package awstest

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// identity is who makes a call.
type identity struct {
	account string
	arn     string
	userID  string
	role    bool // it is a session of a role
}

// session is one set of temporary credentials.
type session struct {
	identity
	expires time.Time // by the clock of the SDK
}

// The access key of an account's own user tells the account, so that a config
// needs no registration.
const userKeyPrefix = "AKIAUSER"

// The access keys of sessions begin as AWS's do.
const sessionKeyPrefix = "ASIA"

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
		if time.Now().After(s.expires) {
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
		return identity{}, badCredentials(service)
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
}

func getCallerIdentity(r *request, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: new(r.caller.account),
		Arn:     new(r.caller.arn),
		UserId:  new(r.caller.userID),
	}, nil
}
