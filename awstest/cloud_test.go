package awstest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestRoleSwitchingReachesTheOtherAccount(t *testing.T) {
	cloud := awstest.Start(t)
	cfg := cloud.Config("eu-west-1")
	role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::222222222222:role/deploy")
	cfg.Credentials = role

	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)

	require.NoError(t, err)
	assert.Equal(t, "222222222222", *out.Account)
	assert.Contains(t, *out.Arn, "assumed-role/deploy/")
}

func TestUnmodelledIsNamedAndUnsupported(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

	_, err := client.DescribeVpnGateways(t.Context(), nil)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestDisabledRegionLooksLikeBadCredentials(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithDisabledRegions("eu-west-3"))
	client := ec2.NewFromConfig(cloud.Config("eu-west-3"))

	_, err := client.DescribeRegions(t.Context(), nil)

	api, ok := errors.AsType[smithy.APIError](err)
	require.True(t, ok)
	assert.Equal(t, "AuthFailure", api.ErrorCode())
}

func TestLostResponseIsSentAgainByTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithFault(awstest.LoseResponse(awstest.Match{Operation: "DescribeRegions"})))
		client := ec2.NewFromConfig(cloud.Config("eu-west-1"))

		out, err := client.DescribeRegions(t.Context(), nil)

		require.NoError(t, err)
		assert.NotEmpty(t, out.Regions)
		assert.Equal(t, 2, cloud.Count("DescribeRegions"))
	})
}

func TestCloudMadeOutsideTheBubbleSaysSo(t *testing.T) {
	cloud := awstest.New()
	synctest.Test(t, func(t *testing.T) {
		_, err := ec2.NewFromConfig(cloud.Config("eu-west-1")).DescribeRegions(t.Context(), nil)
		assert.ErrorContains(t, err, "inside the synctest bubble")
	})
}

func TestCallTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		start := time.Now()
		_, err := ec2.NewFromConfig(cloud.Config("eu-west-1")).DescribeRegions(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, time.Millisecond, time.Since(start))
	})
}
