package conformance_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/conformance"
)

// The fake keeps every rule at the pace of AWS, and all that a check makes has the
// tag that was asked for. ExampleCases checks the rules without a tag, where
// nothing takes time.
func TestTheFakeConforms(t *testing.T) {
	for _, c := range conformance.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
				env := fake(cloud)
				env.Tag = types.Tag{Key: new("sandbox"), Value: new("remove me")}
				cloud.Inject(untagged(t, "sandbox"))
				require.NoError(t, c.Run(t.Context(), env), c.Rule)
				for _, region := range []string{"eu-west-1", "us-east-1"} {
					assert.Empty(t, owned(cloud, region), "what the check made is still there")
				}
			})
		})
	}
}

func fake(cloud *awstest.Cloud) conformance.Env {
	return conformance.Env{
		Home:       cloud.Config("eu-west-1"),
		Away:       cloud.Config("us-east-1"),
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}),
		Pause:      10 * time.Second,
	}
}

// makes are the operations that make what costs or stays.
var makes = []string{"CreateImage", "CopyImage", "RegisterImage", "RunInstances", "CreateLaunchTemplate", "CreateAutoScalingGroup"}

// untagged fails the test for what is made without a tag.
func untagged(t *testing.T, key string) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if err == nil && slices.Contains(makes, call.Operation) {
			in, err := json.Marshal(call.Input)
			assert.NoError(t, err)
			assert.Contains(t, string(in), key, call.Operation)
		}
		return out, err
	}
}

// owned are the images, snapshots and templates of a Region that are left.
func owned(cloud *awstest.Cloud, region string) (out []string) {
	r := cloud.Region(region)
	for _, i := range r.Images() {
		out = append(out, *i.ImageId)
	}
	for _, s := range r.Snapshots() {
		out = append(out, *s.SnapshotId)
	}
	for _, g := range r.Groups() {
		out = append(out, *g.AutoScalingGroupName)
	}
	for _, t := range r.Templates() {
		out = append(out, *t.LaunchTemplateId)
	}
	return out
}

func TestCasesAreNamedOnceAndCited(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conformance.Cases() {
		assert.False(t, seen[c.Name], "%s twice", c.Name)
		seen[c.Name] = true
		assert.True(t, strings.HasSuffix(c.Rule, "."), "%s: %q is no sentence", c.Name, c.Rule)
		assert.True(t, strings.HasPrefix(c.Source, "https://docs.aws.amazon.com/"), "%s cites %q", c.Name, c.Source)
	}
}
