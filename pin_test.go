package readyami_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func (w *world) spelling() string {
	return *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version
}

// pins lists the tags by which a run remembers what it pinned.
func (w *world) pins() []string {
	var out []string
	for _, i := range w.named("eu-west-1", "web-2") {
		for _, tag := range i.Tags {
			if strings.HasPrefix(*tag.Key, "readyami:pinned:") {
				out = append(out, *tag.Value)
			}
		}
	}
	return out
}

func TestPinnedGroupsAreSpelledAgainAsTheyWere(t *testing.T) {
	tests := []struct {
		scenario string
		after    string
		warns    bool
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
				g := report.Targets[0].Groups[0]
				assert.Equal(t, readyami.Delivered, g.Outcome)
				assert.Equal(t, []string{"1"}, seen, "pinned before there was a version")
				assert.Equal(t, tt.after, w.spelling())
				for _, i := range w.describeGroup("eu-west-1", "web").Instances {
					assert.Equal(t, report.Targets[0].Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
				}
				assert.Equal(t, tt.warns, len(g.Warnings) > 0, g.Warnings)
				assert.Equal(t, tt.warns, len(w.pins()) > 0, "what is not restored is not forgotten")

				report, err = w.act()
				require.NoError(t, err)
				assert.Equal(t, readyami.Unchanged, report.Outcome)
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

func TestAPinnedGroupThatIsRolledBackLaunchesWhatItDid(t *testing.T) {
	for scenario, after := range map[string]string{
		"pin-default-rolled-back": "$Default", // it is version 1 still
		"pin-latest-rolled-back":  "1",        // that would be the bad version now
	} {
		t.Run(scenario, func(t *testing.T) {
			play(t, scenario, func(t *testing.T, w *world) {
				report, err := w.act()

				require.ErrorIs(t, err, asg.ErrRolledBack)
				assert.Equal(t, readyami.RolledBack, report.Targets[0].Groups[0].Outcome)
				assert.Equal(t, after, w.spelling())
				for _, i := range w.describeGroup("eu-west-1", "web").Instances {
					if i.LifecycleState == asgtypes.LifecycleStateInService {
						assert.Equal(t, "1", *i.LaunchTemplate.Version)
					}
				}
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
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
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
			assert.Empty(t, w.pins())
			assert.Len(t, w.versions("eu-west-1", w.templateOf("eu-west-1").id()), 2)
			w.requireWritten("pin-latest")
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
			assert.Equal(t, report.Targets[0].Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
		}
		assert.Equal(t, "2", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "a number stays one")
		assert.Equal(t, "$Latest", *w.describeGroup("us-east-1", "web").LaunchTemplate.Version)
		assert.Empty(t, w.pins())

		report, err = w.act()
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
	})
}
