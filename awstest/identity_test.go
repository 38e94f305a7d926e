package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Who a caller is, is written in the partition of the Region.
func TestCallersAreOfTheirPartition(t *testing.T) {
	cloud := awstest.Start(t)
	for region, want := range map[string]string{
		"eu-west-1":     "arn:aws:iam::123456789012:user/awstest",
		"cn-north-1":    "arn:aws-cn:iam::123456789012:user/awstest",
		"us-gov-west-1": "arn:aws-us-gov:iam::123456789012:user/awstest",
	} {
		out, err := sts.NewFromConfig(cloud.Config(region)).GetCallerIdentity(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, want, *out.Arn)
	}
}
