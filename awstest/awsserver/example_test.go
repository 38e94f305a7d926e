package awsserver_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// clientOf is a client as any program makes one: it knows the address, and
// nothing of the cloud behind it.
func clientOf(url string) *ec2.Client {
	return ec2.NewFromConfig(aws.Config{Region: "eu-west-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider(awstest.DefaultAccount, "any", "")})
}

// A program under test makes an image; the test looks at what it has made.
func ExampleNew() {
	cloud := awstest.New()
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	srv := awsserver.New(cloud)
	defer srv.Close()

	_, err := clientOf(srv.URL).CreateImage(context.Background(), &ec2.CreateImageInput{
		InstanceId: &instance, Name: aws.String("web-42")})
	if err != nil {
		panic(err)
	}
	for _, image := range cloud.Region("eu-west-1").Images() {
		fmt.Println(*image.Name, image.State)
	}
	// Output: web-42 available
}

// An address of one's own; what AWS would refuse is refused.
func ExampleListen() {
	srv, err := awsserver.Listen(awstest.New(), "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer srv.Close()
	_, err = clientOf(srv.URL).DeregisterImage(context.Background(), &ec2.DeregisterImageInput{ImageId: aws.String("ami-0123456789abcdef0")})
	fmt.Println(err != nil, strings.Contains(err.Error(), "InvalidAMIID.NotFound"))
	// Output: true true
}

// The handler in a server of one's own.
func ExampleNewHandler() {
	cloud := awstest.New()
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-42"})
	srv := httptest.NewServer(awsserver.NewHandler(cloud))
	defer srv.Close()
	out, err := clientOf(srv.URL).DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	if err != nil {
		panic(err)
	}
	fmt.Println(*out.Images[0].Name)
	// Output: web-42
}

// The environment of a program that is to talk to the server.
func ExampleServer_Env() {
	srv := awsserver.New(awstest.New())
	defer srv.Close()
	for _, variable := range srv.Env() {
		name, value, _ := strings.Cut(variable, "=")
		if name != "AWS_ENDPOINT_URL" { // its port is another each time
			fmt.Println(name, value)
		}
	}
	// Output:
	// AWS_ACCESS_KEY_ID 123456789012
	// AWS_SECRET_ACCESS_KEY awstest
	// AWS_REGION us-east-1
	// AWS_DEFAULT_REGION us-east-1
	// AWS_EC2_METADATA_DISABLED true
}

// A closed server answers nothing, and what was made stays in its cloud.
func ExampleServer_Close() {
	cloud := awstest.New()
	srv := awsserver.New(cloud)
	_, err := clientOf(srv.URL).CreateVpc(context.Background(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	srv.Close()
	_, gone := http.Get(srv.URL + "/_awstest/health")
	fmt.Println(err, gone != nil, cloud.Count("CreateVpc"))
	// Output: <nil> true 1
}

// A program in any language turns a fault on by a request.
func ExampleFault() {
	srv := awsserver.New(awstest.New())
	defer srv.Close()
	resp, err := http.Post(srv.URL+"/_awstest/faults", "application/json", strings.NewReader(
		`{"kind": "refuse", "match": {"operation": "CreateVpc"}, "code": "VpcLimitExceeded", "message": "No more."}`))
	if err != nil {
		panic(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	fmt.Println(strings.Contains(string(answer), `"id": "1"`))
	_, err = clientOf(srv.URL).CreateVpc(context.Background(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	fmt.Println(strings.Contains(err.Error(), "VpcLimitExceeded: No more."))
	// Output:
	// true
	// true
}
