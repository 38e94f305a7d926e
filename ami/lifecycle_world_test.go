package ami_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

const day = 24 * time.Hour

// monthly is the life that most tests give: a month in each stage, two kept.
func monthly() ami.Lifecycle {
	return ami.Lifecycle{
		Query:           ami.Query{Owners: []string{ami.Self}},
		Keep:            2,
		Until:           ami.ActionDeregister,
		DeprecateAfter:  30 * day,
		DisableAfter:    30 * day,
		DeregisterAfter: 30 * day,
	}
}

// grown is an account with images of one family, the oldest first, and what
// its images were shared with when they were disabled.
type grown struct {
	*testing.T
	cloud   *awstest.Cloud
	api     ami.ApplyLifecycleAPI
	images  []string
	records []ami.SharingRecord
}

// grow makes an image of each age, in days, with two snapshots that are ours.
func grow(t *testing.T, ages []int, opts ...awstest.Option) *grown {
	g := &grown{T: t, cloud: awstest.Start(t, opts...)}
	g.api = client(g.cloud, here)
	for i, age := range ages {
		g.images = append(g.images, g.image(fmt.Sprint("web ", i+1), age, nil))
	}
	return g
}

func (g *grown) image(name string, age int, tags map[string]string) string {
	g.Helper()
	all := map[string]string{ami.TagFamily: "web"}
	maps.Copy(all, tags)
	id := g.cloud.Region(here).OwnImage(awstest.ImageSeed{
		Name: name, DataGiB: []int32{20}, Age: time.Duration(age) * day, Tags: all, SharedWith: []string{consumer},
	})
	g.own(id)
	return id
}

// own marks the snapshots of an image as made by this module.
func (g *grown) own(id string) {
	g.Helper()
	_, err := client(g.cloud, here).CreateTags(g.Context(), &ec2.CreateTagsInput{
		Resources: g.snapshotsOf(id), Tags: []types.Tag{{Key: new(ami.TagIntent), Value: new("x")}},
	})
	require.NoError(g, err)
}

func (g *grown) snapshotsOf(id string) (out []string) {
	g.Helper()
	img, ok := g.cloud.Region(here).Image(id)
	require.True(g, ok)
	for _, m := range img.BlockDeviceMappings {
		out = append(out, *m.Ebs.SnapshotId)
	}
	return out
}

func (g *grown) plan(rules ami.Lifecycle) *ami.LifecyclePlan {
	g.Helper()
	plan, err := ami.PlanLifecycle(g.Context(), g.api, rules)
	require.NoError(g, err)
	return plan
}

// apply applies a plan that has been kept as JSON meanwhile.
func (g *grown) apply(ctx context.Context, rules ami.Lifecycle, plan *ami.LifecyclePlan) ([]ami.ApplyLifecycleResult, error) {
	g.Helper()
	text, err := json.Marshal(plan)
	require.NoError(g, err)
	var kept ami.LifecyclePlan
	require.NoError(g, json.Unmarshal(text, &kept))
	return ami.ApplyLifecycle(ctx, g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: &kept, Max: 10, Record: g.record})
}

func (g *grown) record(_ context.Context, r ami.SharingRecord) error {
	g.records = append(g.records, r)
	return nil
}

// run plans and applies at once.
func (g *grown) run(rules ami.Lifecycle) []ami.ApplyLifecycleResult {
	g.Helper()
	done, err := g.apply(g.Context(), rules, g.plan(rules))
	require.NoError(g, err)
	return done
}

// disabledSince has an image disabled and stamped that many days ago.
func (g *grown) disabledSince(id string, days int) {
	g.Helper()
	api := client(g.cloud, here)
	_, err := api.DisableImage(g.Context(), &ec2.DisableImageInput{ImageId: &id})
	require.NoError(g, err)
	g.tag(id, ami.TagStage, "disabled "+time.Now().Add(-time.Duration(days)*day).UTC().Format(time.RFC3339))
}

// deprecated has an image deprecated since a moment ago.
func (g *grown) deprecated(id string) {
	g.Helper()
	_, err := client(g.cloud, here).EnableImageDeprecation(g.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(time.Now().Add(time.Minute))})
	require.NoError(g, err)
	time.Sleep(2 * time.Minute)
}

func (g *grown) tag(id, key, value string) {
	g.Helper()
	_, err := client(g.cloud, here).CreateTags(g.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: &key, Value: &value}}})
	require.NoError(g, err)
}

func (g *grown) state(id string) types.ImageState {
	img, ok := g.cloud.Region(here).Image(id)
	if !ok {
		return types.ImageStateDeregistered
	}
	return img.State
}

// actions are those of a plan by image, without what is kept.
func actions(plan *ami.LifecyclePlan) map[string]ami.Action {
	out := map[string]ami.Action{}
	for _, d := range plan.Decisions {
		if d.Action != ami.ActionKeep {
			out[d.ImageID] = d.Action
		}
	}
	return out
}

func decision(t *testing.T, plan *ami.LifecyclePlan, id string) ami.Decision {
	t.Helper()
	i := slices.IndexFunc(plan.Decisions, func(d ami.Decision) bool { return d.ImageID == id })
	require.GreaterOrEqual(t, i, 0, id)
	return plan.Decisions[i]
}
