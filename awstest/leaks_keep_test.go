package awstest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// What is kept can depend on what else the cloud has, and on what AWS says.
func TestLeaksAsksWithoutALock(t *testing.T) {
	faulttest.Bubble(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Call: time.Second}))
		client := clientOf(cloud, awstest.DefaultAccount, home)
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web-2")})
		require.NoError(t, err)
		left := cloud.Leaks(func(l awstest.Leak) bool {
			_, ok := cloud.Region(home).Image(l.ID)
			_, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{l.ID}})
			return ok && err == nil
		})
		assert.Empty(t, left, "%s is kept", *made.ImageId)
	})
}
