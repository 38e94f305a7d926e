package readyami_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

func TestDeliverTheWholeWay(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		assert.Nil(t, report.Error)
		require.Len(t, report.Plan.Places, 3, "the home Region has the source itself")
		assert.Equal(t, plan.ImageActionCreate, report.Plan.Places[0].Image.Action)
		assert.Len(t, imageIn(t, report, "eu-west-1").Image.Snapshots, 2, "the root and the data volume")
		for i, g := range report.Groups() {
			assert.Equal(t, threeRegions[i], g.Region)
			assert.Equal(t, awstest.DefaultAccount, g.Account)
			assert.Equal(t, plan.StateSucceeded, g.State)
			assert.Equal(t, []int64{1, 2}, []int64{g.Before.Version, g.After.Version})
			assert.Equal(t, *w.named(g.Region, "web-1")[0].ImageId, g.Before.Image)
			image := imageIn(t, report, g.Region).Image
			assert.Equal(t, image.ID, g.After.Image)
			assert.Equal(t, "available", image.State)
			assert.Equal(t, "Successful", g.Result.Status)
			assert.Equal(t, 100, g.Result.Percentage)
			assert.Equal(t, int64(1), *w.templateOf(g.Region).DefaultVersionNumber, "the default version has not moved")
		}
		assert.Equal(t, 1, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
		assert.Equal(t, 3, w.cloud.Count("StartInstanceRefresh"))
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"), "a group's template changes by its refresh alone")
		// Beside these nine, the runner renews its mark, which the creating call brought,
		// and removes it at the end.
		others := w.cloud.Count("CreateTags") + w.cloud.Count("DeleteTags")
		assert.Equal(t, 1, w.cloud.Count("DeleteTags"))
		assert.Len(t, w.cloud.Writes(), 9+others, "nothing else is written")
		w.requireNoRunner()
	})
}

func TestDeliverTagsImagesAndSnapshotsInTheCallThatMakesThem(t *testing.T) {
	play(t, "tagged", func(t *testing.T, w *world) {
		_, err := w.act()

		require.NoError(t, err)
		for _, write := range w.recorder.writes("CreateTags") {
			assert.NotEmpty(t, write.Marks, "only the runner's mark is written afterwards: %s", write.line())
		}
		for _, name := range threeRegions {
			image := w.named(name, "web-2")[0]
			assert.Equal(t, "web-2", ami.Tag(image.Tags, ami.TagDelivery))
			assert.NotEmpty(t, ami.Tag(image.Tags, ami.TagIntent))
			snapshots := 0
			for _, s := range w.cloud.Region(name).Snapshots() {
				for _, m := range image.BlockDeviceMappings {
					if m.Ebs != nil && *m.Ebs.SnapshotId == *s.SnapshotId {
						assert.Equal(t, "web", ami.Tag(s.Tags, "team"))
						assert.Equal(t, "web-2", ami.Tag(s.Tags, ami.TagDelivery))
						snapshots++
					}
				}
			}
			assert.Equal(t, 2, snapshots, name)
		}
	})
}

func TestDeliverAnImageThatExists(t *testing.T) {
	play(t, "image-that-exists", func(t *testing.T, w *world) {
		id := w.Source.Image.ImageID

		report, err := w.act()

		require.NoError(t, err)
		assert.Equal(t, plan.ImageActionUse, report.Plan.Places[1].Image.Action, "its own Region uses it as it is")
		assert.Equal(t, id, imageIn(t, report, "us-east-1").Image.ID)
		assert.Equal(t, plan.ImageActionCopy, report.Plan.Places[0].Image.Action)
		assert.Zero(t, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
		for _, g := range report.Groups() {
			assert.Equal(t, plan.StateSucceeded, g.State)
		}
	})
}

func TestDeliverOneImagePerRegion(t *testing.T) {
	play(t, "image-per-region", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		for i, at := range report.Plan.Places {
			assert.Equal(t, plan.ImageActionUse, at.Image.Action)
			assert.Equal(t, w.Targets[i].ImageID, at.Image.ID)
		}
		assert.Zero(t, w.cloud.Count("CreateImage")+w.cloud.Count("CopyImage"))
	})
}

func TestDeliverStopsTheInstanceFirst(t *testing.T) {
	play(t, "instance-stopped-first", func(t *testing.T, w *world) {
		_, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("StopInstances"))
		assert.Equal(t, 1, w.cloud.Count("StartInstances"))
	})
}

func TestCredentialsOfAnotherAccountAreRefused(t *testing.T) {
	play(t, "refused-credentials-of-another-account", func(t *testing.T, w *world) {
		_, err := w.act()

		require.ErrorIs(t, err, region.ErrWrongAccount)
		assert.ErrorContains(t, err, "222222222222")
		assert.Empty(t, w.cloud.Writes())
	})
}

// The image is shared with the target's account, which makes a copy of its own.
func TestDeliverToAnotherAccount(t *testing.T) {
	play(t, "another-account", func(t *testing.T, w *world) {
		other := w.cloud.Account(otherAccount).Region("us-east-1")

		report, err := w.act()

		require.NoError(t, err)
		assert.Equal(t, plan.StateSucceeded, groupIn(t, report, "us-east-1", "shop").State)
		assert.Equal(t, []string{otherAccount}, report.Plan.Places[report.Plan.Home].Image.ShareWith)
		image, ok := other.Image(imageIn(t, report, "us-east-1").Image.ID)
		require.True(t, ok)
		assert.Equal(t, "222222222222", *image.OwnerId)
		assert.Equal(t, "web-2", ami.Tag(image.Tags, ami.TagDelivery))

		report, err = w.act()
		require.NoError(t, err)
		w.requireAtRest(report)
	})
}

func TestGroupsThatShareATemplateGetOneVersion(t *testing.T) {
	play(t, "shared-template", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		require.Len(t, report.Plan.Places[0].Templates, 1)
		assert.Equal(t, int64(2), stepIn(t, report, plan.StepTemplateVersion, "eu-west-1").Version.To)
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
	})
}

func TestSetDefaultMovesTheDefaultAfterTheRollout(t *testing.T) {
	play(t, "set-default", func(t *testing.T, w *world) {
		rolling := map[plan.StepID]bool{}
		report, err := w.act(onEvent(func(e readyami.Event) {
			if e.Step.Kind == plan.StepRefresh {
				rolling[e.Step.ID] = !e.Result.State.Over()
			}
			for id, is := range rolling {
				assert.False(t, is && w.cloud.Count("ModifyLaunchTemplate") > 0, "not before %s is over", id)
			}
		}))

		require.NoError(t, err)
		assert.Len(t, rolling, 3)
		for _, at := range report.Plan.Places {
			assert.Equal(t, int64(2), *w.templateOf(at.Region).DefaultVersionNumber)
			assert.Equal(t, int64(2), stepIn(t, report, plan.StepSetDefault, at.Region).Version.Default)
		}
		w.requireBefore("StartInstanceRefresh", "ModifyLaunchTemplate")
	})
}

func TestRolloutOrders(t *testing.T) {
	tests := []struct {
		name     string
		scenario string
		atOnce   []int // how many refreshes run when each one has started
	}{
		{"one group, the rest of its Region, Region by Region", "rollout-careful", []int{1, 1, 2, 1, 1}},
		{"Region by Region", "rollout-region-by-region", []int{1, 2, 3, 1, 1}},
		{"all at once", "rollout-all-at-once", []int{1, 2, 3, 4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.scenario, func(t *testing.T, w *world) {
				if tt.scenario == "rollout-all-at-once" {
					// A group starts as soon as the image of its place is there, so that this
					// order shows only where all images are there.
					w.deliverImages()
				}
				var atOnce []int
				running := map[plan.StepID]bool{}
				ended := map[plan.StepID]bool{}

				_, err := w.act(onEvent(func(e readyami.Event) {
					id := e.Step.ID
					switch {
					case e.Step.Kind != plan.StepRefresh:
					case e.Result.State.Over():
						delete(running, id)
						ended[id] = true
					case e.Result.State == plan.StateRunning && !running[id]:
						running[id] = true
						atOnce = append(atOnce, len(running))
					}
				}))

				require.NoError(t, err)
				assert.Len(t, ended, 5)
				assert.Equal(t, tt.atOnce, atOnce)
			})
		})
	}
}

func TestReportSurvivesJSON(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		report, err := w.act()
		require.NoError(t, err)

		raw, err := json.Marshal(report)
		require.NoError(t, err)
		var back plan.Report
		require.NoError(t, json.Unmarshal(raw, &back))

		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(raw), string(again))
		assert.Equal(t, report.Groups(), back.Groups())
		assert.Equal(t, plan.Schema, back.Schema)
		assert.True(t, back.Plan.Sealed(), "the plan in it can be applied")
	})
}

// deliverImages delivers the images alone, in a run of its own.
func (w *world) deliverImages() {
	w.t.Helper()
	all := w.Targets
	w.Targets = nil
	for _, t := range all {
		t.Groups = nil
		w.Targets = append(w.Targets, t)
	}
	_, err := w.deliver(w.t.Context())
	require.NoError(w.t, err)
	w.Targets = all
}
