package readyami_test

import (
	"context"
	"testing"
	"testing/synctest"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func (w *world) spelling() string {
	return *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version
}

func TestPinnedGroupsAreSpelledAgainAsTheyWere(t *testing.T) {
	tests := []struct {
		scenario string
		after    string
		kept     bool
	}{
		{"pin-latest", "$Latest", false},
		{"pin-default-that-moves", "$Default", false},
		{"pin-default-that-stays", "2", true},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			play(t, tt.scenario, func(t *testing.T, w *world) {
				var seen []string // how the group was spelled when its template got a version
				w.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if call.Operation == "CreateLaunchTemplateVersion" {
						seen = append(seen, w.spelling())
					}
					return next(ctx)
				})

				report, err := w.act()

				require.NoError(t, err)
				g := groupIn(t, report, "eu-west-1", "web")
				assert.Equal(t, plan.StateSucceeded, g.State)
				assert.Equal(t, w.plan(t).Places[0].Groups[0].Launch[0].Floating, g.Before.Floating, "Before comes from the pin record")
				assert.Equal(t, []string{"1"}, seen, "pinned before there was a version")
				assert.Equal(t, tt.after, w.spelling())
				for _, i := range w.describeGroup("eu-west-1", "web").Instances {
					assert.Equal(t, imageIn(t, report, "eu-west-1").Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
				}
				unpin := stepIn(t, report, plan.StepUnpin, "eu-west-1")
				assert.Equal(t, tt.kept, unpin.Pins != nil && unpin.Pins.Kept["web"] != "", "a group that stays on a number is named")

				report, err = w.act()
				require.NoError(t, err)
				assert.Empty(t, w.cloud.Writes())
				assert.Empty(t, report.Wrote)
			})
		})
	}
}

// plan plans the delivery, in a process of its own.
func (w *world) plan(t *testing.T) *plan.Plan {
	t.Helper()
	p, err := w.client().Plan(t.Context(), w.Delivery)
	require.NoError(t, err)
	return p
}

// After a rollback $Latest has the data from before again, and the group launches
// it by the name that it did.
func TestAPinnedGroupThatIsRolledBackLaunchesWhatItDid(t *testing.T) {
	for scenario, spelling := range map[string]string{
		"pin-default-rolled-back": "$Default", // it is version 1 still
		"pin-latest-rolled-back":  "$Latest",  // it is version 3, with the data of version 1
	} {
		t.Run(scenario, func(t *testing.T) {
			play(t, scenario, func(t *testing.T, w *world) {
				report, err := w.act()

				require.ErrorIs(t, err, asg.ErrRolledBack)
				assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
				assert.Equal(t, spelling, w.spelling())
				old := *w.named("eu-west-1", "web-1")[0].ImageId
				for _, i := range w.describeGroup("eu-west-1", "web").Instances {
					if i.LifecycleState == asgtypes.LifecycleStateInService {
						assert.Equal(t, old, w.imageOf("eu-west-1", *i.InstanceId))
					}
				}
				versions := w.versions("eu-west-1", w.templateOf("eu-west-1").id())
				assert.Equal(t, old, *versions[0].LaunchTemplateData.ImageId, "$Latest")
			})
		})
	}
}

// Without Pin all this is refused; a group that nothing is done to is not pinned.
func TestAGroupOnLatestThatHasTheImageIsLeftAlone(t *testing.T) {
	play(t, "latest-with-the-image", func(t *testing.T, w *world) {
		_, err := w.act()
		require.NoError(t, err)

		report, err := w.act()

		require.NoError(t, err)
		w.requireAtRest(report)
		assert.Equal(t, "$Latest", w.spelling())
	})
}

func TestPinSurvivesACrashAtEveryWrite(t *testing.T) {
	for k := 1; ; k++ {
		crashed := false
		synctest.Test(t, func(t *testing.T) {
			w := scenarioNamed(t, "pin-latest").world(t)
			w.recorder.begin("first", false)
			for _, done := range []bool{false, true} {
				fault, restart := awstest.CrashAtWrite(k, done)
				w.inject(fault)
				_, err := w.deliver(t.Context())
				crashed = crashed || err != nil
				restart()
			}
			_, err := w.deliver(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "$Latest", w.spelling(), "crash at write %d", k)
			assert.Len(t, w.versions("eu-west-1", w.templateOf("eu-west-1").id()), 2)
			w.requireWritten("pin-latest", differences...)
		})
		if !crashed {
			require.Greater(t, k, 6)
			return
		}
	}
}

func TestPinAMixedInstancesPolicyInEveryRegion(t *testing.T) {
	play(t, "pin-mixed-in-every-region", func(t *testing.T, w *world) {
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.act()

		require.NoError(t, err)
		g := w.describeGroup("eu-west-1", "mix")
		assert.Equal(t, was, g.MixedInstancesPolicy, "spelled as it was")
		for _, i := range g.Instances {
			assert.Equal(t, imageIn(t, report, "eu-west-1").Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
		}
		assert.Equal(t, "2", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "a number stays one")
		assert.Equal(t, "$Latest", *w.describeGroup("us-east-1", "web").LaunchTemplate.Version)

		report, err = w.act()
		require.NoError(t, err)
		w.requireAtRest(report)
	})
}
