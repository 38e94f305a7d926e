package awsserver_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

const home = "eu-west-1"

// over is a config of a client of its own: all that it shares with the cloud is
// the address.
func over(srv *awsserver.Server, key string) aws.Config {
	return aws.Config{Region: home, BaseEndpoint: &srv.URL, HTTPClient: http.DefaultClient,
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", "")}
}

func start(t *testing.T, cloud *awstest.Cloud, optFns ...func(*awsserver.Options)) *awsserver.Server {
	t.Helper()
	srv := awsserver.New(cloud, optFns...)
	t.Cleanup(srv.Close)
	return srv
}

// Each service answers the SDK's client as it does in process.
func TestEveryServiceAnswers(t *testing.T) {
	cloud := awstest.Start(t)
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden & <shiny>"})
	group := cloud.Region(home).Group(awstest.GroupSeed{Name: "web", Size: 2})
	srv := start(t, cloud)
	cfg := over(srv, awstest.DefaultAccount)

	images, err := ec2.NewFromConfig(cfg).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	require.NoError(t, err)
	here, ok := cloud.Region(home).Image(image)
	require.True(t, ok)
	assert.Equal(t, here, images.Images[0])

	groups, err := autoscaling.NewFromConfig(cfg).DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{})
	require.NoError(t, err)
	assert.Equal(t, group.Name, *groups.AutoScalingGroups[0].AutoScalingGroupName)
	assert.Len(t, groups.AutoScalingGroups[0].Instances, 2)

	parameters := ssm.NewFromConfig(cfg)
	_, err = parameters.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/golden"), Value: &image, Type: ssmtypes.ParameterTypeString})
	require.NoError(t, err)
	got, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/golden")})
	require.NoError(t, err)
	assert.Equal(t, image, *got.Parameter.Value)

	key := cloud.Region(home).Key(awstest.KeySeed{})
	described, err := kms.NewFromConfig(cfg).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &key})
	require.NoError(t, err)
	assert.Equal(t, key, *described.KeyMetadata.Arn)

	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	assert.Equal(t, awstest.DefaultAccount, *who.Account)
}

// Whose a call is, the access key says.
func TestAccountOfTheAccessKey(t *testing.T) {
	srv := start(t, awstest.Start(t))
	account := func(cfg aws.Config) string {
		out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		require.NoError(t, err)
		return *out.Account
	}
	for key, want := range map[string]string{
		"210987654321":         "210987654321",
		"AKIAIOSFODNN7EXAMPLE": awstest.DefaultAccount,
		"test":                 awstest.DefaultAccount,
		"21098765432":          awstest.DefaultAccount,
	} {
		assert.Equal(t, want, account(over(srv, key)), key)
	}
	role, err := sts.NewFromConfig(over(srv, "test")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::555555555555:role/deliver"), RoleSessionName: aws.String("ci")})
	require.NoError(t, err)
	assert.Equal(t, "555555555555", account(over(srv, *role.Credentials.AccessKeyId)))

	// A temporary key that was not given here is nobody's.
	_, err = sts.NewFromConfig(over(srv, "ASIAIOSFODNN7EXAMPLE")).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	assert.Equal(t, "InvalidClientTokenId", code(err))
	_, err = ec2.NewFromConfig(over(srv, "ASIAIOSFODNN7EXAMPLE")).DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
	assert.Equal(t, "AuthFailure", code(err))
	_, err = ssm.NewFromConfig(over(srv, "ASIAIOSFODNN7EXAMPLE")).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("a")})
	assert.Equal(t, "UnrecognizedClientException", code(err))
}

// The Region is that of the signature.
func TestRegionOfTheSignature(t *testing.T) {
	cloud := awstest.Start(t)
	image := cloud.Region("us-west-2").OwnImage(awstest.ImageSeed{Name: "golden"})
	cfg := over(start(t, cloud), "test")
	_, err := ec2.NewFromConfig(cfg).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	assert.Equal(t, "InvalidAMIID.NotFound", code(err))
	cfg.Region = "us-west-2"
	_, err = ec2.NewFromConfig(cfg).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	assert.NoError(t, err)
	cfg.Region = "af-south-1"
	_, err = ec2.NewFromConfig(cfg).DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
	assert.Equal(t, "AuthFailure", code(err), "the account has not opted in to it")
}

// A Region that does not exist has no endpoint: the log says so, and the SDK's
// retries do not reach the cloud.
func TestRegionThatDoesNotExist(t *testing.T) {
	cloud := awstest.Start(t)
	var log strings.Builder
	srv := start(t, cloud, func(o *awsserver.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	cfg := over(srv, "test")
	cfg.Region = "eu-atlantis-1"

	_, err := ec2.NewFromConfig(cfg).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})

	assert.Error(t, err)
	srv.Close() // and nothing is logged any more
	assert.Contains(t, log.String(), "there is no such Region")
	assert.Contains(t, log.String(), "eu-atlantis-1")
	assert.Equal(t, 1, cloud.Count("DescribeRegions"))
}

// Errors come in each protocol's own shape and status, with the request's id,
// and as the SDK's own types where they have some.
func TestErrorsOverHTTP(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Region(home).Group(awstest.GroupSeed{Name: "web"})
	cfg := over(start(t, cloud), "test")
	cases := []func(aws.Config) error{
		func(cfg aws.Config) error {
			_, err := ec2.NewFromConfig(cfg).DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: aws.String("ami-0123456789abcdef0")})
			return err
		},
		func(cfg aws.Config) error {
			_, err := autoscaling.NewFromConfig(cfg).CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: aws.String("web"), MinSize: aws.Int32(0), MaxSize: aws.Int32(0)})
			return err
		},
		func(cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/none")})
			return err
		},
		func(cfg aws.Config) error {
			_, err := kms.NewFromConfig(cfg).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/none")})
			return err
		},
		func(cfg aws.Config) error {
			_, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::1:role/x"), RoleSessionName: aws.String("x1")})
			return err
		},
	}
	for _, call := range cases {
		overHTTP, inProcess := call(cfg), call(cloud.Config(home))
		require.Error(t, inProcess)
		assert.Equal(t, code(inProcess), code(overHTTP))
		assert.Equal(t, message(inProcess), message(overHTTP))
		assert.Equal(t, status(inProcess), status(overHTTP))
		assert.IsType(t, typed(inProcess), typed(overHTTP))
		assert.NotEmpty(t, requestID(overHTTP))
	}
}

// What the fake does not have, AWS does not know, and the server's log says so.
func TestUnmodelledOverHTTP(t *testing.T) {
	var log strings.Builder
	srv := start(t, awstest.Start(t), func(o *awsserver.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	cfg := over(srv, "test")
	_, err := ec2.NewFromConfig(cfg).CreateFpgaImage(t.Context(), &ec2.CreateFpgaImageInput{InputStorageLocation: nil}, withoutChecks)
	assert.Equal(t, "InvalidAction", code(err))
	assert.Equal(t, 400, status(err))
	_, err = autoscaling.NewFromConfig(cfg).DescribeAdjustmentTypes(t.Context(), nil)
	assert.Equal(t, "InvalidAction", code(err))
	_, err = ssm.NewFromConfig(cfg).ListDocuments(t.Context(), nil)
	assert.Equal(t, "UnknownOperationException", code(err))
	_, err = ec2.NewFromConfig(cfg).RunInstances(t.Context(), &ec2.RunInstancesInput{MinCount: aws.Int32(1), MaxCount: aws.Int32(1), AdditionalInfo: aws.String("x")})
	assert.Equal(t, "UnknownParameter", code(err))
	for _, word := range []string{"CreateFpgaImage", "DescribeAdjustmentTypes", "ListDocuments", "field=AdditionalInfo"} {
		assert.Contains(t, log.String(), word)
	}
	// A parameter that the SDK does not know either is not looked over.
	text := post(t, srv, "ec2", "Action=DescribeImages&Version=2016-11-15&Newer=1")
	assert.Contains(t, text, "<Code>UnknownParameter</Code>")
	assert.Contains(t, text, "Newer")
}

// post sends a form as a client without an SDK does.
func post(t *testing.T, srv *awsserver.Server, service, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, srv.URL, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260102/"+home+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}
