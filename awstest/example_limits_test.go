package awstest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// A tool that asks too often is throttled as on AWS. Here is how soon a
// template is full of versions when all limits are on.
func ExampleWithAWSLimits() {
	cloud := awstest.New(awstest.WithAWSLimits())
	client := ec2.NewFromConfig(unretried(cloud.Config("eu-west-1")))
	template := cloud.Region("eu-west-1").Template(awstest.TemplateSeed{Name: "web"})
	for n := 1; ; n++ {
		_, err := client.CreateLaunchTemplateVersion(context.Background(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &template, SourceVersion: new("1"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Large},
		})
		if err != nil {
			fmt.Println(n > 100, code(err)) // 100 at once, then five a second
			break
		}
	}
	// Output: true RequestLimitExceeded
}

// Figures of one's own: two copies at once, one a minute after that.
func ExampleLimitRates() {
	rates := awstest.AWSRates()
	rates.EC2Operations["CopyImage"] = awstest.Rate{Capacity: 2, PerSecond: 1. / 60}
	cloud := awstest.New(awstest.WithFault(awstest.LimitRates(rates)))
	client := ec2.NewFromConfig(unretried(cloud.Config("us-east-1")))
	source := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web"})
	for n := range 4 {
		_, err := client.CopyImage(context.Background(), &ec2.CopyImageInput{
			Name: new(fmt.Sprint("web-", n)), SourceImageId: &source, SourceRegion: new("eu-west-1"),
		})
		fmt.Println(code(err))
		if err != nil {
			cloud.Advance(time.Minute)
		}
	}
	// Output:
	// ok
	// ok
	// RequestLimitExceeded
	// ok
}

// Who may not copy may still look.
func ExampleDeny() {
	cloud := awstest.New(awstest.WithFault(awstest.Deny(awstest.Match{Operation: "CopyImage"})))
	client := ec2.NewFromConfig(cloud.Config("us-east-1"))
	source := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web"})
	_, err := client.CopyImage(context.Background(), &ec2.CopyImageInput{
		Name: new("web"), SourceImageId: &source, SourceRegion: new("eu-west-1"),
	})
	fmt.Println(code(err))
	_, err = client.DescribeImages(context.Background(), nil)
	fmt.Println(code(err))
	// Output:
	// UnauthorizedOperation
	// ok
}

// A slow Region meets a caller who does not wait.
func ExampleDelay() {
	cloud := awstest.New(awstest.WithFault(awstest.Delay(awstest.Match{Region: "sa-east-1"}, time.Hour)))
	for _, region := range []string{"eu-west-1", "sa-east-1"} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err := ec2.NewFromConfig(cloud.Config(region)).DescribeRegions(ctx, nil)
		cancel()
		fmt.Println(region, "answered:", err == nil)
	}
	// Output:
	// eu-west-1 answered: true
	// sa-east-1 answered: false
}

// A script that deregisters an image and forgets the snapshots.
func ExampleCloud_Leaks() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	id := createImage(cloud, client, "web-1")
	_, _ = client.DeregisterImage(context.Background(), &ec2.DeregisterImageInput{ImageId: &id})
	for _, leak := range cloud.Leaks() {
		fmt.Println(leak.Kind, leak.Why == "it was made for "+id+", which is gone")
	}
	// Output: snapshot true
}

// An image that nothing runs yet is no leak when its tag says whose it is.
func ExampleTagged() {
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	for _, name := range []string{"web-1", "forgotten"} {
		in := &ec2.CreateImageInput{InstanceId: &instance, Name: new(name)}
		if name == "web-1" {
			in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("team"), Value: new("web")}}}}
		}
		_, _ = client.CreateImage(context.Background(), in)
	}
	for _, leak := range cloud.Leaks(awstest.Tagged("team")) {
		fmt.Println(leak.Kind, leak.Name)
	}
	// Output: image forgotten
}

// The last line of a test: whatever is left over is an error of the test.
func ExampleCloud_NoLeaks() {
	var t awstest.TB = silent{} // in a test: its *testing.T
	cloud := awstest.Start(t)
	cloud.NoLeaks(t)
	fmt.Println(len(cloud.Leaks()))
	// Output: 0
}

// A name is not free at once when its image has been deregistered.
func ExampleConsistency_names() {
	cloud := awstest.New(awstest.WithConsistency(awstest.Consistency{NameTaken: time.Minute}))
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	instance := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
	make := func() (string, error) {
		out, err := client.CreateImage(context.Background(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web")})
		if err != nil {
			return "", err
		}
		return *out.ImageId, nil
	}
	id, _ := make()
	_, _ = client.DeregisterImage(context.Background(), &ec2.DeregisterImageInput{ImageId: &id})
	_, err := make()
	fmt.Println(code(err))
	cloud.Advance(time.Minute)
	_, err = make()
	fmt.Println(code(err))
	// Output:
	// InvalidAMIName.Duplicate
	// ok
}
