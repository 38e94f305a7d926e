package region_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

const other = "222222222222"

// accounts are the configs of a cloud in which each account has its own
// credentials, as with roles.
func accounts(cloud *awstest.Cloud) region.ConfigFunc {
	return func(_ context.Context, t region.Target) (aws.Config, error) {
		if t.Account == "" {
			return cloud.Config(t.Region), nil
		}
		return cloud.Account(t.Account).Config(t.Region), nil
	}
}

func TestPreflightFillsInAccounts(t *testing.T) {
	cloud := awstest.Start(t)
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))

	got, err := pool.Preflight(t.Context(), []region.Target{{Region: "eu-west-1"}, {Region: "us-east-1"}, {Region: "ap-south-1"}})

	require.NoError(t, err)
	assert.Equal(t, []region.Target{
		{Account: awstest.DefaultAccount, Region: "eu-west-1"},
		{Account: awstest.DefaultAccount, Region: "us-east-1"},
		{Account: awstest.DefaultAccount, Region: "ap-south-1"},
	}, got)
	assert.Equal(t, 1, cloud.Count("GetCallerIdentity"), "once for the account")
	assert.Equal(t, 1, cloud.Count("DescribeRegions"))
	assert.Empty(t, cloud.Writes())
}

func TestPreflightReportsAllThatIsWrong(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithDisabledRegions("eu-west-3"))
	pool := region.NewClientPool(accounts(cloud))

	got, err := pool.Preflight(t.Context(), []region.Target{
		{Region: "eu-west-3"},
		{Region: "eu-west-1"},
		{Region: "eu-atlantis-1"},
		{Account: awstest.DefaultAccount, Region: "eu-west-1"},
		{Account: other, Region: "af-south-1"},
		{Account: "12", Region: "eu-west-1"},
		{Region: "nowhere"},
	})

	assert.Equal(t, region.Target{Account: awstest.DefaultAccount, Region: "eu-west-1"}, got[1])
	require.ErrorIs(t, err, region.ErrRegionNotEnabled)
	require.ErrorIs(t, err, region.ErrUnknownRegion)
	require.ErrorIs(t, err, region.ErrInvalidInput)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var kinds []error
	var places []string
	for _, err := range joined.Unwrap() {
		e, ok := errors.AsType[*region.Error](err)
		require.True(t, ok)
		kinds = append(kinds, e.Kind)
		places = append(places, e.Account+"/"+e.Region)
	}
	assert.Equal(t, []error{
		region.ErrRegionNotEnabled, region.ErrUnknownRegion, region.ErrInvalidInput,
		region.ErrRegionNotEnabled, region.ErrInvalidInput, region.ErrInvalidInput,
	}, kinds)
	assert.Equal(t, []string{
		awstest.DefaultAccount + "/eu-west-3", awstest.DefaultAccount + "/eu-atlantis-1", awstest.DefaultAccount + "/eu-west-1",
		other + "/af-south-1", "12/eu-west-1", "/nowhere",
	}, places, "in the order of the targets")
	assert.Empty(t, cloud.Writes())
	for _, call := range cloud.Calls() {
		assert.Equal(t, "us-east-1", call.Region, "a Region that is not enabled is never called")
	}
}

func TestPreflightAsksEachPartition(t *testing.T) {
	cloud := awstest.Start(t)
	pool := region.NewClientPool(accounts(cloud))
	_, err := pool.Preflight(t.Context(), []region.Target{
		{Account: other, Region: "cn-northwest-1"},
		{Region: "us-gov-east-1"},
		{Region: "eu-west-1"},
	})
	require.NoError(t, err)
	asked := map[string]bool{}
	for _, call := range cloud.Calls() {
		asked[call.Region] = true
	}
	assert.Equal(t, map[string]bool{"cn-north-1": true, "us-gov-west-1": true, "us-east-1": true}, asked)
}

func TestPreflightWrongAccount(t *testing.T) {
	cloud := awstest.Start(t)
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	got, err := pool.Preflight(t.Context(), []region.Target{
		{Account: other, Region: "eu-west-1"}, {Account: other, Region: "eu-west-2"}, {Region: "eu-west-1"},
	})
	require.ErrorIs(t, err, region.ErrWrongAccount)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	assert.Len(t, joined.Unwrap(), 1, "once for the account")
	assert.Equal(t, awstest.DefaultAccount, got[2].Account)
}

func TestPreflightExpiredCredentials(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithFault(awstest.ExpireCredentials(awstest.Match{}, 1)))
	pool := region.NewClientPool(region.OneAccount(cloud.Config("")))
	_, err := pool.Preflight(t.Context(), []region.Target{{Region: "eu-west-1"}})
	require.ErrorIs(t, err, region.ErrCredentialsExpired)
}

func TestPreflightNeedsTargets(t *testing.T) {
	_, err := region.NewClientPool(region.OneAccount(aws.Config{})).Preflight(t.Context(), nil)
	require.ErrorIs(t, err, region.ErrInvalidInput)
}
