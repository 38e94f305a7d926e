package awsserver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// quick is a client that retries without waiting for long.
func quick(srv *awsserver.Server, attempts int) *ec2.Client {
	return ec2.NewFromConfig(over(srv, "test"), func(o *ec2.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = attempts, time.Millisecond
		})
	})
}

func makeVPC(ctx context.Context, client *ec2.Client) error {
	_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	return err
}

// Each kind of fault that is turned on over HTTP is met there, until it is
// turned off.
func TestFaultsByRequest(t *testing.T) {
	for fault, met := range map[string]struct {
		code   string
		status int
	}{
		`{"kind": "throttle", "match": {"operation": "CreateVpc"}}`:                                               {"RequestLimitExceeded", 503},
		`{"kind": "refuse", "code": "VpcLimitExceeded", "message": "No more.", "match": {"region": "eu-west-1"}}`: {"VpcLimitExceeded", 400},
		`{"kind": "deny", "match": {"write": true}}`:                                                              {"UnauthorizedOperation", 403},
		`{"kind": "expireCredentials"}`:                                                                           {"RequestExpired", 400},
	} {
		srv := start(t, awstest.Start(t))
		client := quick(srv, 1)
		id := turnOn(t, srv, fault)
		err := makeVPC(t.Context(), client)
		assert.Equal(t, met.code, code(err), fault)
		assert.Equal(t, met.status, status(err), fault)
		_, answer := control(t, srv, "GET", "faults", "")
		assert.Len(t, answer["faults"], 1)
		control(t, srv, "DELETE", "faults/"+id, "")
		assert.NoError(t, makeVPC(t.Context(), client), fault)
	}
}

func TestFaultsAreAboutWhatTheyMatch(t *testing.T) {
	srv := start(t, awstest.Start(t))
	turnOn(t, srv, `{"kind": "deny", "match": {"operation": "CreateVpc", "account": "210987654321"}}`)
	assert.NoError(t, makeVPC(t.Context(), quick(srv, 1)))
	assert.Error(t, makeVPC(t.Context(), ec2.NewFromConfig(over(srv, "210987654321"))))
}

// A response that is lost is a connection that breaks after the call has taken
// effect: the SDK sends the call again.
func TestResponseLost(t *testing.T) {
	cloud := awstest.Start(t)
	srv := start(t, cloud)
	turnOn(t, srv, `{"kind": "loseResponse", "match": {"operation": "CreateVpc"}}`)
	require.NoError(t, makeVPC(t.Context(), quick(srv, 3)))
	assert.Equal(t, 2, cloud.Count("CreateVpc"), "and meets its own effect")

	// Lost for good, the attempts that follow do not come so far.
	control(t, srv, "POST", "reset", "")
	turnOn(t, srv, `{"kind": "loseResponseForGood", "match": {"operation": "CreateVpc"}}`)
	err := makeVPC(t.Context(), quick(srv, 3))
	require.Error(t, err)
	assert.Empty(t, code(err), "it is no answer of AWS's")
	assert.Equal(t, 1, cloud.Count("CreateVpc"))
	assert.NoError(t, makeVPC(t.Context(), quick(srv, 3)), "another call is another")
}

func TestCrashAtWrite(t *testing.T) {
	cloud := awstest.Start(t)
	srv := start(t, cloud)
	id := turnOn(t, srv, `{"kind": "crashAtWrite", "call": 2, "done": true}`)
	client := quick(srv, 3)
	require.NoError(t, makeVPC(t.Context(), client))
	require.Error(t, makeVPC(t.Context(), client))
	_, err := client.DescribeVpcs(t.Context(), nil)
	require.Error(t, err, "the process is gone")
	control(t, srv, "DELETE", "faults/"+id, "")
	out, err := client.DescribeVpcs(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, out.Vpcs, 3, "the default one, and both that were made")
}

func TestDelay(t *testing.T) {
	srv := start(t, awstest.Start(t))
	turnOn(t, srv, `{"kind": "delay", "delay": "50ms"}`)
	began := time.Now()
	require.NoError(t, makeVPC(t.Context(), quick(srv, 1)))
	assert.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.True(t, errors.Is(makeVPC(ctx, quick(srv, 1)), context.DeadlineExceeded))
}

func TestRatesOverHTTP(t *testing.T) {
	srv := start(t, awstest.Start(t))
	turnOn(t, srv, `{"kind": "limitRates"}`)
	client := quick(srv, 1)
	in := &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: ec2types.ImageBlockPublicAccessEnabledStateBlockNewSharing}
	_, err := client.EnableImageBlockPublicAccess(t.Context(), in)
	require.NoError(t, err)
	_, err = client.EnableImageBlockPublicAccess(t.Context(), in)
	assert.Equal(t, "RequestLimitExceeded", code(err), "its bucket holds one call")
}

// Scripts about images act as well, and end with all the others.
func TestImagesThatFail(t *testing.T) {
	cloud := awstest.Start(t)
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	srv := start(t, cloud)
	client := quick(srv, 1)
	id := turnOn(t, srv, `{"kind": "failImages", "name": "golden-*", "code": "Client.InternalError", "message": "No luck."}`)
	make := func(name string) ec2types.Image {
		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
		require.NoError(t, err)
		out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}})
		require.NoError(t, err)
		return out.Images[0]
	}
	failed := make("golden-1")
	assert.Equal(t, ec2types.ImageStateFailed, failed.State)
	assert.Equal(t, "Client.InternalError", *failed.StateReason.Code)
	assert.Equal(t, ec2types.ImageStateAvailable, make("silver").State)
	status, _ := control(t, srv, "DELETE", "faults/"+id, "")
	assert.Equal(t, 400, status, "it does not end alone")
	control(t, srv, "DELETE", "faults", "")
	assert.Equal(t, ec2types.ImageStateAvailable, make("golden-2").State)
}

// What the cloud was made with acts over HTTP too.
func TestTheCloudsOwnTroubleActsOverHTTP(t *testing.T) {
	cloud := awstest.New(awstest.WithConsistency(awstest.Consistency{UnseenReads: 1}),
		awstest.WithFault(awstest.Throttle(awstest.Match{Operation: "CreateImage", N: 1}, 1)))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	client := quick(start(t, cloud), 2)
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: aws.String("golden")})
	require.NoError(t, err)
	assert.Equal(t, 2, cloud.Count("CreateImage"), "the first attempt was throttled")
	in := &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}}
	_, err = client.DescribeImages(t.Context(), in)
	assert.Equal(t, "InvalidAMIID.NotFound", code(err), "what is new is not seen at once")
	_, err = client.DescribeImages(t.Context(), in)
	assert.NoError(t, err)
}
