package readyami_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/plan"
)

func TestDeliverToAMixedInstancesPolicy(t *testing.T) {
	play(t, "mixed", func(t *testing.T, w *world) {
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.act()

		require.NoError(t, err)
		g := w.describeGroup("eu-west-1", "mix")
		image := imageIn(t, report, "eu-west-1").Image.ID
		want := *was
		want.LaunchTemplate.LaunchTemplateSpecification.Version = new("2")
		want.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.Version = new("2")
		want.LaunchTemplate.Overrides[2].ImageId = &image
		assert.Equal(t, &want, g.MixedInstancesPolicy, "everything else is as it was")
		assert.Len(t, g.Instances, 4)
		for _, i := range g.Instances {
			assert.Equal(t, image, w.imageOf("eu-west-1", *i.InstanceId))
		}
		assert.Len(t, report.Plan.Places[0].Templates, 2)
		assert.Len(t, w.versions("eu-west-1", w.templateID("eu-west-1", "mix-base")), 2)
		assert.Len(t, w.versions("eu-west-1", w.templateID("eu-west-1", "mix-large")), 2)
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"))

		report, err = w.act()
		require.NoError(t, err)
		w.requireAtRest(report)
	})
}

func TestAMixedInstancesPolicyIsRolledBackWhole(t *testing.T) {
	play(t, "mixed-rolled-back", func(t *testing.T, w *world) {
		was := w.describeGroup("eu-west-1", "mix").MixedInstancesPolicy

		report, err := w.act()

		require.ErrorIs(t, err, asg.ErrRolledBack)
		assert.Equal(t, plan.OutcomeRolledBack, report.Outcome)
		g := w.describeGroup("eu-west-1", "mix")
		assert.Equal(t, was, g.MixedInstancesPolicy)
		for _, i := range g.Instances {
			assert.Equal(t, *w.named("eu-west-1", "mix-1")[0].ImageId, w.imageOf("eu-west-1", *i.InstanceId))
		}

		_, err = w.act()
		require.ErrorIs(t, err, readyami.ErrRejected)
		assert.Empty(t, w.cloud.Writes())
	})
}

// A group that would launch the old and the new image side by side for ever is
// refused, before anything is written.
func TestAMixedInstancesPolicyIsDeliveredWholeOrNotAtAll(t *testing.T) {
	for _, tt := range mixRefusals {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.scenario(), func(t *testing.T, w *world) {
				_, err := w.act()

				require.ErrorIs(t, err, tt.kind)
				assert.ErrorContains(t, err, tt.says)
				if tt.kind == readyami.ErrUnsupportedGroup {
					assert.ErrorContains(t, err, *w.named("eu-west-1", "mix-other")[0].ImageId, "what would be left is named")
				}
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

// A refresh that an earlier run has left running may end while the next run is
// still looking at what the group launches: it finds its own new versions then.
func TestAMixedInstancesRefreshThatEndsBetweenTwoLooks(t *testing.T) {
	play(t, "mixed-refreshed-between-two-looks", func(t *testing.T, w *world) {
		w.stopped()

		report, err := w.act()

		require.NoError(t, err)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "eu-west-1", "mix").State)
		assert.Equal(t, 1, w.cloud.Count("StartInstanceRefresh"))
		assert.Len(t, w.versions("eu-west-1", w.templateID("eu-west-1", "mix-base")), 2)
		assert.Len(t, w.versions("eu-west-1", w.templateID("eu-west-1", "mix-large")), 2)
		for _, i := range w.describeGroup("eu-west-1", "mix").Instances {
			assert.Equal(t, imageIn(t, report, "eu-west-1").Image.ID, w.imageOf("eu-west-1", *i.InstanceId))
		}
	})
}
