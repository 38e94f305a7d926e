package release_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

const mostStates = 3_000_000

var exploreBig = flag.Bool("explore.big", false, "explore the big worlds, too, and print the states of each")

func show(t *testing.T, r Result) {
	t.Helper()
	for _, kind := range slices.Sorted(maps.Keys(r.Broken)) {
		t.Errorf("%s:\n  %s", kind, strings.Join(r.Broken[kind], "\n  "))
	}
}

// TestAllRules explores every small world to its end: with all rules no invariant breaks, and an end can be reached
// from every state.
func TestAllRules(t *testing.T) {
	for _, w := range worlds() {
		if w.Residual || w.Big && !*exploreBig {
			continue
		}
		t.Run(w.Name, func(t *testing.T) {
			if !*exploreBig {
				t.Parallel()
			}
			r := newModel(w).explore(mostStates, false)
			if *exploreBig {
				fmt.Printf("%-36s %9d states %10d steps %8s\n", w.Name, r.States, r.Edges, r.Took.Round(time.Millisecond))
			}
			show(t, r)
			if r.Cut && *exploreBig {
				return
			}
			if r.Cut || r.Reach != "yes" {
				t.Errorf("cut %v, an end from every state: %s", r.Cut, r.Reach)
			}
		})
	}
}

// TestEachRuleIsNeeded takes out one rule at a time: the world of the table breaks without it.
func TestEachRuleIsNeeded(t *testing.T) {
	byName := map[string]World{}
	for _, w := range worlds() {
		byName[w.Name] = w
	}
	for rule := range ruleCount {
		t.Run(rule.String(), func(t *testing.T) {
			t.Parallel()
			w, ok := byName[ruleTable[rule].world]
			if !ok {
				t.Fatalf("there is no world %q", ruleTable[rule].world)
			}
			r := newModel(w, rule).explore(mostStates, true)
			if len(r.Broken) == 0 {
				t.Errorf("without %s nothing breaks in %s (%d states)", rule, w.Name, r.States)
			}
			for _, trace := range r.Broken {
				t.Log(trace[len(trace)-1])
			}
		})
	}
}

// TestAloneWaitsForNothing shows that the waits cost a run nothing that is alone and gets its answers: without them the
// worlds of one process have the same states and steps.
func TestAloneWaitsForNothing(t *testing.T) {
	waits := []Rule{WaitUndoUnpins, WaitNewAttempt, WaitDecisionEnds, WaitEnd, WaitStart, RollbackWaits}
	for _, w := range worlds() {
		if w.Procs > 1 || w.B.Die > 0 {
			continue
		}
		with, without := newModel(w).explore(mostStates, false), newModel(w, waits...).explore(mostStates, false)
		if with.States != without.States || with.Edges != without.Edges {
			t.Errorf("%s: %d states and %d steps with the waits, %d and %d without", w.Name, with.States, with.Edges, without.States, without.Edges)
		}
	}
}
