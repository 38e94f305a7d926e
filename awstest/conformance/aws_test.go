//go:build aws

package conformance_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest/conformance"
)

// TestAWSConforms checks the rules on an account of AWS, which should be one
// for such trials. It runs one t4g.nano with the image that
// READYAMI_SANDBOX_IMAGE names (arm64, EBS-backed, in READYAMI_SANDBOX_HOME). Of
// it and in default subnets it makes 49 images, 12 copies of them in
// READYAMI_SANDBOX_AWAY, 59 launch templates and 31 groups, one after the other;
// each is removed at the end of its check, and the instance at the end of all. A
// few images and snapshots are shared for seconds with the account that
// READYAMI_SANDBOX_GRANTEE names, which should be another one of yours.
//
// It takes three to six hours, most of it waiting. At the prices of us-east-1 it
// costs less than 0.03 USD for the instance; less than 0.03 USD for the groups,
// half of which are empty, and half have one instance like it, two while it is
// replaced, for some minutes; and less than 1 USD for the snapshots of an 8 GiB
// disk, which live for minutes, and for what is copied to the other Region.
//
// All of it has the tag readyami:conformance. What a run that was killed has left
// is found, in both Regions, by
//
//	aws ec2 describe-tags --filters Name=key,Values=readyami:conformance
//	aws autoscaling describe-tags --filters Name=key,Values=readyami:conformance
//
// where the groups go first: they would replace their instances.
//
//	READYAMI_SANDBOX_HOME=us-east-1 READYAMI_SANDBOX_AWAY=us-west-2 \
//	READYAMI_SANDBOX_IMAGE=ami-… READYAMI_SANDBOX_GRANTEE=… \
//	  go test -tags aws -timeout 12h -run TestAWSConforms ./awstest/conformance
func TestAWSConforms(t *testing.T) {
	setting := func(name string) string {
		v := os.Getenv(name)
		require.NotEmpty(t, v, "set %s", name)
		return v
	}
	configured := func(region string) aws.Config {
		cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(region), config.WithRetryMaxAttempts(10))
		require.NoError(t, err)
		return cfg
	}
	env := conformance.Env{
		Home: configured(setting("READYAMI_SANDBOX_HOME")),
		Away: configured(setting("READYAMI_SANDBOX_AWAY")),
		// Not the default, an id of AWS's documentation: nothing is shared with strangers.
		Grantee: setting("READYAMI_SANDBOX_GRANTEE"),
		Tag:     sandboxTag,
	}
	env.InstanceID = sandboxInstance(t, ec2.NewFromConfig(env.Home), setting("READYAMI_SANDBOX_IMAGE"))
	for _, c := range conformance.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			assert.NoError(t, c.Run(t.Context(), env), "%s %s", c.Rule, c.Source)
		})
	}
}

// sandboxTag is on all that is made.
var sandboxTag = types.Tag{Key: new("readyami:conformance"), Value: new("remove me")}

// sandboxInstance runs the instance that is imaged, and has it terminated.
func sandboxInstance(t *testing.T, client *ec2.Client, imageID string) (id string) {
	t.Helper()
	out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId:      &imageID,
		InstanceType: types.InstanceTypeT4gNano,
		MinCount:     new(int32(1)),
		MaxCount:     new(int32(1)),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{sandboxTag},
		}},
	})
	require.NoError(t, err)
	id = *out.Instances[0].InstanceId
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		_, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		assert.NoError(t, err, "terminate %s by hand", id)
	})
	require.Eventually(t, func() bool {
		out, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
		return err == nil && out.Reservations[0].Instances[0].State.Name == types.InstanceStateNameRunning
	}, 10*time.Minute, 5*time.Second)
	return id
}
