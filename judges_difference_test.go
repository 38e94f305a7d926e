package readyami_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// difference is a kind of writes that another way of delivering makes besides
// those of the golden files, or no longer makes. A write that has another input
// is one that is no longer made and one that is made besides.
type difference struct {
	how  change
	rule string // the rule of the design that says so
	// What it is about: patterns as of path.Match; empty: any.
	scenario, act, operation, resource string
	mark                               string // one of the write's marks
	input                              string // a part of its input, as it stands in the file
}

// change is what becomes of a write.
type change string

const (
	adds  change = "adds"
	drops change = "drops"
)

func (d difference) String() string {
	return fmt.Sprintf("%s %s %s %s%s in %s, act %s: %s", d.how, either(d.operation), either(d.resource), d.mark, d.input,
		either(d.scenario), either(d.act), d.rule)
}

func either(pattern string) string {
	if pattern == "" {
		return "*"
	}
	return pattern
}

func (d difference) fits(how change, scenario, act string, w write) bool {
	is := func(pattern, name string) bool {
		ok, err := path.Match(either(pattern), name)
		if err != nil {
			panic(fmt.Sprintf("difference %s: pattern %q: %v", d, pattern, err))
		}
		return ok
	}
	marked := func(key string) bool { return is(d.mark, key) }
	return d.how == how && is(d.scenario, scenario) && is(d.act, act) && is(d.operation, w.Operation) &&
		is(d.resource, w.Resource) && (d.mark == "" || slices.ContainsFunc(w.Marks, marked)) && strings.Contains(write{Input: w.Input}.line(), d.input)
}

// tally counts how often each difference occurs; scenarios are played side by
// side.
type tally struct {
	allowed []difference
	mu      sync.Mutex
	times   []int
}

func newTally(allowed []difference) *tally {
	return &tally{allowed: allowed, times: make([]int, len(allowed))}
}

// allows tells whether a change is one that is meant.
func (u *tally) allows(how change, scenario, act string, w write) bool {
	i := slices.IndexFunc(u.allowed, func(d difference) bool { return d.fits(how, scenario, act, w) })
	if i < 0 {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.times[i]++
	return true
}

func (u *tally) unused() (out []difference) {
	for i, d := range u.allowed {
		if u.times[i] == 0 {
			out = append(out, d)
		}
	}
	return out
}

// compare tells what is written otherwise than in the golden file.
func compare(want, got played, allowed *tally) (problems []string) {
	if len(want.Acts) != len(got.Acts) {
		return []string{fmt.Sprintf("%d acts were recorded, and %d are played", len(want.Acts), len(got.Acts))}
	}
	for i, a := range want.Acts {
		b := got.Acts[i]
		if a.Act != b.Act {
			problems = append(problems, fmt.Sprintf("act %q was recorded, and %q is played", a.Act, b.Act))
		}
		tell := func(how change, place string, w write) {
			if !allowed.allows(how, want.Scenario, a.Act, w) {
				problems = append(problems, fmt.Sprintf("act %q %s in %s: %s", a.Act, how, place, w.line()))
			}
		}
		for place, writes := range a.Writes {
			for _, w := range without(writes, b.Writes[place]) {
				tell(drops, place, w)
			}
		}
		for place, writes := range b.Writes {
			for _, w := range without(writes, a.Writes[place]) {
				tell(adds, place, w)
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// without are the writes that others do not have as often.
func without(writes, others []write) (out []write) {
	left := map[string]int{}
	for _, w := range others {
		left[w.line()]++
	}
	for _, w := range writes {
		if left[w.line()]--; left[w.line()] < 0 {
			out = append(out, w)
		}
	}
	return out
}

// A write more, one less or one with another input is found, wherever it is, and
// a difference allows what it names and no more.
func TestJudgesFindEveryDifference(t *testing.T) {
	const home, away = "123456789012/eu-west-1", "123456789012/us-east-1"
	version := func(from string) write {
		return write{Operation: "CreateLaunchTemplateVersion", Resource: "launch template web", Input: map[string]any{"SourceVersion": from}}
	}
	refresh := write{Operation: "StartInstanceRefresh", Resource: "Auto Scaling group web"}
	mark := write{Operation: "CreateTags", Resource: "image web-2@eu-west-1", Marks: []string{"readyami:rejected"}}
	scene := func(act string, writes map[string][]write) played {
		return played{Scenario: "bad-image", Acts: []actWrites{{Act: act, Writes: writes}}}
	}
	want := scene("first", map[string][]write{home: {version("1"), refresh, mark}, away: {version("1")}})
	tests := []struct {
		name    string
		got     played
		allowed []difference
		says    []string
		unused  int
	}{
		{"the same in another order", scene("first", map[string][]write{away: {version("1")}, home: {mark, refresh, version("1")}}), nil, nil, 0},
		{"one less", scene("first", map[string][]write{home: {version("1"), mark}, away: {version("1")}}), nil,
			[]string{`act "first" drops in ` + home + ": " + refresh.line()}, 0},
		{"none in a place", scene("first", map[string][]write{home: {version("1"), refresh, mark}}), nil,
			[]string{`act "first" drops in ` + away + ": " + version("1").line()}, 0},
		{"one twice", scene("first", map[string][]write{home: {version("1"), refresh, refresh, mark}, away: {version("1")}}), nil,
			[]string{`act "first" adds in ` + home + ": " + refresh.line()}, 0},
		{"one in another place", scene("first", map[string][]write{home: {version("1"), refresh, mark, version("1")}}), nil,
			[]string{`act "first" adds in ` + home + ": " + version("1").line(), `act "first" drops in ` + away + ": " + version("1").line()}, 0},
		{"another input", scene("first", map[string][]write{home: {version("1"), refresh, mark}, away: {version("3")}}), nil,
			[]string{`act "first" adds in ` + away + ": " + version("3").line(), `act "first" drops in ` + away + ": " + version("1").line()}, 0},
		{"another act", scene("again", want.Acts[0].Writes), nil, []string{`act "first" was recorded, and "again" is played`}, 0},
		{"fewer acts", played{Scenario: "bad-image"}, nil, []string{"1 acts were recorded, and 0 are played"}, 0},
		{"a difference that is meant", scene("first", map[string][]write{home: {version("1"), refresh}, away: {version("1")}}),
			[]difference{{how: drops, rule: "the source alone is marked", scenario: "bad-*", operation: "CreateTags", mark: "readyami:*"}}, nil, 0},
		{"of an input", scene("first", map[string][]write{home: {version("2"), refresh, mark}, away: {version("1")}}),
			[]difference{
				{how: drops, rule: "the newest is the source", input: `"SourceVersion":"1"`},
				{how: adds, rule: "the newest is the source", input: `"SourceVersion":"3"`},
			},
			[]string{`act "first" adds in ` + home + ": " + version("2").line()}, 1},
		{"the other way round", scene("first", map[string][]write{home: {version("1"), refresh}, away: {version("1")}}),
			[]difference{{how: adds, rule: "the source alone is marked", operation: "CreateTags"}},
			[]string{`act "first" drops in ` + home + ": " + mark.line()}, 1},
		{"of another mark", scene("first", map[string][]write{home: {version("1"), refresh}, away: {version("1")}}),
			[]difference{{how: drops, rule: "pins are packed", operation: "CreateTags", mark: "readyami:pinned:*"}},
			[]string{`act "first" drops in ` + home + ": " + mark.line()}, 1},
		{"in another scenario", scene("first", map[string][]write{home: {version("1"), refresh}, away: {version("1")}}),
			[]difference{{how: drops, rule: "it is kept", scenario: "kept"}, {how: drops, rule: "a second look", act: "again"}},
			[]string{`act "first" drops in ` + home + ": " + mark.line()}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			used := newTally(tt.allowed)
			assert.Equal(t, tt.says, compare(want, tt.got, used))
			assert.Len(t, used.unused(), tt.unused)
		})
	}
}
