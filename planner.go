package readyami

import (
	"context"
	"errors"
	"slices"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// Plan finds out what stands and what a delivery is going to do. It only reads. The
// plan has a finding for all that is known to go wrong: see [plan.Plan.Blockers].
// A plan made at any point of a release has the same steps, Before and digest as the
// first one.
//
// Errors: [ErrInvalidInput], before any call; what keeps AWS from being read.
//
// AWS calls: sts:GetCallerIdentity and DescribeRegions for each account; in each
// place DescribeImages, DescribeAutoScalingGroups, DescribeLaunchTemplates and
// DescribeLaunchTemplateVersions; DescribeInstanceRefreshes for groups whose launch
// template has a version of the release; and as far as the delivery asks for them
// DescribeImageAttribute, DescribeSnapshots, GetEbsEncryptionByDefault and
// kms:DescribeKey. The IAM actions have their names.
func (c *Client) Plan(ctx context.Context, d plan.Delivery) (*plan.Plan, error) {
	const op = "readyami.Plan"
	if err := check(op, &d); err != nil {
		return nil, err
	}
	w, findings, err := c.survey(ctx, &d)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 { // a Region that cannot be used: nothing can be read there
		return c.protocol.Make(release.Input{
			Delivery: d, Places: w.where(), Home: w.home, Findings: findings,
			Look: &facts.Look{Began: w.client.now(), Places: make([]facts.Place, len(w.targets))},
		}), nil
	}
	p, look, err := w.plan(ctx)
	if err != nil {
		return nil, err
	}
	return p, w.checkLaunches(ctx, p, look)
}

// survey finds out the accounts of a delivery's places, and whether their Regions can
// be used.
func (c *Client) survey(ctx context.Context, d *plan.Delivery) (*world, []plan.Finding, error) {
	w := &world{client: c, delivery: d, release: d.Release(), targets: places(d)}
	resolved, err := c.pool.Preflight(ctx, w.targets)
	if err != nil {
		findings, other := findingsOf(err)
		if other == nil && len(findings) > 0 {
			w.settle()
			return w, findings, nil
		}
		return nil, nil, err
	}
	w.targets = resolved
	w.settle()
	return w, nil, w.connect(ctx)
}

// settle says which place is home, once the accounts are known: the place of the
// source may be a target by another spelling.
func (w *world) settle() {
	_, ok := homeOf(w.delivery)
	n := len(w.delivery.Targets)
	switch {
	case !ok:
		w.home = 0
	case len(w.targets) == n:
		home, _ := homeOf(w.delivery)
		for i, t := range w.delivery.Targets {
			if t.Region == home.Region && t.Account == home.Account {
				w.home = i
			}
		}
	default:
		w.home = n
		if i := slices.Index(w.targets[:n], w.targets[n]); i >= 0 {
			w.home, w.targets = i, w.targets[:n]
		}
	}
}

func (w *world) where() []release.Where {
	var out []release.Where
	for _, t := range w.targets {
		out = append(out, release.Where{Account: t.Account, Region: t.Region})
	}
	return out
}

// findingsOf are the blockers that errors of a preflight stand for, and what is left.
func findingsOf(err error) (findings []plan.Finding, rest error) {
	var others []error
	var walk func(error)
	walk = func(err error) {
		e, ours := err.(*Error)
		switch {
		case err == nil:
		case ours && (errors.Is(e, region.ErrRegionNotEnabled) || errors.Is(e, region.ErrWrongAccount)):
			findings = append(findings, plan.Finding{
				Code: e.Code(), Severity: plan.SeverityBlocker, Account: e.Account, Region: e.Region, Resource: e.ID, Detail: detailOf(e), Hint: e.Hint,
			})
		default:
			if joined, ok := err.(interface{ Unwrap() []error }); ok && !ours {
				for _, err := range joined.Unwrap() {
					walk(err)
				}
				return
			}
			others = append(others, err)
		}
	}
	walk(err)
	return findings, errors.Join(others...)
}

// plan looks at the world and makes the plan that follows.
func (w *world) plan(ctx context.Context) (*plan.Plan, *facts.Look, error) {
	look, err := w.look(ctx, nil, scope{outside: true})
	if err != nil {
		return nil, nil, err
	}
	findings, err := w.findings(ctx, look)
	if err != nil {
		return nil, nil, err
	}
	p := w.client.protocol.Make(release.Input{Delivery: *w.delivery, Places: w.where(), Home: w.home, Look: look, Findings: findings})
	w.inService(p, look)
	return p, look, nil
}

// checkLaunches finds images that are there already and that groups cannot launch. One
// that the release makes is checked when it is available, before there is a version.
func (w *world) checkLaunches(ctx context.Context, p *plan.Plan, look *facts.Look) error {
	for i := range p.Places {
		at := &p.Places[i]
		if at.Image.Action != plan.ImageActionUse || look.Places[i].Image.Raw == nil {
			continue
		}
		for j := range at.Templates {
			for _, source := range at.Templates[j].Sources {
				if source.Unchanged || look.Places[i].Templates[j].FirstMarked() != nil {
					continue
				}
				checked, err := step.CheckLaunch(ctx, w.clients[i], at, &look.Places[i], j, source.Number, false)
				if err != nil && !errors.Is(err, asg.ErrLaunchRefused) {
					return err
				}
				for group, result := range checked {
					if result == nil {
						continue
					}
					for _, f := range result.Findings {
						found := plan.Finding{
							Code: string(f.Code), Severity: plan.SeverityWarning, Account: at.Account, Region: at.Region,
							Resource: at.Groups[group].Name, Detail: f.Detail,
						}
						if f.Blocks {
							found.Code, found.Severity = fault.CodeOf(asg.ErrLaunchRefused), plan.SeverityBlocker
						}
						p.Findings = append(p.Findings, found)
					}
				}
			}
		}
	}
	return nil
}

// inService fills in what the preferences leave in service. It is no part of the
// digest.
func (w *world) inService(p *plan.Plan, look *facts.Look) {
	for i := range p.Places {
		for j := range p.Places[i].Groups {
			ready := asg.CheckGroup(look.Places[i].Groups[j].Raw, w.refreshInput(&look.Places[i].Groups[j]))
			g := &p.Places[i].Groups[j]
			g.MinInService, g.NotReplaced = ready.MinInService, ready.NotReplaced
		}
	}
}
