package plan_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

// fleet is a release to many groups in many places, each with a launch template of its
// own and with names and ids as long as AWS's usually are.
func fleet(places, groups int, order plan.Order) *plan.Plan {
	d := plan.Delivery{
		Name:       "storefront-2026-12-01",
		Source:     plan.Source{Image: &plan.ImageSource{Region: "region-0", ImageID: "ami-0123456789abcdef0"}},
		Rollout:    plan.Rollout{Order: order},
		SetDefault: true, Pin: true,
	}.WithDefaults()
	for i := range places {
		target := plan.Target{Region: fmt.Sprint("region-", i)}
		for j := range groups {
			target.Groups = append(target.Groups, fmt.Sprintf("storefront-production-%04d", j))
		}
		d.Targets = append(d.Targets, target)
	}
	p := &plan.Plan{Schema: plan.Schema, Kind: plan.KindDelivery, Release: d.Release(), Attempt: 1, Made: noon, Delivery: d, Waves: d.Waves()}
	wave := d.WaveOf()
	for i, target := range d.Targets {
		at := plan.Place{Account: account, Region: target.Region, Image: plan.Image{Action: plan.ImageActionCopy}}
		if i == 0 {
			at.Image = plan.Image{Action: plan.ImageActionUse, ID: d.Source.Image.ImageID}
		}
		for j, name := range target.Groups {
			at.Templates = append(at.Templates, plan.Template{
				ID: fmt.Sprintf("lt-0123456789ab%02d%04d", i, j), Name: name, Default: 12, Latest: 12,
				Sources: []plan.SourceVersion{{Number: 12, Image: "ami-0fedcba9876543210"}},
			})
			at.Groups = append(at.Groups, plan.Group{
				Name: name, Wave: wave(i, j), Launch: []plan.Launch{{Template: j, Version: 12, Floating: plan.VersionLatest}},
				MinInService: 10, Capacity: 12,
			})
		}
		p.Places = append(p.Places, at)
	}
	p.Seal()
	return p
}

func TestPlanOfAFleetIsSmall(t *testing.T) {
	p := fleet(30, 1000, plan.OrderCareful)
	text, err := json.Marshal(p)
	require.NoError(t, err)
	t.Logf("%d bytes, %d a group", len(text), len(text)/30000)
	assert.Less(t, len(text), 10_000_000)
	assert.Greater(t, len(text), 30_000*100, "the groups are in it")
}

// results are those of all steps of a plan, in one state.
func results(p *plan.Plan, state plan.State) []plan.Result {
	steps := p.Steps()
	out := make([]plan.Result, len(steps))
	for i, s := range steps {
		out[i] = plan.Result{Step: s.ID, State: state}
		if s.Kind.Undoes() {
			out[i].State = plan.StateIdle
		}
	}
	return out
}

// Apply calls Ready each time that it has looked, so that it must be cheap beside a
// call of AWS.
func BenchmarkReady(b *testing.B) {
	for name, c := range map[string]struct {
		order plan.Order
		state plan.State
	}{
		"all succeeded":   {plan.OrderCareful, plan.StateSucceeded},
		"all may begin":   {plan.OrderAllAtOnce, plan.StateWaiting},
		"all are running": {plan.OrderAllAtOnce, plan.StateRunning},
	} {
		b.Run(name, func(b *testing.B) {
			p := fleet(30, 1000, c.order)
			known := results(p, c.state)
			b.ReportAllocs()
			for b.Loop() {
				p.Ready(known)
			}
		})
	}
}

func BenchmarkSteps(b *testing.B) {
	p := fleet(30, 1000, plan.OrderCareful)
	b.ReportAllocs()
	for b.Loop() {
		p.Steps()
	}
}
