package ami_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// create is one of the two functions that make an image of an instance.
type create func(context.Context, *ec2.Client, ami.CreateInput) (*ami.CreateResult, error)

var creates = map[string]create{
	"Create": func(ctx context.Context, api *ec2.Client, in ami.CreateInput) (*ami.CreateResult, error) {
		in.Reboot = ami.NoReboot
		return ami.Create(ctx, api, in)
	},
	"CreateStopped": func(ctx context.Context, api *ec2.Client, in ami.CreateInput) (*ami.CreateResult, error) {
		return ami.CreateStopped(ctx, api, in)
	},
}

// The instance has /dev/xvda and /dev/sdb.
func TestMappingsAreOfDevicesThatTheInstanceHas(t *testing.T) {
	for name, c := range map[string]struct {
		mapping types.BlockDeviceMapping
		refused string
	}{
		"left out": {types.BlockDeviceMapping{DeviceName: new("/dev/sdb"), NoDevice: new("")}, ""},
		"left out by another name": {types.BlockDeviceMapping{DeviceName: new("/dev/xvdb"), NoDevice: new("")},
			`Mappings[0]: invalid DeviceName "/dev/xvdb": the instance has /dev/sdb, /dev/xvda`},
		"left out by another name, with a size": {types.BlockDeviceMapping{DeviceName: new("/dev/xvdb"), NoDevice: new(""), Ebs: &types.EbsBlockDevice{VolumeSize: new(int32(20))}},
			`invalid DeviceName "/dev/xvdb"`},
		"changed": {types.BlockDeviceMapping{DeviceName: new("/dev/sdb"), Ebs: &types.EbsBlockDevice{DeleteOnTermination: new(false)}}, ""},
		"changed by another name": {types.BlockDeviceMapping{DeviceName: new("/dev/sda1"), Ebs: &types.EbsBlockDevice{DeleteOnTermination: new(false)}},
			`Mappings[0]: invalid DeviceName "/dev/sda1": the instance has /dev/sdb, /dev/xvda`},
		"nothing said of it":     {types.BlockDeviceMapping{DeviceName: new("/dev/sdc")}, `invalid DeviceName "/dev/sdc"`},
		"added":                  {types.BlockDeviceMapping{DeviceName: new("/dev/sdc"), Ebs: &types.EbsBlockDevice{VolumeSize: new(int32(9))}}, ""},
		"an instance store more": {types.BlockDeviceMapping{DeviceName: new("/dev/sdc"), VirtualName: new("ephemeral0")}, ""},
		"the root left out":      {types.BlockDeviceMapping{DeviceName: new("/dev/xvda"), NoDevice: new("")}, "NoDevice must not name the root device /dev/xvda"},
	} {
		for fn, create := range creates {
			t.Run(name+", "+fn, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cloud, in := atRest(t, awstest.InstanceSeed{DataGiB: []int32{20}})
					in.Mappings = []types.BlockDeviceMapping{c.mapping}
					_, err := create(t.Context(), client(cloud, here), in)
					if c.refused == "" {
						require.NoError(t, err)
						return
					}
					require.ErrorIs(t, err, ami.ErrInvalidInput)
					require.ErrorContains(t, err, c.refused)
					assert.Empty(t, cloud.Writes())
				})
			})
		}
	}
}

// EC2 lists no instance store volumes with an instance. Those of its image can
// be left out all the same.
func TestInstanceStoreVolumeOfTheImageCanBeLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := fromDisks(t)
		in.Mappings = append(in.Mappings, types.BlockDeviceMapping{DeviceName: new("/dev/sdm"), VirtualName: new("ephemeral0")})
		base, err := ami.Register(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		host := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{ImageID: base.ImageID}))
		host.Name = "web of web"
		host.Mappings = []types.BlockDeviceMapping{{DeviceName: new("/dev/sdm"), NoDevice: new("")}}
		made, err := ami.Create(t.Context(), client(cloud, here), host)
		require.NoError(t, err)
		img, _ := cloud.Region(here).Image(made.ImageID)
		assert.Len(t, img.BlockDeviceMappings, len(in.Mappings)-1)

		host.Name, host.Mappings[0].DeviceName = "web 2", new("/dev/sdn")
		_, err = ami.Create(t.Context(), client(cloud, here), host)
		require.ErrorContains(t, err, "/dev/sdm")
		require.ErrorIs(t, err, ami.ErrInvalidInput)
	})
}

// membership is an instance of a group, which has one more.
func membership(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, *autoscaling.Client, ami.CreateInput) {
	cloud := awstest.Start(t, append(opts, awstest.WithTiming(steady))...)
	seed := cloud.Region(here).Group(awstest.GroupSeed{Name: "pets", Size: 2})
	cloud.ForgetCalls()
	return cloud, autoscaling.NewFromConfig(cloud.Config(here)), ami.CreateInput{InstanceID: seed.Instances[0], Name: "of a pet"}
}

func enterStandby(t *testing.T, api *autoscaling.Client, instance string) {
	t.Helper()
	_, err := api.EnterStandby(t.Context(), &autoscaling.EnterStandbyInput{
		AutoScalingGroupName: new("pets"), InstanceIds: []string{instance}, ShouldDecrementDesiredCapacity: new(false),
	})
	require.NoError(t, err)
	time.Sleep(10 * time.Minute)
}

func TestInstanceThatAGroupOwnsIsNotStopped(t *testing.T) {
	for name, asked := range map[string]bool{"nobody says what state it is in": false, "in service": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, groups, in := membership(t)
				if asked {
					in.AutoScaling = groups
				}
				_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
				require.ErrorIs(t, err, ami.ErrGroupMember)
				require.ErrorContains(t, err, "pets")
				if asked {
					require.ErrorContains(t, err, "InService")
				}
				assert.Empty(t, cloud.Writes())
				time.Sleep(time.Hour)
				assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))

				in.Reboot = ami.NoReboot
				_, err = ami.Create(t.Context(), client(cloud, here), in)
				require.NoError(t, err, "it goes on running")
			})
		})
	}
}

func TestInstanceInStandbyIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, groups, in := membership(t)
		enterStandby(t, groups, in.InstanceID)
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrGroupMember, "nobody can tell")

		in.AutoScaling = groups
		made, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		_, held := cloud.Region(here).Image(made.ImageID)
		assert.True(t, held)
		time.Sleep(time.Minute)
		assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))
	})
}

func TestInstanceThatAGroupOwnsIsStoppedWhereTheCallerSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, groups, in := membership(t)
		for _, process := range []string{"HealthCheck", "ReplaceUnhealthy"} {
			_, err := groups.SuspendProcesses(t.Context(), &autoscaling.SuspendProcessesInput{AutoScalingGroupName: new("pets"), ScalingProcesses: []string{process}})
			require.NoError(t, err)
		}
		in.StopGroupMember = true
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, 1, cloud.Count("StopInstances"))
		assert.Zero(t, cloud.Count("DescribeAutoScalingInstances"))
	})
}

// A check that cannot finish clears nothing.
func TestInstanceWhoseGroupCannotBeAskedIsNotStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, groups, in := membership(t)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeAutoScalingInstances"}, 0, "AccessDenied", "no"))
		in.AutoScaling = groups
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.ErrorContains(t, err, "AccessDenied")
		assert.Empty(t, cloud.Writes())
	})
}

func TestSpotInstanceThatCannotBeStoppedRunsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(steady))
		seed := cloud.Region(here).Group(awstest.GroupSeed{Name: "pets", Size: 1, Overrides: []astypes.LaunchTemplateOverrides{{InstanceType: new("t3.micro")}},
			Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.MixedInstancesPolicy.InstancesDistribution = &astypes.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: new(int32(0))}
			}})
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), ami.CreateInput{InstanceID: seed.Instances[0], Name: "of spot", StopGroupMember: true})
		require.ErrorIs(t, err, ami.ErrUnsupported)
		require.ErrorContains(t, err, "one-time Spot Instance request")
		assert.Empty(t, held(t, cloud, here))
		for _, i := range cloud.Region(here).Instances() {
			assert.Equal(t, types.InstanceStateNameRunning, i.State.Name)
			assert.Empty(t, ami.Tag(i.Tags, ami.TagRestart), "no mark is left")
		}
	})
}
