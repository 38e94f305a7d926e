package readyami_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// scenario is a world, what is to be delivered in it and what goes wrong there.
// The tests [play] it and look at reports, events and the world; the judges play
// all of them and look at what is written. What happens in it hangs on what AWS is
// asked and answers, never on the events or the report of what delivers.
type scenario struct {
	name    string // and that of its golden file
	begin   func(*testing.T) *world
	acts    []act // in order; nil: a run that succeeds, and one that finds all done
	refused bool  // before the first write, so that there is no golden file
}

// act is a part of a scenario, in which the delivery is run.
type act struct {
	name   string
	change func(*world)                       // what happens before the run; nil: nothing
	run    func(*world) (*plan.Report, error) // nil: as [world.deliver]
	says   error                              // errors.Is finds it; nil: the run succeeds
	// cut: the process is stopped, or dies. Where just that happens is chance, so
	// that what is written counts as written in the next act.
	cut bool
}

// scenarios are all of them.
var scenarios = slices.Concat(
	imageScenarios, finishScenarios, rolloutScenarios, conflictScenarios, mixedScenarios,
	rollbackScenarios, interruptedScenarios, pinScenarios, refusedScenarios(),
)

// delivered is a run that succeeds, and one that finds all done.
var delivered = []act{{name: "first"}, {name: "again"}}

// scenarioNamed finds a scenario.
func scenarioNamed(t *testing.T, name string) scenario {
	t.Helper()
	i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
	require.NotEqual(t, -1, i, "there is no scenario %q", name)
	return scenarios[i]
}

// play begins a scenario in a bubble of its own. The test plays the acts that it
// is about, each by [world.act].
func play(t *testing.T, name string, test func(*testing.T, *world)) {
	t.Helper()
	s := scenarioNamed(t, name)
	synctest.Test(t, func(t *testing.T) { test(t, s.world(t)) })
}

// world is the world as it is before the first act.
func (s scenario) world(t *testing.T) *world {
	w := s.begin(t)
	if w.acts = s.acts; w.acts == nil {
		w.acts = delivered
	}
	return w
}

// act plays the next act. What was called before is forgotten, unless the last act
// was cut.
func (w *world) act(optFns ...func(*readyami.Options)) (*plan.Report, error) {
	w.t.Helper()
	require.NotEmpty(w.t, w.acts, "the scenario has no further act")
	a := w.acts[0]
	w.acts = w.acts[1:]
	if a.change != nil {
		a.change(w)
	}
	if !w.cut {
		w.cloud.ForgetCalls()
	}
	w.recorder.begin(a.name, w.cut)
	w.cut = a.cut
	w.optFns = optFns
	if a.run == nil {
		return w.deliver(w.t.Context())
	}
	return a.run(w)
}

// stoppedWhen is a run of a process that is told to end, and ends. when sees to it
// that it is told, which it is a second later: when it has read what AWS answered.
func stoppedWhen(when func(w *world, stop func())) func(*world) (*plan.Report, error) {
	return func(w *world) (*plan.Report, error) {
		ctx, stop := context.WithCancel(w.t.Context())
		defer stop()
		when(w, func() { time.AfterFunc(time.Second, stop) })
		return w.deliver(ctx)
	}
}

// errDied is what a process gets to hear that is gone: nothing may retry it.
var errDied = errors.New("the process has died")

// dying is a run of a process that dies before a call is made that fits.
func dying(fits func(*awstest.Call) bool) func(*world) (*plan.Report, error) {
	return func(w *world) (*plan.Report, error) {
		var died, over atomic.Bool
		w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if over.Load() || !died.Load() && !fits(call) {
				return next(ctx)
			}
			died.Store(true)
			return nil, errDied
		})
		defer over.Store(true)
		return w.deliver(w.t.Context())
	}
}

// once sees to it that something is done at one call: the first that fits, before
// AWS answers it.
func (w *world) once(fits func(*awstest.Call) bool, do func()) {
	var done atomic.Bool // no lock: what is done may make such a call itself
	w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if fits(call) && done.CompareAndSwap(false, true) {
			do()
		}
		return next(ctx)
	})
}

// calls fits the calls of an operation.
func calls(operation string) func(*awstest.Call) bool {
	return func(call *awstest.Call) bool { return call.Operation == operation }
}

// shown sees to it that something is done when AWS first answers what fits.
func (w *world) shown(fits func(call *awstest.Call, out any) bool, do func()) {
	var done atomic.Bool
	w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if err == nil && fits(call, out) && done.CompareAndSwap(false, true) {
			do()
		}
		return out, err
	})
}

// whenRefresh sees to it that something is done when a refresh of a group is first
// shown in a state.
func (w *world) whenRefresh(in, group string, status asgtypes.InstanceRefreshStatus, do func()) {
	w.shown(func(call *awstest.Call, out any) bool {
		list, ok := out.(*autoscaling.DescribeInstanceRefreshesOutput)
		return ok && call.Region == in && slices.ContainsFunc(list.InstanceRefreshes, func(r asgtypes.InstanceRefresh) bool {
			return *r.AutoScalingGroupName == group && r.Status == status
		})
	}, do)
}

// whenImage is as whenRefresh, of the image "web-2" of a Region.
func (w *world) whenImage(in string, state ec2types.ImageState, do func()) {
	w.shown(func(call *awstest.Call, out any) bool {
		list, ok := out.(*ec2.DescribeImagesOutput)
		return ok && call.Region == in && slices.ContainsFunc(list.Images, func(i ec2types.Image) bool {
			return *i.Name == "web-2" && i.State == state
		})
	}, do)
}
