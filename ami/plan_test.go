package ami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

func TestPlanGivesEachImageItsActionAndReasonAndOnlyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{200, 190, 180, 100, 20, 10})
		rules := monthly()
		rules.Usage.StaleAfter = 30 * day
		g.disabledSince(g.images[0], 31)
		g.disabledSince(g.images[1], 3)
		_, err := client(g.cloud, here).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &g.images[2]})
		require.NoError(t, err)
		g.cloud.ForgetCalls()
		plan := g.plan(rules)
		assert.Empty(t, g.cloud.Writes())
		assert.Equal(t, here, plan.Region)
		var got []string
		for _, d := range plan.Decisions {
			got = append(got, d.Name+": "+string(d.Action)+": "+d.Reason)
		}
		assert.Equal(t, []string{
			"web 1: deregister: it is disabled for 31 days",
			"web 2: keep: too young: disabled for 3 days of 30 days",
			"web 3: stamp: nobody noted since when it is disabled",
			"web 4: deprecate: it is active for 100 days",
			"web 5: keep: among the newest 2 images of web",
			"web 6: keep: among the newest 2 images of web",
		}, got)
		assert.ElementsMatch(t, g.snapshotsOf(g.images[0]), plan.Decisions[0].Snapshots)
		assert.Equal(t, int64(28)<<30, plan.Frees)
		assert.Equal(t, int64(28)<<30, plan.Decisions[0].Frees)
		assert.WithinDuration(t, time.Now().Add(27*day), plan.Decisions[1].Due, time.Second)
		assert.Contains(t, plan.Unchecked, ami.UncheckedGroups)
	})
}

func TestPlanGoesAsFarAsTheRules(t *testing.T) {
	for until, want := range map[ami.Action][]ami.Action{
		ami.ActionDeprecate:  {ami.ActionKeep, ami.ActionKeep, ami.ActionDeprecate},
		ami.ActionDisable:    {ami.ActionKeep, ami.ActionDisable, ami.ActionDeprecate},
		ami.ActionDeregister: {ami.ActionDeregister, ami.ActionDisable, ami.ActionDeprecate},
	} {
		t.Run(string(until), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := grow(t, []int{200, 190, 180, 1, 0})
				g.disabledSince(g.images[0], 40)
				g.deprecated(g.images[1])
				rules := monthly()
				rules.Until, rules.DisableAfter, rules.Usage.StaleAfter = until, 0, 30*day
				plan := g.plan(rules)
				for i, a := range want {
					assert.Equal(t, a, plan.Decisions[i].Action, plan.Decisions[i].Reason)
				}
			})
		})
	}
}

func TestPlanKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, nil)
		old := map[string]string{}
		for name, tags := range map[string]map[string]string{
			"bare":           {ami.TagFamily: ""},
			"db":             {ami.TagFamily: "db"},
			"good":           nil,
			"caller":         {},
			"before":         nil,
			"mine":           nil,
			"enabled":        {ami.TagStage: "enabled 1999-01-01T00:00:00Z"},
			"again":          {ami.TagStage: "disabled 1999-01-01T00:00:00Z"},
			"old":            nil,
			"bad":            {ami.TagRejected: "yes"},
			"not deprecated": {ami.TagStage: "deprecated 1999-01-01T00:00:00Z"},
		} {
			old[name] = g.image(name, 300, tags)
		}
		g.tag(old["bad"], ami.TagPredecessor, old["good"])
		g.image("newest of all is bad", 1, map[string]string{ami.TagRejected: "yes"})
		g.image("current", 2, map[string]string{ami.TagPredecessor: old["bad"]})
		g.tag(old["caller"], ami.TagPredecessor, old["before"])
		rules := monthly()
		rules.Keep, rules.Kept = 0, []string{old["caller"], id(9)}
		plan := g.plan(rules)
		for name, reason := range map[string]string{
			"bare":           "it is of no family",
			"db":             "among the newest 1 image of db",
			"good":           "the last good image before ",
			"caller":         "the caller keeps it",
			"before":         "the last good image before " + old["caller"],
			"enabled":        "it was taken back into use",
			"again":          "it was taken back into use",
			"not deprecated": "it was taken back into use",
		} {
			d := decision(t, plan, old[name])
			assert.Equal(t, ami.ActionKeep, d.Action, name)
			assert.Contains(t, d.Reason, reason, name)
		}
		for _, name := range []string{"old", "mine", "bad"} {
			assert.Equal(t, ami.ActionDeprecate, decision(t, plan, old[name]).Action, name)
		}
	})
}

// The last good image of one that the query does not find counts as well.
func TestPlanKeepsThePredecessorOfWhatTheQueryDoesNotFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 200, 1})
		current := g.image("elsewhere", 1, map[string]string{ami.TagFamily: "other", ami.TagPredecessor: g.images[0]})
		rules := monthly()
		rules.Keep, rules.Kept = 1, []string{current}
		rules.Query.Name = "web *"
		assert.Equal(t, map[string]ami.Action{g.images[1]: ami.ActionDeprecate}, actions(g.plan(rules)))
	})
}

// Images that other tools made have no tags of ours.
func TestPlanOfAForeignFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, nil)
		var packer []string
		for i, age := range []int{300, 200, 100} {
			packer = append(packer, g.cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "packer-" + string(rune('a'+i)), Age: time.Duration(age) * day}))
		}
		rules := monthly()
		rules.Query.Name = "packer-*"
		rules.Family = func(types.Image) string { return "packer" }
		assert.Equal(t, map[string]ami.Action{packer[0]: ami.ActionDeprecate}, actions(g.plan(rules)))
	})
}

func TestPlanKeepsProtectedImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 2, 1})
		g.disabledSince(g.images[0], 100)
		api := client(g.cloud, here)
		_, err := api.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &g.images[0], WithCooldown: new(true)})
		require.NoError(t, err)
		assert.Equal(t, "deregistration protection is enabled-with-cooldown", g.plan(monthly()).Decisions[0].Reason)
		_, err = api.DisableImageDeregistrationProtection(t.Context(), &ec2.DisableImageDeregistrationProtectionInput{ImageId: &g.images[0]})
		require.NoError(t, err)
		assert.Contains(t, g.plan(monthly()).Decisions[0].Reason, "deregistration protection: disabled after ")
		time.Sleep(25 * time.Hour)
		assert.Equal(t, ami.ActionDeregister, g.plan(monthly()).Decisions[0].Action)
	})
}

func TestPlanRemovesFailedImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{2, 1})
		g.cloud.FailImages(awstest.ImageMatch{Name: "web 3"}, "Client.InternalError", "no")
		made, err := ami.Create(t.Context(), client(g.cloud, here), ami.CreateInput{
			InstanceID: g.cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}), Name: "web 3",
			Reboot: ami.NoReboot, Tags: map[string]string{ami.TagFamily: "web"},
		})
		require.NoError(t, err)
		assert.Equal(t, ami.ActionKeep, decision(t, g.plan(monthly()), made.ImageID).Action)
		time.Sleep(31 * day)
		assert.Equal(t, ami.ActionDeregister, decision(t, g.plan(monthly()), made.ImageID).Action)
	})
}

func TestPlanRefuses(t *testing.T) {
	cloud := awstest.Start(t)
	for name, c := range map[string]struct {
		change func(*ami.Lifecycle)
		kind   error
	}{
		"no owners":      {func(l *ami.Lifecycle) { l.Query.Owners = nil }, ami.ErrInvalidInput},
		"other owners":   {func(l *ami.Lifecycle) { l.Query.Owners = []string{ami.Amazon} }, ami.ErrNotOwner},
		"any owner":      {func(l *ami.Lifecycle) { l.Query.Owners = []string{ami.AnyOwner} }, ami.ErrNotOwner},
		"an account too": {func(l *ami.Lifecycle) { l.Query.Owners = []string{ami.Self, consumer} }, ami.ErrNotOwner},
		"no end":         {func(l *ami.Lifecycle) { l.Until = "" }, ami.ErrInvalidInput},
		"another end":    {func(l *ami.Lifecycle) { l.Until = ami.ActionStamp }, ami.ErrInvalidInput},
		"keep":           {func(l *ami.Lifecycle) { l.Keep = -1 }, ami.ErrInvalidInput},
		"age":            {func(l *ami.Lifecycle) { l.DisableAfter = -day }, ami.ErrInvalidInput},
		"kept":           {func(l *ami.Lifecycle) { l.Kept = []string{"web"} }, ami.ErrInvalidInput},
		"stale":          {func(l *ami.Lifecycle) { l.Usage.StaleAfter = time.Hour }, ami.ErrInvalidInput},
		"report's age":   {func(l *ami.Lifecycle) { l.Usage.ReportMaxAge = -day }, ami.ErrInvalidInput},
		"hook":           {func(l *ami.Lifecycle) { l.Usage.Hooks = []ami.ReferenceHook{{Type: "x"}} }, ami.ErrInvalidInput},
		"type":           {func(l *ami.Lifecycle) { l.Usage.Without = []types.ImageReferenceResourceType{"x"} }, ami.ErrInvalidInput},
		"all types":      {func(l *ami.Lifecycle) { l.Usage.Without = types.ImageReferenceResourceType("").Values() }, ami.ErrInvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			rules := monthly()
			c.change(&rules)
			_, err := ami.PlanLifecycle(t.Context(), client(cloud, here), rules)
			require.ErrorIs(t, err, c.kind)
			_, err = ami.ApplyLifecycle(t.Context(), client(cloud, here), ami.ApplyLifecycleInput{Rules: rules, Plan: &ami.LifecyclePlan{}})
			require.ErrorIs(t, err, c.kind)
		})
	}
	assert.Empty(t, cloud.Calls())
}
