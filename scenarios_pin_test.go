package readyami_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// pinScenarios are about groups that launch from $Latest or $Default.
var pinScenarios = []scenario{
	{name: "pin-latest", begin: func(t *testing.T) *world { return floating(t, "$Latest") }},
	{name: "pin-default-that-moves", begin: func(t *testing.T) *world {
		w := floating(t, "$Default")
		w.SetDefault = true
		return w
	}},
	{name: "pin-default-that-stays", begin: func(t *testing.T) *world { return floating(t, "$Default") }},
	{name: "pin-latest-rolled-back", begin: func(t *testing.T) *world { return floatingBroken(t, "$Latest") }, acts: rolledBackOnce},
	{name: "pin-default-rolled-back", begin: func(t *testing.T) *world { return floatingBroken(t, "$Default") }, acts: rolledBackOnce},
	{name: "latest-with-the-image", begin: func(t *testing.T) *world {
		w := floating(t, "1")
		w.Pin = false
		return w
	}, acts: []act{{name: "first"}, {name: "on $Latest", change: func(w *world) {
		w.onVersion("eu-west-1", "web", "$Latest")
		w.Pin = true
	}}}},
	{name: "pin-mixed-in-every-region", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Pin, w.SetDefault, w.Rollout.Order = true, true, plan.OrderAllAtOnce
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
		w.Targets = targets
		w.Targets[0].Groups = []string{"web", "mix"}
		for _, in := range threeRegions[1:] {
			w.onVersion(in, "web", "$Latest")
		}
		w.settle()
		return w
	}},
}

var rolledBackOnce = []act{{name: "first", says: asg.ErrRolledBack}}

// floating is a world of one Region whose group is spelled as given.
func floating(t *testing.T, spelling string) *world {
	w := newWorld(t)
	w.Targets = w.Targets[:1]
	w.Pin = true
	w.onVersion("eu-west-1", "web", spelling)
	w.settle()
	return w
}

// floatingBroken is one whose new image never becomes healthy.
func floatingBroken(t *testing.T, spelling string) *world {
	w := floating(t, spelling)
	w.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
	return w
}

// onVersion has a group launch from a version of the template "web".
func (w *world) onVersion(in, group, version string) {
	w.t.Helper()
	_, err := asg.Update(w.t.Context(), autoscaling.NewFromConfig(w.cloud.Config(in)), asg.UpdateInput{
		Group:    group,
		Template: &asg.TemplateSpec{ID: w.templateOf(in).id(), Version: version},
	})
	require.NoError(w.t, err)
}
