package awsserver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// crowded is a server with ten thousand images; id is one of them.
func crowded(b *testing.B) (cloud *awstest.Cloud, srv *awsserver.Server, id string) {
	b.Helper()
	cloud = awstest.New()
	for n := range 10_000 {
		id = cloud.Region(home).OwnImage(awstest.ImageSeed{Name: fmt.Sprintf("image-%05d", n), Tags: map[string]string{
			"app": fmt.Sprint("app-", n%1000), "stage": []string{"prod", "test"}[n%2]}})
	}
	srv = awsserver.New(cloud)
	b.Cleanup(srv.Close)
	return cloud, srv, id
}

// form is the client that costs least: it sends what was written beforehand, on
// connections that are kept.
func form(ctx context.Context, srv *awsserver.Server, body string, into *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260102/"+home+"/ec2/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	into.Reset()
	_, err = io.Copy(into, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, into)
	}
	return err
}

// BenchmarkByID is what the server itself can: calls over loopback by a client
// that does nothing else.
func BenchmarkByID(b *testing.B) {
	_, srv, id := crowded(b)
	body := "Action=DescribeImages&Version=2016-11-15&ImageId.1=" + id
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var answer bytes.Buffer
		for pb.Next() {
			if err := form(b.Context(), srv, body, &answer); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkByIDThroughTheSDK is the same by the SDK's client, which signs and
// reads the answer.
func BenchmarkByIDThroughTheSDK(b *testing.B) {
	_, srv, id := crowded(b)
	client := ec2.NewFromConfig(over(srv, "test"))
	in := &ec2.DescribeImagesInput{ImageIds: []string{id}}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.DescribeImages(b.Context(), in); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkAllPages reads ten thousand images in ten pages: in process by the
// SDK's client, over HTTP by the client that costs least, and by the SDK's, most
// of whose time is the reading of XML.
func BenchmarkAllPages(b *testing.B) {
	cloud, srv, _ := crowded(b)
	through := func(client *ec2.Client) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				pages := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: aws.Int32(1000)})
				n := 0
				for pages.HasMorePages() {
					page, err := pages.NextPage(b.Context())
					if err != nil {
						b.Fatal(err)
					}
					n += len(page.Images)
				}
				if n != 10_000 {
					b.Fatal(n)
				}
			}
		}
	}
	b.Run("in process", through(ec2.NewFromConfig(cloud.Config(home))))
	b.Run("over HTTP", func(b *testing.B) {
		for b.Loop() {
			var answer bytes.Buffer
			pages, token := 0, ""
			for pages == 0 || token != "" {
				body := "Action=DescribeImages&Version=2016-11-15&Owner.1=self&MaxResults=1000"
				if token != "" {
					body += "&NextToken=" + url.QueryEscape(token)
				}
				if err := form(b.Context(), srv, body, &answer); err != nil {
					b.Fatal(err)
				}
				pages, token = pages+1, ""
				if _, rest, more := bytes.Cut(answer.Bytes()[answer.Len()-200:], []byte("<nextToken>")); more {
					name, _, _ := bytes.Cut(rest, []byte("<"))
					token = string(name)
				}
			}
			if pages != 10 {
				b.Fatal(pages)
			}
		}
	})
	b.Run("over HTTP through the SDK", through(ec2.NewFromConfig(over(srv, "test"))))
}
