package readyami_test

import (
	"encoding/json"
	"testing"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

func TestDeliverTheWholeWay(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, readyami.Delivered, report.Outcome)
		assert.Empty(t, report.Error)
		assert.Empty(t, report.Next)
		assert.Len(t, report.Source.Snapshots, 2, "the root and the data volume")
		require.Len(t, report.Targets, 3)
		assert.Equal(t, report.Source.ID, report.Targets[0].Image.ID, "the home Region has the source itself")
		for i, target := range report.Targets {
			assert.Equal(t, threeRegions[i], target.Region)
			assert.Equal(t, awstest.DefaultAccount, target.Account)
			assert.Equal(t, "available", target.Image.State)
			require.Len(t, target.Groups, 1)
			g := target.Groups[0]
			assert.Equal(t, readyami.Delivered, g.Outcome)
			assert.Equal(t, []int64{1, 2}, []int64{g.From, g.To})
			assert.Equal(t, "Successful", g.Status)
			assert.Equal(t, 100, g.Percentage)
			assert.Equal(t, int64(1), *w.templateOf(target.Region).DefaultVersionNumber, "the default version has not moved")
		}
		assert.Equal(t, 1, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
		assert.Equal(t, 3, w.cloud.Count("StartInstanceRefresh"))
		assert.Zero(t, w.cloud.Count("UpdateAutoScalingGroup"), "a group's template changes by its refresh alone")
		assert.Len(t, w.cloud.Writes(), 9, "nothing else is written")
	})
}

func TestDeliverTagsImagesAndSnapshotsInTheCallThatMakesThem(t *testing.T) {
	play(t, "tagged", func(t *testing.T, w *world) {
		_, err := w.act()

		require.NoError(t, err)
		assert.Zero(t, w.cloud.Count("CreateTags"))
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
		assert.Equal(t, id, report.Targets[1].Image.ID, "its own Region uses it as it is")
		assert.Equal(t, readyami.Unchanged, report.Targets[1].Image.Outcome)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Image.Outcome)
		assert.Zero(t, w.cloud.Count("CreateImage"))
		assert.Equal(t, 2, w.cloud.Count("CopyImage"))
		for _, target := range report.Targets {
			assert.Equal(t, readyami.Delivered, target.Groups[0].Outcome)
		}
	})
}

func TestDeliverOneImagePerRegion(t *testing.T) {
	play(t, "image-per-region", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		assert.Nil(t, report.Source)
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
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		image, ok := other.Image(report.Targets[0].Image.ID)
		require.True(t, ok)
		assert.Equal(t, "222222222222", *image.OwnerId)
		assert.Equal(t, "web-2", ami.Tag(image.Tags, ami.TagDelivery))

		report, err = w.act()
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
	})
}

func TestGroupsThatShareATemplateGetOneVersion(t *testing.T) {
	play(t, "shared-template", func(t *testing.T, w *world) {
		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		require.Len(t, report.Targets[0].Templates, 1)
		assert.Equal(t, int64(2), report.Targets[0].Templates[0].To)
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
	})
}

func TestSetDefaultMovesTheDefaultAfterTheRollout(t *testing.T) {
	play(t, "set-default", func(t *testing.T, w *world) {
		report, err := w.act(onEvent(func(readyami.Event) {
			assert.Zero(t, w.cloud.Count("ModifyLaunchTemplate"), "not before all groups run the version")
		}))

		require.NoError(t, err)
		for _, target := range report.Targets {
			assert.Equal(t, int64(2), *w.templateOf(target.Region).DefaultVersionNumber)
			assert.Equal(t, int64(2), target.Templates[0].Default)
		}
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
				ends := map[string]bool{}
				var atOnce []int
				running := 0
				seen := map[string]bool{}

				_, err := w.act(onEvent(func(e readyami.Event) {
					switch e := e.(type) {
					case readyami.RefreshEvent:
						if key := e.Target.Region + e.Group; !seen[key] {
							seen[key] = true
							running++
							atOnce = append(atOnce, running)
						}
					case readyami.GroupEvent:
						ends[e.Target.Region+e.Group] = true
						running--
					}
				}))

				require.NoError(t, err)
				assert.Len(t, ends, 5)
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
		var back readyami.Report
		require.NoError(t, json.Unmarshal(raw, &back))

		assert.Equal(t, *report, back)
		assert.Equal(t, readyami.ReportSchema, back.Schema)
	})
}

// templateOf is the template "web" of a Region.
func (w *world) templateOf(in string) template {
	w.t.Helper()
	g := w.describeGroup(in, "web")
	versions := w.versions(in, *g.LaunchTemplate.LaunchTemplateId)
	t := template{LaunchTemplateId: g.LaunchTemplate.LaunchTemplateId}
	for _, v := range versions {
		if *v.DefaultVersion {
			t.DefaultVersionNumber = v.VersionNumber
		}
	}
	return t
}

type template ec2types.LaunchTemplate

func (t template) id() string { return *t.LaunchTemplateId }
