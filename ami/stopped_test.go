package ami_test

import (
	"context"
	"errors"
	"fmt"
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

// steady takes its time, and always the same.
var steady = awstest.Timing{
	Image:         5 * time.Minute,
	ImageCopy:     7 * time.Minute,
	InstanceStart: 25 * time.Second,
	InstanceStop:  30 * time.Second,
}

func atRest(t *testing.T, seed awstest.InstanceSeed, opts ...awstest.Option) (*awstest.Cloud, ami.CreateInput) {
	cloud := awstest.Start(t, append(opts, awstest.WithTiming(steady))...)
	in := web(cloud.Region(here).PreparedInstance(seed))
	in.Reboot = ""
	return cloud, in
}

func stateOf(t *testing.T, cloud *awstest.Cloud, instance string) types.InstanceStateName {
	t.Helper()
	for _, i := range cloud.Region(here).Instances() {
		if *i.InstanceId == instance {
			return i.State.Name
		}
	}
	require.Fail(t, "no such instance", instance)
	return ""
}

func writes(cloud *awstest.Cloud) (ops []string) {
	for _, call := range cloud.Writes() {
		ops = append(ops, call.Operation)
	}
	return ops
}

func TestCreateStoppedStartsAgainWhatRan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		start := time.Now()

		made, err := ami.CreateStopped(t.Context(), client(cloud, here), in)

		require.NoError(t, err)
		assert.Equal(t, available, held(t, cloud, here)[0].State)
		assert.Equal(t, made.ImageID, *held(t, cloud, here)[0].ImageId)
		assert.Equal(t, []string{"CreateTags", "StopInstances", "CreateImage", "StartInstances", "DeleteTags"}, writes(cloud))
		assert.Equal(t, 30*time.Second, cloud.Writes()[2].At.Sub(start), "when it has stopped")
		assert.GreaterOrEqual(t, cloud.Writes()[3].At.Sub(start), 5*time.Minute+30*time.Second, "when the image is available")
		assert.Equal(t, types.InstanceStateNamePending, stateOf(t, cloud, in.InstanceID))
	})
}

func TestCreateStoppedLeavesStoppedWhatWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{Stopped: true})
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, []string{"CreateImage"}, writes(cloud))
	})
}

func TestCreateStoppedAdopts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		first, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		cloud.ForgetCalls()
		again, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, first.ImageID, again.ImageID)
		assert.True(t, again.Adopted)
		assert.Empty(t, writes(cloud))
	})
}

func TestCreateStoppedStartsAgainAfterAFailure(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil  func(*awstest.Cloud)
		want   error
		writes []string
		image  bool
	}{
		"of the image": {
			spoil: func(c *awstest.Cloud) {
				c.FailImages(awstest.ImageMatch{}, "Server.InternalError", "an internal error")
			},
			want: ami.ErrFailed, image: true,
			writes: []string{"CreateTags", "StopInstances", "CreateImage", "StartInstances", "DeleteTags"},
		},
		"of its creation": {
			spoil: func(c *awstest.Cloud) {
				c.Inject(awstest.Refuse(awstest.Match{Operation: "CreateImage"}, 0, "UnauthorizedOperation", "no"))
			},
			writes: []string{"CreateTags", "StopInstances", "CreateImage", "StartInstances", "DeleteTags"},
		},
		"of the stop, which had its effect": {
			spoil: func(c *awstest.Cloud) {
				c.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "StopInstances"}))
			},
			writes: []string{"CreateTags", "StopInstances", "StartInstances", "DeleteTags"},
		},
		"of the stop, which had none": {
			spoil: func(c *awstest.Cloud) {
				c.Inject(awstest.Refuse(awstest.Match{Operation: "StopInstances"}, 0, "UnsupportedOperation", "no"))
			},
			writes: []string{"CreateTags", "StopInstances", "DeleteTags"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atRest(t, awstest.InstanceSeed{})
				tc.spoil(cloud)
				made, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
				require.Error(t, err)
				if tc.want != nil {
					require.ErrorIs(t, err, tc.want)
				}
				assert.Equal(t, tc.image, made != nil)
				assert.Equal(t, tc.writes, writes(cloud))
				time.Sleep(time.Minute)
				assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))
			})
		})
	}
}

func TestCreateStoppedStartsAgainWhenItsContextEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		after time.Duration // ctx ends
		took  time.Duration
		image bool
	}{
		"while the instance stops": {after: 10 * time.Second, took: 30 * time.Second},
		"while the image is made":  {after: 3 * time.Minute, took: 3 * time.Minute, image: true},
		"before anything was done": {after: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atRest(t, awstest.InstanceSeed{})
				ctx, cancel := context.WithTimeout(t.Context(), tc.after)
				defer cancel()
				start := time.Now()

				made, err := ami.CreateStopped(ctx, client(cloud, here), in)

				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, tc.took, time.Since(start))
				assert.Equal(t, tc.image, made != nil)
				time.Sleep(time.Minute)
				assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))
			})
		})
	}
}

func TestCreateStoppedTellsThatTheInstanceStaysStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		cloud.FailImages(awstest.ImageMatch{}, "Server.InternalError", "an internal error")
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstances"}, 0, "InsufficientInstanceCapacity", "none left"))

		made, err := ami.CreateStopped(t.Context(), client(cloud, here), in)

		require.NotNil(t, made)
		require.ErrorIs(t, err, ami.ErrFailed, "the first failure")
		require.ErrorContains(t, err, "InsufficientInstanceCapacity", "and the second")
		assert.ErrorContains(t, err, "was not started again")
		assert.ErrorContains(t, err, in.InstanceID)
	})
}

func TestCreateStoppedGivesUpStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		cloud.Inject(awstest.Throttle(awstest.Match{Operation: "StartInstances"}, 1))
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, context.DeadlineExceeded, "its own, ctx has none")
		assert.ErrorContains(t, err, "RequestLimitExceeded")
		assert.ErrorContains(t, err, "was not started again")
	})
}

func TestCreateStoppedByAnotherHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		time.AfterFunc(10*time.Second, func() {
			_, err := client(cloud, here).TerminateInstances(context.WithoutCancel(t.Context()), &ec2.TerminateInstancesInput{InstanceIds: []string{in.InstanceID}})
			assert.NoError(t, err)
		})
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInstanceState)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Contains(t, e.Hint, "somebody else")
		assert.Zero(t, cloud.Count("CreateImage"))
	})
}

func TestCreateStoppedTakesNoReboot(t *testing.T) {
	cloud := awstest.Start(t)
	_, err := ami.CreateStopped(t.Context(), client(cloud, here), web("i-0123456789abcdef0"))
	require.ErrorIs(t, err, ami.ErrInvalidInput)
	assert.Empty(t, cloud.Calls())
}

func TestCreateStoppedThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		for _, op := range []string{"CreateTags", "StopInstances", "CreateImage", "StartInstances", "DeleteTags"} {
			for range 4 { // one more than the SDK outlasts
				cloud.Inject(awstest.Refuse(awstest.Match{Operation: op}, 1, "RequestLimitExceeded", ""))
			}
		}
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, 5, cloud.Count("StopInstances"))
		assert.Equal(t, 5, cloud.Count("CreateImage"))
		assert.Equal(t, 5, cloud.Count("StartInstances"))
		time.Sleep(time.Minute)
		assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))
	})
}

func TestCreateStoppedSeesAnotherStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{InstanceStop: 31 * time.Second}))
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
		in.Reboot = ""
		time.AfterFunc(31500*time.Millisecond, func() {
			_, err := client(cloud, here).StartInstances(context.WithoutCancel(t.Context()), &ec2.StartInstancesInput{InstanceIds: []string{in.InstanceID}})
			assert.NoError(t, err)
		})
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrInstanceState)
		assert.Equal(t, []string{"CreateTags", "StopInstances", "StartInstances", "DeleteTags"}, writes(cloud), "it runs: nothing to start again")
	})
}

func TestCreateStoppedStartsWhatAWSThinksIsStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "StartInstances"}, 1, "IncorrectInstanceState", ""))
		_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.Equal(t, 2, cloud.Count("StartInstances"))
	})
}

// Wherever the process ends, the next run has the image and lets the instance
// run; one that was stopped before stays so.
func TestCreateStoppedCrashAtEveryWrite(t *testing.T) {
	for _, seed := range []awstest.InstanceSeed{{}, {Stopped: true}} {
		want, all := types.InstanceStateNameRunning, 5
		if seed.Stopped {
			want, all = types.InstanceStateNameStopped, 1
		}
		for k := 1; k <= all; k++ {
			for _, done := range []bool{false, true} {
				t.Run(fmt.Sprint(want, k, done), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						cloud, in := atRest(t, seed)
						crash, restart := awstest.CrashAtWrite(k, done)
						cloud.Inject(crash)
						_, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
						require.Error(t, err)
						restart()
						_, err = ami.CreateStopped(t.Context(), client(cloud, here), in)
						require.NoError(t, err)
						time.Sleep(time.Minute)
						assert.Equal(t, want, stateOf(t, cloud, in.InstanceID))
						assert.Empty(t, cloud.Region(here).Instances()[0].Tags, "nothing is left on it")
						assert.Len(t, held(t, cloud, here), 1)
					})
				})
			}
		}
	}
}

func TestCreateStoppedAdoptsThoughTheInstanceIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atRest(t, awstest.InstanceSeed{})
		first, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		_, err = client(cloud, here).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{in.InstanceID}})
		require.NoError(t, err)
		for range 2 {
			again, err := ami.CreateStopped(t.Context(), client(cloud, here), in)
			require.NoError(t, err)
			assert.Equal(t, first.ImageID, again.ImageID)
			time.Sleep(24 * time.Hour)
		}
	})
}
