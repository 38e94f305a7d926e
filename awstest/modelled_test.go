package awstest_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestModelledSaysWhatIsRefused(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t).Config(home))
	services := map[string]int{}
	for _, op := range awstest.Modelled() {
		services[op.Service]++
		if op.Name == "CreateSnapshot" {
			assert.Contains(t, op.Refused, "OutpostArn")
			assert.NotContains(t, op.Refused, "VolumeId")
		}
		if op.Name == "CreateImage" {
			assert.Contains(t, op.Refused, "BlockDeviceMappings.Ebs.KmsKeyId")
		}
	}
	for _, service := range []string{"Auto Scaling", "EC2", "KMS", "SSM", "STS"} {
		assert.Positive(t, services[service], service)
	}
	_, err := client.CreateSnapshot(t.Context(), &ec2.CreateSnapshotInput{VolumeId: new("vol-0123456789abcdef0"), OutpostArn: new("x")})
	unmodelled, ok := errors.AsType[*awstest.Unmodelled](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "OutpostArn", unmodelled.Field)
}
