//go:build emulator

package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
	"github.com/readyami/readyami/internal/emulator"
)

// BenchmarkByIDOverHTTP is how many DescribeImages by id a second each server
// answers over loopback, on connections that are kept, to a client that does
// nothing but send the same form:
//
//	READYAMI_MOTO_ENDPOINT=http://127.0.0.1:5555 \
//	  go test -tags emulator -run '^$' -bench ByIDOverHTTP ./internal/emulator
func BenchmarkByIDOverHTTP(b *testing.B) {
	cloud := awstest.New()
	srv := awsserver.New(cloud)
	defer srv.Close()
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	b.Run("awstest", func(b *testing.B) { forms(b, srv.URL, image) })

	server, err := emulator.Moto.Server(b.Context())
	require.NoError(b, err)
	require.NoError(b, server.Reset(b.Context()))
	client := ec2.NewFromConfig(server.Config(home))
	ran, err := client.RunInstances(b.Context(), &ec2.RunInstancesInput{
		ImageId: new(baseImage), InstanceType: types.InstanceTypeT2Micro, MinCount: new(int32(1)), MaxCount: new(int32(1)),
	})
	require.NoError(b, err)
	made, err := client.CreateImage(b.Context(), &ec2.CreateImageInput{InstanceId: ran.Instances[0].InstanceId, Name: new("golden")})
	require.NoError(b, err)
	b.Run("moto", func(b *testing.B) { forms(b, *client.Options().BaseEndpoint, *made.ImageId) })
}

func forms(b *testing.B, url, imageID string) {
	body := "Action=DescribeImages&Version=2016-11-15&ImageId.1=" + imageID
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260102/"+home+"/ec2/aws4_request, SignedHeaders=host, Signature=0")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				b.Error(resp.Status)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
