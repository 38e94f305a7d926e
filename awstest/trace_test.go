package awstest_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// With -update the traces in testdata are written anew: read what has changed.
var update = flag.Bool("update", false, "write the golden files of this package anew")

// patient has a group wait long after a failure, so that a trace is short.
var patient = func() awstest.Timing {
	t := wholeSeconds
	t.Retry = 15 * time.Minute
	return t
}()

// tracer writes down all that an operator sees of a refresh and its group.
type tracer struct {
	*fleet
	begun  time.Time
	names  map[string]string // of instances and images, by id
	out    bytes.Buffer
	last   map[string]string // what was written of each subject
	events []event
}

// event is something that a scenario does at a moment.
type event struct {
	when func(*tracer, astypes.InstanceRefresh) bool
	what string
	do   func(*tracer)
}

// at is an event some time after the start.
func at(d time.Duration, what string, do func(*tracer)) event {
	return event{func(f *tracer, _ astypes.InstanceRefresh) bool { return time.Since(f.begun) >= d }, what, do}
}

// in is an event as soon as the refresh is in a state.
func in(status astypes.InstanceRefreshStatus, what string, do func(*tracer)) event {
	return event{func(_ *tracer, r astypes.InstanceRefresh) bool { return r.Status == status }, what, do}
}

// TestRefreshTraces compares what each scenario looks like from outside, second
// by second, with what it looked like when somebody last read it.
func TestRefreshTraces(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			var got []byte
			synctest.Test(t, func(t *testing.T) { got = s.trace(t) })
			path := filepath.Join("testdata", "refresh", strings.NewReplacer(",", "", " ", "-").Replace(s.name)+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, got, 0o644))
				return
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			if !bytes.Equal(want, got) {
				t.Errorf("%s is not as it was; run with -update and read the difference. Now:\n%s", path, got)
			}
		})
	}
}

// Every scenario that was written down is still one.
func TestEveryTraceIsOfAScenario(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "refresh", "*.txt"))
	require.NoError(t, err)
	require.Len(t, files, len(scenarios))
}

func (s scenario) trace(t *testing.T) []byte {
	f := &tracer{fleet: newFleet(t, s.size, patient), names: map[string]string{}, last: map[string]string{}, events: s.events}
	if s.prepare != nil {
		s.prepare(f)
	}
	time.Sleep(time.Minute) // what was before is not traced
	desired := s.desired
	if desired == nil {
		desired = func(f *tracer) *astypes.DesiredConfiguration { return f.version("next") }
	}
	fmt.Fprintf(&f.out, "# %s\n# %s\n\n", s.name, s.about)
	f.begun = time.Now()
	f.start(desired(f), s.prefs)
	for range int((5 * time.Hour).Seconds()) {
		r := f.read()
		f.see(r)
		for len(f.events) > 0 && f.events[0].when(f, r) {
			f.line("*", f.events[0].what)
			f.events[0].do(f)
			f.events = f.events[1:]
		}
		if r.EndTime != nil {
			break
		}
		time.Sleep(time.Second)
	}
	time.Sleep(5 * time.Minute) // the group settles
	f.end()
	return f.out.Bytes()
}

func (f *tracer) line(subject, text string) {
	elapsed := time.Since(f.begun)
	fmt.Fprintf(&f.out, "%3d:%02d  %-8s %s\n", int(elapsed.Minutes()), int(elapsed.Seconds())%60, subject, text)
}

// note writes a line if it is another than the last one of its subject.
func (f *tracer) note(subject, text string) {
	if f.last[subject] != text {
		f.last[subject] = text
		f.line(subject, text)
	}
}

// see notes what has changed.
func (f *tracer) see(r astypes.InstanceRefresh) {
	text := string(r.Status)
	if r.PercentageComplete != nil {
		text += fmt.Sprintf(" %d%%, %d to update", *r.PercentageComplete, *r.InstancesToUpdate)
	}
	if p := r.ProgressDetails; p != nil {
		text += fmt.Sprintf(" (live %d%%, %d; warm %d%%, %d)", *p.LivePoolProgress.PercentageComplete, *p.LivePoolProgress.InstancesToUpdate,
			*p.WarmPoolProgress.PercentageComplete, *p.WarmPoolProgress.InstancesToUpdate)
	}
	f.note("refresh", text)
	if r.StatusReason != nil {
		f.note("reason", countdown.ReplaceAllString(f.named(*r.StatusReason), "There are … seconds left"))
	}
	group := f.describe()
	for _, i := range append(group.Instances, f.pool().Instances...) {
		id := f.name("i", *i.InstanceId)
		state := fmt.Sprintf("v%s %s %s", *i.LaunchTemplate.Version, i.LifecycleState, *i.HealthStatus)
		if *i.ProtectedFromScaleIn {
			state += " protected"
		}
		f.note(id, state)
	}
	c := f.region.Capacity("web")
	f.note("capacity", fmt.Sprintf("%d desired, %d live, %d in service, %d ready", c.Desired, c.Live, c.InService, c.Ready))
	f.note("group", "launches v"+*group.LaunchTemplate.Version)
}

// end writes what is left: how the group stands, and what it has done.
func (f *tracer) end() {
	fmt.Fprintf(&f.out, "\nFive minutes later %s\n", f.versions())
	r := f.read()
	if back := r.RollbackDetails; back != nil {
		fmt.Fprintf(&f.out, "Rolled back at %d%%, %d to update: %s\n",
			*back.PercentageCompleteOnRollback, *back.InstancesToUpdateOnRollback, f.named(*back.RollbackReason))
	}
	fmt.Fprintf(&f.out, "\nActivities\n")
	all := f.region.Activities("web")
	for n := len(all) - 1; n >= 0; n-- {
		a := all[n]
		if a.StartTime.Before(f.begun) {
			continue
		}
		description, _, _ := strings.Cut(*a.Description, ".  Status Reason")
		fmt.Fprintf(&f.out, "%6.0fs  %-10s %s\n", a.StartTime.Sub(f.begun).Seconds(), a.StatusCode, f.named(description))
		fmt.Fprintf(&f.out, "                    %s\n", f.named(dated.ReplaceAllString(*a.Cause, "")))
		if a.StatusMessage != nil {
			fmt.Fprintf(&f.out, "                    %s\n", f.named(*a.StatusMessage))
		}
	}
}

var (
	dated     = regexp.MustCompile(`At \S+Z `)
	countdown = regexp.MustCompile(`There are \d+ seconds left`)
	anID      = regexp.MustCompile(`\b(i|ami)-[0-9a-f]{17}\b`)
)

// named is a text with short names in the place of ids.
func (f *tracer) named(s string) string {
	return anID.ReplaceAllStringFunc(s, func(id string) string {
		kind, _, _ := strings.Cut(id, "-")
		return f.name(kind, id)
	})
}

func (f *tracer) name(kind, id string) string {
	if f.names[id] == "" {
		f.names[id] = fmt.Sprintf("%s-%d", kind, len(f.names)+1)
	}
	return f.names[id]
}
