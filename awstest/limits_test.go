package awstest_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// unretried is a config whose clients send each call once.
func unretried(cfg aws.Config) aws.Config {
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return cfg
}

// until counts the calls that pass before the first one that does not.
func until(t *testing.T, call func() error, code string) (passed int) {
	t.Helper()
	for ; passed < 2000; passed++ {
		if err := call(); err != nil {
			require.Equal(t, code, codeOf(err))
			return passed
		}
	}
	t.Fatal("nothing was throttled")
	return passed
}

// Each row: how many calls pass at once, and how many more after ten seconds.
func TestRatesAreThoseOfAWS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithFault(awstest.LimitRates(awstest.AWSRates())))
		region := cloud.Region(home)
		client := ec2.NewFromConfig(unretried(cloud.Config(home)))
		groups := autoscaling.NewFromConfig(unretried(cloud.Config(home)))
		image := region.OwnImage(awstest.ImageSeed{Name: "web"})
		source := cloud.Region(away).OwnImage(awstest.ImageSeed{Name: "source"})
		template := region.Template(awstest.TemplateSeed{Name: "web"})
		ctx, n := t.Context(), 0
		name := func() *string { n++; return new(fmt.Sprintf("name-%d", n)) }
		for _, row := range []struct {
			name          string
			call          func() error
			atOnce, after int
		}{
			{"reads", func() error { _, err := client.DescribeImages(ctx, nil); return err }, 100, 100},
			{"bare reads", func() error { _, err := client.DescribeSnapshots(ctx, nil); return err }, 50, 50},
			{"paged reads", func() error {
				_, err := client.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{MaxResults: new(int32(5))})
				return err
			}, 100, 100},
			{"writes", func() error {
				_, err := client.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &image, DeprecateAt: new(time.Now().Add(time.Hour))})
				return err
			}, 50, 50},
			{"copies", func() error {
				_, err := client.CopyImage(ctx, &ec2.CopyImageInput{Name: name(), SourceImageId: &source, SourceRegion: new(away)})
				return err
			}, 100, 10},
			{"versions", func() error {
				_, err := client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &template,
					LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &image}})
				return err
			}, 100, 50},
			{"tags", func() error {
				_, err := client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{image}, Tags: tags("", "k", "v")[0].Tags})
				return err
			}, 100, 100},
			{"launches", func() error {
				_, err := client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
				return err
			}, 5, 5},
		} {
			assert.Equal(t, row.atOnce, until(t, row.call, "RequestLimitExceeded"), row.name)
			time.Sleep(10 * time.Second)
			assert.Equal(t, row.after, until(t, row.call, "RequestLimitExceeded"), row.name)
		}
		assert.Equal(t, 20, until(t, func() error { _, err := groups.DescribeAutoScalingGroups(ctx, nil); return err }, "Throttling"))
		_, err := groups.DescribeScalingActivities(ctx, nil)
		assert.Equal(t, "Throttling", codeOf(err), "all calls of Auto Scaling share a bucket")
		assert.Equal(t, 400, statusOf(t, err))
		_, err = client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
		assert.Equal(t, 503, statusOf(t, err))

		// Other accounts and Regions have buckets of their own.
		_, err = ec2.NewFromConfig(unretried(cloud.Config(away))).RunInstances(ctx, &ec2.RunInstancesInput{ImageId: &source, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
		assert.NoError(t, err)
		_, err = autoscaling.NewFromConfig(unretried(cloud.Account(stranger).Config(home))).DescribeAutoScalingGroups(ctx, nil)
		assert.NoError(t, err)
	})
}

func statusOf(t *testing.T, err error) int {
	t.Helper()
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	require.True(t, ok, "%v", err)
	return answer.HTTPStatusCode()
}

func TestInstancesHaveABucketOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithFault(awstest.LimitRates(awstest.Rates{
			EC2Instances: map[string]awstest.Rate{"RunInstances": {Capacity: 10, PerSecond: 1}},
		})))
		client := ec2.NewFromConfig(unretried(cloud.Config(home)))
		image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "web"})
		run := func(n int32) string {
			_, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: &n, MaxCount: &n, InstanceType: "t3.micro"})
			return codeOf(err)
		}
		assert.Empty(t, run(7))
		assert.Equal(t, "RequestLimitExceeded", run(7))
		assert.Empty(t, run(3), "what was refused took nothing")
		time.Sleep(7 * time.Second)
		assert.Empty(t, run(7))
	})
}

// The SDK's retries get through a bucket that fills again.
func TestRetriesOutlastTheRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithAWSLimits(), awstest.WithTiming(awstest.Realistic))
		cfg := cloud.Config(home)
		cfg.RetryMaxAttempts = 10
		client := ec2.NewFromConfig(cfg)
		for range 150 {
			_, err := client.DescribeSnapshots(t.Context(), nil)
			require.NoError(t, err)
		}
		assert.Greater(t, cloud.Count("DescribeSnapshots"), 150)
	})
}

func TestQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic), awstest.WithQuotas(awstest.Quotas{
			Images: 4, ImageCopies: 2, Snapshots: 6, SnapshotCopies: 2, Templates: 1, TemplateVersions: 2, Groups: 1, LaunchConfigurations: 1,
		}))
		ctx, n := t.Context(), 0
		name := func() *string { n++; return new(fmt.Sprintf("name-%d", n)) }
		client := clientOf(cloud, awstest.DefaultAccount, home)
		groups := autoscaling.NewFromConfig(cloud.Config(home))
		source := cloud.Region(away).OwnImage(awstest.ImageSeed{Name: "source"})
		copies := func() error {
			_, err := client.CopyImage(ctx, &ec2.CopyImageInput{Name: name(), SourceImageId: &source, SourceRegion: new(away)})
			return err
		}
		require.NoError(t, copies())
		require.NoError(t, copies())
		assert.Equal(t, "ResourceLimitExceeded", codeOf(copies()), "two copies at a time")
		time.Sleep(10 * time.Minute)
		require.NoError(t, copies())
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		create := func() error {
			_, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: name()})
			return err
		}
		require.NoError(t, create(), "no copy")
		assert.Equal(t, "ResourceLimitExceeded", codeOf(create()), "four images")
		_, err := client.DisableImage(ctx, &ec2.DisableImageInput{ImageId: cloud.Region(home).Images()[0].ImageId})
		require.NoError(t, err)
		assert.Equal(t, "ResourceLimitExceeded", codeOf(create()), "disabled ones count")

		snapshot := cloud.Region(away).Snapshots()[0].SnapshotId
		copySnapshot := func() error {
			_, err := client.CopySnapshot(ctx, &ec2.CopySnapshotInput{SourceRegion: new(away), SourceSnapshotId: snapshot})
			return err
		}
		require.NoError(t, copySnapshot())
		require.NoError(t, copySnapshot())
		assert.Equal(t, "SnapshotLimitExceeded", codeOf(copySnapshot()), "six snapshots")
		_, err = client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: cloud.Region(home).Images()[0].ImageId, DeleteAssociatedSnapshots: new(true)})
		require.NoError(t, err)
		assert.Equal(t, "ResourceLimitExceeded", codeOf(copySnapshot()), "two snapshot copies at a time")
		time.Sleep(10 * time.Minute)
		require.NoError(t, copySnapshot())

		_, err = client.CreateLaunchTemplate(ctx, templateInput("one"))
		require.NoError(t, err)
		_, err = client.CreateLaunchTemplate(ctx, templateInput("two"))
		assert.Equal(t, "MaxTemplateLimitExceeded", codeOf(err))
		version := func() error {
			_, err := client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("one"), SourceVersion: new("1"),
				LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}})
			return err
		}
		require.NoError(t, version())
		assert.Equal(t, "MaxTemplateVersionLimitExceeded", codeOf(version()))

		base := cloud.Region(home).PublicImage("base")
		configuration := func() error {
			_, err := groups.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: name(), ImageId: &base, InstanceType: new("t3.micro")})
			return err
		}
		require.NoError(t, configuration())
		assert.Equal(t, "LimitExceeded", codeOf(configuration()))
		cloud.Region(home).Group(awstest.GroupSeed{Name: "group"})
		_, err = groups.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: new("more"), MinSize: new(int32(0)), MaxSize: new(int32(0))})
		assert.Equal(t, "LimitExceeded", codeOf(err))
	})
}
