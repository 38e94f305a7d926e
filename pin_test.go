package readyami_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// floating is a world of one Region whose group is spelled as given.
func floating(t *testing.T, spelling string, opts ...awstest.Option) *world {
	w := newWorld(t, opts...)
	w.Targets = w.Targets[:1]
	w.Pin = true
	w.onVersion("eu-west-1", "web", spelling)
	w.settle()
	return w
}

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
		name, spelling string
		setDefault     bool
		after          string
		warns          bool
	}{
		{"$Latest", "$Latest", false, "$Latest", false},
		{"$Default that moves", "$Default", true, "$Default", false},
		{"$Default that stays", "$Default", false, "2", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := floating(t, tt.spelling)
				w.SetDefault = tt.setDefault
				var seen []string // how the group was spelled when its template got a version
				w.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if call.Operation == "CreateLaunchTemplateVersion" {
						seen = append(seen, w.spelling())
					}
					return next(ctx)
				})

				report, err := w.deliver(t.Context())

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

				w.cloud.ForgetCalls()
				report, err = w.deliver(t.Context())
				require.NoError(t, err)
				assert.Equal(t, readyami.Unchanged, report.Outcome)
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

func TestAPinnedGroupThatIsRolledBackLaunchesWhatItDid(t *testing.T) {
	for spelling, after := range map[string]string{
		"$Default": "$Default", // it is version 1 still
		"$Latest":  "1",        // that would be the bad version now
	} {
		t.Run(spelling, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := floating(t, spelling)
				w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})

				report, err := w.deliver(t.Context())

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
	synctest.Test(t, func(t *testing.T) {
		w := floating(t, "1")
		w.Pin = false
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		w.onVersion("eu-west-1", "web", "$Latest")
		w.Pin = true
		w.cloud.ForgetCalls()

		report, err := w.deliver(t.Context())

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
			w := floating(t, "$Latest")
			for _, done := range []bool{false, true} {
				fault, restart := awstest.CrashAtWrite(k, done)
				w.cloud.Inject(fault)
				_, err := w.deliver(t.Context())
				crashed = crashed || err != nil
				restart()
			}
			_, err := w.deliver(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "$Latest", w.spelling(), "crash at write %d", k)
			assert.Empty(t, w.pins())
			assert.Len(t, w.versions("eu-west-1", w.templateOf("eu-west-1").id()), 2)
		})
		if !crashed {
			require.Greater(t, k, 6)
			return
		}
	}
}

func TestPinAMixedInstancesPolicyInEveryRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Pin, w.SetDefault, w.Rollout = true, true, readyami.AllAtOnce
		old := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "mix-1"})
		base, own := w.withImage("eu-west-1", "mix-base", old), w.withImage("eu-west-1", "mix-large", old)
		targets := w.Targets
		latest, usual := numbered(base), numbered(own)
		latest.Version, usual.Version = new("$Latest"), new("$Default")
		w.mixed(base, asgtypes.LaunchTemplateOverrides{InstanceType: new("t3.large"), LaunchTemplateSpecification: usual})
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy
		was.LaunchTemplate.LaunchTemplateSpecification = latest
		_, err := asg.Update(t.Context(), autoscaling.NewFromConfig(w.cloud.Config("eu-west-1")), asg.UpdateInput{Group: "mix", Policy: was})
		require.NoError(t, err)
		w.Targets = append(targets, readyami.Target{})[:3]
		w.Targets[0].Groups = []string{"web", "mix"}
		for _, in := range threeRegions[1:] {
			w.onVersion(in, "web", "$Latest")
		}
		w.settle()
		was = w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		g := w.describeGroup("eu-west-1", "mix")
		assert.Equal(t, was, g.MixedInstancesPolicy, "spelled as it was")
		for _, i := range g.Instances {
			assert.Equal(t, report.Targets[0].Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
		}
		assert.Equal(t, "2", *w.describeGroup("eu-west-1", "web").LaunchTemplate.Version, "a number stays one")
		assert.Equal(t, "$Latest", *w.describeGroup("us-east-1", "web").LaunchTemplate.Version)
		assert.Empty(t, w.pins())

		w.cloud.ForgetCalls()
		report, err = w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
	})
}
