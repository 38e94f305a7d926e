package ami_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

func TestCreateTagsImageAndSnapshotsInTheCall(t *testing.T) {
	cloud := awstest.Start(t)
	prepared := cloud.Region(here).PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{20}})
	in := web(prepared)
	in.Description = "the web servers"
	in.Tags = map[string]string{"team": "web"}

	made, err := ami.Create(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	images, err := ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
	require.NoError(t, err)

	assert.False(t, made.Adopted)
	assert.Nil(t, made.Image)
	assert.Equal(t, "the web servers", *images[0].Description)
	want := map[string]string{"team": "web", ami.TagIntent: made.Intent, ami.TagSource: prepared}
	for key, value := range want {
		assert.Equal(t, value, ami.Tag(images[0].Tags, key))
	}
	assert.Len(t, images[0].Tags, len(want))
	require.Len(t, images[0].BlockDeviceMappings, 2)
	for _, m := range images[0].BlockDeviceMappings {
		out, err := client(cloud, here).DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*m.Ebs.SnapshotId}})
		require.NoError(t, err)
		for key, value := range want {
			assert.Equal(t, value, ami.Tag(out.Snapshots[0].Tags, key))
		}
	}
	require.Len(t, cloud.Writes(), 1, "no tag is written afterwards")
}

func TestCreateRebootsOnlyWhenAsked(t *testing.T) {
	for consistency, noReboot := range map[ami.RebootBehavior]bool{ami.Reboot: false, ami.NoReboot: true} {
		t.Run(string(consistency), func(t *testing.T) {
			cloud := awstest.Start(t, awstest.WithInputs())
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			in.Reboot = consistency
			_, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.Equal(t, noReboot, *cloud.Writes()[0].Input.(*ec2.CreateImageInput).NoReboot)
		})
	}
}

func TestCreateAgainAdopts(t *testing.T) {
	cloud := awstest.Start(t)
	in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
	first, err := ami.Create(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	_, err = client(cloud, here).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{in.InstanceID}})
	require.NoError(t, err)
	cloud.ForgetCalls()

	again, err := ami.Create(t.Context(), client(cloud, here), in)

	require.NoError(t, err, "also when the instance is gone since")
	assert.True(t, again.Adopted)
	assert.Equal(t, first.ImageID, again.ImageID)
	assert.Equal(t, first.ImageID, *again.Image.ImageId)
	assert.Empty(t, cloud.Writes())
	assert.Len(t, cloud.Calls(), 1, "one look-up tells")
}

func TestCreateAdoptsAfterALostResponse(t *testing.T) {
	lost := awstest.Match{Operation: "CreateImage"}
	t.Run("sent again by the SDK", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic), awstest.WithFault(awstest.LoseResponse(lost)))
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			made, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.True(t, made.Adopted)
			assert.Equal(t, 2, cloud.Count("CreateImage"))
			require.Len(t, held(t, cloud, here), 1)
			assert.Equal(t, made.ImageID, *held(t, cloud, here)[0].ImageId)
		})
	})
	t.Run("for good", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic), awstest.WithFault(awstest.LoseResponseForGood(lost)))
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			_, err := ami.Create(t.Context(), client(cloud, here), in)
			require.Error(t, err)
			made, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.True(t, made.Adopted)
			assert.Len(t, held(t, cloud, here), 1)
		})
	})
}

func TestCreateRefusesATakenName(t *testing.T) {
	setup := func(t *testing.T) (*awstest.Cloud, ami.CreateInput) {
		cloud := awstest.Start(t)
		return cloud, web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
	}
	refused := func(t *testing.T, cloud *awstest.Cloud, in ami.CreateInput) *ami.Error {
		t.Helper()
		cloud.ForgetCalls()
		_, err := ami.Create(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNameTaken)
		assert.Empty(t, cloud.Writes())
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, here, e.Region)
		return e
	}
	t.Run("by an image that is not ours", func(t *testing.T) {
		cloud, in := setup(t)
		other := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: in.Name})
		assert.Equal(t, other, refused(t, cloud, in).ID)
	})
	t.Run("by one that is disabled", func(t *testing.T) {
		cloud, in := setup(t)
		other := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: in.Name})
		cloud.Inject(disabled(other))
		e := refused(t, cloud, in)
		assert.Equal(t, other, e.ID)
		assert.Equal(t, "disabled", e.State)
	})
	t.Run("by ours, disabled since", func(t *testing.T) {
		cloud, in := setup(t)
		made, err := ami.Create(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		cloud.Inject(disabled(made.ImageID))
		assert.Contains(t, refused(t, cloud, in).Hint, "enable it")
	})
	t.Run("by ours of another revision", func(t *testing.T) {
		cloud, in := setup(t)
		_, err := ami.Create(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		in.Revision = "2"
		refused(t, cloud, in)
	})
	t.Run("not by a stranger's", func(t *testing.T) {
		cloud, in := setup(t)
		cloud.Region(here).ForeignImage("999999999999", in.Name, true)
		_, err := ami.Create(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
	})
}

func TestCreateReplacesAFailedImage(t *testing.T) {
	cloud := awstest.Start(t)
	in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
	cloud.FailImages(awstest.ImageMatch{}, "Client.InternalError", "an internal error")
	first, err := ami.Create(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{first.ImageID})
	require.ErrorIs(t, err, ami.ErrFailed)
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, "Client.InternalError: an internal error", e.Reason)
	cloud.ForgetScripts()

	second, err := ami.Create(t.Context(), client(cloud, here), in)

	require.NoError(t, err)
	assert.Equal(t, first.ImageID, second.Replaced)
	assert.NotEqual(t, first.ImageID, second.ImageID)
	assert.False(t, second.Adopted)
	assert.Empty(t, second.Leftover)
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{second.ImageID})
	require.NoError(t, err)
	assert.Len(t, held(t, cloud, here), 1)
	assert.Len(t, snapshots(t, cloud, here), 1, "those of the failed image are gone")
}

func TestCreateInstanceStates(t *testing.T) {
	run := func(t *testing.T, prepare func(*testing.T, *awstest.Cloud, *ec2.Client) string) (*awstest.Cloud, error) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		api := client(cloud, here)
		instance := prepare(t, cloud, api)
		cloud.ForgetCalls()
		_, err := ami.Create(t.Context(), api, web(instance))
		return cloud, err
	}
	stop := func(t *testing.T, cloud *awstest.Cloud, api *ec2.Client) string {
		instance := cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})
		_, err := api.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{instance}})
		require.NoError(t, err)
		return instance
	}
	refused := map[string]struct {
		prepare func(*testing.T, *awstest.Cloud, *ec2.Client) string
		state   string
	}{
		"booting": {state: "pending", prepare: func(t *testing.T, cloud *awstest.Cloud, api *ec2.Client) string {
			out, err := api.RunInstances(t.Context(), &ec2.RunInstancesInput{
				ImageId: new(cloud.Region(here).PublicImage("base")), InstanceType: types.InstanceTypeT3Micro,
				MinCount: new(int32(1)), MaxCount: new(int32(1)),
			})
			require.NoError(t, err)
			return *out.Instances[0].InstanceId
		}},
		"shutting down": {state: "shutting-down", prepare: func(t *testing.T, cloud *awstest.Cloud, api *ec2.Client) string {
			instance := cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})
			_, err := api.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
			require.NoError(t, err)
			return instance
		}},
		"terminated": {state: "terminated", prepare: func(t *testing.T, cloud *awstest.Cloud, api *ec2.Client) string {
			instance := cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})
			_, err := api.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
			require.NoError(t, err)
			time.Sleep(5 * time.Minute)
			return instance
		}},
	}
	for name, tc := range refused {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, err := run(t, tc.prepare)
				require.ErrorIs(t, err, ami.ErrInstanceState)
				assert.Empty(t, cloud.Writes())
				e, ok := errors.AsType[*ami.Error](err)
				require.True(t, ok)
				assert.Equal(t, tc.state, e.State)
			})
		})
	}
	t.Run("unknown", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud, err := run(t, func(*testing.T, *awstest.Cloud, *ec2.Client) string { return "i-0123456789abcdef0" })
			require.ErrorIs(t, err, ami.ErrNotFound)
			assert.Empty(t, cloud.Writes())
		})
	})
	t.Run("stopping is waited out", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud, err := run(t, stop)
			require.NoError(t, err)
			assert.Greater(t, cloud.Count("DescribeInstances"), 5)
			assert.Equal(t, 1, cloud.Count("CreateImage"))
		})
	})
	t.Run("stopping is waited out through throttling", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
			instance := stop(t, cloud, client(cloud, here))
			throttle := awstest.Throttle(awstest.Match{Operation: "DescribeInstances"}, 1)
			cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				if call.Operation == "DescribeInstances" && call.N > 3 {
					<-ctx.Done() // no answer at all
					return nil, ctx.Err()
				}
				return throttle(ctx, call, next)
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := ami.Create(ctx, client(cloud, here), web(instance))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, "RequestLimitExceeded", "the last error is told")
		})
	})
	t.Run("changed between the look and the call", func(t *testing.T) {
		cloud := awstest.Start(t)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CreateImage"}, 1, "IncorrectInstanceState", "Instance is not in state 'running' or 'stopped'"))
		_, err := ami.Create(t.Context(), client(cloud, here), web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})))
		require.ErrorIs(t, err, ami.ErrInstanceState)
	})
	t.Run("an instance store as root", func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithFault(func(ctx context.Context, _ *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if found, ok := out.(*ec2.DescribeInstancesOutput); ok && err == nil {
				found.Reservations[0].Instances[0].RootDeviceType = types.DeviceTypeInstanceStore
			}
			return out, err
		}))
		_, err := ami.Create(t.Context(), client(cloud, here), web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{})))
		require.ErrorIs(t, err, ami.ErrUnsupported)
		assert.Empty(t, cloud.Writes())
	})
}

func TestCreateRefusesBadInputWithoutACall(t *testing.T) {
	many := map[string]string{}
	for i := range 49 {
		many[id(i)] = ""
	}
	for name, spoil := range map[string]func(*ami.CreateInput){
		"no instance":            func(in *ami.CreateInput) { in.InstanceID = "" },
		"an image for one":       func(in *ami.CreateInput) { in.InstanceID = id(1) },
		"no name":                func(in *ami.CreateInput) { in.Name = "" },
		"a short name":           func(in *ami.CreateInput) { in.Name = "ab" },
		"a long name":            func(in *ami.CreateInput) { in.Name = strings.Repeat("a", 129) },
		"a wildcard in the name": func(in *ami.CreateInput) { in.Name = "web*" },
		"an umlaut in the name":  func(in *ami.CreateInput) { in.Name = "wüb" },
		"a long description":     func(in *ami.CreateInput) { in.Description = strings.Repeat("ü", 256) },
		"no consistency":         func(in *ami.CreateInput) { in.Reboot = "" },
		"that of CreateStopped":  func(in *ami.CreateInput) { in.Reboot = "stopped" },
		"a mapping of nothing":   func(in *ami.CreateInput) { in.Mappings = []types.BlockDeviceMapping{{}} },
		"an empty tag key":       func(in *ami.CreateInput) { in.Tags = map[string]string{"": "x"} },
		"a tag of AWS":           func(in *ami.CreateInput) { in.Tags = map[string]string{"AWS:x": "x"} },
		"the intent tag":         func(in *ami.CreateInput) { in.Tags = map[string]string{ami.TagIntent: "x"} },
		"the source tag":         func(in *ami.CreateInput) { in.Tags = map[string]string{ami.TagSource: "x"} },
		"a long tag key":         func(in *ami.CreateInput) { in.Tags = map[string]string{strings.Repeat("k", 129): "x"} },
		"a long tag value":       func(in *ami.CreateInput) { in.Tags = map[string]string{"k": strings.Repeat("v", 257)} },
		"too many tags":          func(in *ami.CreateInput) { in.Tags = many },
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			in := web("i-0123456789abcdef0")
			spoil(&in)
			_, err := ami.Create(t.Context(), client(cloud, here), in)
			require.ErrorIs(t, err, ami.ErrInvalidInput)
			e, ok := errors.AsType[*ami.Error](err)
			require.True(t, ok)
			assert.Equal(t, here, e.Region)
			assert.Empty(t, cloud.Calls())
		})
	}
	t.Run("the longest of all is taken", func(t *testing.T) {
		cloud := awstest.Start(t)
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
		in.Name = strings.Repeat("a", 117) + "()[] ./-'@_"
		in.Description = strings.Repeat("d", 255)
		delete(many, id(0))
		in.Tags = many
		_, err := ami.Create(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
	})
}

func TestCreateThroughThrottling(t *testing.T) {
	t.Run("of half of the calls", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud := awstest.Start(t, awstest.WithFault(awstest.Throttle(awstest.Match{}, 2)))
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			_, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.Len(t, held(t, cloud, here), 1)
		})
	})
	for _, op := range []string{"CreateImage", "DescribeImages"} {
		t.Run("for good, of "+op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t, awstest.WithFault(awstest.Throttle(awstest.Match{Operation: op}, 1)))
				in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
				start := time.Now()
				_, err := ami.Create(t.Context(), client(cloud, here), in)
				require.ErrorContains(t, err, "RequestLimitExceeded")
				assert.InDelta(t, 5*time.Minute, time.Since(start), float64(20*time.Second), "the grace")
			})
		})
	}
	t.Run("until a failed image is replaced", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud := awstest.Start(t)
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			cloud.FailImages(awstest.ImageMatch{}, "Client.InternalError", "an internal error")
			first, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			cloud.ForgetScripts()
			until := time.Now().Add(time.Minute)
			throttle := awstest.Throttle(awstest.Match{Operation: "DeregisterImage"}, 1)
			cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				if time.Now().Before(until) {
					return throttle(ctx, call, next)
				}
				return next(ctx)
			})
			second, err := ami.Create(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.Equal(t, first.ImageID, second.Replaced)
		})
	})
}

func TestCreateExpiredCredentials(t *testing.T) {
	cloud := awstest.Start(t)
	in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
	cloud.Inject(awstest.ExpireCredentials(awstest.Match{}, 1))
	_, err := ami.Create(t.Context(), client(cloud, here), in)
	require.ErrorIs(t, err, ami.ErrCredentialsExpired)
}

func TestCreateEndsWithItsContext(t *testing.T) {
	cloud := awstest.Start(t)
	why := errors.New("the budget")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := ami.Create(ctx, client(cloud, here), web("i-0123456789abcdef0"))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	assert.Empty(t, cloud.Writes())
}

// AWS takes a snapshot of a volume every 15 seconds at most: an image right
// after another one of the same instance waits for it.
func TestCreateOutlastsTheRateOfSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
		free := time.Now().Add(15 * time.Second)
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "CreateImage" && time.Now().Before(free) {
				return nil, awsError("SnapshotCreationPerVolumeRateExceeded")
			}
			return next(ctx)
		})
		made, err := ami.Create(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.False(t, made.Adopted)
		assert.Len(t, held(t, cloud, here), 1)
	})
}
