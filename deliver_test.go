package readyami_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

func TestDeliverTheWholeWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)

		report, err := w.deliver(t.Context())

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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Tags = map[string]string{"team": "web"}

		_, err := w.deliver(t.Context())

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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "packer 2026-11-23"})
		w.Source = readyami.Source{Image: &readyami.ImageSource{Region: "us-east-1", ImageID: id}}

		report, err := w.deliver(t.Context())

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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Source = readyami.Source{}
		for i := range w.Targets {
			w.Targets[i].ImageID = w.cloud.Region(w.Targets[i].Region).OwnImage(awstest.ImageSeed{Name: "web-2"})
		}

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		assert.Nil(t, report.Source)
		assert.Zero(t, w.cloud.Count("CreateImage")+w.cloud.Count("CopyImage"))
	})
}

func TestDeliverStopsTheInstanceFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Source.Instance.Consistency, w.Source.Instance.StopFirst = "", true

		_, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		assert.Equal(t, 1, w.cloud.Count("StopInstances"))
		assert.Equal(t, 1, w.cloud.Count("StartInstances"))
	})
}

func TestCredentialsOfAnotherAccountAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Targets = w.Targets[:1]
		w.Targets[0].Account = "222222222222"

		_, err := w.deliver(t.Context())

		require.ErrorIs(t, err, region.ErrWrongAccount)
		assert.ErrorContains(t, err, "222222222222")
		assert.Empty(t, w.cloud.Writes())
	})
}

// The image is shared with the target's account, which makes a copy of its own.
func TestDeliverToAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		other := w.cloud.Account("222222222222").Region("us-east-1")
		other.Group(awstest.GroupSeed{Name: "shop", Size: 2})
		w.cloud.ForgetCalls()
		w.Targets = []readyami.Target{{Account: "222222222222", Region: "us-east-1", Groups: []string{"shop"}}}
		w.Source.Instance.Account = awstest.DefaultAccount
		configs := func(_ context.Context, t region.Target) (aws.Config, error) {
			return w.cloud.Account(t.Account).Config(t.Region), nil
		}

		report, err := readyami.Deliver(t.Context(), configs, w.Delivery)

		require.NoError(t, err)
		assert.Equal(t, readyami.Delivered, report.Targets[0].Groups[0].Outcome)
		image, ok := other.Image(report.Targets[0].Image.ID)
		require.True(t, ok)
		assert.Equal(t, "222222222222", *image.OwnerId)
		assert.Equal(t, "web-2", ami.Tag(image.Tags, ami.TagDelivery))

		w.cloud.ForgetCalls()
		report, err = readyami.Deliver(t.Context(), configs, w.Delivery)
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Empty(t, w.cloud.Writes())
	})
}

func TestGroupsThatShareATemplateGetOneVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group("eu-west-1", "web-b", w.templateOf("eu-west-1").id(), "1")
		w.settle()
		w.Targets[0].Groups = []string{"web", "web-b"}

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		require.Len(t, report.Targets[0].Templates, 1)
		assert.Equal(t, int64(2), report.Targets[0].Templates[0].To)
		assert.Equal(t, 3, w.cloud.Count("CreateLaunchTemplateVersion"))
	})
}

func TestSetDefaultMovesTheDefaultAfterTheRollout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.SetDefault = true

		report, err := w.deliver(t.Context(), onEvent(func(readyami.Event) {
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
		name    string
		rollout readyami.Rollout
		atOnce  []int // how many refreshes run when each one has started
	}{
		{"one group, the rest of its Region, Region by Region", readyami.Careful, []int{1, 1, 2, 1, 1}},
		{"Region by Region", readyami.RegionByRegion, []int{1, 2, 3, 1, 1}},
		{"all at once", readyami.AllAtOnce, []int{1, 2, 3, 4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for _, name := range []string{"web-b", "web-c"} {
					w.group("eu-west-1", name, w.templateOf("eu-west-1").id(), "1")
				}
				w.settle()
				w.Targets[0].Groups = []string{"web", "web-b", "web-c"}
				w.Rollout = tt.rollout
				ends := map[string]bool{}
				var atOnce []int
				running := 0
				seen := map[string]bool{}

				_, err := w.deliver(t.Context(), onEvent(func(e readyami.Event) {
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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report, err := w.deliver(t.Context())
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
