package awstest_test

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const optional = "af-south-1"

// optIns are the opt-in statuses of the Regions that an account is told of.
func optIns(t *testing.T, account *awstest.Account, from string, in ec2.DescribeRegionsInput) map[string]string {
	t.Helper()
	out, err := ec2.NewFromConfig(account.Config(from)).DescribeRegions(t.Context(), &in)
	require.NoError(t, err)
	statuses := map[string]string{}
	for _, r := range out.Regions {
		statuses[*r.RegionName] = *r.OptInStatus
	}
	return statuses
}

// calls makes one call of each service in a Region.
func calls(t *testing.T, account *awstest.Account, region string) map[string]error {
	t.Helper()
	cfg, errs := account.Config(region), map[string]error{}
	_, errs["EC2"] = ec2.NewFromConfig(cfg).DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	_, errs["Auto Scaling"] = autoscaling.NewFromConfig(cfg).DescribeAutoScalingGroups(t.Context(), nil)
	_, errs["SSM"] = ssm.NewFromConfig(cfg).GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: new("/")})
	_, errs["KMS"] = kms.NewFromConfig(cfg).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: new("alias/aws/ebs")})
	_, errs["STS"] = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	return errs
}

func TestAnAccountEnablesARegionForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{RegionOptIn: 20 * time.Minute}))
		ours, theirs := cloud.Account(awstest.DefaultAccount), cloud.Account(stranger)
		for service, err := range calls(t, ours, optional) {
			requireCode(t, err, map[string]string{
				"EC2": "AuthFailure", "Auto Scaling": "InvalidClientTokenId", "STS": "InvalidClientTokenId",
				"SSM": "UnrecognizedClientException", "KMS": "UnrecognizedClientException",
			}[service], "")
		}
		assert.NotContains(t, optIns(t, ours, home, ec2.DescribeRegionsInput{}), optional)

		ours.EnableRegion(optional)
		time.Sleep(20*time.Minute - 1)
		assert.Equal(t, "AuthFailure", codeOf(calls(t, ours, optional)["EC2"]), "it takes its time")
		time.Sleep(time.Nanosecond)
		for service, err := range calls(t, ours, optional) {
			assert.NoError(t, err, service)
		}
		assert.Equal(t, "opted-in", optIns(t, ours, home, ec2.DescribeRegionsInput{})[optional])
		assert.Equal(t, "AuthFailure", codeOf(calls(t, theirs, optional)["EC2"]), "it is the account's choice")
		assert.Equal(t, "not-opted-in", optIns(t, theirs, home, ec2.DescribeRegionsInput{AllRegions: new(true)})[optional])

		region := ours.Region(optional)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
		ours.DisableRegion(optional)
		assert.Equal(t, "AuthFailure", codeOf(calls(t, ours, optional)["EC2"]), "at once")
		ours.EnableRegion(optional)
		ours.DisableRegion(optional)
		time.Sleep(time.Hour)
		assert.Equal(t, "AuthFailure", codeOf(calls(t, ours, optional)["EC2"]), "the last choice counts")
		ours.EnableRegion(optional)
		ours.EnableRegion("me-south-1") // another choice, which leaves the first one alone
		time.Sleep(time.Hour)
		out, err := ec2.NewFromConfig(region.Config()).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
		require.NoError(t, err)
		assert.Len(t, out.Images, 1, "what the account had there is there still")

		for _, name := range []string{home, "eu-atlantis-1"} {
			assert.Panics(t, func() { ours.EnableRegion(name) })
			assert.Panics(t, func() { ours.DisableRegion(name) })
		}
	})
}

func TestEveryAccountHasTheRegionsOfTheSeed(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithEnabledRegions(optional), awstest.WithDisabledRegions("eu-west-3"))
	for _, id := range []string{awstest.DefaultAccount, stranger} {
		account := cloud.Account(id)
		assert.NoError(t, calls(t, account, optional)["SSM"])
		assert.Equal(t, "AuthFailure", codeOf(calls(t, account, "eu-west-3")["EC2"]))
		statuses := optIns(t, account, home, ec2.DescribeRegionsInput{AllRegions: new(true)})
		assert.Equal(t, "opted-in", statuses[optional])
		assert.Equal(t, "not-opted-in", statuses["eu-west-3"])
		assert.Equal(t, "not-opted-in", statuses["mx-central-1"])
		assert.Equal(t, "opt-in-not-required", statuses[home])
	}
	cloud.Account(stranger).DisableRegion(optional)
	assert.Equal(t, "AuthFailure", codeOf(calls(t, cloud.Account(stranger), optional)["EC2"]))
	assert.NoError(t, calls(t, cloud.Account(awstest.DefaultAccount), optional)["EC2"])
}

// An image is copied out of a Region only by an account that has it.
func TestCopyFromARegionThatTheAccountHasNot(t *testing.T) {
	cloud := awstest.Start(t)
	account := cloud.Account(awstest.DefaultAccount)
	id := account.Region(optional).OwnImage(awstest.ImageSeed{Name: "golden"})
	copied := func() error {
		_, err := ec2.NewFromConfig(account.Config(home)).CopyImage(t.Context(), &ec2.CopyImageInput{
			Name: new("golden"), SourceImageId: &id, SourceRegion: new(optional)})
		return err
	}
	requireCode(t, copied(), "InvalidParameterValue", optional)
	account.EnableRegion(optional)
	require.NoError(t, copied())
}

// Names are answered whatever the account has, and a partition sees only itself.
func TestDescribeRegionsByName(t *testing.T) {
	account := awstest.Start(t).Account(awstest.DefaultAccount)
	named := ec2.DescribeRegionsInput{RegionNames: []string{optional, home}}
	assert.Equal(t, map[string]string{optional: "not-opted-in", home: "opt-in-not-required"}, optIns(t, account, home, named))
	assert.Equal(t, map[string]string{optional: "not-opted-in"}, optIns(t, account, home, ec2.DescribeRegionsInput{
		AllRegions: new(true), Filters: []ec2types.Filter{
			{Name: new("opt-in-status"), Values: []string{"not-opted-in"}}, {Name: new("endpoint"), Values: []string{"ec2.af-*"}}},
	}))
	for _, name := range []string{"cn-north-1", "eu-atlantis-1"} {
		_, err := ec2.NewFromConfig(account.Config(home)).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{name}})
		requireCode(t, err, "InvalidParameterValue", name)
	}
	for region, domain := range map[string]string{"cn-north-1": "amazonaws.com.cn", "eusc-de-east-1": "amazonaws.eu", "us-gov-west-1": "amazonaws.com"} {
		out, err := ec2.NewFromConfig(account.Config(region)).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{region}})
		require.NoError(t, err)
		assert.Equal(t, "ec2."+region+"."+domain, *out.Regions[0].Endpoint)
	}
}

// Where there is no such Region there is no endpoint: the SDK does not try again.
func TestRegionThatDoesNotExistHasNoEndpoint(t *testing.T) {
	cloud := awstest.Start(t)
	_, err := autoscaling.NewFromConfig(cloud.Config("eu-atlantis-1")).DescribeAutoScalingGroups(t.Context(), nil)
	dns, ok := errors.AsType[*net.DNSError](err)
	require.True(t, ok, "%v", err)
	assert.True(t, dns.IsNotFound)
	assert.Equal(t, "autoscaling.eu-atlantis-1.amazonaws.com", dns.Name)
	assert.Equal(t, 1, cloud.Count("DescribeAutoScalingGroups"))
}
