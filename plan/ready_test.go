package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

// small is a release to the groups a and b of Region r1, which share a launch template,
// and c of r2, with all steps that there are. change may alter the delivery first.
func small(change ...func(*plan.Delivery)) *plan.Plan {
	d := plan.Delivery{
		Name:       "web-2",
		Source:     plan.Source{Instance: &plan.InstanceSource{Region: "r1", InstanceID: "i-1", Reboot: plan.NoReboot}},
		Targets:    []plan.Target{{Region: "r1", Groups: []string{"a", "b"}}, {Region: "r2", Groups: []string{"c"}}},
		SetDefault: true, Pin: true,
	}
	for _, fn := range change {
		fn(&d)
	}
	d = d.WithDefaults()
	p := &plan.Plan{Schema: plan.Schema, Kind: plan.KindDelivery, Release: d.Release(), Attempt: 1, Delivery: d, Waves: d.Waves()}
	wave := d.WaveOf()
	for i, target := range d.Targets {
		at := plan.Place{Account: "1", Region: target.Region, Image: plan.Image{Action: plan.ImageActionCopy}}
		if i == 0 {
			at.Image.Action = plan.ImageActionCreate
		}
		for j, name := range target.Groups {
			at.Groups = append(at.Groups, plan.Group{Name: name, Wave: wave(i, j), Launch: []plan.Launch{{Version: 1}}})
		}
		if len(target.Groups) > 0 {
			at.Templates = []plan.Template{{ID: "lt-" + target.Region, Default: 1, Latest: 1, Sources: []plan.SourceVersion{{Number: 1}}}}
		}
		p.Places = append(p.Places, at)
	}
	return p
}

func order(o plan.Order) func(*plan.Delivery) { return func(d *plan.Delivery) { d.Rollout.Order = o } }

// ids are step ids, on one line and without the account.
func ids(steps []plan.StepID) string {
	var out []string
	for _, id := range steps {
		out = append(out, strings.Replace(string(id), "/1/", "/", 1))
	}
	return strings.Join(out, " ")
}

// has are results by ids without the account, in the order of the steps.
type has map[string]plan.State

func (h has) results(t *testing.T, p *plan.Plan) (out []plan.Result) {
	t.Helper()
	found := 0
	for _, s := range p.Steps() {
		if state, ok := h[ids([]plan.StepID{s.ID})]; ok {
			found++
			out = append(out, plan.Result{Step: s.ID, State: state})
		}
	}
	require.Equal(t, len(h), found, "each is a step of the plan")
	return out
}

// Every ready step succeeds at once: what goes in which round.
func TestReadyLeadsToTheEnd(t *testing.T) {
	images := []string{"create-image/r1", "copy-image/r2 pin/r1"}
	end := []string{"set-default/r1/lt-r1 set-default/r2/lt-r2", "unpin/r1 unpin/r2"}
	for name, c := range map[string]struct {
		plan   *plan.Plan
		rounds []string
	}{
		"careful: the version of r2 is made when its wave may go": {small(), slices.Concat(images, []string{
			"pin/r2 template-version/r1/lt-r1/1", "refresh/r1/a", "refresh/r1/b", "template-version/r2/lt-r2/1", "refresh/r2/c",
		}, end)},
		"target by target": {small(order(plan.OrderTargetByTarget)), slices.Concat(images, []string{
			"pin/r2 template-version/r1/lt-r1/1", "refresh/r1/a refresh/r1/b", "template-version/r2/lt-r2/1", "refresh/r2/c",
		}, end)},
		"all at once: no place waits for another": {small(order(plan.OrderAllAtOnce)), slices.Concat(images, []string{
			"pin/r2 template-version/r1/lt-r1/1", "refresh/r1/a refresh/r1/b template-version/r2/lt-r2/1", "refresh/r2/c",
		}, end)},
		"without groups": {small(func(d *plan.Delivery) {
			d.Targets[0].Groups, d.Targets[1].Groups = nil, nil
			d.Attributes = &plan.Attributes{Tags: map[string]string{"a": "b"}}
		}), []string{"create-image/r1", "copy-image/r2 image-attributes/r1", "image-attributes/r2"}},
		"attributes come before groups": {small(func(d *plan.Delivery) {
			d.Attributes = &plan.Attributes{Tags: map[string]string{"a": "b"}}
			d.Targets, d.Pin, d.SetDefault = d.Targets[:1], false, false
		}), []string{"create-image/r1", "image-attributes/r1", "template-version/r1/lt-r1/1", "refresh/r1/a", "refresh/r1/b"}},
		"the source is shared before it is copied": {func() *plan.Plan {
			p := small(func(d *plan.Delivery) { d.Targets[0].Groups, d.Targets[1].Groups = nil, nil })
			p.Places[0].Image.ShareWith = []string{"2"}
			return p
		}(), []string{"create-image/r1", "share-source/r1", "copy-image/r2"}},
		"a version that has the image gets no new one": {func() *plan.Plan {
			p := small(func(d *plan.Delivery) { d.Targets, d.Pin, d.SetDefault = d.Targets[:1], false, false })
			p.Places[0].Templates[0].Sources = []plan.SourceVersion{{Number: 1, Unchanged: true}, {Number: 2}}
			p.Places[0].Groups[1].Launch[0].Version = 2
			return p
		}(), []string{"create-image/r1", "refresh/r1/a", "template-version/r1/lt-r1/2", "refresh/r1/b"}},
		"a mixed group needs all of its versions": {func() *plan.Plan {
			p := small(func(d *plan.Delivery) { d.Targets, d.Pin, d.SetDefault = d.Targets[:1], false, false })
			p.Places[0].Templates[0].Sources = []plan.SourceVersion{{Number: 1}, {Number: 2}}
			p.Places[0].Groups[0].Launch = []plan.Launch{{Version: 1}, {Version: 2}}
			return p
		}(), []string{"create-image/r1", "template-version/r1/lt-r1/1 template-version/r1/lt-r1/2", "refresh/r1/a", "refresh/r1/b"}},
	} {
		t.Run(name, func(t *testing.T) {
			var results []plan.Result
			var rounds []string
			for {
				ready := c.plan.Ready(results)
				if len(ready) == 0 {
					break
				}
				sorted := ids(ready)
				rounds = append(rounds, sorted)
				require.Less(t, len(rounds), 20)
				for _, id := range ready {
					results = append(results, plan.Result{Step: id, State: plan.StateSucceeded})
				}
			}
			assert.Equal(t, c.rounds, rounds)
			assert.Equal(t, plan.OutcomeDelivered, c.plan.Outcome(results))
		})
	}
}

const (
	waiting   = plan.StateWaiting
	running   = plan.StateRunning
	succeeded = plan.StateSucceeded
	partial   = plan.StatePartial
	failed    = plan.StateFailed
	cancelled = plan.StateCancelled
	stale     = plan.StateStale
	idle      = plan.StateIdle
)

// rolling is a release whose images, pins and versions are there.
func rolling(more has) has {
	out := has{
		"create-image/r1": succeeded, "copy-image/r2": succeeded, "pin/r1": succeeded, "pin/r2": succeeded,
		"template-version/r1/lt-r1/1": succeeded, "template-version/r2/lt-r2/1": succeeded,
	}
	for id, state := range more {
		out[id] = state
	}
	return out
}

// delivering has all but what is given.
func delivering(more has) has {
	out := rolling(has{
		"refresh/r1/a": succeeded, "refresh/r1/b": succeeded, "refresh/r2/c": succeeded,
		"set-default/r1/lt-r1": succeeded, "set-default/r2/lt-r2": succeeded, "unpin/r1": succeeded, "unpin/r2": succeeded,
	})
	for id, state := range more {
		out[id] = state
	}
	return out
}

func allAtOnce(change ...func(*plan.Plan)) *plan.Plan {
	p := small(order(plan.OrderAllAtOnce))
	for _, fn := range change {
		fn(p)
	}
	return p
}

func careful(change ...func(*plan.Plan)) *plan.Plan {
	p := small()
	for _, fn := range change {
		fn(p)
	}
	return p
}

func onFailure(o plan.OnFailure) func(*plan.Plan) {
	return func(p *plan.Plan) { p.Delivery.Rollout.OnFailure = o }
}

func mayFail(n int) func(*plan.Plan) {
	return func(p *plan.Plan) {
		for w := range p.Waves {
			p.Waves[w].MaxFailures = n
		}
	}
}

func gates(p *plan.Plan) {
	for w := range p.Waves {
		p.Waves[w].Soak = plan.Minutes(30)
	}
}

func limit(n int) func(*plan.Plan) { return func(p *plan.Plan) { p.Waves[0].Limit = n } }

var rejected = plan.Decision{Attempt: 1, Rejected: true, Scope: plan.ScopeGroup, Code: "asg.RefreshFailed"}

// readyCases say what may go, and how the release stands, when steps are as given.
var readyCases = []struct {
	name     string
	plan     *plan.Plan
	has      has
	decision plan.Decision
	ready    string
	outcome  plan.Outcome
}{
	// What runs is followed, whatever else there is.
	{"an image that runs", small(), has{"create-image/r1": running}, plan.Decision{}, "create-image/r1", plan.OutcomeInProgress},
	{"a refresh of the wave runs", careful(), rolling(has{"refresh/r1/a": running}), plan.Decision{}, "refresh/r1/a", plan.OutcomeInProgress},
	{"all of a wave may go", allAtOnce(), rolling(nil), plan.Decision{}, "refresh/r1/a refresh/r1/b refresh/r2/c", plan.OutcomeInProgress},
	{"a version runs: its groups wait, and the others do not", allAtOnce(), rolling(has{"template-version/r1/lt-r1/1": running}), plan.Decision{},
		"template-version/r1/lt-r1/1 refresh/r2/c", plan.OutcomeInProgress},
	{"a copy runs: its groups wait, and the others do not", allAtOnce(), rolling(has{"copy-image/r2": running, "template-version/r2/lt-r2/1": waiting}), plan.Decision{},
		"copy-image/r2 refresh/r1/a refresh/r1/b", plan.OutcomeInProgress},

	// Waves.
	{"the next wave waits for the one before", careful(), rolling(has{"refresh/r1/a": running}), plan.Decision{}, "refresh/r1/a", plan.OutcomeInProgress},
	{"the next wave goes", careful(), rolling(has{"refresh/r1/a": succeeded}), plan.Decision{}, "refresh/r1/b", plan.OutcomeInProgress},
	{"what was left on purpose is no reason to stop", careful(), rolling(has{"refresh/r1/a": partial}), plan.Decision{}, "refresh/r1/b", plan.OutcomeInProgress},
	{"a limit", allAtOnce(limit(2)), rolling(nil), plan.Decision{}, "refresh/r1/a refresh/r1/b", plan.OutcomeInProgress},
	{"a limit that is reached", allAtOnce(limit(2)), rolling(has{"refresh/r1/a": running, "refresh/r2/c": running}), plan.Decision{}, "refresh/r1/a refresh/r2/c", plan.OutcomeInProgress},
	{"a place under the limit is free again", allAtOnce(limit(2)), rolling(has{"refresh/r1/a": succeeded, "refresh/r2/c": running}), plan.Decision{}, "refresh/r2/c refresh/r1/b", plan.OutcomeInProgress},

	// Gates.
	{"a gate opens when its wave is over", careful(gates), rolling(has{"refresh/r1/a": succeeded}), plan.Decision{}, "gate/canary", plan.OutcomeInProgress},
	{"a gate that soaks holds the next wave, and is looked at", careful(gates), rolling(has{"refresh/r1/a": succeeded, "gate/canary": running}), plan.Decision{}, "gate/canary", plan.OutcomeInProgress},
	{"a gate that has passed", careful(gates), rolling(has{"refresh/r1/a": succeeded, "gate/canary": succeeded}), plan.Decision{}, "refresh/r1/b", plan.OutcomeInProgress},
	{"a gate before the end of its wave", careful(gates), rolling(has{"refresh/r1/a": running, "gate/canary": running}), plan.Decision{}, "refresh/r1/a", plan.OutcomeInProgress},
	{"the last gate holds the defaults", allAtOnce(gates), delivering(has{"gate/all": waiting, "set-default/r1/lt-r1": waiting, "set-default/r2/lt-r2": waiting, "unpin/r1": waiting, "unpin/r2": waiting}),
		plan.Decision{}, "gate/all", plan.OutcomeInProgress},
	{"a gate that failed rejects", careful(gates), rolling(has{"refresh/r1/a": succeeded, "gate/canary": failed}), plan.Decision{}, "reject/r1", plan.OutcomeInProgress},
	{"a gate that failed, where nothing is undone", careful(gates, onFailure(plan.OnFailureLeave)), rolling(has{"refresh/r1/a": succeeded, "gate/canary": failed}), plan.Decision{}, "", plan.OutcomeStopped},

	// Behind the last wave.
	{"defaults come after all groups", allAtOnce(), delivering(has{"set-default/r1/lt-r1": waiting, "set-default/r2/lt-r2": waiting, "unpin/r1": waiting, "unpin/r2": waiting}),
		plan.Decision{}, "set-default/r1/lt-r1 set-default/r2/lt-r2", plan.OutcomeInProgress},
	{"unpinning is last in its place", allAtOnce(), delivering(has{"set-default/r2/lt-r2": waiting, "unpin/r1": waiting, "unpin/r2": waiting}),
		plan.Decision{}, "unpin/r1 set-default/r2/lt-r2", plan.OutcomeInProgress},
	{"the other of two defaults is to be moved", allAtOnce(func(p *plan.Plan) {
		p.Places[0].Templates = append(p.Places[0].Templates, plan.Template{ID: "lt-x", Sources: []plan.SourceVersion{{Number: 1, Unchanged: true}}})
	}), delivering(has{"set-default/r1/lt-r1": waiting, "set-default/r1/lt-x": succeeded, "unpin/r1": waiting}), plan.Decision{}, "set-default/r1/lt-r1", plan.OutcomeInProgress},
	{"one of two defaults is to be moved", allAtOnce(func(p *plan.Plan) {
		p.Places[0].Templates = append(p.Places[0].Templates, plan.Template{ID: "lt-x", Sources: []plan.SourceVersion{{Number: 1, Unchanged: true}}})
	}), delivering(has{"set-default/r1/lt-r1": succeeded, "set-default/r1/lt-x": waiting, "unpin/r1": waiting}), plan.Decision{}, "set-default/r1/lt-x", plan.OutcomeInProgress},
	{"a default that is left as it is", allAtOnce(), delivering(has{"set-default/r1/lt-r1": partial, "unpin/r1": waiting}), plan.Decision{}, "unpin/r1", plan.OutcomeInProgress},

	// Failures.
	{"the first failure stops", allAtOnce(), rolling(has{"refresh/r1/a": failed}), plan.Decision{}, "reject/r1", plan.OutcomeInProgress},
	{"what runs is followed beside a failure", allAtOnce(), rolling(has{"refresh/r1/a": failed, "refresh/r1/b": running}), plan.Decision{}, "refresh/r1/b reject/r1", plan.OutcomeInProgress},
	{"a failure within MaxFailures", allAtOnce(mayFail(1)), rolling(has{"refresh/r1/a": failed}), plan.Decision{}, "refresh/r1/b refresh/r2/c", plan.OutcomeInProgress},
	{"a failure more than MaxFailures", allAtOnce(mayFail(1)), rolling(has{"refresh/r1/a": failed, "refresh/r1/b": failed}), plan.Decision{}, "reject/r1", plan.OutcomeInProgress},
	{"MaxFailures counts for each wave", careful(mayFail(1)), rolling(has{"refresh/r1/a": failed, "refresh/r1/b": failed}), plan.Decision{}, "refresh/r2/c", plan.OutcomeInProgress},
	{"a failure that is left", allAtOnce(onFailure(plan.OnFailureLeave)), rolling(has{"refresh/r1/a": failed}), plan.Decision{}, "", plan.OutcomeStopped},
	{"a failure that is left, beside one that runs", allAtOnce(onFailure(plan.OnFailureLeave)), rolling(has{"refresh/r1/a": failed, "refresh/r1/b": running}), plan.Decision{}, "refresh/r1/b", plan.OutcomeInProgress},
	{"a failure that is left, and nothing else", allAtOnce(onFailure(plan.OnFailureLeave)), delivering(has{"refresh/r1/a": failed}), plan.Decision{}, "", plan.OutcomeStopped},
	{"delivered, save for failures within MaxFailures", allAtOnce(mayFail(1)), delivering(has{"refresh/r1/a": failed}), plan.Decision{}, "", plan.OutcomePartial},

	// What stops the release and undoes nothing.
	{"somebody cancelled", allAtOnce(), rolling(has{"refresh/r1/a": cancelled}), plan.Decision{}, "", plan.OutcomeStopped},
	{"somebody cancelled, and another runs", allAtOnce(), rolling(has{"refresh/r1/a": cancelled, "refresh/r1/b": running}), plan.Decision{}, "refresh/r1/b", plan.OutcomeInProgress},
	{"somebody changed the group", allAtOnce(), rolling(has{"refresh/r1/a": stale}), plan.Decision{}, "", plan.OutcomeStopped},
	{"EC2 would not launch the version", allAtOnce(), rolling(has{"template-version/r1/lt-r1/1": failed}), plan.Decision{}, "", plan.OutcomeStopped},
	{"the image failed", small(), has{"create-image/r1": failed}, plan.Decision{}, "", plan.OutcomeStopped},
	{"a copy failed: its place stops, and the others go on", small(), has{"create-image/r1": succeeded, "copy-image/r2": failed}, plan.Decision{}, "pin/r1", plan.OutcomeInProgress},

	// A hold.
	{"held: what runs is followed", allAtOnce(), rolling(has{"refresh/r1/a": running}), plan.Decision{Attempt: 1, Held: true}, "refresh/r1/a", plan.OutcomeInProgress},
	{"held: nothing begins", allAtOnce(), rolling(has{"refresh/r1/a": succeeded}), plan.Decision{Attempt: 1, Held: true}, "", plan.OutcomeHeld},
	{"held: nothing is rejected", allAtOnce(), rolling(has{"refresh/r1/a": failed}), plan.Decision{Attempt: 1, Held: true}, "", plan.OutcomeHeld},
	{"held: no undo", allAtOnce(), rolling(has{"restore-group/r1/a": waiting}), plan.Decision{Attempt: 1, Held: true, Rejected: true}, "", plan.OutcomeHeld},

	// A rejection.
	{"rejected: what the undo has due", allAtOnce(), rolling(has{"refresh/r1/a": failed, "restore-group/r1/a": waiting, "restore-template/r1/lt-r1": waiting, "unpin/r1": waiting, "unpin/r2": succeeded}),
		rejected, "unpin/r1 restore-group/r1/a restore-template/r1/lt-r1", plan.OutcomeInProgress},
	{"rejected: an undo that runs is followed", allAtOnce(), rolling(has{"refresh/r1/a": failed, "restore-group/r1/a": running, "unpin/r1": succeeded, "unpin/r2": succeeded}), rejected, "restore-group/r1/a", plan.OutcomeInProgress},
	{"rejected: nothing goes forward", allAtOnce(), rolling(has{"refresh/r1/a": failed, "unpin/r1": succeeded, "unpin/r2": succeeded}), rejected, "", plan.OutcomeRolledBack},
	{"rejected: a group that could not be brought back", allAtOnce(), rolling(has{"refresh/r1/a": failed, "restore-group/r1/a": failed, "unpin/r1": succeeded, "unpin/r2": succeeded}),
		rejected, "", plan.OutcomeRollbackIncomplete},
	{"rejected: a group that somebody changed", allAtOnce(), rolling(has{"refresh/r1/a": failed, "restore-group/r1/a": stale, "unpin/r1": succeeded, "unpin/r2": succeeded}),
		rejected, "", plan.OutcomeRollbackIncomplete},

	// The end.
	{"all delivered", allAtOnce(), delivering(nil), plan.Decision{}, "", plan.OutcomeDelivered},
	{"instances are left as they were", allAtOnce(), delivering(has{"refresh/r1/a": partial}), plan.Decision{}, "", plan.OutcomePartial},
	{"groups stay on a number", allAtOnce(), delivering(has{"unpin/r1": partial}), plan.Decision{}, "", plan.OutcomePartial},
	{"an undo that was never needed", allAtOnce(), delivering(has{"restore-group/r1/a": idle}), plan.Decision{}, "", plan.OutcomeDelivered},
}

func TestReady(t *testing.T) {
	for _, c := range readyCases {
		t.Run(c.name, func(t *testing.T) {
			results := c.has.results(t, c.plan)
			d := c.decision
			results = append(results, plan.Result{Step: c.plan.RejectID(), State: idle, Decision: &d})
			assert.Equal(t, c.ready, ids(c.plan.Ready(results)))
			assert.Equal(t, c.outcome, c.plan.Outcome(results))
			slices.Reverse(results)
			assert.Equal(t, c.ready, ids(c.plan.Ready(results)), "the order of the results does not matter")
			assert.Equal(t, c.outcome, c.plan.Outcome(results))
		})
	}
}

// The scope of a rejection decides what is restored, not what Ready lets go: the undo
// has due what its results say.
func TestReadyInEachScope(t *testing.T) {
	for _, scope := range []plan.Scope{plan.ScopeGroup, plan.ScopeWave, plan.ScopeRelease} {
		p := allAtOnce()
		d := plan.Decision{Attempt: 1, Rejected: true, Scope: scope}
		results := append(rolling(has{
			"refresh/r1/a": failed, "restore-group/r1/a": waiting, "restore-group/r2/c": waiting, "restore-default/r1/lt-r1": waiting,
			"unpin/r1": succeeded, "unpin/r2": succeeded,
		}).results(t, p), plan.Result{Step: p.RejectID(), State: succeeded, Decision: &d})
		assert.Equal(t, "restore-group/r1/a restore-default/r1/lt-r1 restore-group/r2/c", ids(p.Ready(results)), scope)
	}
}

// A result counts once: the last one of a step, and none of a step of another plan.
func TestReadyTakesTheLastResult(t *testing.T) {
	p := small()
	image := p.Steps()[0].ID
	assert.Equal(t, "copy-image/r2 pin/r1", ids(p.Ready([]plan.Result{
		{Step: image, State: running}, {Step: "create-image/1/elsewhere", State: failed}, {Step: image, State: succeeded},
	})))
}

// Group names may have slashes, so that an id may be the beginning of another.
func TestReadyTellsSimilarNamesApart(t *testing.T) {
	p := small(order(plan.OrderAllAtOnce), func(d *plan.Delivery) {
		d.Targets = []plan.Target{{Region: "r1", Groups: []string{"a/b", "a", "ab"}}}
		d.Pin, d.SetDefault = false, false
	})
	results := has{"create-image/r1": succeeded, "template-version/r1/lt-r1/1": succeeded, "refresh/r1/a": succeeded}.results(t, p)
	assert.Equal(t, "refresh/r1/a/b refresh/r1/ab", ids(p.Ready(results)))
	results = has{"create-image/r1": succeeded, "template-version/r1/lt-r1/1": succeeded, "refresh/r1/ab": succeeded}.results(t, p)
	assert.Equal(t, "refresh/r1/a/b refresh/r1/a", ids(p.Ready(results)))
}

func TestStepsHaveTheirOwnIDs(t *testing.T) {
	for _, p := range []*plan.Plan{small(), storefront(), gated(), fleet(3, 10, plan.OrderCareful)} {
		seen := map[plan.StepID]bool{}
		for _, s := range p.Steps() {
			assert.False(t, seen[s.ID], "%s twice", s.ID)
			seen[s.ID] = true
			assert.True(t, strings.HasPrefix(string(s.ID), string(s.Kind)+"/"), s.ID)
		}
		assert.True(t, seen[p.RejectID()])
		assert.True(t, seen[p.RefreshID(0, 0)])
	}
	assert.Equal(t, plan.StepID("gate/canary"), plan.GateID("canary"))
}
