package readyami

import (
	"context"
	"errors"
	"sync"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/region"
)

// Deliver brings an image to every target and has every group run it: it makes
// or finds the image and copies it to the targets at once. When it is available
// in all of them it gets what d.Finish says there, each group's launch templates
// get one new version, and the groups are refreshed in the order of d.Rollout,
// each to its end.
//
// For targets in other accounts the image and its snapshots are shared with
// these, which make copies of their own; the sharing stays.
//
// A group whose refresh does not succeed is rolled back and that is proven,
// unless d.OnFailure keeps it; the image is tagged rejected then.
//
// All that can be known beforehand is checked before the first write: the
// input, the credentials, the Regions, the names, the groups and what they
// launch. The default version of a template does not move unless d.SetDefault
// says so, and a group's own template only by its refresh, so that AWS can roll
// it back.
//
// What it needs to go on later it writes on AWS: tags on images and snapshots,
// and the descriptions of template versions. Calling it again with the same
// Delivery finds what stands, goes on, and writes nothing when all is done. It
// removes nothing but its own tags of pinned groups: what a failed or interrupted
// run leaves is in the report, and a refresh that was started goes on at AWS when
// ctx ends.
//
// The report is never nil. The error is nil when every target is delivered;
// otherwise it joins one error for each thing that failed, in the order of the
// targets, and errors.Is finds the sentinels of this package and of those that
// did the work.
//
// AWS calls: those of region.Pool.Preflight, ami.Create or ami.CreateStopped,
// ami.Wait, ami.Named, ami.Finish, region.Copy, region.CheckShareable,
// region.Finish, launchtemplate.Resolve, launchtemplate.NextVersion,
// launchtemplate.SetDefault, asg.All, asg.Describe, asg.Refreshes,
// asg.Preflight, asg.CheckLaunch, asg.StartRefresh, asg.Watch; for d.Pin asg.Pin, asg.Restore,
// ec2:CreateTags and ec2:DeleteTags; and after a failure asg.CheckRestored,
// asg.Rollback or asg.Return and ec2:CreateTags. They name their IAM actions.
func Deliver(ctx context.Context, configs region.Configs, d Delivery, optFns ...func(*Options)) (*Report, error) {
	r := newRun(configs, d, optFns)
	err := r.validate()
	if err == nil {
		err = r.run(ctx)
	}
	r.finish(ctx, err)
	return r.report, err
}

// run is one run of one delivery.
type run struct {
	Delivery
	o      Options
	events events
	pool   *region.Pool
	report *Report
	home   *region.Clients // where the source is; nil: the targets name their images
	source *ec2types.Image // where it is; nil before it is available
	places []*place        // one for each target, in order

	tagging sync.Mutex // guards the tags of the places' images
}

// place is one target of a run.
type place struct {
	spec    Target
	target  region.Target // with its account known
	clients *region.Clients
	report  *TargetReport
	holder  *ec2types.Image // what had the image's name here before; nil: nothing
	image   *ec2types.Image // available here; nil before
	groups  []*group
	lines   []*line
	pinned  bool // its groups have been, as far as the delivery needs it
}

func newRun(configs region.Configs, d Delivery, optFns []func(*Options)) *run {
	r := &run{Delivery: d, report: &Report{Schema: ReportSchema, Delivery: d.Name, Outcome: NotStarted}}
	r.o.fill(optFns)
	r.events.to = r.o.OnEvent
	r.pool = region.NewPool(configs)
	r.report.Targets = make([]TargetReport, len(d.Targets))
	for i, t := range d.Targets {
		tr := &r.report.Targets[i]
		*tr = TargetReport{Account: t.Account, Region: t.Region}
		tr.Image = ImageReport{Account: t.Account, Region: t.Region, ID: t.ImageID, Outcome: NotStarted}
		p := &place{spec: t, target: t.where(), report: tr}
		tr.Groups = make([]GroupReport, len(t.Groups))
		for j, name := range t.Groups {
			tr.Groups[j] = GroupReport{Name: name, Outcome: NotStarted, Percentage: -1}
			p.groups = append(p.groups, &group{name: name, report: &tr.Groups[j]})
		}
		r.places = append(r.places, p)
	}
	return r
}

func (r *run) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		r.connect,        // reads only
		r.inspect,        // reads only
		r.inspectSharing, // reads only
		r.deliverImages,
		r.finishImages,
		r.checkLaunches, // reads only, and before there is any version
		r.rollOut,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// connect finds out the accounts, checks the Regions, and makes the clients.
func (r *run) connect(ctx context.Context) error {
	targets := make([]region.Target, len(r.places))
	for i, p := range r.places {
		targets[i] = p.target
	}
	resolved, err := r.pool.Preflight(ctx, targets)
	if err != nil {
		return err
	}
	errs := make([]error, len(r.places))
	for i, p := range r.places {
		p.target = resolved[i]
		p.report.Account, p.report.Image.Account = p.target.Account, p.target.Account
		p.clients, errs[i] = r.pool.Clients(ctx, p.target)
	}
	return errors.Join(append(errs, r.connectSource(ctx))...)
}

// connectSource is connect for the source, which need not be a target.
func (r *run) connectSource(ctx context.Context) error {
	var home region.Target
	switch in, im := r.Source.Instance, r.Source.Image; {
	case in != nil:
		home = region.Target{Account: in.Account, Region: in.Region}
	case im != nil:
		home = region.Target{Account: im.Account, Region: im.Region}
	default:
		return nil
	}
	resolved, err := r.pool.Preflight(ctx, []region.Target{home})
	if err != nil {
		return err
	}
	r.home, err = r.pool.Clients(ctx, resolved[0])
	if err != nil {
		return err
	}
	for _, p := range r.places {
		if p.target == r.home.Target && p.spec.Encrypted {
			return invalid("Targets: %s has the source itself, which is not copied and cannot be encrypted", p.target)
		}
	}
	return nil
}

// each does something in every place at once and joins the errors in order.
func (r *run) each(do func(*place) error) error {
	return errors.Join(fanout.Map(r.places, r.o.Limit, do)...)
}

// finish settles the report's own outcome.
func (r *run) finish(ctx context.Context, err error) {
	rep := r.report
	rep.Error = text(err)
	switch {
	case err != nil && ctx.Err() != nil:
		rep.Outcome = Interrupted
	case err != nil:
		rep.Outcome = Failed
	default:
		rep.Outcome = Unchanged
		for _, o := range rep.outcomes() {
			if o == Delivered {
				rep.Outcome = Delivered
			}
		}
	}
	if err != nil {
		rep.Next = r.next()
	}
}
