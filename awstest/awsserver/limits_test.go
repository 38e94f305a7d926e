package awsserver_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// raw sends bytes and reads what comes back until the connection ends.
func raw(t *testing.T, srv *awsserver.Server, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, _ = io.WriteString(conn, request) // the server may have hung up by then
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

const signed = "Authorization: AWS4-HMAC-SHA256 Credential=test/20260102/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n"

// Whatever comes in, the server answers with AWS's error or hangs up, and goes
// on to answer others.
func TestBadRequests(t *testing.T) {
	srv := start(t, awstest.Start(t), func(o *awsserver.Options) { o.MaxBody = 2000 })
	form := func(headers, body string) string {
		return fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", headers, len(body), body)
	}
	for name, c := range map[string]struct{ request, want string }{
		"no HTTP":               {"hello\r\n\r\n", "400 Bad Request"},
		"no signature":          {form("", "Action=DescribeImages"), "MissingAuthenticationToken"},
		"half a signature":      {form("Authorization: AWS4-HMAC-SHA256 Credential=test/eu-west-1\r\n", "Action=DescribeImages"), "IncompleteSignature"},
		"no action":             {form(signed, ""), "MissingAction"},
		"no form":               {form(signed, "Action=%zz"), "MalformedQueryString"},
		"another service":       {form(strings.Replace(signed, "/ec2/", "/s3/", 1), "Action=ListBuckets"), "InvalidAction"},
		"another JSON service":  {form(strings.Replace(signed, "/ec2/", "/ecs/", 1)+"X-Amz-Target: Ecs.List\r\n", "{}"), "UnknownOperationException"},
		"JSON for EC2":          {form(signed+"X-Amz-Target: AmazonSSM.GetParameter\r\n", "{}"), "InvalidAction"},
		"broken JSON":           {form(strings.Replace(signed, "/ec2/", "/ssm/", 1)+"X-Amz-Target: AmazonSSM.GetParameter\r\n", "{"), "SerializationException"},
		"no integer":            {form(signed, "Action=DescribeImages&MaxResults=x"), "InvalidParameterValue"},
		"no boolean, elsewhere": {form(strings.Replace(signed, "/ec2/", "/autoscaling/", 1), "Action=DescribeAutoScalingGroups&MaxRecords=x"), "MalformedInput"},
		"a large body":          {form(signed, "Action="+strings.Repeat("x", 3000)), "413 Request Entity Too Large"},
		"large headers":         {form(signed+"X-Large: "+strings.Repeat("x", 100<<10)+"\r\n", "Action=DescribeImages"), "431 Request Header Fields Too Large"},
		"another method":        {strings.Replace(form(signed, "Action=DescribeImages"), "POST", "PUT", 1), "InvalidRequest"},
	} {
		assert.Contains(t, raw(t, srv, c.request), c.want, name)
	}
	_, err := ec2.NewFromConfig(over(srv, "test")).DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	assert.NoError(t, err)
}

// A number that was mistyped does not take the machine's memory.
func TestTooManyInstances(t *testing.T) {
	cloud := awstest.Start(t)
	group := cloud.Region(home).Group(awstest.GroupSeed{Name: "web"})
	cfg := over(start(t, cloud), "test")
	most := int32(math.MaxInt32)
	_, err := ec2.NewFromConfig(cfg).RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &group.ImageID, MinCount: aws.Int32(1), MaxCount: &most})
	assert.Equal(t, "InstanceLimitExceeded", code(err))
	groups := autoscaling.NewFromConfig(cfg)
	_, err = groups.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &group.Name, MaxSize: &most})
	assert.Equal(t, "ValidationError", code(err))
	_, err = groups.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &group.Name, DesiredCapacity: &most})
	assert.Equal(t, "ValidationError", code(err))
	_, err = groups.PutWarmPool(t.Context(), &autoscaling.PutWarmPoolInput{AutoScalingGroupName: &group.Name, MinSize: &most})
	assert.Equal(t, "ValidationError", code(err))
	_, err = groups.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String("vast"),
		MinSize: &most, MaxSize: &most, LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &group.TemplateID},
		VPCZoneIdentifier: &cloud.Region(home).Network().Subnets[0]})
	assert.Equal(t, "ValidationError", code(err))
	assert.Len(t, cloud.Region(home).Instances(), 1)
}

// A query may be in the address, signed there.
func TestPresigned(t *testing.T) {
	srv := start(t, awstest.Start(t))
	answer := raw(t, srv, "GET /?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=210987654321%2F20260102%2Fus-east-1%2Fsts%2Faws4_request"+
		"&X-Amz-SignedHeaders=host&X-Amz-Signature=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	assert.Contains(t, answer, "<Account>210987654321</Account>")
}

// Clients that are slow, or say nothing, keep nobody else from an answer, and
// Close does not wait for them for ever.
func TestSlowClients(t *testing.T) {
	srv := awsserver.New(awstest.New())
	var slow []net.Conn
	for range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		slow = append(slow, conn)
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+signed+"Content-Length: 100\r\n\r\nAction=")
		require.NoError(t, err)
	}
	_, err := ec2.NewFromConfig(over(srv, "test")).DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	began := time.Now()
	srv.Close()
	assert.Less(t, time.Since(began), 20*time.Second)
	for _, conn := range slow {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Second)))
		_, err := conn.Read(make([]byte, 1))
		assert.False(t, errors.Is(err, os.ErrDeadlineExceeded), "it is still connected")
	}
	srv.Close() // a second time does no harm
	_, err = http.Get(srv.URL)
	assert.Error(t, err)
}

// deadlines is a ResponseWriter that notes until when an answer may be taken.
type deadlines struct {
	*httptest.ResponseRecorder
	write time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.write = t
	return nil
}

// A client that does not read its answer is waited for from when there is one:
// what a fault takes before is not its time.
func TestAnAnswerIsToBeTakenInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.New(awstest.WithFault(awstest.Delay(awstest.Match{}, time.Hour)))
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=DescribeVpcs"))
		name, value, _ := strings.Cut(strings.TrimSpace(signed), ": ")
		r.Header.Set(name, value)
		began := time.Now()
		awsserver.NewHandler(cloud).ServeHTTP(w, r)
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, time.Hour+30*time.Second, w.write.Sub(began))
	})
}

// A connection is kept, and answers in turn.
func TestKeepAlive(t *testing.T) {
	srv := start(t, awstest.Start(t))
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	for range 3 {
		body := "Action=DescribeVpcs&Version=2016-11-15"
		_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", signed, len(body), body)
		require.NoError(t, err)
		resp, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Contains(t, text.String(), "<vpcSet>")
	}
}

// Nobody else's machine reaches a server that was not told so.
func TestListensOnThisMachineOnly(t *testing.T) {
	for _, addr := range []string{":0", "127.0.0.1:0"} {
		srv, err := awsserver.Listen(awstest.New(), addr)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(srv.URL, "http://127.0.0.1:"), srv.URL)
		// Another address of this machine stands for one that others know.
		_, err = net.Dial("tcp", strings.Replace(strings.TrimPrefix(srv.URL, "http://"), "127.0.0.1", "127.0.0.2", 1))
		assert.Error(t, err)
		srv.Close()
	}
	_, err := awsserver.Listen(awstest.New(), "nowhere")
	assert.Error(t, err)
	srv := start(t, awstest.New())
	_, err = awsserver.Listen(awstest.New(), strings.TrimPrefix(srv.URL, "http://"))
	assert.Error(t, err, "the port is taken")
}
