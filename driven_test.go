package readyami_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// driven is a scheduler that knows nothing but Plan, Status, Ready and Step: two lanes
// with a runner's id each, a new client for each call, as a new process has one, steps
// picked at random, some of them twice. It plans anew each time, or takes the plan from
// its JSON. What it leaves to Apply is to say how the release ended.
func driven(seed uint64, fromFile bool) deliverer {
	return func(ctx context.Context, configs region.ConfigFunc, d plan.Delivery, optFns ...func(*readyami.Options)) (*plan.Report, error) {
		random := rand.New(rand.NewPCG(seed, 0))
		process := func(lane int) *readyami.Client {
			return readyami.New(configs, append(slices.Clip(optFns), func(o *readyami.Options) { o.Runner = fmt.Sprint("lane-", lane) })...)
		}
		p, err := process(0).Plan(ctx, d)
		if err != nil || len(p.Blockers()) > 0 {
			return process(0).Deliver(ctx, d)
		}
		var file bytes.Buffer
		if err := json.NewEncoder(&file).Encode(p); err != nil {
			return nil, err
		}
		failed := false
		for !failed {
			c := process(random.IntN(2))
			if fromFile {
				p = &plan.Plan{}
				if err := json.Unmarshal(file.Bytes(), p); err != nil {
					return nil, err
				}
			} else if p, err = c.Plan(ctx, d); err != nil {
				return nil, err
			}
			results, err := c.Status(ctx, p)
			if err != nil {
				return nil, err
			}
			ready := p.Ready(results)
			if len(ready) == 0 {
				break
			}
			random.Shuffle(len(ready), func(i, j int) { ready[i], ready[j] = ready[j], ready[i] })
			ready = ready[:1+random.IntN(len(ready))]
			for range 1 + random.IntN(2) {
				_, err = c.Step(ctx, p, ready...)
				failed = failed || err != nil
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Duration(1+random.IntN(20)) * time.Second):
			}
		}
		return process(0).Apply(ctx, p)
	}
}

// first is the first act of a scenario.
func (s scenario) first() []act {
	if s.acts == nil {
		return delivered[:1]
	}
	return s.acts[:1]
}

// A scheduler of somebody else's comes to the same end as Apply, with the same writes.
func TestDrivenByARandomScheduler(t *testing.T) {
	for i, name := range []string{
		"the-whole-way", "instance-stopped-first", "another-account", "encrypted", "image-that-exists", "image-per-region",
		"finished-and-default", "shared-template", "set-default", "rollout-careful", "rollout-all-at-once",
		"protected-instance", "last-checkpoint", "conflict-wait-then-start", "cancelled-by-somebody", "mixed", "mixed-rolled-back",
		"bad-image", "bad-image-kept", "bad-image-taken-back", "bad-image-that-stalls", "bad-image-in-another-account",
		"pin-latest", "pin-default-that-moves", "pin-latest-rolled-back", "pin-default-rolled-back", "pin-mixed-in-every-region",
	} {
		for _, fromFile := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s from a file %t", name, fromFile), func(t *testing.T) {
				t.Parallel()
				s := scenarioNamed(t, name)
				want := s.golden(t)
				s.acts = s.first()
				got := s.record(t, driven(uint64(i), fromFile))
				want.Acts = want.Acts[:1]
				for _, problem := range compare(want, got, newTally(differences)) {
					t.Error(problem)
				}
				require.NotEmpty(t, got.lines())
			})
		}
	}
}
