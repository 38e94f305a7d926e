package readyami_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// startsRefreshOf fits the call that starts a refresh of a group.
func startsRefreshOf(group string) func(*awstest.Call) bool {
	return func(call *awstest.Call) bool {
		in, ok := call.Input.(*autoscaling.StartInstanceRefreshInput)
		return ok && *in.AutoScalingGroupName == group
	}
}

// Two groups launch from one template whose default is to move. A process that dies
// between their refreshes leaves them on two versions: what they launched before is
// known all the same.
func TestADeathBetweenTwoGroupsOfOneTemplateIsMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sharedTemplate(t, "web-b")
		w.SetDefault = true
		before := w.plan(t)
		_, err := dying(startsRefreshOf("web-b"))(w)
		require.ErrorIs(t, err, errDied)
		require.Equal(t, "2", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version)
		require.Equal(t, "1", *w.describeGroup("eu-west-1", "web-b").LaunchTemplate.Version)

		require.Equal(t, before.Digest, w.plan(t).Digest)
		_, err = w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		assert.EqualValues(t, 2, w.defaultOf("eu-west-1"))
	})
}

// An image that another release was rolled back from is refused before any write,
// also where groups would have to be pinned first.
func TestARejectedImageIsRefusedBeforeAnyWrite(t *testing.T) {
	for _, pinned := range []bool{false, true} {
		name := "numbered"
		if pinned {
			name = "pinned"
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := floating(t, "$Latest")
				if !pinned {
					w.onVersion("eu-west-1", "web", "1")
					w.Pin = false
				}
				was := w.spelling()
				id := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "bad", Tags: map[string]string{ami.TagRejected: "web-bad"}})
				w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: id}}
				w.cloud.ForgetCalls()
				for range 2 {
					_, err := w.deliver(t.Context())
					require.ErrorIs(t, err, readyami.ErrRejected)
					assert.ErrorContains(t, err, "web-bad")
					assert.Empty(t, w.cloud.Writes())
					assert.Equal(t, was, w.spelling())
				}
			})
		})
	}
}

// So is one that this release was rolled back from, each time it is run.
func TestARunOfARejectedReleaseWithPinsWritesNothing(t *testing.T) {
	play(t, "pin-latest-rolled-back", func(t *testing.T, w *world) {
		_, err := w.act()
		require.ErrorIs(t, err, asg.ErrRolledBack)
		for range 2 {
			w.cloud.ForgetCalls()
			_, err = w.deliver(t.Context())
			require.ErrorIs(t, err, readyami.ErrRejected)
			assert.Empty(t, w.cloud.Writes())
		}
	})
}

// A stall that this module has rolled back says so, with the refresh that stalled.
func TestAStallThatIsRolledBackSaysSo(t *testing.T) {
	play(t, "bad-image-that-stalls", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		require.ErrorIs(t, err, asg.ErrRefreshStalled)
		g := groupIn(t, report, "eu-west-1", "web")
		assert.Equal(t, "RollbackSuccessful", g.Result.Status)
		assert.Equal(t, *w.cloud.Region("eu-west-1").Refreshes("web")[0].InstanceRefreshId, g.Result.RefreshID)
		assert.Equal(t, plan.StateSucceeded, restored(t, report, "eu-west-1", "web").State)
	})
}

// A group that a rejected release has not reached shows no refresh, and so not that of
// the release before it: neither one of another template nor one of the same.
func TestAGroupThatWasNotReachedShowsNoRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sharedTemplate(t, "web-b")
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		next := w.cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})
		w.Name, w.Source.Instance.InstanceID = "web-3", next
		w.settle()
		w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-3"})
		for range 2 {
			report, err := w.deliver(t.Context())

			require.ErrorIs(t, err, readyami.ErrRejected)
			assert.Equal(t, "RollbackSuccessful", groupIn(t, report, "eu-west-1", "web").Result.Status)
			for _, not := range []plan.GroupReport{groupIn(t, report, "us-east-1", "web"), groupIn(t, report, "eu-west-1", "web-b")} {
				assert.Equal(t, plan.StateWaiting, not.State)
				assert.Empty(t, not.Result.RefreshID)
				assert.Empty(t, not.Result.Status)
			}
			w.requireVersion("eu-west-1", "2")
		}
	})
}

// requireVersion checks that the group "web" launches a version, and has no instance in
// service of another.
func (w *world) requireVersion(in, version string) {
	w.t.Helper()
	g := w.describeGroup(in, "web")
	require.Equal(w.t, version, *g.LaunchTemplate.Version)
	for _, i := range g.Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService {
			require.Equal(w.t, version, *i.LaunchTemplate.Version)
		}
	}
}

// A process that dies in the middle of an undo is finished by the next run: all
// groups restored, no pin left, and nothing more to write.
func TestAnUndoIsFinishedByTheNextRun(t *testing.T) {
	for k, more := 1, true; more; k++ {
		synctest.Test(t, func(t *testing.T) {
			w := twoFloating(t)
			w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
			w.Preferences.AutoRollback = new(false) // so that the undo has to write
			w.Rollout = plan.Rollout{Order: plan.OrderTargetByTarget, OnFailure: plan.OnFailureRollBackRelease}
			var decided atomic.Bool
			var n atomic.Int64
			_, err := dying(func(call *awstest.Call) bool {
				if decides(call) {
					decided.Store(true)
				}
				if decided.Load() && call.Write {
					n.Add(1)
				}
				return n.Load() > int64(k)
			})(w)
			if more = n.Load() > int64(k); more {
				require.ErrorIs(t, err, errDied, "write %d", k)
				_, err = w.deliver(t.Context())
			}

			require.ErrorIs(t, err, readyami.ErrRejected, "write %d", k)
			w.requireFloatingAsBefore("web", "web-b")
			w.cloud.ForgetCalls()
			_, err = w.deliver(t.Context())
			require.ErrorIs(t, err, readyami.ErrRejected)
			require.Empty(t, w.cloud.Writes(), "write %d", k)
			if !more {
				require.GreaterOrEqual(t, k, 5, "that many writes are made")
			}
		})
	}
}

// twoFloating is a world of one Region whose two groups launch $Latest of one template.
func twoFloating(t *testing.T) *world {
	w := floating(t, "$Latest")
	w.group("eu-west-1", "web-b", w.templateOf("eu-west-1").id(), "$Latest")
	w.Targets[0].Groups = []string{"web", "web-b"}
	w.settle()
	return w
}

// requireFloatingAsBefore checks that groups launch $Latest, and that it means and
// that they run the image from before.
func (w *world) requireFloatingAsBefore(groups ...string) {
	w.t.Helper()
	old := *w.named("eu-west-1", "web-1")[0].ImageId
	for _, name := range groups {
		g := w.describeGroup("eu-west-1", name)
		require.Equal(w.t, "$Latest", *g.LaunchTemplate.Version, name)
		require.Equal(w.t, old, *w.latest(*g.LaunchTemplate.LaunchTemplateId).ImageId)
		require.Len(w.t, g.Instances, int(*g.DesiredCapacity))
		for _, i := range g.Instances {
			require.Equal(w.t, old, w.imageOf("eu-west-1", *i.InstanceId), name)
		}
	}
}

func (w *world) latest(template string) *ec2types.ResponseLaunchTemplateData {
	w.t.Helper()
	out, err := ec2.NewFromConfig(w.cloud.Config("eu-west-1")).DescribeLaunchTemplateVersions(w.t.Context(),
		&ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &template, Versions: []string{"$Latest"}})
	require.NoError(w.t, err)
	return out.LaunchTemplateVersions[0].LaunchTemplateData
}
