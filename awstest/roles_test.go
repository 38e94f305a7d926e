package awstest_test

import (
	"testing"

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
