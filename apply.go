package readyami

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/readyami/readyami/internal/poll"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// Status finds out how far a release is, from any process. It only reads. The results
// are those of all steps of the plan, in their order.
//
// Errors: [ErrInvalidInput]; what keeps AWS from being read.
//
// AWS calls: those of [Client.Plan].
func (c *Client) Status(ctx context.Context, p *plan.Plan) ([]plan.Result, error) {
	w, err := c.worldOf(ctx, p)
	if err != nil {
		return nil, err
	}
	look, err := w.look(ctx, p, scope{})
	if err != nil {
		return nil, err
	}
	return c.protocol.Observe(p, look), nil
}

// Deliver plans a delivery and applies the plan. Calling it again with the same
// delivery finds what stands, goes on, and writes nothing when all is done.
//
// The report is nil if there is no plan. Errors: those of [Client.Plan], one for each
// blocker of the plan, and those of [Client.Apply].
func (c *Client) Deliver(ctx context.Context, d plan.Delivery) (*plan.Report, error) {
	p, err := c.Plan(ctx, d)
	if err != nil {
		return nil, err
	}
	return c.Apply(ctx, p)
}

// Apply brings a plan to its end: it looks, writes what is due, and waits, until
// nothing is left to do. What is not due for longer than MaxWait ends it.
//
// It can be called again, after success, failure or a crash and from any process: it
// goes on where the release is. If ctx ends, what runs at AWS goes on, and nothing is
// undone.
//
// The report comes with an error, too. Errors: [ErrInvalidInput]; one for each blocker
// of the plan; [ErrStale] before any write, if the world is not the one that the plan
// was made from; [ErrRejected] after an undo that has nothing left to do; [ErrHeld];
// [ErrNotDue]; and what the steps met.
//
// AWS calls: those of [Client.Plan], and for what the plan says CreateImage,
// CopyImage, ModifyImageAttribute, ModifySnapshotAttribute, EnableImageDeprecation,
// EnableImageDeregistrationProtection, CreateTags, DeleteTags, RunInstances with
// DryRun, CreateLaunchTemplateVersion, ModifyLaunchTemplate, UpdateAutoScalingGroup,
// StartInstanceRefresh, RollbackInstanceRefresh and CancelInstanceRefresh.
func (c *Client) Apply(ctx context.Context, p *plan.Plan) (*plan.Report, error) {
	const op = "readyami.Apply"
	if !p.Sealed() {
		return nil, invalid(op, "the plan has been changed since it was made")
	}
	report := &plan.Report{Schema: plan.Schema, Outcome: plan.OutcomeInProgress, Plan: p}
	if blockers := p.Blockers(); len(blockers) > 0 {
		err := blocked(op, blockers)
		report.Outcome, report.Error = plan.OutcomeStopped, dataOf(err)
		return report, err
	}
	w, err := c.worldOf(ctx, p)
	if err != nil {
		return report, err
	}
	r := &run{world: w, op: op, plan: p, report: report, results: map[plan.StepID]plan.Result{}, failed: map[plan.StepID]error{}}
	r.events = startEvents(ctx, c.o.OnEvent)
	err = r.apply(ctx)
	r.explain(ctx)
	r.events.stop()
	err = errors.Join(r.errors(), err)
	report.Results = r.list()
	report.Outcome, report.Error = r.outcome(), dataOf(err)
	return report, err
}

// outcome is how the release stands for this run. One that met what another try does
// not help goes no further, although a later run may.
func (r *run) outcome() plan.Outcome {
	if len(r.results) == 0 {
		return plan.OutcomeStopped
	}
	o := r.plan.Outcome(r.list())
	if o == plan.OutcomeInProgress && len(r.failed) > 0 && len(r.ready()) == 0 {
		return plan.OutcomeStopped
	}
	return o
}

func (r *run) apply(ctx context.Context) error {
	r.steps = map[plan.StepID]plan.Step{}
	for _, s := range r.plan.Steps() {
		r.steps[s.ID] = s
		r.order = append(r.order, s.ID)
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	for {
		ready := r.ready()
		if len(ready) == 0 {
			ended, wait, err := r.end(ctx)
			if ended || err != nil {
				return err
			}
			if err := poll.Sleep(ctx, wait); err != nil {
				return r.interrupted(err)
			}
			continue
		}
		before := r.rejected()
		results, err := r.world.step(ctx, r.op, r.plan, r.due(ready), r.began)
		r.take(results)
		if err := r.note(ctx, err); err != nil {
			return err
		}
		if r.rejected() != before {
			if err := r.lookAgain(ctx); err != nil && !passing(err) {
				return err
			}
		}
		wait := r.pause()
		if wait > r.client.o.MaxWait {
			return r.notDue(wait)
		}
		if err := poll.Sleep(ctx, wait); err != nil {
			return r.interrupted(err)
		}
	}
}

func (r *run) notDue(wait time.Duration) error {
	return &Error{
		Op: r.op, ID: r.plan.Release, Kind: ErrNotDue, Reason: "the next look is due at " + r.client.now().Add(wait).Format(time.RFC3339),
		Hint: "apply the plan again then",
	}
}

// begin looks at everything once and refuses a plan whose world has changed.
func (r *run) begin(ctx context.Context) error {
	began := time.Now()
	anew, look, err := r.world.plan(ctx)
	if err != nil {
		return err
	}
	r.began = r.client.now().Add(-time.Since(began))
	if anew.Digest != r.plan.Digest {
		return r.stale(anew)
	}
	if blockers := anew.Blockers(); len(blockers) > 0 {
		return blocked(r.op, blockers)
	}
	look.Run = r.began
	r.take(r.client.protocol.Observe(r.plan, look))
	return nil
}

// ready are the steps that may go now. After a step that met what another try does
// not help, only what runs is followed, and what an undo has due.
func (r *run) ready() []plan.StepID {
	ready := r.plan.Ready(r.list())
	if len(r.failed) == 0 {
		return ready
	}
	return slices.DeleteFunc(ready, func(id plan.StepID) bool {
		going := r.results[id].State == plan.StateRunning || r.rejected() || r.steps[id].Kind == plan.StepReject
		return !going || r.failed[id] != nil
	})
}

// take keeps results and tells of those that have changed.
func (r *run) take(results []plan.Result) {
	for _, res := range results {
		before, known := r.results[res.Step]
		r.results[res.Step] = res
		if res.Wrote && !slices.Contains(r.report.Wrote, res.Step) {
			r.report.Wrote = append(r.report.Wrote, res.Step)
		}
		a, b := before, res
		a.Next, b.Next = time.Time{}, time.Time{}
		if known && reflect.DeepEqual(a, b) || !known && (res.State == plan.StateWaiting || res.State == plan.StateIdle) {
			continue
		}
		s := r.steps[res.Step]
		at := &r.plan.Places[s.Place]
		r.events.send(Event{
			Release: r.plan.Release, Attempt: r.plan.Attempt, Account: at.Account, Region: at.Region, Step: s, Result: res,
		})
	}
}

// note keeps the errors of single steps. What is about no step ends the run, unless
// another try may help.
func (r *run) note(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := poll.Ended(ctx); ended != nil {
		return r.interrupted(ended)
	}
	bySteps, rest := stepErrors(err)
	for id, err := range bySteps {
		if errors.Is(err, ErrCredentialsExpired) {
			return err
		}
		if !passing(err) {
			r.failed[id] = err
		}
	}
	var lasting []error
	for _, err := range rest {
		if !passing(err) {
			lasting = append(lasting, err)
		}
	}
	return errors.Join(lasting...)
}

func (r *run) interrupted(err error) error {
	err = errors.Join(err, r.restart())
	return &Error{Op: r.op, ID: r.plan.Release, Err: err, Hint: "apply the plan again: what runs at AWS goes on"}
}

// lookAgain looks at everything: what an undo has due is seen only then.
func (r *run) lookAgain(ctx context.Context) error {
	look, err := r.world.look(ctx, r.plan, scope{})
	if err != nil {
		return err
	}
	look.Run = r.began
	r.take(r.client.protocol.Observe(r.plan, look))
	return nil
}

// restartBound is how long a run that has ended goes on trying to start an instance that
// was stopped for its image.
const restartBound = 10 * time.Minute

// restart starts the source instance again if the run has it stopped: the one clean-up
// that outlives the context of a run. The image is then as good as it is.
func (r *run) restart() error {
	source := r.delivery.Source.Instance
	if source == nil || source.Reboot != plan.StopFirst {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), restartBound)
	defer cancel()
	return step.Restart(ctx, r.clients[r.home], source.InstanceID)
}

// due are those of the ready steps that it is time to look at. Steps that are due soon
// share the look.
func (r *run) due(ready []plan.StepID) []plan.StepID {
	soon := r.client.now().Add(time.Second)
	return slices.DeleteFunc(slices.Clone(ready), func(id plan.StepID) bool { return r.results[id].Next.After(soon) })
}

// pause is how long to wait for the next look: not at all if a step has become ready,
// or if nothing is left to wait for.
func (r *run) pause() time.Duration {
	var next time.Time
	for _, id := range r.ready() {
		n := r.results[id].Next
		if n.IsZero() {
			return 0
		}
		if next.IsZero() || n.Before(next) {
			next = n
		}
	}
	if next.IsZero() {
		return 0
	}
	return max(next.Sub(r.client.now()), 0)
}

// end looks at everything once more, since a run ends on one look that shows nothing
// left to do. A runner that is not alone waits first.
func (r *run) end(ctx context.Context) (ended bool, wait time.Duration, err error) {
	full, err := r.world.look(ctx, r.plan, scope{})
	if err != nil {
		if passing(err) {
			return false, 5 * time.Second, nil
		}
		return true, 0, err
	}
	full.Run = r.began
	if full.Marks.Decision.Attempt != r.plan.Attempt {
		return true, 0, &Error{Op: r.op, ID: r.plan.Release, Kind: ErrStale, Reason: "another attempt has begun", Hint: "plan again"}
	}
	r.take(r.client.protocol.Observe(r.plan, full))
	if len(r.ready()) > 0 {
		return false, 0, nil
	}
	if !r.alone(full.Marks) {
		failed := full.Marks.Failed.Attempt == r.plan.Attempt
		for _, w := range r.client.protocol.EndWaits(r.plan, full.Marks.Decision, failed) {
			if until := w.Until(full); r.client.now().Before(until) {
				return false, until.Sub(r.client.now()), nil
			}
		}
	}
	return true, 0, r.leave(ctx, full)
}
