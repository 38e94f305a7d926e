package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/launchtemplate"
)

// configured is a cloud where the groups launch from the launch configuration
// "old".
func configured(t *testing.T, groups []string, opts ...awstest.Option) (*awstest.Cloud, *autoscaling.Client, *ec2.Client) {
	t.Helper()
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithTiming(awstest.Realistic), awstest.WithInputs()}, opts...)...)
	region := cloud.Region("eu-west-1")
	as := autoscaling.NewFromConfig(region.Config())
	region.KeyPair("web")
	_, err := as.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName:  new("old"),
		ImageId:                  new(region.OwnImage(awstest.ImageSeed{Name: "web-1", IMDSv2: true})),
		InstanceType:             new("t3.small"),
		KeyName:                  new("web"),
		SecurityGroups:           []string{region.SecurityGroup("web")},
		AssociatePublicIpAddress: new(true),
		UserData:                 new("ZWNobw=="),
		MetadataOptions:          &asgtypes.InstanceMetadataOptions{HttpTokens: "required"},
		BlockDeviceMappings:      []asgtypes.BlockDeviceMapping{{DeviceName: new("/dev/sdf"), Ebs: &asgtypes.Ebs{VolumeSize: new(int32(20))}}},
	})
	require.NoError(t, err)
	for _, name := range groups {
		region.Group(awstest.GroupSeed{Name: name, Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate, in.LaunchConfigurationName = nil, new("old")
		}})
	}
	for _, t := range region.Templates() { // which the seeds made
		_, _ = ec2.NewFromConfig(region.Config()).DeleteLaunchTemplate(context.Background(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: t.LaunchTemplateId})
	}
	cloud.ForgetCalls()
	return cloud, as, ec2.NewFromConfig(region.Config())
}

func TestMigrate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, as, ec2api := configured(t, []string{"web", "api"})
		region := cloud.Region("eu-west-1")
		read := func(name string) asgtypes.AutoScalingGroup {
			groups, err := asg.Describe(t.Context(), as, []string{name})
			require.NoError(t, err)
			return groups[0]
		}
		before := read("web")
		cloud.ForgetCalls()
		done, err := readyami.Migrate(t.Context(), as, ec2api, readyami.MigrateInput{Group: "web", Tags: map[string]string{"team": "web"}})
		require.NoError(t, err)
		assert.True(t, done.Changed)
		assert.Equal(t, "old", done.LaunchConfiguration)
		assert.Equal(t, "1", done.Source.Template.Version)
		var writes []string
		for _, call := range cloud.Writes() {
			writes = append(writes, call.Operation)
		}
		assert.Equal(t, []string{"CreateLaunchTemplate", "UpdateAutoScalingGroup"}, writes, "no refresh")
		assert.Equal(t, before.Instances, read("web").Instances)
		assert.Equal(t, "old", *region.Templates()[0].LaunchTemplateName)

		second, err := readyami.Migrate(t.Context(), as, ec2api, readyami.MigrateInput{Group: "api", Tags: map[string]string{"team": "web"}})
		require.NoError(t, err)
		assert.Equal(t, done.Source, second.Source, "groups that share the configuration share the template")
		assert.Len(t, region.Templates(), 1)

		// What is launched next is what was launched before.
		_, err = as.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(2))})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		type launch struct {
			image, instanceType, key, group, tokens string
			disks                                   int
		}
		var launches []launch
		for _, member := range read("web").Instances {
			for _, i := range region.Instances() {
				if *i.InstanceId == *member.InstanceId {
					launches = append(launches, launch{
						*i.ImageId, string(i.InstanceType), *i.KeyName, *i.SecurityGroups[0].GroupId, string(i.MetadataOptions.HttpTokens), len(i.BlockDeviceMappings),
					})
				}
			}
		}
		require.Len(t, launches, 2)
		assert.Equal(t, launches[0], launches[1])
		assert.Empty(t, region.Refreshes("web"))
	})
}

func TestMigrateWhatNeedsNone(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region("eu-west-1")
	region.Group(awstest.GroupSeed{Name: "web"})
	cloud.ForgetCalls()
	done, err := readyami.Migrate(t.Context(), autoscaling.NewFromConfig(region.Config()), ec2.NewFromConfig(region.Config()), readyami.MigrateInput{Group: "web"})
	require.NoError(t, err)
	assert.False(t, done.Changed)
	assert.Empty(t, done.LaunchConfiguration)
	assert.NotNil(t, done.Source.Template)
	assert.Len(t, cloud.Calls(), 1)
}

func TestMigrateErrors(t *testing.T) {
	cloud, as, ec2api := configured(t, []string{"web"})
	migrate := func(in readyami.MigrateInput) error {
		_, err := readyami.Migrate(t.Context(), as, ec2api, in)
		return err
	}
	assert.ErrorIs(t, migrate(readyami.MigrateInput{}), readyami.ErrInvalidInput)
	assert.ErrorIs(t, migrate(readyami.MigrateInput{Group: "none"}), asg.ErrNotFound)
	assert.ErrorIs(t, migrate(readyami.MigrateInput{Group: "web", TemplateName: "no good name"}), launchtemplate.ErrInvalidInput)
	cloud.Region("eu-west-1").Template(awstest.TemplateSeed{Name: "taken"})
	assert.ErrorIs(t, migrate(readyami.MigrateInput{Group: "web", TemplateName: "taken"}), launchtemplate.ErrNameTaken)

	alter := func(change func(*asgtypes.LaunchConfiguration)) awstest.Fault {
		return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if o, ok := out.(*autoscaling.DescribeLaunchConfigurationsOutput); ok && err == nil {
				change(&o.LaunchConfigurations[0])
			}
			return out, err
		}
	}
	cloud.Inject(alter(func(c *asgtypes.LaunchConfiguration) { c.ClassicLinkVPCId = new("vpc-1") }))
	assert.ErrorIs(t, migrate(readyami.MigrateInput{Group: "web"}), asg.ErrNotEquivalent)
	assert.Empty(t, cloud.Writes())
}

// TestMigrateWhereSomebodyElseChangesTheGroup leaves what that one wrote.
func TestMigrateWhereSomebodyElseChangesTheGroup(t *testing.T) {
	cloud, as, ec2api := configured(t, []string{"web"})
	other := cloud.Region("eu-west-1").Template(awstest.TemplateSeed{Name: "other"})
	cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if call.Operation == "CreateLaunchTemplate" {
			_, err := asg.Update(context.Background(), as, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: other, Version: "1"}})
			assert.NoError(t, err)
		}
		return out, err
	})
	_, err := readyami.Migrate(t.Context(), as, ec2api, readyami.MigrateInput{Group: "web"})
	require.ErrorIs(t, err, asg.ErrOtherVersion)
	groups, err := asg.Describe(t.Context(), as, []string{"web"})
	require.NoError(t, err)
	assert.Equal(t, other, *groups[0].LaunchTemplate.LaunchTemplateId)
}

func TestMigrateFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T, opts ...awstest.Option) faulttest.World {
		cloud, _, _ := configured(t, []string{"web"}, opts...)
		region := cloud.Region("eu-west-1")
		return faulttest.World{
			Cloud: cloud,
			Call: func(ctx context.Context) error {
				_, err := readyami.Migrate(ctx, autoscaling.NewFromConfig(faulttest.Config(cloud, "eu-west-1")), ec2.NewFromConfig(faulttest.Config(cloud, "eu-west-1")), readyami.MigrateInput{Group: "web"})
				return err
			},
			Check: func(t *testing.T) {
				require.Len(t, region.Templates(), 1)
				g := region.Groups()[0]
				require.NotNil(t, g.LaunchTemplate)
				assert.Equal(t, "1", *g.LaunchTemplate.Version)
				assert.Equal(t, *region.Templates()[0].LaunchTemplateId, *g.LaunchTemplate.LaunchTemplateId)
				assert.Empty(t, region.Refreshes("web"))
			},
		}
	})
}
