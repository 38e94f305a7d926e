package readyami_test

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The judges are the files testdata/judges/SCENARIO.json. Each says what is written
// on AWS in a scenario: no reads, and no order. Another implementation of the
// delivery plays the same scenarios by
//
//	judge(t, deliver, differences)
//
// where deliver has the shape of [deliver]. It has to write the same, but for
// what the table of differences names, each with the rule that it follows from. What a
// plan says that will be written can be compared as well: make a write of each step,
// put them in the place of one act, and call compare.
//
//	{
//	  "scenario": "bad-image",
//	  "acts": [
//	    {
//	      "act": "first",
//	      "writes": {
//	        "123456789012/eu-west-1": [
//	          {
//	            "operation": "CreateLaunchTemplateVersion",
//	            "resource": "launch template web",
//	            "input": {"LaunchTemplateData": {"ImageId": "web-2@eu-west-1"}, "SourceVersion": "1"}
//	          },
//	          {"operation": "CreateTags", "resource": "image web-2@eu-west-1", "marks": ["readyami:rejected"]}
//
// acts are parts of a scenario, in each of which the delivery is run. One that is
// cut short counts with the next: "stopped, again".
//
// writes are grouped by place: account and Region. One is what the delivery asked
// AWS to do and AWS did, whoever lived to read the answer, or refused to do. Not
// among them: dry runs, calls that were throttled, calls that a process did not live
// to make, what the SDK sends again after AWS has done it, and what somebody else
// writes in the scenario.
//
// operation is the SDK's name of it.
//
// resource is what the write is about or makes: "image NAME@REGION", "snapshot
// NAME@REGION DEVICE" (of the image NAME), "instance NAME@REGION", "launch template
// NAME", "Auto Scaling group NAME", "parameter NAME". A call about several things
// (CreateTags, StopInstances) is a write about each, since it means nothing how they
// are batched.
//
// input is what is set of the SDK's input, without what the resource says already
// and without client tokens, DryRun, descriptions of template versions, and tags whose
// keys begin with "readyami:". Names stand for ids: of an image NAME@REGION,
// NAME@ACCOUNT/REGION in another account than the usual one, and NAME#2@REGION for the
// second of its name; of a template its name. Numbers of versions are kept, times are
// in UTC and to the minute, and tags are sorted by key. Absent: nothing is left.
//
// marks are the keys of tags of our own, where the write is about nothing else. The
// hash of a group's name in a key is "*".
//
// refused is AWS's code, where AWS refused the write. Absent: it did not.
//
// A scenario that is refused beforehand has no file, since it writes nothing.
//
// To record them anew: go test . -run TestJudges -update

var update = flag.Bool("update", false, "write the golden files of this package anew")

const judgesDir = "testdata/judges"

// played is what has been written in a scenario.
type played struct {
	Scenario string      `json:"scenario"`
	Acts     []actWrites `json:"acts"`
}

type actWrites struct {
	Act    string             `json:"act"`
	Writes map[string][]write `json:"writes"` // by place
}

// write is one write: see the top of this file.
type write struct {
	Operation string         `json:"operation"`
	Resource  string         `json:"resource"`
	Input     map[string]any `json:"input,omitempty"`
	Marks     []string       `json:"marks,omitempty"`
	Refused   string         `json:"refused,omitempty"`
}

// line is the write as one line of JSON. Writes with the same line are the same.
func (w write) line() string {
	raw, err := json.Marshal(w)
	if err != nil {
		panic(err) // it is made of strings, numbers and truth values
	}
	return string(raw)
}

func TestJudges(t *testing.T) {
	judge(t, deliver, differences)
	t.Run("each file has its scenario", func(t *testing.T) {
		var want, have []string
		for _, s := range scenarios {
			if !s.refused {
				want = append(want, s.file())
			}
		}
		files, err := filepath.Glob(filepath.Join(judgesDir, "*"))
		require.NoError(t, err)
		for _, name := range files {
			have = append(have, filepath.ToSlash(name))
		}
		assert.ElementsMatch(t, want, have)
	})
}

// What is written does not hang on the order of the rollout, nor on throttling, nor
// on where a run is cut.
func TestJudgesAgree(t *testing.T) {
	for _, names := range [][]string{
		{"the-whole-way", "throttled", "stopped-in-mid-copy", "stopped-in-mid-refresh"},
		{"rollout-careful", "rollout-region-by-region", "rollout-all-at-once"},
		{"bad-image", "stopped-and-rolled-back-by-aws", "stopped-while-it-fails"},
	} {
		first := func(name string) played {
			p := scenarioNamed(t, name).golden(t)
			return played{Acts: []actWrites{{Act: "first", Writes: p.Acts[0].Writes}}}
		}
		want := first(names[0])
		require.NotEmpty(t, want.lines(), names[0])
		for _, name := range names[1:] {
			assert.Equal(t, want.lines(), first(name).lines(), "%s and %s", names[0], name)
		}
	}
}

// judge plays every scenario with what delivers and compares what that writes
// with the golden files. allowed are the differences that are meant; each has to
// occur.
func judge(t *testing.T, deliver deliverer, allowed []difference) {
	t.Helper()
	used := newTally(allowed)
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				got := s.record(t, deliver)
				switch {
				case s.refused:
					assert.Empty(t, got.lines(), "it is refused before the first write")
				case *update:
					require.NoError(t, os.WriteFile(s.file(), got.file(), 0o644))
				default:
					want := s.golden(t)
					for _, problem := range compare(want, got, used) {
						t.Error(problem)
					}
				}
			})
		}
	})
	for _, d := range used.unused() {
		t.Errorf("a difference that does not occur: %s", d)
	}
}

// record plays all acts of the scenario.
func (s scenario) record(t *testing.T, deliver deliverer) (got played) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := s.world(t)
		w.via = deliver
		for _, a := range w.acts {
			_, err := w.act()
			switch a.says {
			case nil:
				require.NoError(t, err, a.name)
			case errAny:
				require.Error(t, err, a.name)
			default:
				require.ErrorIs(t, err, a.says, a.name)
			}
		}
		got = played{Scenario: s.name, Acts: w.recorder.acts}
	})
	return got
}

// requireWritten checks that what is recorded in the world, of however many runs,
// is what the first act of a scenario writes, but for the differences.
func (w *world) requireWritten(scenario string, allowed ...difference) {
	w.t.Helper()
	want := scenarioNamed(w.t, scenario).golden(w.t)
	want.Acts = want.Acts[:1]
	require.Empty(w.t, compare(want, played{Scenario: scenario, Acts: w.recorder.acts}, newTally(allowed)))
}

// errAny stands for an error that has no sentinel.
var errAny = errors.New("any error")

func (s scenario) file() string { return judgesDir + "/" + s.name + ".json" }

func (s scenario) golden(t *testing.T) (want played) {
	t.Helper()
	raw, err := os.ReadFile(s.file())
	require.NoError(t, err, "run with -update to record it")
	require.NoError(t, json.Unmarshal(raw, &want))
	return want
}

// lines are the writes, each with its act and place before it, sorted.
func (p played) lines() (out []string) {
	for _, a := range p.Acts {
		for place, writes := range a.Writes {
			for _, w := range writes {
				out = append(out, a.Act+": "+place+": "+w.line())
			}
		}
	}
	slices.Sort(out)
	return out
}

// file is the golden file: one line a write, so that a change of one is one in a
// comparison of versions.
func (p played) file() []byte {
	var out strings.Builder
	text := func(s string) string { raw, _ := json.Marshal(s); return string(raw) }
	out.WriteString("{\n  \"scenario\": " + text(p.Scenario) + ",\n  \"acts\": [")
	for i, a := range p.Acts {
		out.WriteString(comma(i) + "\n    {\n      \"act\": " + text(a.Act) + ",\n      \"writes\": {")
		for j, place := range slices.Sorted(maps.Keys(a.Writes)) {
			out.WriteString(comma(j) + "\n        " + text(place) + ": [")
			var lines []string
			for _, w := range a.Writes[place] {
				lines = append(lines, "\n          "+w.line())
			}
			slices.Sort(lines)
			out.WriteString(strings.Join(lines, ",") + "\n        ]")
		}
		if len(a.Writes) > 0 {
			out.WriteString("\n      ")
		}
		out.WriteString("}\n    }")
	}
	out.WriteString("\n  ]\n}\n")
	return []byte(out.String())
}

// comma comes before all but the first.
func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}
