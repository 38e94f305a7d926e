package awstest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestRolesWithAnExternalID(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Account(stranger).RequireExternalID("build", "ours")
	assume := func(role string, external *string) (*sts.AssumeRoleOutput, error) {
		return sts.NewFromConfig(cloud.Config(home)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: new("arn:aws:iam::" + stranger + ":role/" + role), RoleSessionName: new("web"), ExternalId: external})
	}
	const denied = "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::" + stranger + ":role/"
	_, err := assume("build", nil)
	requireCode(t, err, "AccessDenied", denied+"build")
	_, err = assume("build", new("theirs"))
	requireCode(t, err, "AccessDenied", denied)
	_, err = assume("ci/build", new("theirs"))
	requireCode(t, err, "AccessDenied", denied+"ci/build")
	out, err := assume("ci/build", new("ours"))
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::"+stranger+":assumed-role/build/web", *out.AssumedRoleUser.Arn, "without the path")
	_, err = assume("any", new("theirs"))
	assert.NoError(t, err, "a role that asks for none")
	_, err = assume("any", new("not valid"))
	requireCode(t, err, "ValidationError", "externalId")
}

// A role that a role assumes lasts an hour, whatever is asked for.
func TestChainedRolesLastAnHour(t *testing.T) {
	cloud := awstest.Start(t)
	cfg := cloud.Config(home)
	assume := func(seconds int32) error {
		_, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: new("arn:aws:iam::" + stranger + ":role/build"), RoleSessionName: new("web"), DurationSeconds: &seconds})
		return err
	}
	assert.NoError(t, assume(43200))
	cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::222222222222:role/hub")
	requireCode(t, assume(3601), "ValidationError", "role chaining")
	assert.NoError(t, assume(3600))
}

// The SDK keeps the credentials of a role until they expire by its own clock, which
// Advance does not move. By that clock they do expire, and the SDK asks for new ones.
func TestAdvanceLeavesTheSessionsOfRoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		cfg := cloud.Config(home)
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+stranger+":role/build") // for 15 minutes
		cached, kept := cfg.Copy(), cfg.Copy()
		cached.Credentials = aws.NewCredentialsCache(role)
		credentials, err := role.Retrieve(t.Context())
		require.NoError(t, err)
		kept.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
		account := func(cfg aws.Config) (string, error) {
			out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
			if err != nil {
				return "", err
			}
			return *out.Account, nil
		}
		for range 3 {
			got, err := account(cached)
			require.NoError(t, err)
			assert.Equal(t, stranger, got)
			cloud.Advance(time.Hour)
		}
		assert.Equal(t, 2, cloud.Count("AssumeRole"))
		credentials, err = role.Retrieve(t.Context())
		require.NoError(t, err)
		assert.Equal(t, time.Now().Add(15*time.Minute).UTC(), credentials.Expires.UTC(), "as the SDK's clock has it")

		time.Sleep(15*time.Minute + 1)
		_, err = account(kept)
		requireCode(t, err, "ExpiredToken", "")
		_, err = account(cached)
		require.NoError(t, err)
		assert.Equal(t, 4, cloud.Count("AssumeRole"))
	})
}
