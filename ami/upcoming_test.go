package ami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

// The dates of a plan are those on which the things happen, where each plan is
// applied at its time.
func TestPlanForeseesWhenAnImageIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{10, 2, 1})
		rules := monthly()
		rules.DisableAfter, rules.DeregisterAfter, rules.Usage.StaleAfter = 20*day, 10*day, day
		foreseen := decision(t, g.plan(rules), g.images[0])
		require.Len(t, foreseen.Upcoming, 3)
		assert.Equal(t, foreseen.Due, foreseen.Upcoming[0].At)
		assert.WithinDuration(t, time.Now().Add(50*day), foreseen.GoneAt(), 5*time.Minute)
		for i, a := range []ami.Action{ami.ActionDeprecate, ami.ActionDisable, ami.ActionDeregister} {
			u := foreseen.Upcoming[i]
			assert.Equal(t, a, u.Action)
			time.Sleep(time.Until(u.At) - time.Second)
			early := decision(t, g.plan(rules), g.images[0])
			assert.Equal(t, ami.ActionKeep, early.Action, "not before its time")
			assert.WithinDuration(t, foreseen.GoneAt(), early.GoneAt(), time.Minute, "what was foreseen is foreseen still")
			time.Sleep(time.Second)
			assert.Equal(t, a, decision(t, g.plan(rules), g.images[0]).Action)
			g.run(rules)
		}
		_, ok := g.cloud.Region(here).Image(g.images[0])
		assert.False(t, ok)
	})
}

func TestPlanForeseesAsFarAsTheRules(t *testing.T) {
	for until, want := range map[ami.Action][]ami.Action{
		ami.ActionDeprecate:  {ami.ActionDeprecate},
		ami.ActionDisable:    {ami.ActionDeprecate, ami.ActionDisable},
		ami.ActionDeregister: {ami.ActionDeprecate, ami.ActionDisable, ami.ActionDeregister},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := grow(t, []int{300, 2, 1})
			rules := monthly()
			rules.Until = until
			plan := g.plan(rules)
			d := plan.Decisions[0]
			var got []ami.Action
			for _, u := range d.Upcoming {
				got = append(got, u.Action)
			}
			assert.Equal(t, want, got)
			assert.Equal(t, plan.At, d.Upcoming[0].At, "it is due")
			assert.Equal(t, until == ami.ActionDeregister, !d.GoneAt().IsZero())
			assert.Empty(t, plan.Decisions[1].Upcoming, "it is kept")
		})
	}
}

func TestPlanForeseesOfEachStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 290, 280, 100, 2, 1})
		rules := monthly()
		rules.Usage.StaleAfter = 30 * day
		g.disabledSince(g.images[0], 40)
		g.disabledSince(g.images[1], 10)
		_, err := client(g.cloud, here).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &g.images[2]}) // by hand
		require.NoError(t, err)
		launch(t, client(g.cloud, here), g.images[3])
		g.deprecated(g.images[3])
		rules.DisableAfter = 0
		plan := g.plan(rules)
		for i, want := range []time.Duration{0, 20 * day, 30 * day, 0, 0, 0} {
			d := decision(t, plan, g.images[i])
			if i == 0 || want > 0 {
				assert.WithinDuration(t, plan.At.Add(want), d.GoneAt(), 3*time.Minute, d.String())
			} else {
				assert.True(t, d.GoneAt().IsZero(), d.String())
			}
		}
		stamped := decision(t, plan, g.images[2])
		assert.Equal(t, "web 3 "+g.images[2]+": stamp: nobody noted since when it is disabled; deregister on 2000-01-31", stamped.String())
		inUse := decision(t, plan, g.images[3])
		assert.Empty(t, inUse.Upcoming, "as long as it is in use")
	})
}

// A deprecation lies two minutes ahead when it is written, so that a plan made at
// once finds an image that is not deprecated yet.
func TestPlanSaysAgesThatMeanSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 2, 1})
		rules := monthly()
		rules.DeprecateAfter, rules.DisableAfter, rules.DeregisterAfter, rules.Usage.StaleAfter = 0, 0, 0, 30*day
		g.run(rules)
		d := decision(t, g.plan(rules), g.images[0])
		assert.Equal(t, "it becomes deprecated in 2 minutes", d.Reason)
		assert.Equal(t, time.Now().Add(2*time.Minute).UTC(), d.Due)

		time.Sleep(3 * time.Minute)
		rules.DisableAfter = 90 * time.Minute
		assert.Equal(t, "too young: deprecated for 1 minute of 90 minutes", decision(t, g.plan(rules), g.images[0]).Reason)
		time.Sleep(89 * time.Minute)
		assert.Equal(t, "it is deprecated for 90 minutes", decision(t, g.plan(rules), g.images[0]).Reason)
		g.run(rules)
		assert.Equal(t, "it is disabled for less than a minute", decision(t, g.plan(rules), g.images[0]).Reason)
	})
}
