package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// The SDK's clients send Name= for an empty string, and services that are sent
// forms take it as not given: it does here what it does there, and the caller's
// input stays as it is.
func TestAnEmptyStringIsNotGiven(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	_, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: new(""), Name: new("golden")})
	assert.Equal(t, "MissingParameter", codeOf(err))
	in := &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden"), Description: new("")}
	made, err := client.CreateImage(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, new(""), in.Description)
	image, _ := cloud.Region(home).Image(*made.ImageId)
	assert.Empty(t, image.Description)

	_, err = client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{""}})
	assert.Equal(t, "InvalidInstanceID.Malformed", codeOf(err), "an element of a list is given")

	cloud.Region(home).Group(awstest.GroupSeed{Name: "web"})
	groups := autoscaling.NewFromConfig(cloud.Config(home))
	_, err = groups.SuspendProcesses(t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("")})
	assert.Equal(t, "ValidationError", codeOf(err))
}
