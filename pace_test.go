package readyami_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// No lock is held over a call of AWS, nor over the caller's handler: two places that
// fail at once end, however slow the handler is, and it delays no write.
func TestPlacesThatFailAtOnceWithASlowHandlerEnd(t *testing.T) {
	var times [2][]time.Duration
	for i, slow := range []time.Duration{0, 10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := broken(t)
			w.Rollout.Order = plan.OrderAllAtOnce
			w.deliverImages()
			w.cloud.ForgetCalls()
			began := time.Now()
			handled, atOnce := 0, 0

			report, err := w.deliver(t.Context(), onEvent(func(readyami.Event) {
				atOnce++
				assert.Equal(t, 1, atOnce, "events come one at a time")
				time.Sleep(slow)
				atOnce--
				handled++
			}))

			require.ErrorIs(t, err, asg.ErrRolledBack)
			for _, name := range threeRegions {
				assert.Equal(t, plan.StateFailed, groupIn(t, report, name, "web").State)
				w.requireAsBefore(name)
			}
			assert.Greater(t, handled, 10)
			assert.GreaterOrEqual(t, time.Since(began), time.Duration(handled)*slow, "the handler has returned from its last event")
			for _, call := range w.cloud.Writes() {
				times[i] = append(times[i], call.At.Sub(began))
			}
		})
	}
	assert.Equal(t, times[0], times[1], "the writes do not wait for the handler")
}

// Each group that stalls is rolled back at once, whatever the others of its wave do.
func TestStalledGroupsAreRolledBackAtOnceAndSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sharedTemplate(t, "web-b", "web-c")
		_, err := autoscaling.NewFromConfig(w.cloud.Config("us-east-1")).UpdateAutoScalingGroup(t.Context(),
			&autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(6))})
		require.NoError(t, err)
		w.settle()
		w.Preferences.MaxHealthyPercentage = new(int32(110)) // one after another, so that the good group takes long
		w.Preferences.InstanceWarmup = new(int32(600))
		w.Rollout.Order = plan.OrderAllAtOnce
		w.Budgets.Stall = plan.Minutes(15)
		w.deliverImages()
		w.cloud.NeverHealthy(awstest.ImageMatch{Region: "eu-west-1", Name: "web-2"})
		w.cloud.ForgetCalls()

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, asg.ErrRolledBack)
		var rolledBack []time.Time
		for _, call := range w.cloud.Writes() {
			if call.Operation == "RollbackInstanceRefresh" {
				rolledBack = append(rolledBack, call.At)
			}
		}
		require.Len(t, rolledBack, 3)
		assert.Less(t, rolledBack[2].Sub(rolledBack[0]), 5*time.Second, "side by side")
		good := w.cloud.Region("us-east-1").Refreshes("web")[0]
		assert.Equal(t, asgtypes.InstanceRefreshStatusSuccessful, good.Status)
		assert.Greater(t, good.EndTime.Sub(rolledBack[2]), 20*time.Minute, "they do not wait for the slowest group of the wave")
		assert.Less(t, rolledBack[0].Sub(*w.cloud.Region("eu-west-1").Refreshes("web")[0].StartTime), 18*time.Minute)
		for _, name := range []string{"web", "web-b", "web-c"} {
			w.requireGroupAsBefore("eu-west-1", name)
		}
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "us-east-1", "web").State)
	})
}

// steady is AWS's usual time without jitter, so that targets can be compared.
func steady() awstest.Option {
	timing := awstest.Realistic
	timing.Jitter = 0
	return awstest.WithTiming(timing)
}

// usualRegions are the 17 that every account has.
var usualRegions = []string{
	"eu-west-1", "us-east-1", "ap-southeast-2", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
	"ap-northeast-3", "ap-southeast-1", "ca-central-1", "eu-central-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
}

// However many targets there are, each starts at once: 17 take as long as two, whose
// image is created, copied and rolled out one after another.
func TestTheSeventeenthTargetStartsAtOnce(t *testing.T) {
	var took [2]time.Duration
	for i, n := range []int{2, len(usualRegions)} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, steady())
			w.Rollout.Order = plan.OrderAllAtOnce
			w.Targets = w.Targets[:2]
			for _, name := range usualRegions[2:n] {
				if name != threeRegions[2] {
					w.group(name, "web", w.template(name, "web"), "1")
				}
				w.Targets = append(w.Targets, plan.Target{Region: name, Groups: []string{"web"}})
			}
			w.settle()
			began := time.Now()
			_, err := w.deliver(t.Context())
			require.NoError(t, err)
			took[i] = time.Since(began)
			w.requireDelivered()
			timing := awstest.Realistic
			assert.Greater(t, took[i], timing.Image+timing.ImageCopy, "AWS's bound")
		})
	}
	t.Log(took)
	assert.Less(t, took[1]-took[0], 5*time.Second)
}

// A group starts when the image of its own place is there.
func TestAGroupDoesNotWaitForTheImagesOfOtherPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Rollout.Order = plan.OrderAllAtOnce
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		first := w.cloud.Region("eu-west-1").Refreshes("web")[0]
		for _, call := range w.cloud.Writes() {
			if call.Operation == "CopyImage" {
				assert.Less(t, first.StartTime.Sub(call.At), time.Minute, "the home Region starts as the copies do")
			}
		}
	})
}

// A group starts when its own version is there, also while that of another cannot be
// tried yet.
func TestAGroupDoesNotWaitForTheVersionsOfOtherGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		api := w.template("eu-west-1", "api")
		w.group("eu-west-1", "api", api, "1")
		w.settle()
		w.Targets = []plan.Target{{Region: "eu-west-1", Groups: []string{"api", "web"}}}
		w.Rollout.Order = plan.OrderAllAtOnce
		until := time.Now().Add(30 * time.Minute)
		w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if in, ok := call.Input.(*ec2.RunInstancesInput); ok && *in.LaunchTemplate.LaunchTemplateId == api && time.Now().Before(until) {
				return nil, &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "Request limit exceeded."}
			}
			return next(ctx)
		})

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		assert.True(t, w.cloud.Region("eu-west-1").Refreshes("web")[0].EndTime.Before(until), "it is over before the other can begin")
		assert.True(t, w.cloud.Region("eu-west-1").Refreshes("api")[0].StartTime.After(until))
	})
}

// many gives eu-west-1 empty groups of one template.
func many(t *testing.T, n int, version string) *world {
	w := newWorld(t)
	template := w.templateOf("eu-west-1").id()
	w.Targets = []plan.Target{{Region: "eu-west-1"}}
	for i := range n {
		seed := awstest.GroupSeed{Name: fmt.Sprintf("web-%04d", i), TemplateID: template, Version: version}
		seed.Customize = func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.MinSize, in.DesiredCapacity = new(int32(0)), new(int32(0))
		}
		w.cloud.Region("eu-west-1").Group(seed)
		w.Targets[0].Groups = append(w.Targets[0].Groups, seed.Name)
	}
	w.Rollout.Order = plan.OrderAllAtOnce
	w.settle()
	return w
}

// Planning reads the versions of a template once, whatever the number of its groups,
// and no refreshes while there is no version of the release.
func TestPlanningManyGroupsOfOneTemplateTakesFewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := many(t, 500, "1")
		began := time.Now()
		p := w.plan(t)
		assert.Len(t, p.Places[0].Groups, 500)
		assert.LessOrEqual(t, w.cloud.Count("DescribeLaunchTemplateVersions"), 2)
		assert.Zero(t, w.cloud.Count("DescribeInstanceRefreshes"))
		assert.LessOrEqual(t, len(w.cloud.Calls()), 40)
		assert.Less(t, time.Since(began), 10*time.Second)
	})
}

// A place can pin a thousand groups: the record of their spellings is packed.
func TestAThousandGroupsCanBePinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := many(t, 1000, "$Latest")
		w.Pin = true
		before := w.plan(t)
		var once sync.Once
		w.shown(func(call *awstest.Call, _ any) bool { return call.Operation == "CreateLaunchTemplateVersion" }, func() {
			once.Do(func() {
				for i, g := range w.groups("eu-west-1") {
					if *g.AutoScalingGroupName != "web" && *g.LaunchTemplate.Version != "1" {
						t.Errorf("group %d launches %s when its template gets a version", i, *g.LaunchTemplate.Version)
					}
				}
				assert.Equal(t, before.Digest, w.plan(t).Digest, "how they were named is known from AWS alone")
			})
		})

		began := time.Now()
		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		assert.Less(t, time.Since(began), time.Hour)
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		for _, g := range w.groups("eu-west-1") {
			if *g.AutoScalingGroupName != "web" {
				require.Equal(t, "$Latest", *g.LaunchTemplate.Version, *g.AutoScalingGroupName)
			}
		}
	})
}

// A decision rests on the refresh that failed, and not on those of a fleet that takes
// longer to read than a write may be on its way.
func TestALargeFleetIsRejectedAndRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := many(t, 400, "1")
		w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
		w.Targets[0].Groups = append([]string{"web"}, w.Targets[0].Groups...)
		w.SetDefault = true
		w.Rollout = plan.Rollout{MaxFailures: 0, OnFailure: plan.OnFailureRollBackRelease}
		began := time.Now()

		report, err := w.deliver(t.Context())

		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Less(t, time.Since(began), 2*time.Hour)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		w.requireAsBefore("eu-west-1")
	})
}

// groups are all groups of a Region.
func (w *world) groups(in string) []asgtypes.AutoScalingGroup {
	w.t.Helper()
	var out []asgtypes.AutoScalingGroup
	for g, err := range asg.All(w.t.Context(), autoscaling.NewFromConfig(w.cloud.Config(in))) {
		require.NoError(w.t, err)
		out = append(out, g)
	}
	return out
}
