package awstest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func runOne(t *testing.T, client *ec2.Client, in ec2.RunInstancesInput) ec2types.Instance {
	t.Helper()
	in.MinCount, in.MaxCount, in.InstanceType = new(int32(1)), new(int32(1)), "t3.micro"
	out, err := client.RunInstances(t.Context(), &in)
	require.NoError(t, err)
	return out.Instances[0]
}

// imagedKeys lists the keys of the snapshots of an image of an instance: what
// its volumes are encrypted with.
func imagedKeys(t *testing.T, client *ec2.Client, instance, name string) (keys []string) {
	t.Helper()
	out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
	require.NoError(t, err)
	for _, s := range readSnapshots(t, client, readImage(t, client, *out.ImageId)) {
		key := ""
		if s.KmsKeyId != nil {
			key = *s.KmsKeyId
		}
		assert.Equal(t, key != "", *s.Encrypted)
		keys = append(keys, key)
	}
	return keys
}

func TestEncryptionByDefault(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	ctx := t.Context()
	plain := region.OwnImage(awstest.ImageSeed{Name: "plain", DataGiB: []int32{10}})
	state := func() bool {
		out, err := client.GetEbsEncryptionByDefault(ctx, nil)
		require.NoError(t, err)
		return *out.EbsEncryptionByDefault
	}
	defaultKey := func() string {
		out, err := client.GetEbsDefaultKmsKeyId(ctx, nil)
		require.NoError(t, err)
		return *out.KmsKeyId
	}
	copyKeys := func(name string) (keys []string) {
		id := copyTo(t, client, ec2.CopyImageInput{Name: &name, SourceImageId: &plain, SourceRegion: new(home)})
		image := readImage(t, client, id)
		require.Equal(t, ec2types.ImageStateAvailable, image.State)
		for _, s := range readSnapshots(t, client, image) {
			if s.KmsKeyId == nil {
				keys = append(keys, "")
			} else {
				keys = append(keys, *s.KmsKeyId)
			}
		}
		return keys
	}
	before := *runOne(t, client, ec2.RunInstancesInput{ImageId: &plain}).InstanceId

	assert.False(t, state())
	assert.Equal(t, []string{"", ""}, copyKeys("before"))
	on, err := client.EnableEbsEncryptionByDefault(ctx, nil)
	require.NoError(t, err)
	assert.True(t, *on.EbsEncryptionByDefault)
	assert.True(t, state())
	managed := *describeKey(t, keysOf(cloud, awstest.DefaultAccount, home), "alias/aws/ebs").Arn
	assert.Equal(t, managed, defaultKey())
	assert.Equal(t, []string{managed, managed}, copyKeys("managed"))
	assert.Equal(t, []string{"", ""}, imagedKeys(t, client, before, "from before"), "volumes stay as they are")

	golden := region.Key(awstest.KeySeed{Alias: "alias/golden"})
	modified, err := client.ModifyEbsDefaultKmsKeyId(ctx, &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: new("alias/golden")})
	require.NoError(t, err)
	assert.Equal(t, golden, *modified.KmsKeyId)
	assert.Equal(t, golden, defaultKey())
	assert.Equal(t, []string{golden, golden}, copyKeys("golden"))
	over := device("/dev/sdb", &ec2types.EbsBlockDevice{VolumeSize: new(int32(20)), Encrypted: new(true), KmsKeyId: &managed})
	launched := *runOne(t, client, ec2.RunInstancesInput{ImageId: &plain, BlockDeviceMappings: over}).InstanceId
	assert.Equal(t, []string{golden, managed}, imagedKeys(t, client, launched, "launched"), "where the launch does not say")

	reset, err := client.ResetEbsDefaultKmsKeyId(ctx, nil)
	require.NoError(t, err)
	assert.Equal(t, managed, *reset.KmsKeyId)
	assert.Equal(t, managed, defaultKey())
	off, err := client.DisableEbsEncryptionByDefault(ctx, nil)
	require.NoError(t, err)
	assert.False(t, *off.EbsEncryptionByDefault)
	assert.False(t, state())
	assert.Equal(t, []string{"", ""}, copyKeys("after"))
}

func TestDefaultKeyIsLookedAtLater(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	plain := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "plain"})
	for name, want := range map[string]string{
		"alias/none": "arn:aws:kms:eu-west-1:123456789012:alias/none",
		"none":       "arn:aws:kms:eu-west-1:123456789012:key/none",
	} {
		out, err := client.ModifyEbsDefaultKmsKeyId(t.Context(), &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: &name})
		require.NoError(t, err)
		assert.Equal(t, want, *out.KmsKeyId)
		id := copyTo(t, client, ec2.CopyImageInput{Name: new("copy of " + name), SourceImageId: &plain, SourceRegion: new(home), Encrypted: new(true)})
		image := readImage(t, client, id)
		assert.Equal(t, ec2types.ImageStateFailed, image.State)
		assert.Equal(t, "Client.InternalError", *image.StateReason.Code)
		assert.Contains(t, *image.StateReason.Message, "Given key ID is not accessible.")
	}
}

// secretFor is an image of the default account that the stranger may launch and
// copy, but for its key.
func secretFor(cloud *awstest.Cloud, key string) string {
	return cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", Encrypted: true, KeyID: key, SharedWith: []string{stranger}})
}

func TestConsumersNeedTheKey(t *testing.T) {
	const other = "arn:aws:iam::222222222222:role/deploy"
	for name, c := range map[string]struct {
		seed    awstest.KeySeed
		change  func(*awstest.Region, string)
		allowed bool
	}{
		"not allowed":         {seed: awstest.KeySeed{}},
		"another account":     {seed: awstest.KeySeed{Accounts: []string{third}}},
		"grant to Auto Scale": {seed: awstest.KeySeed{Grants: []string{awstest.AutoScalingRole(stranger)}}},
		"key policy":          {seed: awstest.KeySeed{Accounts: []string{stranger}}, allowed: true},
		"grant":               {seed: awstest.KeySeed{}, change: func(r *awstest.Region, key string) { r.GrantKey(key, other) }, allowed: true},
		"disabled":            {seed: awstest.KeySeed{Accounts: []string{stranger}, Disabled: true}},
		"disabled later":      {seed: awstest.KeySeed{Accounts: []string{stranger}}, change: (*awstest.Region).DisableKey},
		"enabled later":       {seed: awstest.KeySeed{Accounts: []string{stranger}, Disabled: true}, change: (*awstest.Region).EnableKey, allowed: true},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			consumer := clientOf(cloud, stranger, home)
			key := cloud.Region(home).Key(c.seed)
			image := secretFor(cloud, key)
			if c.change != nil {
				c.change(cloud.Region(home), key)
			}
			managed := *describeKey(t, keysOf(cloud, stranger, home), "alias/aws/ebs").Arn

			copied := readImage(t, consumer, copyTo(t, consumer, ec2.CopyImageInput{Name: new("copy"), SourceImageId: &image, SourceRegion: new(home)}))
			launched := runOne(t, consumer, ec2.RunInstancesInput{ImageId: &image})
			assert.Equal(t, ec2types.InstanceStateNamePending, launched.State.Name)
			launched = readInstance(t, consumer, *launched.InstanceId)
			if !c.allowed {
				assert.Equal(t, ec2types.ImageStateFailed, copied.State)
				assert.Equal(t, ec2types.InstanceStateNameTerminated, launched.State.Name)
				assert.Equal(t, "Server.InternalError", *launched.StateTransitionReason)
				assert.Equal(t, "Client.InternalError", *launched.StateReason.Code)
				assert.Equal(t, "Client.InternalError: Client error on launch", *launched.StateReason.Message)
				return
			}
			assert.Equal(t, ec2types.ImageStateAvailable, copied.State)
			assert.Equal(t, managed, *readSnapshots(t, consumer, copied)[0].KmsKeyId, "a copy has the key of its owner")
			assert.Equal(t, ec2types.InstanceStateNameRunning, launched.State.Name)
			assert.Nil(t, launched.StateReason)
			assert.Equal(t, []string{managed}, imagedKeys(t, consumer, *launched.InstanceId, "imaged"), "so has an instance")
		})
	}
}

func TestTargetKeyOfALaunch(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	plain := region.OwnImage(awstest.ImageSeed{Name: "plain"})
	good, foreign := region.Key(awstest.KeySeed{}), cloud.Account(stranger).Region(home).Key(awstest.KeySeed{})
	elsewhere := cloud.Region(away).Key(awstest.KeySeed{})
	for key, want := range map[string]ec2types.InstanceStateName{
		good: "running", foreign: "terminated", elsewhere: "terminated", "alias/none": "terminated", "alias/aws/ebs": "running",
	} {
		id := *runOne(t, client, ec2.RunInstancesInput{ImageId: &plain, BlockDeviceMappings: device("/dev/xvda",
			&ec2types.EbsBlockDevice{Encrypted: new(true), KmsKeyId: &key})}).InstanceId
		assert.Equal(t, want, readInstance(t, client, id).State.Name, key)
	}
}

func TestGroupsNeedTheKeyForTheAutoScalingRole(t *testing.T) {
	for name, c := range map[string]struct {
		account string
		seed    awstest.KeySeed
		grant   bool
	}{
		"own key, not allowed":       {awstest.DefaultAccount, awstest.KeySeed{}, false},
		"own key, other role":        {awstest.DefaultAccount, awstest.KeySeed{Grants: []string{awstest.AutoScalingRole(stranger)}}, false},
		"own key, key policy":        {awstest.DefaultAccount, awstest.KeySeed{Grants: []string{awstest.AutoScalingRole(awstest.DefaultAccount)}}, true},
		"shared key, account only":   {stranger, awstest.KeySeed{Accounts: []string{stranger}}, false},
		"shared key, grant":          {stranger, awstest.KeySeed{Accounts: []string{stranger}, Grants: []string{awstest.AutoScalingRole(stranger)}}, true},
		"shared key, other's grant":  {stranger, awstest.KeySeed{Accounts: []string{stranger}, Grants: []string{awstest.AutoScalingRole(third)}}, false},
		"shared key, grant, no user": {stranger, awstest.KeySeed{Grants: []string{awstest.AutoScalingRole(stranger)}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			key := cloud.Region(home).Key(c.seed)
			region := cloud.Account(c.account).Region(home)
			template := region.Template(awstest.TemplateSeed{Name: "web", ImageID: secretFor(cloud, key)})
			client := autoscaling.NewFromConfig(region.Config())
			_, err := client.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: new("web"), MinSize: new(int32(1)), MaxSize: new(int32(1)), AvailabilityZones: []string{"eu-west-1a"},
				LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("1")},
			})
			require.NoError(t, err, "AWS does not look at the key")
			out, err := client.DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: new("web")})
			require.NoError(t, err)
			require.NotEmpty(t, out.Activities)
			first := out.Activities[len(out.Activities)-1]
			if c.grant {
				assert.Equal(t, astypes.ScalingActivityStatusCodeSuccessful, first.StatusCode)
				assert.Equal(t, 1, region.Capacity("web").Ready)
				return
			}
			assert.Equal(t, astypes.ScalingActivityStatusCodeFailed, first.StatusCode)
			assert.Contains(t, *first.StatusMessage, "Client.InternalError: Client error on launch.")
			assert.Zero(t, region.Capacity("web").Ready)
			assert.Empty(t, region.Instances())

			cloud.Region(home).GrantKey(key, awstest.AutoScalingRole(c.account))
			cloud.Advance(time.Minute)
			assert.Equal(t, 1, region.Capacity("web").Ready, "the next try")
		})
	}
}
