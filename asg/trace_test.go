package asg_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

var update = flag.Bool("update", false, "write the traces in testdata anew")

// trace is what a scenario does, as text: each call and each status, with the
// time since it began. The same calls in a row are one line.
type trace struct {
	mu     sync.Mutex
	began  time.Time
	lines  []string
	status string // as it was told last
	ended  bool
	last   string // the call that the last line is about; empty: it is about none
	times  int
}

// TestTraces compares the traces of all scenarios with testdata/refresh: what
// this package asks of AWS, and what it tells, is as much its behaviour as how it
// ends. Run with -update to write them anew, and read the difference.
func TestTraces(t *testing.T) {
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				tr := &trace{}
				err := scenario(f, tr)
				f.ForgetCalls() // or a failure would list them
				tr.say("end: " + kinds(err))
				tr.ended = true
				tr.say("group: version " + *f.read("web").LaunchTemplate.Version + ", instances of " + strings.Join(f.versions(), " "))
				tr.compare(t, name)
			})
		})
	}
}

func (tr *trace) compare(t *testing.T, name string) {
	got := strings.Join(tr.lines, "\n") + "\n"
	file := filepath.Join("testdata", "refresh", strings.NewReplacer(" ", "-", ",", "").Replace(name)+".txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "see "+file+"; -update writes it anew")
}

// begin starts the trace: what a scenario prepares is no part of it.
func (tr *trace) begin(f *fleet) {
	tr.began = time.Now()
	f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		line := call.Operation
		if api, ok := errors.AsType[interface {
			error
			ErrorCode() string
		}](err); ok {
			line += ": " + api.ErrorCode()
		} else if err != nil {
			line += ": no answer"
		}
		tr.call(line)
		return out, err
	})
}

func (tr *trace) call(line string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.ended {
		return
	}
	if line == tr.last {
		tr.times++
		tr.lines[len(tr.lines)-1] = fmt.Sprintf("         %s, %d times, until %v", line, tr.times, tr.since())
		return
	}
	tr.last, tr.times = line, 1
	tr.lines = append(tr.lines, fmt.Sprintf("%8v %s", tr.since(), line))
}

func (tr *trace) since() time.Duration { return time.Since(tr.began).Round(time.Second) }

func (tr *trace) say(line string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.last = ""
	tr.lines = append(tr.lines, fmt.Sprintf("%8v   %s", tr.since(), line))
}

// on is the option that has each status in the trace; one that only has another
// reason is not another.
func (tr *trace) on(o *asg.Options) {
	o.OnStatus = func(s *asg.Status) {
		if line := told(s); line != tr.status {
			tr.status = line
			tr.say(line)
		}
	}
}

// told is a status as text, without ids and without AWS's own words.
func told(s *asg.Status) string {
	l := "status " + string(s.Status)
	if s.Percentage >= 0 {
		l += fmt.Sprintf(" %d %%, %d to update", s.Percentage, s.InstancesToUpdate)
	}
	if s.Checkpoint > 0 {
		l += fmt.Sprintf(", checkpoint %d", s.Checkpoint)
	}
	if n := len(s.NotReplaced); n > 0 {
		l += fmt.Sprintf(", %d not replaced", n)
	}
	if n := len(s.Activities); n > 0 {
		l += ", activities failed" // how many, AWS's pauses decide
	}
	if s.Done {
		l += ", done"
	}
	return l
}

// kinds are the sentinels in an error.
func kinds(err error) string {
	if err == nil {
		return "nil"
	}
	var out []string
	for _, kind := range []error{
		asg.ErrVerifyFailed, asg.ErrRefreshFailed, asg.ErrRefreshCancelled, asg.ErrRolledBack, asg.ErrRollbackFailed,
		asg.ErrRefreshStalled, asg.ErrRefreshInProgress, asg.ErrOtherRefresh, asg.ErrNotReplaced, asg.ErrRollbackIncomplete,
		asg.ErrRollbackUnavailable, asg.ErrNotFound, context.Canceled,
	} {
		if errors.Is(err, kind) {
			out = append(out, kind.Error())
		}
	}
	if e, ok := errors.AsType[*asg.Error](err); ok && e.Hint != "" {
		out = append(out, "hint: "+e.Hint)
	}
	if out == nil {
		return err.Error()
	}
	return strings.Join(out, "; ")
}

// wait starts a refresh in the trace and waits for it.
func (tr *trace) wait(f *fleet, in asg.RefreshInput, optFns ...func(*asg.Options)) error {
	tr.begin(f)
	started, err := asg.StartRefresh(f.t.Context(), f, in, tr.on)
	if err != nil {
		return err
	}
	_, err = asg.Wait(f.t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}}, append(optFns, tr.on)...)
	return err
}

// with is the usual refresh with other preferences.
func (f *fleet) with(change func(*types.RefreshPreferences)) asg.RefreshInput {
	in := f.refresh()
	change(in.Preferences)
	return in
}
