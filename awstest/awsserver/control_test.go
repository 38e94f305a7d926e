package awsserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// control makes a control request and reads its answer.
func control(t *testing.T, srv *awsserver.Server, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/_awstest/"+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &answer), "%s", text)
	return resp.StatusCode, answer
}

func turnOn(t *testing.T, srv *awsserver.Server, fault string) (id string) {
	t.Helper()
	status, answer := control(t, srv, "POST", "faults", fault)
	require.Equal(t, 200, status, "%v", answer)
	return answer["id"].(string)
}

// After a reset the cloud is what the seed makes of an empty one, to the last id;
// calls, faults, sessions and the clock begin anew.
func TestReset(t *testing.T) {
	cloud := awstest.New(awstest.WithPageSize(1))
	srv := start(t, cloud, func(o *awsserver.Options) {
		o.Seed = func(c *awstest.Cloud) { c.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"}) }
	})
	client := ec2.NewFromConfig(over(srv, "test"))
	before := cloud.Region(home).Images()
	require.Len(t, before, 1)
	cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "second"})
	role, err := sts.NewFromConfig(over(srv, "test")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::555555555555:role/deliver"), RoleSessionName: aws.String("ci")})
	require.NoError(t, err)
	turnOn(t, srv, `{"kind": "throttle"}`)
	control(t, srv, "POST", "clock", `{"advance": "1000h"}`)

	status, _ := control(t, srv, "POST", "reset", "")
	assert.Equal(t, 200, status)
	out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err, "the fault is off")
	require.Len(t, out.Images, 1, "what was made is gone, and what was seeded is there")
	assert.Equal(t, before[0].ImageId, out.Images[0].ImageId)
	assert.Len(t, cloud.Calls(), 1)
	assert.WithinDuration(t, time.Now(), cloud.Now(), time.Minute)
	_, err = sts.NewFromConfig(over(srv, *role.Credentials.AccessKeyId)).GetCallerIdentity(t.Context(), nil)
	assert.Equal(t, "InvalidClientTokenId", code(err))
	// The cloud's own options hold on.
	cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "second"})
	out, err = client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	assert.NotNil(t, out.NextToken)
}

// The state is told in AWS's own names, of every account and Region.
func TestState(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Region(home).Group(awstest.GroupSeed{Name: "web", Size: 1})
	cloud.Account("210987654321").Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "golden"})
	_, answer := control(t, start(t, cloud), "GET", "state", "")
	accounts := answer["accounts"].(map[string]any)
	here := accounts[awstest.DefaultAccount].(map[string]any)[home].(map[string]any)
	group := here["autoScalingGroups"].([]any)[0].(map[string]any)
	assert.Equal(t, "web", group["AutoScalingGroupName"])
	assert.Len(t, here["instances"], 1)
	assert.Len(t, here["launchTemplateVersions"], 1)
	there := accounts["210987654321"].(map[string]any)["us-east-1"].(map[string]any)
	assert.Equal(t, "golden", there["images"].([]any)[0].(map[string]any)["Name"])
	assert.NotContains(t, there["images"].([]any)[0], "KernelId", "what is not set is not there")
}

// The ledger tells what was called and what came of it; forgotten, it counts
// anew.
func TestCalls(t *testing.T) {
	srv := start(t, awstest.New(awstest.WithInputs()))
	_, err := ec2.NewFromConfig(over(srv, "test")).DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: aws.String("ami-0123456789abcdef0")})
	require.Error(t, err)
	_, answer := control(t, srv, "GET", "calls", "")
	calls := answer["calls"].([]any)
	require.Len(t, calls, 1)
	call := calls[0].(map[string]any)
	assert.Equal(t, "DeregisterImage", call["operation"])
	assert.Equal(t, home, call["region"])
	assert.Equal(t, true, call["write"])
	assert.Equal(t, "InvalidAMIID.NotFound", call["error"])
	assert.Equal(t, requestID(err), call["requestId"])
	assert.Equal(t, map[string]any{"ImageId": "ami-0123456789abcdef0"}, call["input"])
	control(t, srv, "DELETE", "calls", "")
	_, answer = control(t, srv, "GET", "calls", "")
	assert.Empty(t, answer["calls"])
}

// Time goes as far forward as it is told to, and what happens by then has
// happened.
func TestClock(t *testing.T) {
	cloud := awstest.New(awstest.WithTiming(awstest.Realistic))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	srv := start(t, cloud)
	client := ec2.NewFromConfig(over(srv, "test"))
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: aws.String("golden")})
	require.NoError(t, err)
	state := func() ec2types.ImageState {
		out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}})
		require.NoError(t, err)
		return out.Images[0].State
	}
	assert.Equal(t, ec2types.ImageStatePending, state())
	before := cloud.Now()
	_, answer := control(t, srv, "POST", "clock", `{"advance": "10m"}`)
	assert.Equal(t, ec2types.ImageStateAvailable, state())
	now, err := time.Parse(time.RFC3339, answer["now"].(string))
	require.NoError(t, err)
	assert.WithinDuration(t, before.Add(10*time.Minute), now, time.Minute)
	for _, body := range []string{`{"advance": "-1s"}`, `{"advance": "soon"}`, `{"by": "1s"}`, ``} {
		status, _ := control(t, srv, "POST", "clock", body)
		assert.Equal(t, 400, status, body)
	}
}

func TestLeaks(t *testing.T) {
	cloud := awstest.New()
	cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	srv := start(t, cloud)
	_, answer := control(t, srv, "GET", "leaks", "")
	assert.Len(t, answer["leaks"], len(cloud.Leaks()))
}

// Many clients at once, while others look at the cloud, move its clock and turn
// faults on and off.
func TestManyClientsAtOnce(t *testing.T) {
	srv := start(t, awstest.New(awstest.WithTiming(awstest.SeenOnce)), func(o *awsserver.Options) {
		o.Seed = func(c *awstest.Cloud) { c.Region(home).Group(awstest.GroupSeed{Name: "web"}) }
	})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			client, groups := quick(srv, 2), autoscaling.NewFromConfig(over(srv, "test"))
			for k := range 30 {
				_, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String(fmt.Sprintf("t-%d-%d", n, k)),
					LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}})
				assert.NoError(t, err)
				_, err = groups.DescribeAutoScalingGroups(t.Context(), nil)
				assert.NoError(t, err)
			}
		})
	}
	for range 20 {
		id := turnOn(t, srv, `{"kind": "delay", "delay": "1us"}`)
		control(t, srv, "GET", "state", "")
		control(t, srv, "POST", "clock", `{"advance": "1s"}`)
		control(t, srv, "GET", "calls", "")
		control(t, srv, "DELETE", "faults/"+id, "")
	}
	wg.Wait()
	_, answer := control(t, srv, "GET", "calls", "")
	assert.Len(t, answer["calls"], 2*8*30)
}

func TestControlRequestsThatAreWrong(t *testing.T) {
	srv := start(t, awstest.Start(t))
	for _, body := range []string{``, `{}`, `{"kind":"trouble"}`, `{"kind":"throttle","evry":2}`, `{"kind":"throttle","every":-1}`,
		`{"kind":"refuse"}`, `{"kind":"delay","delay":"long"}`} {
		status, answer := control(t, srv, "POST", "faults", body)
		assert.Equal(t, 400, status, body)
		assert.NotEmpty(t, answer["error"], body)
	}
	status, _ := control(t, srv, "DELETE", "faults/7", "")
	assert.Equal(t, 404, status)
}
