package awstest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Several faults at once, each in its own place: an image is copied to four
// Regions while half of the calls are throttled, one answer is lost, one Region
// is closed to the caller, one copy fails, and the process dies at its fifth
// write.
func TestFaultsCompose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crash, restart := awstest.CrashAtWrite(5, true)
		cloud := awstest.Start(t,
			awstest.WithTiming(awstest.Realistic),
			awstest.WithConsistency(awstest.Consistency{UnseenReads: 1}),
			awstest.WithFault(
				awstest.Throttle(awstest.Match{Region: "eu-west-2"}, 2),
				awstest.LoseResponse(awstest.Match{Operation: "CopyImage", Region: "eu-west-3"}),
				awstest.Deny(awstest.Match{Region: "sa-east-1"}),
				awstest.Delay(awstest.Match{Operation: "CopyImage"}, time.Second),
				crash,
			))
		cloud.FailImages(awstest.ImageMatch{Region: "us-east-2"}, "Client.InternalError", "no")
		source := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "web"})
		regions := []string{"eu-west-2", "eu-west-3", "sa-east-1", "us-east-2", "us-west-1"}
		copies := func() (ids, codes []string) {
			for _, region := range regions {
				out, err := ec2.NewFromConfig(cloud.Config(region)).CopyImage(t.Context(), &ec2.CopyImageInput{
					Name: new("web"), SourceImageId: &source, SourceRegion: new(home), ClientToken: new("once")})
				id := ""
				if err == nil {
					id = *out.ImageId
				}
				ids, codes = append(ids, id), append(codes, codeOf(err))
			}
			return ids, codes
		}
		begun := time.Now()
		ids, codes := copies()
		assert.Equal(t, []string{"", "", "UnauthorizedOperation", "", "lost"}, []string{codes[0], codes[1], codes[2], codes[3], map[bool]string{true: "lost"}[ids[4] == ""]})
		assert.Equal(t, 2, countIn(cloud, "CopyImage", "eu-west-3"), "the lost one was sent again")
		assert.GreaterOrEqual(t, time.Since(begun), 5*time.Second)
		_, err := ec2.NewFromConfig(cloud.Config(home)).DescribeRegions(t.Context(), nil)
		require.Error(t, err, "the process is dead")

		restart()
		again, codes := copies()
		assert.Equal(t, []string{"", "", "UnauthorizedOperation", "", ""}, codes)
		assert.Equal(t, ids[:4], again[:4], "nothing twice")
		time.Sleep(10 * time.Minute)
		var states []ec2types.ImageState
		for n, region := range regions {
			if again[n] == "" {
				continue
			}
			image, ok := cloud.Region(region).Image(again[n])
			require.True(t, ok)
			states = append(states, image.State)
			assert.Len(t, cloud.Region(region).Images(), 1)
		}
		assert.Equal(t, []ec2types.ImageState{"available", "available", "failed", "available"}, states)
		assert.Empty(t, cloud.Region("sa-east-1").Images())
	})
}

func countIn(cloud *awstest.Cloud, operation, region string) (n int) {
	for _, call := range cloud.Calls() {
		if call.Operation == operation && call.Region == region {
			n++
		}
	}
	return n
}

// Services differ in what they call the same refusal.
func TestRefusalsInTheWordsOfEachService(t *testing.T) {
	for _, row := range []struct {
		name             string
		fault            awstest.Fault
		ec2, groups, ssm string
		status           [3]int
	}{
		{"denied", awstest.Deny(awstest.Match{}), "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", [3]int{403, 403, 400}},
		{"expired", awstest.ExpireCredentials(awstest.Match{}, 1), "RequestExpired", "ExpiredToken", "ExpiredTokenException", [3]int{400, 403, 400}},
		{"throttled", awstest.Throttle(awstest.Match{}, 1), "RequestLimitExceeded", "Throttling", "ThrottlingException", [3]int{503, 400, 400}},
	} {
		cfg := unretried(awstest.Start(t, awstest.WithFault(row.fault)).Config(home))
		_, err := ec2.NewFromConfig(cfg).DescribeRegions(t.Context(), nil)
		assert.Equal(t, row.ec2, codeOf(err), row.name)
		assert.Equal(t, row.status[0], statusOf(t, err), row.name)
		_, err = autoscaling.NewFromConfig(cfg).DescribeAutoScalingGroups(t.Context(), nil)
		assert.Equal(t, row.groups, codeOf(err), row.name)
		assert.Equal(t, row.status[1], statusOf(t, err), row.name)
		_, err = ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("x")})
		assert.Equal(t, row.ssm, codeOf(err), row.name)
		assert.Equal(t, row.status[2], statusOf(t, err), row.name)
	}
}

// A fault can be about one call by its number, in one Region.
func TestMatchByNumber(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithFault(awstest.LoseResponseForGood(
		awstest.Match{Operation: "CreateLaunchTemplate", Region: away, N: 2})))
	make := func(region, name string) error {
		_, err := ec2.NewFromConfig(cloud.Config(region)).CreateLaunchTemplate(t.Context(), templateInput(name))
		return err
	}
	assert.NoError(t, make(home, "one"))
	assert.NoError(t, make(home, "two"))
	assert.NoError(t, make(away, "one"))
	assert.Error(t, make(away, "two"))
	assert.NoError(t, make(away, "six"))
	assert.Len(t, cloud.Region(away).Templates(), 3, "the lost one has been made")
}

// A call that is delayed ends with its context.
func TestDelayEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithFault(awstest.Delay(awstest.Match{}, time.Hour)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		_, err := ec2.NewFromConfig(cloud.Config(home)).DescribeRegions(ctx, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(begun))
	})
}
